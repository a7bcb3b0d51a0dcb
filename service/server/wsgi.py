"""Run the Flask application in threads, behind the ASGI application."""

import asyncio
from concurrent.futures import Future
from typing import Any, cast
from urllib.parse import quote_from_bytes
from wsgiref.types import WSGIApplication

from a2wsgi import WSGIMiddleware

from service.endpoint import DISCONNECT_KEY
from service.problems import QueueFull
from service.server.asgi import App, Message, Receive, Scope, Send, replay

QUERY_PAGE = "/query"
_QUERY_CHARACTERS = bytes(range(0x21, 0x7F)).decode()
MAX_WAITING = 1000
"""The most pages that wait for a thread; a page takes some milliseconds."""


class Pages:
    """ASGI application: the Flask application in a few threads.

    The query page has its own threads: it waits for queries, and must not delay other pages.
    """

    def __init__(self, flask_app: WSGIApplication, threads: int, max_waiting_queries: int) -> None:
        self._pages = _Limited(flask_app, threads, MAX_WAITING)
        self._query_page = _Limited(flask_app, threads, max_waiting_queries)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request.

        :raises QueueFull: if too many requests are waiting.
        """
        # People type query strings that are not ASCII; WSGI accepts only ASCII.
        target = quote_from_bytes(scope["query_string"], safe=_QUERY_CHARACTERS)
        scope["query_string"] = target.encode()
        received = replay(scope.get("cdmo.body", b""), _nothing)
        if scope["path"] != QUERY_PAGE:
            await self._pages(scope, received, send)
            return
        disconnect: Future[None] = Future()
        scope[DISCONNECT_KEY] = disconnect
        watcher = asyncio.create_task(_watch(receive, disconnect))
        try:
            await self._query_page(scope, received, send)
        finally:
            watcher.cancel()


class _Limited:
    """A WSGI application with a limit on the requests that wait for a thread."""

    def __init__(self, flask_app: WSGIApplication, threads: int, max_waiting: int) -> None:
        self._app = cast(App, WSGIMiddleware(cast(Any, flask_app), workers=threads))
        self._places = threads + max_waiting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._places <= 0:
            raise QueueFull("Too many pages are asked for at once.", retry_after_seconds=2)
        self._places -= 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._places += 1


async def _watch(receive: Receive, disconnect: Future[None]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    disconnect.set_result(None)


async def _nothing() -> Message:
    await asyncio.get_running_loop().create_future()
    raise AssertionError("it never ends")
