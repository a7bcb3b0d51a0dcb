"""What programs ask first: what applications, language models and crawlers can have here.

That is the OpenAPI document and its page, the catalogue of interfaces, robots.txt and the sitemap.
"""

from collections import defaultdict
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from service import formats
from service.cards import API, API_PAGE, CATALOG, LINKS, Operation, openapi, to_bytes
from service.endpoint import PATH
from service.iris import BASE
from service.site.addresses import host_address
from service.site.site import site

bp = Blueprint("api", __name__)

LINKSET = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
"""The media type of the catalogue (RFC 9727 §4.1)."""

MOST_OPTIONS = 60
"""Values that a form shows in a menu; of more, it completes what is typed."""

NOT_CRAWLED = ("/sparql", "/query", "/search", "/suggest")
"""Addresses with endless parameters."""

IN_THE_SITEMAP = (
    *("browse.kinds", "lists.statements", "lists.questions", "disagreements.tensions"),
    *("matrix.matrix", "browse.diagnosis", "lists.mappings", "about.about"),
    "about.recipes",
)
"""The endpoints of pages about the document that are no document themselves."""


@bp.get(API)
def description() -> Response:
    """Send the OpenAPI document (3.1)."""
    host = host_address().rstrip("/")
    document = openapi(site().operations, site().release.manifest, host)
    return Response(to_bytes(document), mimetype=formats.CARD.media_type)


@bp.get(CATALOG)
def catalog() -> Response:
    """Send the catalogue of interfaces (RFC 9727) as a set of links (RFC 9264)."""
    host = host_address().rstrip("/")

    def link(path: str, media_type: str) -> list[dict[str, str]]:
        return [{"href": host + path, "type": media_type}]

    html, turtle = formats.HTML.media_type, formats.TURTLE.media_type
    json_type = formats.CARD.media_type
    interfaces: list[dict[str, Any]] = [
        {
            "anchor": f"{host}/",
            "service-desc": link(API, json_type),
            "service-doc": link(url_for("api.page"), html),
            "service-meta": link(url_for("self_description.void"), turtle),
        },
        {
            "anchor": host + PATH,
            "service-desc": link(PATH, turtle),
            "service-doc": link(url_for("query.query"), html),
        },
    ]
    items = [{"href": interface["anchor"]} for interface in interfaces]
    links = {"linkset": [{"anchor": host + CATALOG, "item": items}, *interfaces]}
    return Response(to_bytes(links), content_type=LINKSET)


@bp.get("/llms.txt")
def language_models() -> Response:
    """Send a guide for language models (llmstxt.org)."""
    body = render_template("llms.txt", groups=_groups(), host=host_address().rstrip("/"), base=BASE)
    return Response(body, content_type=formats.TEXT.content_type)


@bp.get(API_PAGE, strict_slashes=False)
def page() -> str:
    """Show what applications can ask for, with a form for each list."""
    inputs = (one for operation in site().operations for one in operation.inputs)
    completed = {o.values: o.options for o in inputs if len(o.options) > MOST_OPTIONS}
    return render_template(
        "api.html", groups=_groups(), base=BASE, host=host_address(), completed=completed
    )


def _groups() -> dict[str, list[list[Operation]]]:
    """Return the operations below their headings; those with the same form stand together."""
    groups: dict[str, list[list[Operation]]] = defaultdict(list)
    for (group, _), alike in groupby(site().operations, lambda o: (o.group, o.inputs or o.name)):
        groups[group].append(list(alike))
    return groups


@bp.get("/robots.txt")
def robots() -> Response:
    """Welcome crawlers everywhere but the query endpoint and searches."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_CRAWLED)]
    lines += [f"Sitemap: {host_address()}sitemap.xml", ""]
    return Response("\n".join(lines), mimetype=formats.TEXT.media_type)


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    """List every page that has an address of its own (sitemaps.org 0.9)."""
    library, host = site().library, host_address().rstrip("/")
    paths = [
        url_for(endpoint)
        for endpoint in ("home.home", "api.page", *(IN_THE_SITEMAP if site().source else ()))
    ]
    paths += [url_for("browse.kind", name=kind.name) for kind in library.kinds.values()]
    paths += [path for iri in library.documents if (path := library.names.document(iri))]
    modified = site().release.manifest.modified
    body = render_template("sitemap.xml", host=host, paths=paths, modified=modified)
    return Response(body, mimetype="application/xml")


def link(response: Response) -> Response:
    """Name the description of the service in every answer that is no problem."""
    if response.status_code < 400 and request.endpoint != "static":
        own = response.headers.get("Link")
        response.headers["Link"] = f"{own}, {LINKS}" if own else LINKS
    return response
