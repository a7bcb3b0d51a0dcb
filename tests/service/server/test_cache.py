"""Kept answers: which responses are kept, for which requests, and within which bounds."""

import pytest

from service.server.asgi import App, Receive, Scope, Send
from service.server.cache import KeptAnswers, matches

from .asgi_client import Response, application, failing, http_scope, request

LIMIT = 100_000
BODY = b"a response"


class Layer:
    """The cache layer before an application.

    :ivar calls: the number of calls of the application.
    """

    def __init__(self, app: App, limit_bytes: int = LIMIT) -> None:
        self.calls = 0
        self._app = app
        self._layer = KeptAnswers(self._count, limit_bytes)

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.calls += 1
        await self._app(scope, receive, send)

    def ask(self, method: str = "GET", target: str = "/", **fields: str) -> Response:
        return request(self._layer, http_scope(method, target, **fields))

    def post(self, body: bytes) -> Response:
        scope = http_scope("POST")
        scope["cdmo.body"] = body
        return request(self._layer, scope)


def layer(*parts: bytes, **fields: str) -> Layer:
    """Return the layer before an application with one response, which may be kept."""
    fields = {"etag": '"1"', "content_type": "text/plain"} | fields
    return Layer(application(200, *(parts or (BODY,)), **fields))


# -- which responses are kept -----------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST", "QUERY"])
def test_a_response_with_a_validator_is_sent_again(method: str) -> None:
    answers = layer()
    first, second = answers.ask(method), answers.ask(method)
    assert answers.calls == 1
    assert first == second
    assert second.body == BODY
    assert second.complete


def test_a_streamed_response_is_kept_whole() -> None:
    answers = layer(b"one ", b"two ", b"three")
    first, second = answers.ask(), answers.ask()
    assert answers.calls == 1
    assert len(first.parts) == 3
    assert second.parts == [b"one two three"]


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        (200, {"etag": ""}),
        (200, {"cache_control": "no-store"}),
        (200, {"cache_control": "private, no-store"}),
        (206, {}),
        (303, {}),
        (404, {}),
        (503, {}),
    ],
)
def test_other_responses_are_not_kept(status: int, fields: dict[str, str]) -> None:
    answers = Layer(application(status, BODY, **({"etag": '"1"'} | fields)))
    assert answers.ask() == answers.ask()
    assert answers.calls == 2


@pytest.mark.parametrize("method", ["OPTIONS", "DELETE", "PUT", "PATCH"])
def test_other_methods_are_not_kept(method: str) -> None:
    answers = layer()
    answers.ask(method)
    answers.ask(method)
    assert answers.calls == 2


def test_a_response_that_breaks_off_is_not_kept() -> None:
    answers = Layer(failing(ZeroDivisionError(), b"one", etag='"1"'))
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            answers.ask()
    assert answers.calls == 2


def test_fields_of_a_single_answer_are_not_kept() -> None:
    answers = layer(x_query_id="1", server_timing="engine;dur=1", vary="Accept")
    first, second = answers.ask(), answers.ask()
    assert first.headers.keys() - second.headers.keys() == {"x-query-id", "server-timing"}
    assert second.headers["vary"] == "Accept"


# -- for which requests -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        {"target": "/b"},
        {"target": "/?x"},
        {"method": "POST"},
        {"method": "QUERY"},
        {"accept": "text/csv"},
        {"accept_encoding": "gzip"},
        {"content_type": "text/csv"},
        {"content_encoding": "gzip"},
        {"host": "y"},
        {"range": "bytes=0-1"},
    ],
    ids=str,
)
def test_a_request_that_differs_in_a_relevant_part_is_answered_anew(
    other: dict[str, str],
) -> None:
    answers = layer()
    answers.ask()
    answers.ask(**other)
    assert answers.calls == 2


def test_requests_with_other_content_are_answered_anew() -> None:
    answers = layer()
    for body in (b"ASK {}", b"ASK { }", b"ASK {}"):
        answers.post(body)
    assert answers.calls == 2


def test_the_value_of_one_field_is_not_taken_for_another() -> None:
    answers = layer()
    answers.ask(accept="x", host="y")
    answers.ask(accept="y", host="x")
    answers.ask(accept_encoding="x", host="y")
    assert answers.calls == 3


@pytest.mark.parametrize(
    "fields", [{"user_agent": "x"}, {"origin": "https://e.org"}, {"cookie": "a=b"}], ids=str
)
def test_other_fields_make_no_difference(fields: dict[str, str]) -> None:
    answers = layer()
    answers.ask()
    answers.ask(**fields)
    assert answers.calls == 1


def test_head_is_answered_by_a_kept_get_but_not_the_reverse() -> None:
    answers = layer()
    answers.ask("HEAD")
    answers.ask("GET")
    assert answers.calls == 2
    head = answers.ask("HEAD")
    assert answers.calls == 2
    assert head.headers["content-length"] == str(len(BODY))


# -- conditional requests ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("if_none_match", "etag", "is_match"),
    [
        ('"1"', '"1"', True),
        ('W/"1"', '"1"', True),
        ('"1"', 'W/"1"', True),
        ('"0", "1"', '"1"', True),
        ("*", '"1"', True),
        (" * ", '"1"', True),
        ('"2"', '"1"', False),
        ('"11"', '"1"', False),
        ("1", '"1"', False),
        ("", '"1"', False),
    ],
)
def test_entity_tags_are_compared_weakly(if_none_match: str, etag: str, is_match: bool) -> None:
    """RFC 9110 §13.1.2."""
    assert matches(if_none_match, etag) is is_match


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_client_that_has_the_response_gets_304_without_content(method: str) -> None:
    answers = layer(vary="Accept", cache_control="public, no-cache", content_encoding="gzip")
    answers.ask()
    response = answers.ask(method, if_none_match='W/"1"')
    assert (response.status, response.body, response.complete) == (304, b"", True)
    assert response.headers == {
        "etag": '"1"',
        "vary": "Accept",
        "cache-control": "public, no-cache",
    }


def test_a_client_with_another_response_gets_this_one() -> None:
    answers = layer()
    answers.ask()
    assert answers.ask(if_none_match='"2"').status == 200


def test_post_has_no_conditions() -> None:
    answers = layer()
    answers.ask("POST")
    assert answers.ask("POST", if_none_match="*").status == 200
    assert answers.calls == 1


# -- how much ---------------------------------------------------------------------------------


def test_the_least_recently_used_response_goes_first() -> None:
    answers = layer(b"x" * 10_000)  # an entry costs more than its body: eight fit
    for name in "abcdefgh":
        answers.ask(target=f"/{name}")
    answers.ask(target="/a")
    assert answers.calls == 8
    answers.ask(target="/i")
    for name in "acdefghi":
        answers.ask(target=f"/{name}")
    assert answers.calls == 9
    answers.ask(target="/b")
    assert answers.calls == 10


@pytest.mark.parametrize("size", [12_000, 50_000])
def test_a_response_over_an_eighth_of_the_cache_is_not_kept(size: int) -> None:
    answers = layer(b"x" * size)
    answers.ask()
    answers.ask()
    assert answers.calls == 2


def test_a_long_request_counts_as_its_response_does() -> None:
    answers = layer()
    for _ in range(2):
        answers.post(b"x" * 12_000)
    assert answers.calls == 2


def test_without_room_nothing_is_kept() -> None:
    answers = Layer(application(200, BODY, etag='"1"'), limit_bytes=0)
    assert answers.ask() == answers.ask()
    assert answers.calls == 2
