"""The endpoint over HTTP: ``/sparql`` with a query, and ``/queries/<id>``."""

import asyncio
import re
from collections.abc import Callable
from urllib.parse import urlencode

from service import formats
from service.endpoint import CACHED, PATH, Endpoint
from service.engine.result import Result
from service.problems import MethodNotAllowed, NotAcceptable, Problem, UnknownResource
from service.server.asgi import (
    App,
    DisconnectedError,
    Receive,
    Scope,
    Send,
    client_of,
    encode,
    field,
    is_old,
    respond,
)
from service.server.cache import matches
from service.sparql import protocol
from service.sparql.policy import MAX_NAMED
from service.sparql.protocol import Query

OLD_CLIENT_BYTES = 16 << 20
"""Largest result for an HTTP/1.0 client."""
STALL_SECONDS = 60
"""A client that reads nothing for this time counts as gone."""
WATCH_SECONDS = 0.05
"""The delay before a query's client is watched; quick queries are answered by then."""
_CANCEL = re.compile(r"/queries/([^/]*)")
_QUERY_ID = re.compile(r"[0-9a-f]{16}")


class Queries:
    """ASGI application: answer queries, and pass everything else on.

    :param pages: the application for requests without a query and for all other paths.
    :param cancel: ends the query with an id, and tells whether there was one; by default the
        pool's ``cancel``.
    """

    def __init__(
        self, endpoint: Endpoint, pages: App, cancel: Callable[[str], bool] | None = None
    ) -> None:
        self._endpoint = endpoint
        self._pages = pages
        self._end = cancel or endpoint.pool.cancel

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["path"] == PATH:
            await self._sparql(scope, receive, send)
        elif cancelled := _CANCEL.fullmatch(scope["path"]):
            await self._cancel(scope["method"], cancelled[1], send)
        else:
            await self._pages(scope, receive, send)

    async def _sparql(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        _check_method(method, protocol.METHODS)
        if method == "OPTIONS":
            await respond(send, 204, [("allow", ", ".join(protocol.METHODS))])
            return
        query = protocol.parse(
            method,
            scope["query_string"],
            field(scope, b"content-type"),
            scope.get("cdmo.body", b""),
            field(scope, b"content-encoding"),
        )
        if query.text is None:
            await self._pages(scope, receive, send)
            return
        if query.graph and query.graph not in self._endpoint.release.manifest.all_graphs:
            raise UnknownResource(
                f"There is no graph <{query.graph[:200]}> here, and none is ever fetched.",
                graph=query.graph,
                graphs=sorted(self._endpoint.release.manifest.all_graphs)[:MAX_NAMED],
            )
        try:
            plan = self._endpoint.plan(query, field(scope, b"accept"))
        except NotAcceptable:
            if not _wants_a_page(scope, query):
                raise
            fields = [("location", _page(query)), ("vary", "Accept"), ("cache-control", CACHED)]
            await respond(send, 303, fields)
            return
        if_none_match = field(scope, b"if-none-match") if plan.etag and method != "POST" else None
        tags = (if_none_match or "").strip()
        # "*" matches any result, and only running the query shows whether it has one.
        if tags not in {"", "*"} and matches(tags, plan.etag or ""):
            await respond(send, 304, plan.validators())
            return
        async with _Watch(receive):
            # HTTP/1.0 gets a result only when it is whole: a part would look complete.
            most = OLD_CLIENT_BYTES if is_old(scope) else None
            result = await self._endpoint.answer(plan, most, client_of(scope))
            try:
                if tags == "*":
                    await respond(send, 304, plan.validators())
                else:
                    await _send_result(scope, send, plan.headers(result), result)
            except Problem as problem:
                problem.extras.setdefault("query_id", result.query_id)
                raise
            finally:
                result.close()

    async def _cancel(self, method: str, query_id: str, send: Send) -> None:
        _check_method(method, ("DELETE", "OPTIONS"))
        if method == "OPTIONS":
            await respond(send, 204, [("allow", "DELETE, OPTIONS")])
            return
        if not _QUERY_ID.fullmatch(query_id) or not self._end(query_id):
            raise UnknownResource("No query with this id is running; perhaps it is done.")
        await respond(send, 204, [("cache-control", "no-store")])


def _check_method(method: str, allowed: tuple[str, ...]) -> None:
    if method not in allowed:
        raise MethodNotAllowed(
            f"Here you may use {', '.join(allowed)}, not {method[:20]}.", allow=list(allowed)
        )


def _wants_a_page(scope: Scope, query: Query) -> bool:
    """Tell whether a query whose client accepts no result format may be led to a page."""
    is_plain = query == Query(query.text, timeout_seconds=query.timeout_seconds)
    takes_pages = formats.negotiate(field(scope, b"accept"), (formats.HTML,)) is not None
    return scope["method"] in {"GET", "HEAD"} and is_plain and takes_pages


def _page(query: Query) -> str:
    """Return the address of the query page that shows a query and its result."""
    return f"/query?{urlencode({'query': query.text or ''})}"


async def _send_result(
    scope: Scope, send: Send, headers: list[tuple[str, str]], result: Result
) -> None:
    """Send a result whole if it is complete already, else in parts as they arrive."""
    if result.seconds is not None:
        headers.append(("Server-Timing", f"engine;dur={result.seconds * 1000:.2f}"))
    if result.complete or is_old(scope):
        await respond(send, 200, headers, await result.whole())
        return
    await send({"type": "http.response.start", "status": 200, "headers": encode(headers)})
    if scope["method"] != "HEAD":
        async for chunk in result.chunks():
            try:
                async with asyncio.timeout(STALL_SECONDS):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            except TimeoutError:
                raise DisconnectedError from None
    await send({"type": "http.response.body", "body": b""})


class _Watch:
    """Cancels the current task when the client disconnects, after :data:`WATCH_SECONDS`."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._task = asyncio.current_task()
        self._watcher: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(WATCH_SECONDS, self._start)
        self._disconnected = False

    def _start(self) -> None:
        self._watcher = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._disconnected = True
        if self._task:
            self._task.cancel()

    async def __aenter__(self) -> None:
        """Watch until the block ends."""

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._timer.cancel()
        if self._watcher:
            self._watcher.cancel()
        if self._disconnected and kind is asyncio.CancelledError:
            raise DisconnectedError
