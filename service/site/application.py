"""The Flask application: its blueprints, and what every answer of its gets."""

import gzip
import json
from functools import partial
from typing import Any

from flask import Flask, Response, request, url_for
from markupsafe import Markup

from service.engine import Engine
from service.library import Claim, Kind, Modality, Passage
from service.problems import UnknownResource
from service.release import Release
from service.settings import Settings
from service.site import browse, editor, errors, neighbours, pages, query, sparql, terms
from service.site.schema_org import page_schema
from service.site.site import Site

PAGES = (browse, editor, neighbours, pages, query)
"""The modules whose views make up the blueprint of the pages."""

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""Sent with every answer: nothing is loaded from another host."""


OF_THE_ARTICLE = frozenset(
    f"pages.{name}"
    for name in (
        *("about", "browse", "browse_kind", "statements", "questions", "tensions", "mappings"),
        *("compare", "changes", "search", "opensearch"),
    )
)
"""Pages that speak of the document; other people's data has none of them."""

COMPRESSED = frozenset(
    {
        "text/html",
        "text/turtle",
        "application/ld+json",
        "application/n-triples",
        "application/rdf+xml",
        "application/json",
        "application/xml",
        "application/opensearchdescription+xml",
    }
)
"""What is worth compressing."""


def sentence(words: str) -> str:
    """Return words with a full stop at their end, if they have no other mark there.

    >>> sentence("a drug that helps")
    'a drug that helps.'
    """
    return words if not words or words[-1] in ".?!…" else f"{words}."


def titled(label: str) -> str:
    """Return a label with a capital at its start; a CURIE as it is.

    >>> titled("date created"), titled("owl:inverseOf")
    ('Date created', 'owl:inverseOf')
    """
    return label if ":" in label else label[:1].upper() + label[1:]


def by_words(claim: Claim) -> list[tuple[Modality, str, list[Passage]]]:
    """Return the passages of a claim by how sure each is and the words that hedge."""
    found: dict[tuple[Modality, str], list[Passage]] = {}
    for stated in claim.citations:
        found.setdefault((stated.modality, stated.hedge), []).append(stated.passage)
    return [(modality, hedge, passages) for (modality, hedge), passages in found.items()]


def script(value: object) -> Markup:
    r"""Return a value as JSON that can stand within a ``script`` element (HTML §4.12.1.3).

    >>> script(["</script>", 1])
    Markup('["\\u003c/script>",1]')
    """
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(data.replace("<", "\\u003c"))  # noqa: S704 - no "<" is left to end the element


def compress_static(found: Site, response: Response) -> Response:
    """Compress scripts and styles, each of them once; the query editor is a megabyte."""
    if request.endpoint != "static" or response.mimetype not in {"text/javascript", "text/css"}:
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code == 200 and request.accept_encodings["gzip"] > 0:
        tag, _ = response.get_etag()
        response.direct_passthrough = False
        body = found.body(
            f"{request.path} {tag}",
            "gzip",
            lambda: gzip.compress(response.get_data(), compresslevel=6, mtime=0),
        )
        response.set_data(body)
        response.headers["Content-Encoding"] = "gzip"
        response.set_etag(tag or "", weak=True)
    return response


def create_app(settings: Settings, release: Release, engine: Engine) -> Flask:
    """Return the application that serves ``release``.

    :param engine: answers queries, each in a process that can be ended.
    """
    app = Flask(__name__)
    found = Site(settings, release)
    app.extensions["site"] = found
    app.extensions["engine"] = engine
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.register_blueprint(terms.bp)
    app.register_blueprint(browse.bp)
    app.register_blueprint(sparql.bp)
    errors.register(app)

    app.add_template_filter(sentence)
    app.add_template_filter(found.library.in_sentence)
    app.add_template_filter(script)
    app.add_template_filter(by_words)
    app.add_template_filter(titled)

    def static(name: str) -> str:
        """Return the address of a static file; it changes when any of them changes."""
        return url_for("static", filename=name, v=found.assets)

    @app.context_processor
    def everywhere() -> dict[str, Any]:
        return {
            "static": static,
            "manifest": release.manifest,
            "menu": [(text, path) for text, path in menu()],
            "source_path": source_path(),
            "sparql_path": "/sparql",
            "document_formats": terms.DOCUMENT_FORMATS,
            "media_types": terms.MEDIA_TYPES,
            "browse_crumb": browse_crumb,
            "page_schema": page_schema,
            "ours": found.ours,
        }

    def source_path() -> str:
        sources = found.library.instances("Source")
        return (found.library.names.document(sources[0]) or "/") if sources else "/"

    def menu() -> list[tuple[str, str]]:
        if not found.ours:
            return [("Query", url_for("pages.query"))]
        kinds = [
            (kind.plural.capitalize(), url_for("pages.browse_kind", name=kind.name))
            for kind in found.library.pillars
        ]
        return [
            *kinds,
            ("Read along", source_path()),
            ("Questions", url_for("pages.questions")),
            ("Tensions", url_for("pages.tensions")),
            ("Query", url_for("pages.query")),
        ]

    def browse_crumb(kind: Kind) -> list[tuple[str, str]]:
        address = url_for("pages.browse_kind", name=kind.name)
        return [(kind.plural.capitalize(), address)]

    @app.before_request
    def of_the_article() -> None:
        if request.endpoint in OF_THE_ARTICLE and not found.ours:
            raise UnknownResource("This server holds other data, which has no such page.")

    @app.after_request
    def remember(response: Response) -> Response:
        """Let clients keep pages until the next release, and fingerprinted files for good."""
        if response.status_code != 200 or request.method not in ("GET", "HEAD"):
            return response
        if request.endpoint == "static" and request.args.get("v") == found.assets:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        elif request.blueprint == "pages" and not response.get_etag()[0]:
            response.set_etag(found.etag("page"), weak=True)
            response.headers.setdefault("Cache-Control", "public, no-cache")
            response.make_conditional(request)
        return response

    @app.after_request
    def compress(response: Response) -> Response:
        """Compress pages and documents for clients that take gzip (RFC 9110 §8.4)."""
        if request.blueprint in ("pages", "terms") and response.mimetype in COMPRESSED:
            response.vary.add("Accept-Encoding")
            if (
                request.accept_encodings["gzip"] > 0
                and response.status_code == 200
                and not response.headers.get("Content-Encoding")
                and not response.direct_passthrough
                and len(body := response.get_data()) > 1000
            ):
                response.set_data(gzip.compress(body, compresslevel=5, mtime=0))
                response.headers["Content-Encoding"] = "gzip"
        return response

    app.after_request(partial(compress_static, found))

    @app.after_request
    def secure(response: Response) -> Response:
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        fresh = "no-store" if response.status_code >= 400 else "public, no-cache"
        response.headers.setdefault("Cache-Control", fresh)
        return response

    return app
