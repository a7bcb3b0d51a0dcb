"""The Flask application in threads: limits on waiting requests, and what they reach."""

import asyncio
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from service.endpoint import DISCONNECT_KEY
from service.problems import QueueFull
from service.server import wsgi
from service.server.asgi import Message
from service.server.wsgi import QUERY_PAGE, Pages

from .asgi_client import call, http_scope, receiver, request


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Return the query string and the content of a request."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    size = int(environ.get("CONTENT_LENGTH") or 0)
    return [environ["QUERY_STRING"].encode("latin-1"), b" ", environ["wsgi.input"].read(size)]


class Gate:
    """A WSGI application whose responses wait until it opens."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.environs: list[WSGIEnvironment] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.environs.append(environ)
        if environ["PATH_INFO"] != "/about":
            assert self.open.wait(10)
        start_response("200 OK", [])
        return [b"open"]


def test_a_request_reaches_the_application() -> None:
    scope = http_scope("POST", "/?a=b", content_length="3")
    scope["cdmo.body"] = b"abc"
    assert request(Pages(echo, 1, 0), scope).body == b"a=b abc"


def test_a_target_that_is_not_ascii_is_quoted() -> None:
    """WSGI accepts only ASCII; people type other characters."""
    scope = http_scope()
    scope["query_string"] = "q=é&r=%20".encode()
    assert request(Pages(echo, 1, 0), scope).body == b"q=%C3%A9&r=%20 "


@pytest.mark.parametrize("path", ["/", QUERY_PAGE])
def test_a_request_beyond_the_queue_is_refused(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wsgi, "MAX_WAITING", 1)

    async def main() -> None:
        gate = Gate()
        pages = Pages(gate, threads=1, max_waiting_queries=1)
        requests = [asyncio.ensure_future(call(pages, http_scope(target=path))) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(QueueFull) as refused:
            await call(pages, http_scope(target=path))
        assert refused.value.extras["retry_after_seconds"]
        gate.open.set()
        await asyncio.gather(*requests)
        await call(pages, http_scope(target=path))  # the places are free again

    asyncio.run(main())


def test_pages_are_answered_while_queries_of_the_query_page_run() -> None:
    async def main() -> None:
        gate = Gate()
        pages = Pages(gate, threads=1, max_waiting_queries=1)
        query = asyncio.ensure_future(call(pages, http_scope(target=QUERY_PAGE)))
        start, *_ = await asyncio.wait_for(call(pages, http_scope(target="/about")), 5)
        assert start["status"] == 200
        gate.open.set()
        await query

    asyncio.run(main())


def test_a_disconnect_reaches_the_query_page() -> None:
    async def main() -> None:
        gate = Gate()
        disconnected = asyncio.Event()

        async def receive() -> Message:
            await disconnected.wait()
            return {"type": "http.disconnect"}

        pages = Pages(gate, threads=1, max_waiting_queries=1)
        query = asyncio.ensure_future(call(pages, http_scope(target=QUERY_PAGE), receive))
        while not gate.environs:
            await asyncio.sleep(0.001)
        disconnect = gate.environs[0]["asgi.scope"][DISCONNECT_KEY]
        assert isinstance(disconnect, Future)
        calls: list[str] = []
        disconnect.add_done_callback(lambda _: calls.append("cancelled"))
        assert calls == []
        disconnected.set()
        await asyncio.sleep(0.01)
        assert calls == ["cancelled"]
        gate.open.set()
        await query

    asyncio.run(main())


def test_the_content_of_a_request_is_passed_once() -> None:
    """Later messages of the connection are not its content."""
    scope = http_scope("POST", content_length="3")
    scope["cdmo.body"] = b"abc"
    assert request(Pages(echo, 1, 0), scope, receiver([b"other"])).body == b" abc"
