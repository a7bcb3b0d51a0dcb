"""``/sparql`` with a query, over an endpoint with scripted results."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest

from service import formats
from service.cards import LINKS
from service.endpoint import CACHED, Endpoint, Plan
from service.engine.pool import Formats
from service.engine.result import Quota, Result, Spool
from service.problems import Problem, QueryTimeout, ResultTooLarge
from service.server import sparql
from service.server.asgi import DisconnectedError, Message
from service.server.sparql import Queries
from service.sparql.protocol import Query

from .asgi_client import Response, application, call, http_scope, request

TARGET = "/sparql?query=ASK%7B%7D"
QUERY_ID = "0123456789abcdef"
PAGE = application(200, b"a page")


class FakeEndpoint:
    """An endpoint with a scripted result.

    :param write: writes the result when the query runs, in the event loop.
    """

    def __init__(self, write: Callable[[Result], None], etag: str | None = 'W/"1"') -> None:
        self.pool = SimpleNamespace(cancel=lambda query_id: query_id == QUERY_ID)
        self.results: list[Result] = []
        self.closed = 0
        self._write = write
        self._etag = etag

    def plan(self, query: Query, accept: str | None) -> Plan:
        return Plan(query, Formats(formats.JSON, formats.TURTLE), self._etag)

    async def answer(self, plan: Plan, max_bytes: int | None = None, client: str = "") -> Result:
        self.max_bytes = max_bytes
        result = Result(QUERY_ID, Spool(Quota(0)), close=self._close)
        result.format = formats.JSON
        self._write(result)
        self.results.append(result)
        return result

    def _close(self) -> None:
        self.closed += 1


def whole(result: Result) -> None:
    result.add(b"true")
    result.finish(0.5)


def stream(result: Result) -> None:
    """Write a part now and the rest later."""
    loop = asyncio.get_running_loop()
    result.add(b"one ")
    loop.call_soon(result.add, b"two")
    loop.call_soon(result.finish, 0.5)


def failing_stream(result: Result) -> None:
    result.add(b"one ")
    asyncio.get_running_loop().call_soon(result.fail, ResultTooLarge("too much"))


def queries(endpoint: FakeEndpoint) -> Queries:
    return Queries(cast(Endpoint, endpoint), PAGE)


def ask(
    endpoint: FakeEndpoint,
    target: str = TARGET,
    method: str = "GET",
    version: str = "1.1",
    **fields: str,
) -> Response:
    return request(queries(endpoint), http_scope(method, target, version, **fields))


# -- results ----------------------------------------------------------------------------------


def test_a_complete_result_is_sent_whole() -> None:
    endpoint = FakeEndpoint(whole)
    response = ask(endpoint)
    assert response.body == b"true"
    assert response.headers == {
        "content-type": "application/sparql-results+json",
        "x-query-id": QUERY_ID,
        "vary": "Accept",
        "link": LINKS,
        "etag": 'W/"1"',
        "cache-control": CACHED,
        "server-timing": "engine;dur=500.00",
        "content-length": "4",
    }
    assert endpoint.closed == 1


def test_an_incomplete_result_is_sent_as_it_comes() -> None:
    response = ask(FakeEndpoint(stream))
    assert response.parts == [b"one ", b"two", b""]
    assert response.complete
    assert "content-length" not in response.headers


def test_an_http_1_0_client_gets_every_result_whole() -> None:
    response = ask(FakeEndpoint(stream), version="1.0")
    assert response.parts == [b"one two"]
    assert response.headers["content-length"] == "7"


def test_a_result_that_fails_midway_is_left_incomplete() -> None:
    endpoint = FakeEndpoint(failing_stream)
    messages: list[Message] = []

    async def main() -> None:
        async def send(message: Message) -> None:
            messages.append(message)

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        await queries(endpoint)(http_scope(target=TARGET), receive, send)

    with pytest.raises(ResultTooLarge) as failed:
        asyncio.run(main())
    assert failed.value.extras["query_id"] == QUERY_ID
    assert [m.get("more_body") for m in messages] == [None, True]
    assert endpoint.closed == 1


def test_an_http_1_0_client_gets_a_problem_instead() -> None:
    """Without chunks a part would look whole, so nothing is sent before the end."""
    scope = http_scope(target=TARGET, version="1.0")
    with pytest.raises(ResultTooLarge):
        request(queries(FakeEndpoint(failing_stream)), scope)


def test_head_of_an_incomplete_result_sends_no_content() -> None:
    endpoint = FakeEndpoint(lambda result: result.add(b"one "))
    assert ask(endpoint, method="HEAD").body == b""
    assert endpoint.closed == 1


# -- conditional requests ---------------------------------------------------------------------


@pytest.mark.parametrize("if_none_match", ['W/"1"', '"1"', '"0", "1"'])
def test_a_client_that_has_the_result_gets_304_and_no_query_runs(if_none_match: str) -> None:
    endpoint = FakeEndpoint(whole)
    response = ask(endpoint, if_none_match=if_none_match)
    assert (response.status, response.body) == (304, b"")
    assert response.headers["etag"] == 'W/"1"'
    assert endpoint.results == []


def test_a_star_in_if_none_match_needs_the_query_to_run() -> None:
    endpoint = FakeEndpoint(whole)
    assert ask(endpoint, if_none_match="*").status == 304
    assert len(endpoint.results) == 1


@pytest.mark.parametrize("if_none_match", ['W/"2"', '"11"'])
def test_a_client_with_another_result_gets_this_one(if_none_match: str) -> None:
    assert ask(FakeEndpoint(whole), if_none_match=if_none_match).status == 200


def test_a_result_that_may_change_has_no_conditions() -> None:
    response = ask(FakeEndpoint(whole, etag=None), if_none_match="*")
    assert (response.status, response.headers["cache-control"]) == (200, "no-store")


# -- clients that leave or stall --------------------------------------------------------------


def test_a_client_that_disconnects_during_a_slow_query_cancels_it() -> None:
    async def main() -> None:
        endpoint = FakeEndpoint(lambda result: None)
        disconnected = asyncio.Event()
        messages: list[Message] = []

        async def receive() -> Message:
            await disconnected.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            messages.append(message)

        task = asyncio.ensure_future(
            queries(endpoint)(http_scope(target=TARGET, version="1.0"), receive, send)
        )
        await asyncio.sleep(2 * sparql.WATCH_SECONDS)
        assert not task.done()
        disconnected.set()
        with pytest.raises(DisconnectedError):
            await task
        assert endpoint.closed == 1
        assert messages == []

    asyncio.run(main())


def test_a_client_that_reads_nothing_is_given_up_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sparql, "STALL_SECONDS", 0.01)

    async def main() -> None:
        endpoint = FakeEndpoint(lambda result: result.add(b"part"))

        async def receive() -> Message:
            await asyncio.sleep(10)
            raise AssertionError

        async def send(message: Message) -> None:
            if message["type"] == "http.response.body":
                await asyncio.sleep(10)

        with pytest.raises(DisconnectedError):
            await queries(endpoint)(http_scope(target=TARGET), receive, send)
        assert endpoint.closed == 1

    asyncio.run(main())


# -- other requests ---------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["/sparql", "/sparql?x=y", "/about", "/queries"])
def test_a_request_without_a_query_goes_to_the_pages(target: str) -> None:
    assert ask(FakeEndpoint(whole), target).body == b"a page"


def test_options_names_the_methods() -> None:
    response = ask(FakeEndpoint(whole), method="OPTIONS")
    assert (response.status, response.headers["allow"]) == (204, "GET, HEAD, POST, QUERY, OPTIONS")


@pytest.mark.parametrize(
    ("method", "target", "slug"),
    [
        ("PUT", "/sparql", "method-not-allowed"),
        ("GET", f"/queries/{QUERY_ID}", "method-not-allowed"),
        ("DELETE", "/queries/fedcba9876543210", "unknown-resource"),
        ("DELETE", "/queries/x", "unknown-resource"),
    ],
)
def test_other_methods_and_unknown_queries_are_refused(method: str, target: str, slug: str) -> None:
    with pytest.raises(Problem) as refused:
        ask(FakeEndpoint(whole), target, method)
    assert refused.value.slug == slug


def test_a_query_is_cancelled_by_its_id() -> None:
    assert ask(FakeEndpoint(whole), f"/queries/{QUERY_ID}", "DELETE").status == 204
    response = ask(FakeEndpoint(whole), f"/queries/{QUERY_ID}", "OPTIONS")
    assert response.headers["allow"] == "DELETE, OPTIONS"


def test_a_query_that_fails_before_its_result_begins_raises_its_problem() -> None:
    def fail(result: Result) -> None:
        result.close()
        raise QueryTimeout("too slow")

    with pytest.raises(QueryTimeout):
        asyncio.run(call(queries(FakeEndpoint(fail)), http_scope(target=TARGET)))
