"""Any value of any header field gets an answer: no dropped connection, no 500."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from service.release import Release

from .server import Server, connected, read_all, running

GETS = (
    "/", "/sparql", "/sparql?query=ASK%7B%7D", "/sparql?default", "/doc/id/CDMO_0000001",
    "/doc/id/CDMO_0000001.ttl", "/id/CDMO_0000001", "/.well-known/void", "/static/site.css",
    "/statements/", "/query", "/nowhere", "/doc/id/nothing", "/queries/0",
)  # fmt: skip
FIELDS = (
    "Accept", "Accept-Encoding", "Accept-Language", "If-None-Match", "If-Match", "If-Range",
    "If-Modified-Since", "If-Unmodified-Since", "Range", "X-Forwarded-Proto", "X-Forwarded-For",
    "X-Forwarded-Host", "Forwarded", "Origin", "Access-Control-Request-Method",
    "Access-Control-Request-Headers", "Cookie", "Authorization", "User-Agent", "Referer",
    "Cache-Control", "Content-Type", "Content-Encoding", "Prefer", "TE", "Host",
)  # fmt: skip
PIECES = (
    ";", ",", "=", "/", "*", "*/*", '"', '\\"', "q", "q=", "q=1", ";q=0", ";q=nan", "W/", '"x"',
    "bytes=", "0-", "-0", "0-0", "9" * 30, "text/html", "text/turtle", "application/", "gzip", "br",
    "identity", "utf-8", "charset=", "Basic ", "Basic OjpY", "Digest ", "for=", "[::", "http",
    "-", ":", "@", "%", "%00", "é", "\xa0", "\x85", "\xff", " ", "\t", "{", "https",
    "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 99 Foo 0000 99:99:99", "٣".encode().decode("latin-1"),
)  # fmt: skip
"""The parts of random field values."""

values = st.lists(
    st.sampled_from(PIECES) | st.characters(max_codepoint=255, exclude_categories=["Cc"]),
    max_size=8,
).map("".join)
fields = st.lists(st.tuples(st.sampled_from(FIELDS), values), min_size=1, max_size=3)


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    with running(small_release.path) as server:
        yield server


def ask(server: Server, method: str, target: str, fields: list[tuple[str, str]]) -> int:
    """Send a request unchanged; return the status of the response, 0 if there is none."""
    lines = [f"{method} {target} HTTP/1.1", "Connection: close"]
    if "Host" not in dict(fields):
        lines.append("Host: localhost")
    lines += [f"{name}: {value}" for name, value in fields]
    body = ""
    if method == "POST":
        body = "query=ASK%7B%7D"
        lines.append(f"Content-Length: {len(body)}")
    with connected(server.port, 30) as client:
        client.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode("latin-1"))
        head = read_all(client).partition(b"\r\n")[0].split(b" ")
    return int(head[1]) if len(head) > 1 else 0


@given(target=st.sampled_from(GETS), fields=fields)
@example(target="/sparql?query=ASK%7B%7D", fields=[("Accept", ";")])
@example(target="/doc/id/CDMO_0000001", fields=[("Accept", "text/html,;")])
@example(target="/nowhere", fields=[("Accept", ",")])
@example(target="/", fields=[("Authorization", "Basic é")])
@example(target="/static/site.css", fields=[("Range", "bytes=0-1,5-6")])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_request_with_any_field_gets_an_answer(
    server: Server, target: str, fields: list[tuple[str, str]]
) -> None:
    assert 200 <= ask(server, "GET", target, fields) < 500


@given(fields=fields)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_form_with_any_field_gets_an_answer(
    server: Server, fields: list[tuple[str, str]]
) -> None:
    assert 200 <= ask(server, "POST", "/sparql", fields) < 500


@given(fields=fields)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_preflight_with_any_field_gets_an_answer(
    server: Server, fields: list[tuple[str, str]]
) -> None:
    assert 200 <= ask(server, "OPTIONS", "/sparql", fields) < 500
