"""Problems as answers: RFC 9457 JSON, plain text, or a page, as the client likes best.

Every expected failure is a :class:`~service.problems.Problem`; Werkzeug's own 404, 405 and 413
are turned into one. Anything else is logged with a request id and shown as a bare 500.
"""

import re
from collections.abc import Iterable

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from service import formats
from service.problems import (
    BadRequest,
    BodyTooLarge,
    MethodNotAllowed,
    NotAcceptable,
    Problem,
    RequestTimeout,
    UnknownResource,
    UnsupportedMediaType,
)
from service.site.refusals import headers, represent, unexpected_problem

_IN_NO_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`\x7f-\x9f\ue000-\uf8ff\ufdd0-\ufdef\ufff0-\uffff]")
"""RFC 3987 §2.2; such an address is none of ours."""

_BY_STATUS: dict[int, type[Problem]] = {
    400: BadRequest,
    404: UnknownResource,
    405: MethodNotAllowed,
    406: NotAcceptable,
    408: RequestTimeout,
    413: BodyTooLarge,
    415: UnsupportedMediaType,
}


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
    return formats.HTML.content_type, page.encode()


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

    @app.before_request
    def possible() -> None:
        if _IN_NO_IRI.search(request.path + request.args.get("question", "")):
            raise UnknownResource("There is nothing here: no IRI has such characters.")

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
