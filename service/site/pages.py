"""Pages of the site itself: home, about, downloads, problems, what crawlers read."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from flask import Response, abort, render_template, request, send_file, url_for

from service import iris, problems
from service.changes import CHANGES, SECTIONS, Changes, from_json
from service.iris import BASE
from service.library import Library
from service.problems import Problem, UnknownResource
from service.rdf.terms import text
from service.site.browse import _summary, bp
from service.site.form import query_form
from service.site.schema_org import downloads_schema, site_schema
from service.site.site import site

__all__ = ["bp", "query_form"]

MAX_CHANGES = 100
"""Changes of one kind that the page of changes lists; the file in the release has all."""


@bp.get("/")
def home() -> str:
    """Show what this is, the four pillars with their numbers, and ways to read."""
    library = site().library
    if not site().ours:
        manifest = site().release.manifest
        return render_template("data.html", graphs=sorted(manifest.graphs.items()))
    used = Counter(c.modality.ref.iri for c in library.claims.values())
    most = max(used.values(), default=1)
    return render_template(
        "home.html",
        pillars=[_summary(k) for k in library.pillars],
        others=[
            (k, n)
            for k in library.kinds.values()
            if k not in library.pillars and (n := len(library.terms_of(k.ref.iri)))
        ],
        modalities=[
            (m, used[m.ref.iri], round(100 * used[m.ref.iri] / most))
            for m in library.modalities.values()
            if used[m.ref.iri]
        ],
        counts=counts(library),
        schema_org=site_schema(site().release.manifest, _description(library)),
    )


def _description(library: Library) -> str:
    """Return what the ontology says of itself."""
    found = library.values(BASE + "ontology", iris.DESCRIPTION)
    return text(found[0]) if found else ""


def counts(library: Library) -> dict[str, int]:
    """Return how many there are of everything that pages count."""
    return {
        "terms": sum(not t.deprecated for t in library.terms.values()),
        "claims": len(library.claims),
        "passages": len(library.passages),
        "sections": len(library.sections),
        "tensions": len(library.instances("Tension")),
        "questions": len(library.instances("Question")),
        "mappings": sum(len(targets) for targets in library.mapped.values()),
    }


@bp.get("/about")
def about() -> str:
    """Say what this is, how sure it is, its licence, and how to cite it."""
    library = site().library
    citation = library.values(BASE + "ontology", iris.CITATION_TEXT)
    manifest = site().release.manifest
    return render_template(
        "about.html",
        counts=counts(library),
        modalities=library.modalities.values(),
        citation=text(citation[0])
        if citation
        else f"{manifest.title} (CDMO), version {manifest.version}. {BASE}ontology",
    )


@bp.get("/changes")
def changes() -> Response:
    """Show what each release changed since the one before, and what this one holds."""
    found = site()
    library, files = found.library, found.release.manifest.files
    history: list[Changes] = []
    if CHANGES in files:
        history = from_json(found.release.dump(CHANGES).read_text(encoding="utf-8"))
    response = Response(
        render_template(
            "changes.html",
            counts=counts(library),
            obsolete=[t for t in library.terms.values() if t.deprecated],
            history=history,
            sections=SECTIONS,
            limit=MAX_CHANGES,
            document=_document(library),
            log=CHANGES if CHANGES in files else None,
        )
    )
    # Two releases may hold the same dataset and yet have another past.
    response.set_etag(found.etag(f"changes-{files.get(CHANGES, '')[:12]}"), weak=True)
    response.headers["Cache-Control"] = "public, no-cache"
    response.make_conditional(request)
    return response


def _document(library: Library) -> Callable[[str], str | None]:
    """Return a function from an IRI to the path of its document, None if it has none any more."""
    return lambda iri: library.names.document(iri) if library.knows(iri) else None


@bp.get("/downloads")
def downloads() -> str:
    """List the files of the release with size and digest."""
    release = site().release
    manifest = release.manifest
    sizes = {name: release.dump(name).stat().st_size for name in sorted(manifest.files)}
    return render_template(
        "downloads.html",
        files=[(name, _size(size), manifest.files[name]) for name, size in sizes.items()],
        schema_org=downloads_schema(manifest, _description(site().library), sizes),
    )


@bp.get("/downloads/<name>")
def download(name: str) -> Response:
    """Send a file of the release."""
    release = site().release
    if name not in release.manifest.files:
        raise UnknownResource(f"The release has no file {name!r}. See /downloads.")
    types = {".ttl": "text/turtle", ".jsonld": "application/ld+json", ".rdf": "application/rdf+xml"}
    path = release.dump(name)
    return send_file(
        path,
        mimetype=types.get(path.suffix),
        as_attachment=True,
        etag=release.manifest.files[name],
    )


def _size(count: int) -> str:
    return f"{count / 1024:.0f} kB" if count >= 1024 else f"{count} B"


# -- problems --------------------------------------------------------------------------------


def problem_types() -> list[type[Problem]]:
    """Return every problem class, in the order of status and slug."""
    found: list[type[Problem]] = [Problem]
    for kind in found:
        found.extend(kind.__subclasses__())
    return sorted(
        {k for k in found if k.__module__ == problems.__name__}, key=lambda k: (k.status, k.slug)
    )


def _explained(kind: type[Problem]) -> dict[str, Any]:
    meaning = (kind.__doc__ or "").partition("\n\n")[0].partition("; extras")[0]
    meaning = meaning.replace("``", "")
    return {
        "slug": kind.slug,
        "title": kind.title,
        "status": kind.status,
        "meaning": " ".join(meaning.split()).rstrip(".") + ".",
    }


@bp.get("/problems/", endpoint="problems")
def problems_page() -> str:
    """List every failure that the service can name."""
    return render_template("problems.html", problems=[_explained(k) for k in problem_types()])


@bp.get("/problems/<slug>")
def problem(slug: str) -> str:
    """Explain one kind of failure: the page that a problem's ``type`` names (RFC 9457 §3.1.1)."""
    for kind in problem_types():
        if kind.slug == slug:
            return render_template("problem_type.html", p=_explained(kind))
    raise UnknownResource(f"There is no problem called {slug!r}. See /problems/.")


# -- search description, robots --------------------------------------------------


@bp.get("/opensearch.xml")
def opensearch() -> Response:
    """Describe the search to browsers (OpenSearch 1.1)."""
    body = render_template("opensearch.xml", root=request.url_root.rstrip("/"))
    return Response(body, mimetype="application/opensearchdescription+xml")


@bp.get("/robots.txt")
def robots() -> Response:
    """Welcome crawlers everywhere but the query endpoint and searches."""
    lines = [
        "User-agent: *",
        "Disallow: /sparql",
        "Disallow: /query",
        "Disallow: /search",
        "Disallow: /suggest",
    ]
    sitemap_address = request.url_root.rstrip("/") + url_for("pages.sitemap")
    return Response("\n".join([*lines, f"Sitemap: {sitemap_address}", ""]), mimetype="text/plain")


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    """List every page that has an address of its own (sitemaps.org 0.9)."""
    found = site()
    library = found.library
    fixed = ("home", "browse", "statements", "questions", "tensions", "mappings", "about")
    paths = [url_for(f"pages.{name}") for name in (fixed if found.ours else fixed[:1])]
    paths += [url_for("pages.browse_kind", name=k.name) for k in library.kinds.values()]
    paths += [path for iri in library.documents if (path := library.names.document(iri))]
    body = render_template(
        "sitemap.xml",
        root=request.url_root.rstrip("/"),
        paths=paths,
        modified=found.release.manifest.modified,
    )
    return Response(body, mimetype="application/xml")


@bp.get("/favicon.ico")
def favicon() -> Response:
    """There is none; the icon is an SVG that pages name."""
    abort(404)
