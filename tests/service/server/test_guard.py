"""The outermost layer: checks of requests, problems as responses, fields of all responses."""

import asyncio
import logging
from typing import Any

import pytest

from service.problems import BadRequest, Problem, QueryTimeout, ResultTooLarge
from service.server.asgi import App, DisconnectedError, Message, Receive, Scope, Send
from service.server.guard import MAX_FIELD, Guard, check
from service.server.rates import Rates

from .asgi_client import Response, application, call, failing, http_scope, receiver, request

MAX_BODY = 100


def render(problem: Problem, accept: str | None, path: str) -> tuple[list[tuple[str, str]], bytes]:
    """Render a problem as its slug."""
    return [("Content-Type", "text/plain"), ("X-Accept", str(accept))], problem.slug.encode()


def guarded(app: App) -> App:
    return Guard(app, render, MAX_BODY)


@pytest.mark.parametrize(
    ("origins", "origin", "allowed"),
    [
        ("*", "https://e.org", "*"),
        ("*", None, "*"),
        ("https://e.org https://f.org", "https://f.org", "https://f.org"),
        ("https://e.org", "https://evil.org", None),
        ("https://e.org", None, None),
        ("", "https://e.org", None),
    ],
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_scripts_of_sites_that_are_not_allowed_read_nothing(
    origins: str, origin: str | None, allowed: str | None, method: str
) -> None:
    guard = Guard(application(vary="Accept"), render, MAX_BODY, origins=origins)
    fields = {"origin": origin} if origin else {}
    headers = request(guard, http_scope(method, "/", host="x", **fields)).headers
    assert headers.get("access-control-allow-origin") == allowed
    policy = "cross-origin" if allowed else "same-origin"
    assert headers["cross-origin-resource-policy"] == policy
    assert headers["vary"] == ("Accept" if origins in {"*", ""} else "Origin, Accept")
    assert ("access-control-max-age" in headers) == (method == "OPTIONS" and allowed is not None)


def test_a_client_that_sends_too_many_requests_is_refused() -> None:
    guard = Guard(application(), render, MAX_BODY, rates=Rates(0.01))
    assert request(guard, http_scope(host="x")).status == 200
    response = request(guard, http_scope(host="x"))
    assert (response.status, response.body) == (429, b"too-many-requests")


def ask(app: App, method: str = "GET", target: str = "/", **fields: str) -> Response:
    return request(guarded(app), http_scope(method, target, **{"host": "x", **fields}))


# -- checks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["x", "x:80", "e.org:8080", "[::1]", "[::1]:80", "127.0.0.1", "a_b-c"]
)
def test_a_host_has_a_name_and_perhaps_a_port(host: str) -> None:
    check(http_scope(host=host))


@pytest.mark.parametrize("host", ["", "x, y", "x y", "x> <y", "x/y", "x:80:90", "[::1", "user@x"])
def test_a_host_of_another_form_is_refused(host: str) -> None:
    with pytest.raises(BadRequest):
        check(http_scope(host=host))


def test_only_http_1_0_needs_no_host() -> None:
    check(http_scope(version="1.0"))
    with pytest.raises(BadRequest):
        check(http_scope())


@pytest.mark.parametrize(
    ("method", "target", "fields", "slug"),
    [
        ("GET", "/", {"transfer-encoding": "gzip, chunked"}, "bad-request"),
        ("GET", "/", {"transfer-encoding": "identity"}, "bad-request"),
        ("GET", "/", {"accept": "x" * (MAX_FIELD + 1)}, "fields-too-large"),
        ("GET", "/", {"accept-encoding": "x" * (MAX_FIELD + 1)}, "fields-too-large"),
        ("GET", "/", {"if-none-match": "x" * (MAX_FIELD + 1)}, "fields-too-large"),
        ("GET", "//sparql", {}, "unknown-resource"),
    ],
)
def test_a_request_that_no_resource_should_see_is_refused(
    method: str, target: str, fields: dict[str, str], slug: str
) -> None:
    with pytest.raises(Problem) as refused:
        check(http_scope(method, target, **{"host": "x", **fields}))
    assert refused.value.slug == slug


@pytest.mark.parametrize("fields", [{"transfer-encoding": "Chunked"}, {"accept": "x" * MAX_FIELD}])
def test_other_requests_pass(fields: dict[str, str]) -> None:
    check(http_scope(host="x", **fields))


# -- content ----------------------------------------------------------------------------------


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    assert message["body"] == scope.get("cdmo.body", b"")
    await application(200, message["body"])(scope, receive, send)


@pytest.mark.parametrize("method", ["POST", "QUERY"])
def test_content_is_read_and_passed_to_the_application(method: str) -> None:
    scope = http_scope(method, host="x")
    assert request(guarded(_echo), scope, receiver([b"ASK", b" {}"])).body == b"ASK {}"


def test_content_over_the_limit_is_refused() -> None:
    scope = http_scope("POST", host="x")
    response = request(guarded(_echo), scope, receiver([b"x" * MAX_BODY, b"x"]))
    assert (response.status, response.body) == (413, b"body-too-large")


# -- problems ---------------------------------------------------------------------------------


def test_a_problem_becomes_a_response() -> None:
    response = ask(failing(QueryTimeout("too slow")), accept="text/html")
    assert (response.status, response.body) == (503, b"query-timeout")
    assert response.headers["x-accept"] == "text/html"
    assert response.headers["content-length"] == "13"


def test_an_overlong_accept_field_does_not_choose_the_format_of_its_problem() -> None:
    response = ask(application(), accept="x" * (MAX_FIELD + 1))
    assert (response.status, response.headers["x-accept"]) == (431, "None")


def test_a_problem_of_the_server_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    ask(failing(QueryTimeout("too slow", query_id="4711")), target="/sparql")
    assert caplog.messages == ["/sparql 4711 query-timeout: too slow"]


def test_a_problem_of_the_client_is_not(caplog: pytest.LogCaptureFixture) -> None:
    ask(failing(BadRequest("no")))
    assert caplog.messages == []


def test_an_unexpected_failure_is_logged_and_tells_the_client_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.ERROR)
    response = ask(failing(ZeroDivisionError("a secret")))
    assert (response.status, response.body) == (500, b"internal-error")
    assert len(caplog.records) == 1
    assert caplog.records[0].exc_info


@pytest.mark.parametrize("error", [ResultTooLarge("too much"), ZeroDivisionError()])
def test_a_response_that_fails_midway_is_left_incomplete(error: Exception) -> None:
    """The server then closes the connection, so that no part looks whole."""
    response = ask(failing(error, b"part"))
    assert (response.status, response.body) == (200, b"part")
    assert not response.complete


def test_a_disconnected_client_is_sent_nothing() -> None:
    scope = http_scope(host="x")
    assert asyncio.run(call(guarded(failing(DisconnectedError())), scope)) == []


# -- fields of all responses ------------------------------------------------------------------


def test_every_response_has_the_common_fields() -> None:
    for app in (application(200, b"x"), failing(BadRequest("no"))):
        response = ask(app)
        assert response.headers["access-control-allow-origin"] == "*"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert "access-control-allow-methods" not in response.headers


def test_a_content_policy_of_the_application_replaces_the_common_one() -> None:
    response = ask(application(200, b"x", content_security_policy="default-src 'self'"))
    assert response.headers["content-security-policy"] == "default-src 'self'"


def test_durations_of_the_application_come_before_the_total() -> None:
    response = ask(application(200, b"x", server_timing="engine;dur=1"))
    assert response.headers["server-timing"].startswith("engine;dur=1, total;dur=")
    assert ask(application(200, b"x")).headers["server-timing"].startswith("total;dur=")
    assert ask(application(304)).headers["server-timing"].startswith("total;dur=")


def test_a_stream_has_only_the_time_to_its_first_bytes() -> None:
    response = ask(application(200, b"x", b"y"))
    assert response.headers["server-timing"].startswith('first;desc="until the first bytes";dur=')


def test_options_answers_a_preflight() -> None:
    response = ask(application(204), "OPTIONS")
    assert "QUERY" in response.headers["access-control-allow-methods"]


def test_a_preflight_for_an_unknown_path_passes() -> None:
    fields = {"access-control-request-method": "GET"}
    response = ask(failing(ZeroDivisionError()), "OPTIONS", "/nothing", **fields)
    assert response.status == 204
    assert "GET" in response.headers["access-control-allow-methods"]


def test_the_server_as_a_whole_has_options() -> None:
    """RFC 9110 §9.3.7."""
    response = ask(failing(ZeroDivisionError()), "OPTIONS", "*")
    assert response.status == 204
    assert "QUERY" in response.headers["allow"]


@pytest.mark.parametrize("parts", [(b"abc",), (b"abc", b"def", b"ghi")], ids=["whole", "stream"])
def test_head_has_the_fields_of_get_and_no_content(parts: tuple[bytes, ...]) -> None:
    app = application(200, *parts, etag='"1"')
    get, head = ask(app), ask(app, "HEAD")
    assert head.body == b""
    assert head.parts == [b""]
    assert head.complete
    for response in (get, head):
        response.headers.pop("server-timing")
    assert head.headers == get.headers


def test_fields_are_completed_before_the_content_is_sent() -> None:
    async def messages() -> list[Message]:
        return await call(guarded(application(200, b"a", b"b")), http_scope(host="x"))

    start, *bodies = asyncio.run(messages())
    assert b"referrer-policy" in dict(start["headers"])
    assert [message["body"] for message in bodies] == [b"a", b"b"]


@pytest.mark.parametrize("error", [ZeroDivisionError(), BadRequest("no")], ids=["bug", "problem"])
def test_a_failure_to_show_a_problem_is_a_plain_500(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(problem: Problem, accept: str | None, path: str) -> Any:
        raise RuntimeError("the page of the problem fails too")

    with caplog.at_level(logging.CRITICAL):
        response = request(Guard(failing(error), broken, MAX_BODY), http_scope(host="x"))
    assert response.status == 500
    assert response.complete
    assert b"request id" in response.body
    assert response.headers["cache-control"] == "no-store"
