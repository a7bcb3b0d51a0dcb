"""The SPARQL endpoint in any WSGI server: protocol, description, cancelling, VoID."""

import re
from collections.abc import Iterable

from flask import Blueprint, Response, current_app, request

from service import formats
from service.engine import Engine
from service.problems import NotAcceptable, UnknownResource
from service.rdf.writers import represent
from service.site.description import dataset
from service.site.endpoint import (
    CORS,
    PATH,
    PREFLIGHT,
    SECURITY,
    Endpoint,
    matches,
    unchanged,
)
from service.site.query.form import query_form
from service.sparql import protocol

bp: Blueprint = Blueprint("sparql", __name__)

_BARE = (formats.GRAPHS[0], formats.HTML, *formats.GRAPHS[1:])
"""What a request without a query may get; programs that take anything get Turtle."""


def endpoint() -> Endpoint:
    """Return the endpoint of the current application."""
    found = current_app.extensions.get("endpoint")
    if found is None:
        site = current_app.extensions["site"]
        found = current_app.extensions["endpoint"] = Endpoint(site.settings, site.release)
    assert isinstance(found, Endpoint)
    return found


@bp.route(
    PATH, methods=["GET", "HEAD", "POST", "QUERY", "OPTIONS"], provide_automatic_options=False
)
def sparql() -> Response:
    """Answer a SPARQL 1.1 Protocol request."""
    if request.method == "OPTIONS":
        return _with(Response(status=204), (("Allow", ", ".join(protocol.METHODS)), *PREFLIGHT))
    body = b"" if request.method in {"GET", "HEAD"} else request.get_data(cache=False)
    query = protocol.parse(
        request.method,
        request.query_string,
        request.headers.get("Content-Type"),
        body,
        request.headers.get("Content-Encoding"),
    )
    if query.text is None:
        return bare(query)
    accept = request.headers.get("Accept")
    service = endpoint()
    plan = service.plan(query, accept, request.headers.get("Accept-Encoding"))
    if matches(request.headers.get("If-None-Match"), plan.etag, exists=False):
        return _with(Response(status=304), (*unchanged(plan.etag), *CORS))
    engine: Engine = current_app.extensions["engine"]
    answer = engine.run(plan.job)
    data, compressed = b"".join(answer.body), answer.compressed
    if plan.converted:
        site = current_app.extensions["site"]
        data, compressed = service.convert_whole(plan, data, lambda: site.library.store)
    timing = f"engine;dur={(answer.seconds or 0) * 1000:.2f}"
    fields = service.fields(plan, answer.query_id, timing, compressed=compressed)
    return _with(Response(data), fields)


def bare(query: protocol.Query) -> Response:
    """Answer a request without a query: a page for people, the description for programs."""
    accept = request.headers.get("Accept")
    if query.format is not None:
        chosen = formats.by_name(query.format, formats.GRAPHS)
        accept = chosen.media_type if chosen else query.format
    elif formats.negotiate(accept, _BARE) is formats.HTML:
        response = Response(query_form(), content_type=formats.HTML.content_type)
        return _with(response, (("Vary", "Accept"), ("Cache-Control", "public, no-cache"), *CORS))
    chosen_format, data = endpoint().describe_itself(accept, request.host_url)
    fields = (
        ("Content-Type", chosen_format.content_type),
        ("Vary", "Accept"),
        ("Cache-Control", "public, no-cache"),
        ("Link", f'<{PATH}>; rel="self"'),
        *CORS,
        *SECURITY,
    )
    return _with(Response(data), fields)


@bp.route("/queries/<query_id>", methods=["DELETE", "OPTIONS"], provide_automatic_options=False)
def cancel(query_id: str) -> Response:
    """End a running query.

    :raises UnknownResource: if no query with this id runs.
    """
    if request.method == "OPTIONS":
        return _with(Response(status=204), (("Allow", "DELETE, OPTIONS"), *PREFLIGHT))
    if not re.fullmatch(r"[0-9a-f]{16}", query_id) or not current_app.extensions["engine"].cancel(
        query_id
    ):
        raise UnknownResource("No query with this id is running; perhaps it is done.")
    return _with(Response(status=204), ())


@bp.get("/.well-known/void")
def void() -> Response:
    """Describe the dataset: VoID with its partitions, DCAT of the release."""
    accept = request.headers.get("Accept")
    chosen = formats.negotiate(accept, formats.GRAPHS)
    if chosen is None:
        raise NotAcceptable("VoID comes as RDF.", offers=[o.media_type for o in formats.GRAPHS])
    site = current_app.extensions["site"]
    triples = dataset(site.release, site.library.store)
    data = represent(triples, chosen, endpoint().names)
    fields = (
        ("Content-Type", chosen.content_type),
        ("Vary", "Accept"),
        ("Cache-Control", "public, no-cache"),
    )
    return _with(Response(data), fields)


@bp.after_app_request
def open_to_all(response: Response) -> Response:
    """Let scripts of any site read every answer, errors too (CORS)."""
    for name, value in CORS:
        response.headers.setdefault(name, value)
    if request.method == "OPTIONS":
        for name, value in PREFLIGHT:
            response.headers.setdefault(name, value)
    return response


def _with(response: Response, fields: Iterable[tuple[str, str]]) -> Response:
    for name, value in fields:
        response.headers[name] = value
    return response
