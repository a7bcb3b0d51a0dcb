"""SPARQL 1.1 Protocol: the parts of a request become a query, or a problem."""

from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.problems import BadRequest, Problem, UnsupportedMediaType, UpdateRefused
from service.sparql.protocol import FORM, QUERY, UPDATE, WHOLE_GRAPH, Query, parse


def test_get_carries_the_query_in_the_request_target() -> None:
    assert parse("GET", b"query=ASK+%7B%7D", None, b"") == Query("ASK {}")


def test_a_query_is_decoded_once() -> None:
    assert parse("GET", b"query=%2541%2B", None, b"").text == "%41+"


PIECES = [*"%=\n\r20Dafx \t_é", "%20", "%0A", "%3d", "%%", "=\r\n", "%C3%A9", "%7"]


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_a_percent_sign_without_an_escape_stays(text: str) -> None:
    expected = unquote_to_bytes(text).decode("utf-8", "replace")
    if "\ufffd" in expected or "\0" in expected:
        return
    assert parse("GET", f"query={text}".encode(), None, b"").text == expected


def test_a_request_may_have_no_query() -> None:
    assert parse("GET", b"", None, b"").text is None


def test_a_form_has_a_query_and_a_dataset() -> None:
    body = b"query=ASK%7B%7D&default-graph-uri=http://e/a&default-graph-uri=http://e/b"
    query = parse("POST", b"named-graph-uri=http://e/c", f"{FORM};charset=UTF-8", body)
    assert query == Query("ASK{}", ("http://e/a", "http://e/b"), ("http://e/c",))


def test_an_empty_graph_name_is_ignored() -> None:
    """Forms send empty fields, and people copy the links."""
    query = parse("GET", b"default-graph-uri=&named-graph-uri=&query=ASK%7B%7D", None, b"")
    assert query == Query("ASK{}")


def test_a_body_may_be_a_query() -> None:
    query = parse("QUERY", b"timeout=2.5&format=csv", QUERY, "ASK { ?é ?p ?o }".encode())
    assert query == Query("ASK { ?é ?p ?o }", timeout_seconds=2.5, formats=("csv",))


@pytest.mark.parametrize(
    ("target", "graph", "default_graphs"),
    [
        (b"graph=http://e/a", "http://e/a", ("http://e/a",)),
        (b"default", "", ()),
        (b"default=", "", ()),
    ],
)
def test_a_graph_may_be_requested_whole(
    target: bytes, graph: str, default_graphs: tuple[str, ...]
) -> None:
    """Graph Store HTTP Protocol §4.2, §5.2."""
    for method in ("GET", "HEAD"):
        query = parse(method, target, None, b"")
        assert query == Query(WHOLE_GRAPH, default_graphs, graph=graph)


@pytest.mark.parametrize(
    ("method", "target", "content_type", "body", "problem"),
    [
        ("GET", b"graph=a", None, b"", BadRequest),
        ("GET", b"graph=", None, b"", BadRequest),
        ("GET", b"graph=http://e/a&graph=http://e/b", None, b"", BadRequest),
        ("GET", b"graph=http://e/a&default", None, b"", BadRequest),
        ("GET", b"graph=http://e/a&query=ASK%7B%7D", None, b"", BadRequest),
        ("GET", b"default&default-graph-uri=http://e/a", None, b"", BadRequest),
        ("POST", b"graph=http://e/a", "text/turtle", b"", UpdateRefused),
        ("POST", b"default", QUERY, b"ASK {}", UpdateRefused),
        ("GET", b"query=a&query=b", None, b"", BadRequest),
        ("POST", b"query=a", QUERY, b"b", BadRequest),
        ("POST", b"query=a", FORM, b"query=b", BadRequest),
        ("POST", b"", FORM, b"", BadRequest),
        ("POST", b"", None, b"ASK {}", UnsupportedMediaType),
        ("POST", b"", "text/plain", b"ASK {}", UnsupportedMediaType),
        ("POST", b"", f"{QUERY}; charset=utf-16", b"", UnsupportedMediaType),
        ("POST", b"", QUERY, b"\xff", BadRequest),
        ("GET", b"query=%ff", None, b"", BadRequest),
        ("GET", b"query=ASK%00", None, b"", BadRequest),
        ("GET", b"query=a&timeout=0", None, b"", BadRequest),
        ("GET", b"query=a&timeout=nan", None, b"", BadRequest),
        ("GET", b"query=a&timeout=1_0", None, b"", BadRequest),
        ("GET", "query=a&timeout=٣".encode(), None, b"", BadRequest),
        ("GET", b"query=a&timeout=.", None, b"", BadRequest),
        ("GET", b"query=a&named-graph-uri=x", None, b"", BadRequest),
        ("GET", b"named-graph-uri=http://e/", None, b"", BadRequest),
        ("GET", b"update=DROP+ALL", None, b"", UpdateRefused),
        ("POST", b"", UPDATE, b"DROP ALL", UpdateRefused),
    ],
)
def test_an_invalid_request_is_refused(
    method: str, target: bytes, content_type: str | None, body: bytes, problem: type[Problem]
) -> None:
    with pytest.raises(problem):
        parse(method, target, content_type, body)


def test_compressed_content_is_refused() -> None:
    assert parse("POST", b"", QUERY, b"ASK {}", "identity") == Query("ASK {}")
    with pytest.raises(UnsupportedMediaType):
        parse("POST", b"", QUERY, b"ASK {}", "gzip")
