"""The parts of ASGI that all layers use: fields, content, whole responses."""

import asyncio

import pytest

from service.problems import BadRequest, BodyTooLarge, RequestTimeout
from service.server import asgi
from service.server.asgi import Message, field, is_old, read_body, replay

from .asgi_client import application, http_scope, receiver, request


def test_lines_of_one_field_are_joined() -> None:
    scope = http_scope()
    scope["headers"] = [(b"accept", b"a/b"), (b"host", b"x"), (b"accept", b"c/d")]
    assert field(scope, b"accept") == "a/b, c/d"
    assert field(scope, b"range") is None


@pytest.mark.parametrize(
    ("version", "old"), [("1.1", False), ("1.0", True), ("1", True), ("2", False)]
)
def test_an_old_client_speaks_http_1_0(version: str, old: bool) -> None:
    assert is_old(http_scope(version=version)) is old


def read(*parts: bytes, limit: int = 10, breaks_off: bool = False, **fields: str) -> bytes:
    receive = receiver(parts, breaks_off=breaks_off)
    return asyncio.run(read_body(http_scope("POST", **fields), receive, limit))


def test_content_in_parts_is_read_whole() -> None:
    assert read(b"ASK", b"", b" {}") == b"ASK {}"
    assert read(b"x" * 10) == b"x" * 10
    assert read(b"") == b""


def test_content_over_the_limit_is_refused_by_its_announced_length() -> None:
    with pytest.raises(BodyTooLarge) as refused:
        read(b"", content_length="11")
    assert refused.value.extras == {"limit_bytes": 10}


@pytest.mark.parametrize("announced", ["1", "+1", "none"])
def test_content_over_the_limit_is_refused_whatever_its_length_field_is(announced: str) -> None:
    with pytest.raises(BodyTooLarge):
        read(b"x" * 6, b"x" * 5, content_length=announced)


def test_content_that_breaks_off_is_refused() -> None:
    with pytest.raises(BadRequest):
        read(b"ASK", breaks_off=True)


def test_content_that_does_not_come_in_time_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "BODY_SECONDS", 0.01)

    async def receive() -> Message:
        await asyncio.sleep(1)
        raise AssertionError

    with pytest.raises(RequestTimeout):
        asyncio.run(read_body(http_scope("POST"), receive, 10))


def test_replayed_content_comes_before_later_messages() -> None:
    async def messages() -> list[Message]:
        receive = replay(b"ASK {}", receiver([b"next"]))
        return [await receive() for _ in range(3)]

    first, second, third = asyncio.run(messages())
    assert first == {"type": "http.request", "body": b"ASK {}", "more_body": False}
    assert second["body"] == b"next"
    assert third["type"] == "http.disconnect"


@pytest.mark.parametrize(
    ("status", "has_length"), [(200, True), (404, True), (204, False), (304, False)]
)
def test_a_whole_response_has_its_length_where_it_has_content(
    status: int, has_length: bool
) -> None:
    response = request(application(status, b"abc" if has_length else b"", X_Y="é"), http_scope())
    assert response.headers.get("content-length") == ("3" if has_length else None)
    assert response.complete
