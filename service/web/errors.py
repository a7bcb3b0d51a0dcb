"""Problems as answers: RFC 9457 JSON, plain text, or a page, as the client likes best.

Every expected failure is a :class:`~service.problems.Problem`; Werkzeug's own 404, 405 and 413
are turned into one. Anything else is logged with a request id and shown as a bare 500.
"""

import json
import logging
import secrets
from collections.abc import Iterable
from typing import Any

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from service import media
from service.problems import (
    BadRequest,
    BodyTooLarge,
    MethodNotAllowed,
    NotAcceptable,
    Problem,
    QueueFull,
    RequestTimeout,
    UnknownResource,
    UnsupportedMediaType,
)

log = logging.getLogger(__name__)

OFFERS = (media.PROBLEM, media.HTML, media.TEXT)

_BY_STATUS: dict[int, type[Problem]] = {
    400: BadRequest,
    404: UnknownResource,
    405: MethodNotAllowed,
    406: NotAcceptable,
    408: RequestTimeout,
    413: BodyTooLarge,
    415: UnsupportedMediaType,
}


def document(problem: Problem, instance: str) -> dict[str, Any]:
    """Return the problem document of RFC 9457 §3.

    :param instance: the path of the request that failed.
    """
    return {
        "type": f"/problems/{problem.slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": instance,
        **problem.extras,
    }


def as_text(problem: Problem) -> str:
    """Return the problem as a person at a terminal reads it."""
    lines = [f"{problem.status} {problem.title}", "", problem.detail]
    lines += [f"{name}: {_plain(value)}" for name, value in problem.extras.items()]
    return "\n".join(lines) + "\n"


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(v) for v in value)
    return str(value)


def headers(problem: Problem) -> list[tuple[str, str]]:
    """Return the header fields that go with a problem, beside its content type."""
    found = [("Cache-Control", "no-store"), ("Vary", "Accept")]
    if isinstance(problem, QueueFull):
        found.append(("Retry-After", str(problem.extras.get("retry_after_seconds", 2))))
    if isinstance(problem, MethodNotAllowed) and "allow" in problem.extras:
        found.append(("Allow", ", ".join(problem.extras["allow"])))
    if isinstance(problem, UnsupportedMediaType) and "accepts" in problem.extras:
        found.append(("Accept-Post", ", ".join(problem.extras["accepts"])))
    return found


def represent(problem: Problem, accept: str | None, instance: str) -> tuple[str, bytes] | None:
    """Return content type and bytes of a problem, or None if a page is wanted.

    A client that accepts neither gets JSON: an error must be readable by something.
    """
    chosen = media.negotiate(accept, OFFERS) or media.PROBLEM
    if chosen is media.HTML:
        return None
    if chosen is media.TEXT:
        return media.TEXT.content_type, as_text(problem).encode()
    facts = json.dumps(document(problem, instance), ensure_ascii=False)
    return media.PROBLEM.content_type, facts.encode() + b"\n"


def respond(problem: Problem) -> Response:
    """Return the response for a problem of the current request."""
    found = represent(problem, request.headers.get("Accept"), request.path)
    content_type, body = found if found is not None else page(problem)
    response = Response(body, problem.status, content_type=content_type)
    for name, value in headers(problem):
        response.headers[name] = value
    return response


def page(problem: Problem) -> tuple[str, bytes]:
    """Return content type and bytes of a problem's page; needs an application context."""
    members = [(name, value) for name, value in problem.extras.items() if name != "query_id"]
    page = render_template("problem.html", problem=problem, members=members)
    return media.HTML.content_type, page.encode()


def from_http(error: HTTPException, methods: Iterable[str] = ()) -> Problem:
    """Return the problem that stands for one of Werkzeug's own errors."""
    kind = _BY_STATUS.get(error.code or 500)
    if kind is None:
        problem = Problem(error.description or error.name)
        problem.__dict__["status"] = error.code or 500
        problem.__dict__["title"] = error.name
        return problem
    if kind is UnknownResource:
        return UnknownResource(
            "There is nothing here. Check the address, or search from the home page."
        )
    if kind is MethodNotAllowed:
        allow = sorted({*methods, "OPTIONS"})
        return MethodNotAllowed(f"Here you may use {', '.join(allow)}.", allow=allow)
    return kind(error.description or error.name)


def register(app: Flask) -> None:
    """Have the application show every failure as a problem."""

    @app.errorhandler(Problem)
    def problem(error: Problem) -> Response:
        return respond(error)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        if error.code is not None and error.code < 400:
            plain = error.get_response()
            return Response(plain.get_data(), error.code, dict(plain.headers))
        return respond(from_http(error, getattr(error, "valid_methods", None) or ()))

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        return respond(unexpected_problem(error))


def unexpected_problem(error: BaseException) -> Problem:
    """Log a failure that nobody expected, and return what its client may know of it."""
    request_id = secrets.token_hex(8)
    log.error("request %s failed", request_id, exc_info=error)
    return Problem(
        "This is a mistake of the service. Quote the request id if you report it.",
        request_id=request_id,
    )
