"""Problems as responses: RFC 9457 JSON, plain text, or a page, as the client prefers.

:func:`render` needs no request, so the server calls it too. Werkzeug's own errors become
problems; anything else is logged with a request id and shown as a bare 500. Each kind of problem
has a page that explains it.
"""

import json
from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

from flask import Blueprint, Flask, Response, has_request_context, render_template, request
from werkzeug.exceptions import HTTPException, RequestedRangeNotSatisfiable

from service import formats
from service.problems import (
    BadRequest,
    BodyTooLarge,
    MethodNotAllowed,
    NotAcceptable,
    Problem,
    RangeNotSatisfiable,
    ReleaseError,
    RequestTimeout,
    UnknownResource,
    UnsupportedMediaType,
    of_requests,
)
from service.site.addresses import iri_at, with_base_path

bp = Blueprint("problems", __name__)

SCOPE_KEY = "cdmo.problem"
"""The key of an ASGI scope for the slug of the problem that its response is."""
OFFERS = (formats.PROBLEM, formats.HTML, formats.TEXT)

_BY_STATUS: dict[int, type[Problem]] = {
    kind.status: kind
    for kind in (
        *(UnknownResource, MethodNotAllowed, NotAcceptable, RequestTimeout, BodyTooLarge),
        *(UnsupportedMediaType, RangeNotSatisfiable),
    )
}

FIELDS = {
    "retry_after_seconds": "Retry-After",
    "allow": "Allow",
    "accepts": "Accept-Post",
    "query_id": "X-Query-Id",
    "range": "Content-Range",
}
"""The extras of problems that are header fields too."""

PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""The content policy of pages. Pages of problems bring it along, since the one that the server
gives to all responses is for data and would keep a page from its style sheet."""

Rendered = tuple[list[tuple[str, str]], bytes]
"""Header fields and body of a response."""


def render(app: Flask, problem: Problem, accept: str | None, path: str) -> Rendered:
    """Return a problem as header fields and a body.

    A client that accepts none of the formats gets JSON: something must be able to read an error.

    :param accept: the value of the ``Accept`` field, or None.
    :param path: of the request that failed.
    """
    if isinstance(problem, ReleaseError):  # its detail names files of this machine
        problem = ReleaseError("The release cannot be read. The operator's log says why.")
    chosen = formats.negotiate(accept, OFFERS) or formats.PROBLEM
    if chosen is formats.HTML:
        body = _page(app, problem, path)
    elif chosen is formats.TEXT:
        body = _text(problem)
    else:
        base = app.config["BASE_PATH"]
        body = json.dumps(document(problem, path, base), ensure_ascii=False) + "\n"
    headers = [("Content-Type", chosen.content_type), *_headers(problem)]
    if chosen is formats.HTML:
        headers.append(("Content-Security-Policy", PAGE_POLICY))
    return headers, body.encode("utf-8", "replace")


def document(problem: Problem, path: str, base: str) -> dict[str, Any]:
    """Return the problem document of RFC 9457 §3.

    :param path: of the request that failed.
    :param base: the path below which the service stands.
    """
    return {
        "type": f"{base}/problems/{problem.slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": base + path,
        **problem.extras,
    }


def _text(problem: Problem) -> str:
    lines = [f"{problem.status} {problem.title}", "", problem.detail]
    lines += [f"{name}: {_shown(value)}" for name, value in problem.extras.items()]
    return "\n".join(lines) + "\n"


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _page(app: Flask, problem: Problem, path: str) -> str:
    members = [(name, value) for name, value in problem.extras.items() if name != "query_id"]
    # Templates make addresses, which do not depend on the request; the server has none.
    with nullcontext() if has_request_context() else app.test_request_context("/"):
        return with_base_path(render_template("problem.html", problem=problem, members=members))


def _headers(problem: Problem) -> list[tuple[str, str]]:
    """Return the header fields that go with a problem, beside its content type."""
    extras = problem.extras
    named = [(field, _shown(extras[extra])) for extra, field in FIELDS.items() if extra in extras]
    return [("Cache-Control", "no-store"), ("Vary", "Accept"), *named]


def from_http(error: HTTPException, methods: Iterable[str] = ()) -> Problem:
    """Return the problem for one of Werkzeug's own errors."""
    status = error.code or 500
    kind = _BY_STATUS.get(status, BadRequest if status < 500 else Problem)
    if kind is UnknownResource:
        return kind("There is nothing here. Check the address, or search from the home page.")
    if kind is MethodNotAllowed:
        allow = sorted({*methods, "OPTIONS"})
        return kind(f"Here you may use {', '.join(allow)}.", allow=allow)
    if isinstance(error, RequestedRangeNotSatisfiable):
        return kind("Ask for fewer bytes, or for the whole file.", range=f"bytes */{error.length}")
    return kind(error.description or error.name)


def register(app: Flask) -> None:
    """Make the application show every failure as a problem."""

    def response(problem: Problem) -> Response:
        request.environ.get("asgi.scope", {})[SCOPE_KEY] = problem.slug
        headers, body = render(app, problem, request.headers.get("Accept"), request.path)
        return Response(body, problem.status, headers)

    @app.before_request
    def refuse_impossible_addresses() -> None:
        iri_at(request.path)

    @app.errorhandler(Problem)
    def on_problem(error: Problem) -> Response:
        return response(error)

    @app.errorhandler(HTTPException)
    def on_http_error(error: HTTPException) -> Response:
        return response(from_http(error, getattr(error, "valid_methods", None) or ()))


@bp.get("/problems/")
def index() -> str:
    """List every failure that a request can meet."""
    return render_template("problems.html", problems=of_requests())


@bp.get("/problems/<slug>")
def problem(slug: str) -> str:
    """Explain one kind of failure: the page that a problem's ``type`` names (RFC 9457 §3.1.1)."""
    kind = next((kind for kind in of_requests() if kind.slug == slug), None)
    if kind is None:
        raise UnknownResource(f"There is no problem called {slug[:100]!r}. See /problems/.")
    return render_template("problem_type.html", problem=kind)
