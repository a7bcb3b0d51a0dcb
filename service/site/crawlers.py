"""What crawlers and browsers fetch on their own: robots.txt, the sitemap, the icon."""

from flask import Blueprint, Response, abort, render_template, url_for

from service.site.addresses import host_address
from service.site.site import site

bp = Blueprint("crawlers", __name__)

NOT_CRAWLED = ("/sparql", "/query", "/search", "/suggest")
"""Addresses with endless parameters."""

LISTS = (
    "browse.kinds",
    "statements.statements",
    "lists.questions",
    "lists.tensions",
    "lists.mappings",
    "home.about",
)
"""The endpoints of pages about the document that are no document themselves."""


@bp.get("/robots.txt")
def robots() -> Response:
    """Welcome crawlers everywhere but the query endpoint and searches."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_CRAWLED)]
    sitemap_address = _host() + url_for("crawlers.sitemap")
    return Response("\n".join([*lines, f"Sitemap: {sitemap_address}", ""]), mimetype="text/plain")


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    """List every page that has an address of its own (sitemaps.org 0.9)."""
    library = site().library
    paths = [url_for("home.home")]
    if site().ours:
        paths += [url_for(endpoint) for endpoint in LISTS]
    paths += [url_for("browse.kind", name=kind.name) for kind in library.kinds.values()]
    paths += [path for iri in library.documents if (path := library.names.document(iri))]
    modified = site().release.manifest.modified
    body = render_template("sitemap.xml", host=_host(), paths=paths, modified=modified)
    return Response(body, mimetype="application/xml")


def _host() -> str:
    return host_address().rstrip("/")


@bp.get("/favicon.ico")
def favicon() -> Response:
    """Answer 404: the icon is an SVG that pages name."""
    abort(404)
