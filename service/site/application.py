"""The Flask application: its blueprints, and the header fields of every response."""

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, request, url_for

from service import formats
from service.endpoint import CACHED, Endpoint
from service.iris import ASSERTION
from service.problems import UnknownResource
from service.release import Release
from service.settings import Settings
from service.site import (
    about,
    api,
    browse,
    comparison,
    disagreements,
    downloads,
    errors,
    filters,
    find,
    home,
    linked_data,
    lists,
    matrix,
    reconcile,
    resources,
    self_description,
)
from service.site.addresses import add_base_path
from service.site.offers import refuse_other_formats, vary
from service.site.query import editor
from service.site.query import page as query
from service.site.schema_org import page_schema
from service.site.site import Site, site

DOCUMENT_PAGES = (
    about,
    browse,
    lists,
    matrix,
    comparison,
    disagreements,
    reconcile,
)
"""Pages about the document that a release restates; other people's data has none of them."""

PAGES = (home, api, find, downloads, errors, query, editor, *DOCUMENT_PAGES)

SECURITY_HEADERS = {
    "Content-Security-Policy": errors.PAGE_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""Sent with every response: nothing is loaded from another host."""


def create_app(
    settings: Settings, release: Release, endpoint: Endpoint, *, watched: bool = False
) -> Flask:
    """Return the application that serves ``release``.

    :param endpoint: runs the queries of the query page.
    :param watched: whether pages look for another release, and show what keeps it from being.
    """
    app = Flask(__name__)
    app.extensions["site"] = Site(settings, release)
    app.extensions["endpoint"] = endpoint
    app.config["PUBLIC_URL"] = settings.public_url
    app.config["BASE_PATH"] = settings.base_path
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_query_bytes
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    compact = {"separators": (",", ":"), "ensure_ascii": False, "sort_keys": False}
    app.jinja_env.policies["json.dumps_kwargs"] = compact
    for module in (*PAGES, linked_data, resources, self_description):
        app.register_blueprint(module.bp)
    errors.register(app)
    filters.register(app)
    app.context_processor(context)
    app.jinja_env.globals["watched"] = watched
    for check in (refuse_pages_of_the_document, refuse_other_formats):
        app.before_request(check)
    app.before_request(downloads.ignore_other_ranges)
    # Flask calls them from the last to the first.
    for function in (tag, vary, api.link, secure, redirect_here, add_base_path):
        app.after_request(function)
    return app


def context() -> dict[str, Any]:
    """Return the values and functions that every template may use."""
    # The filter `disagreements` looks up there; a template asks no query.
    _ = site().library.tensions_by_resource
    is_ours = site().source is not None
    # Of other people's data the query for the schema would read every type and definition.
    manners = site().library.manners.values() if is_ours else ()
    return {
        "static": static,
        "manifest": site().release.manifest,
        "ours": is_ours,
        "site_name": "CDMO" if site().source else site().name,
        "source_path": site().source_path,
        "pillars": site().library.pillars if is_ours else (),
        "usual_context": site().library.usual_context,
        "assertions": [m for m in manners if m.question == ASSERTION],
        "document_formats": [f for f in formats.DOCUMENTS if f is not formats.HTML],
        "page_schema": page_schema,
    }


def static(name: str) -> str:
    """Return the address of a static file; it changes when any of them changes."""
    return url_for("static", filename=name, v=site().assets)


def refuse_pages_of_the_document() -> None:
    """Answer 404 to pages about the document where other people's data is served."""
    if request.blueprint in {module.bp.name for module in DOCUMENT_PAGES} and not site().source:
        raise UnknownResource("This server holds other data, which has no such page.")


def tag(response: Response) -> Response:
    """Answer 304 to clients that have the response; let them keep fingerprinted files for good."""
    if response.status_code != 200 or request.method not in ("GET", "HEAD"):
        return response
    if request.endpoint == "static" and request.args.get("v") == site().assets:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
    if not response.get_etag()[0] and request.blueprint in {module.bp.name for module in PAGES}:
        response.set_etag(site().etag("page"), weak=True)
    if response.get_etag()[0]:
        response.make_conditional(request)
    return response


def redirect_here(response: Response) -> Response:
    """Make a redirect relative: a proxy may have another scheme and host (RFC 9110 §10.2.2)."""
    if response.location:
        response.location = urlsplit(response.location)._replace(scheme="", netloc="").geturl()
    return response


def secure(response: Response) -> Response:
    """Add the security headers, and let nobody keep a problem."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    fresh = "no-store" if response.status_code >= 400 else CACHED
    response.headers.setdefault("Cache-Control", fresh)
    return response
