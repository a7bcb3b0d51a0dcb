"""What crawlers read: robots.txt and the sitemap."""

from flask import Blueprint, Response, render_template, url_for

from service.site.addresses import host_address
from service.site.site import site

bp = Blueprint("crawlers", __name__)

NOT_CRAWLED = ("/sparql", "/query", "/search", "/suggest")
"""Addresses with endless parameters."""

LISTS = (
    *("browse.kinds", "lists.statements", "lists.questions", "disagreements.tensions"),
    *("matrix.matrix", "diagnosis.diagnosis", "lists.mappings", "about.about"),
    "recipes.page",
)
"""The endpoints of pages about the document that are no document themselves."""


@bp.get("/robots.txt")
def robots() -> Response:
    """Welcome crawlers everywhere but the query endpoint and searches."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_CRAWLED)]
    lines += [f"Sitemap: {host_address()}sitemap.xml", ""]
    return Response("\n".join(lines), mimetype="text/plain")


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    """List every page that has an address of its own (sitemaps.org 0.9)."""
    library, host = site().library, host_address().rstrip("/")
    paths = [
        url_for(endpoint)
        for endpoint in ("home.home", "api.page", *(LISTS if site().source else ()))
    ]
    paths += [url_for("browse.kind", name=kind.name) for kind in library.kinds.values()]
    paths += [path for iri in library.documents if (path := library.names.document(iri))]
    modified = site().release.manifest.modified
    body = render_template("sitemap.xml", host=host, paths=paths, modified=modified)
    return Response(body, mimetype="application/xml")
