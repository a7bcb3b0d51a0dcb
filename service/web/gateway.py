"""What the server calls: the endpoint on the event loop, everything else in Flask's threads.

Answers that are kept are sent before anything else is done. A query is planned and asked on the
event loop, so that a thousand waiting queries cost no thread; pages run in a few threads.
"""

import asyncio
import io
import sys
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Flask

from service import protocol
from service.engine import AsyncEngine, Result
from service.problems import BodyTooLarge, MalformedQuery, Problem, RequestTimeout
from service.settings import Settings
from service.web import connection, errors
from service.web.sparql import (
    CORS,
    METHODS,
    PATH,
    PREFLIGHT,
    SECURITY,
    Endpoint,
    Plan,
    matches,
    refuse_method,
)

Fields = list[tuple[str, str]]
BODY_SECONDS = 30
KEPT_BODY_BYTES = 1 << 14
"""Largest request body by which an answer is kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that is kept until it is pushed out by others."""

    etag: str
    fields: Fields
    body: bytes


class Cache:
    """Complete answers, by all of the request that shapes them; the least used go first."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._size = 0
        self._kept: OrderedDict[Any, Kept] = OrderedDict()

    def get(self, key: Any) -> Kept | None:
        """Return the answer kept under a key."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: Any, kept: Kept) -> None:
        """Keep an answer, if it is small beside the whole."""
        if len(kept.body) > self._limit // 8 or key in self._kept:
            return
        self._kept[key] = kept
        self._size += len(kept.body) + 1024
        while self._size > self._limit:
            _, old = self._kept.popitem(last=False)
            self._size -= len(old.body) + 1024


class Gateway:
    """One web process: an RSGI application (the server's own interface).

    :param make: called once in the process, for what must not be shared with its parent.
    """

    def __init__(
        self, settings: Settings, app: Flask, endpoint: Endpoint, make: Callable[[], AsyncEngine]
    ) -> None:
        self._settings = settings
        self._app = app
        self._endpoint = endpoint
        self._make = make
        self._engine: AsyncEngine | None = None
        self._cache = Cache(settings.cache_bytes)
        self._threads = ThreadPoolExecutor(settings.web_threads, "page")

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        """Answer one request."""
        path = scope.path
        if path != PATH:
            await self._page(scope, proto)
            return
        method = scope.method
        get = scope.headers.get
        accept = _joined(scope.headers, "accept")
        encoding = get("accept-encoding")
        started = time.perf_counter()
        try:
            if method not in METHODS:
                raise refuse_method(method)
            body = b""
            content_type = None
            if method in {"POST", "QUERY"}:
                content_type = get("content-type")
                body = await self._body(scope, proto)
            elif method == "OPTIONS":
                fields = [("Allow", ", ".join(METHODS)), *PREFLIGHT, *CORS]
                proto.response_empty(204, fields)
                return
            verb = "GET" if method == "HEAD" else method
            key = (verb, scope.query_string, accept, encoding, content_type, body)
            kept = self._cache.get(key)
            if kept is not None:
                held = get("if-none-match")
                found = kept.fields
                self._send(proto, method, kept.etag, fields=found, body=kept.body, held=held)
                return
            query = protocol.parse(method, scope.query_string.encode("latin-1"), content_type, body)
            if query.text is None:
                await self._page(scope, proto)
                return
            plan = self._endpoint.plan(query, accept, encoding)
            if matches(get("if-none-match"), plan.etag):
                self._send(proto, method, plan.etag, held=plan.etag, fields=[*CORS], body=b"")
                return
            await self._query(scope, proto, plan, key, started)
        except Problem as problem:
            self._refuse(proto, problem, accept, path, started=started)
        except connection.GoneError:
            proto.response_empty(499, [])
        except BaseException as error:
            self._refuse(proto, errors.unexpected_problem(error), accept, path, started=started)
            if not isinstance(error, Exception):
                raise

    # -- queries --------------------------------------------------------------------------

    async def _query(self, scope: Any, proto: Any, plan: Plan, key: Any, started: float) -> None:
        if self._engine is None:
            self._engine = self._make()
        watchers: list[asyncio.Future[None]] = []

        def watch(end: Callable[[], None]) -> None:
            watchers.append(asyncio.ensure_future(_end_when_gone(proto, end)))

        try:
            result = await self._engine.run(plan.job, when_long=watch)
            try:
                await self._answer(scope, proto, plan, result, key=key, started=started)
            finally:
                result.close()
        except MalformedQuery as problem:
            raise self._endpoint.explain(plan, problem) from None
        finally:
            for watcher in watchers:
                watcher.cancel()

    async def _answer(
        self, scope: Any, proto: Any, plan: Plan, result: Result, *, key: Any, started: float
    ) -> None:
        fields = self._endpoint.fields(
            plan,
            result.query_id,
            _timing(result, started),
            compressed=result.compressed and not plan.converted,
        )
        body = result.first
        if not result.complete:
            handle = None if plan.converted else connection.find(scope.client)
            if handle is not None:
                await self._stream(scope, proto, handle, fields, result)
                return
            # It cannot be streamed, so it is collected: late, but whole or an error.
            body += b"".join([chunk async for chunk in result.rest()])
        if plan.converted:
            store = self._app.extensions["site"].library.store
            loop = asyncio.get_running_loop()
            body = await loop.run_in_executor(
                self._threads, self._endpoint.convert, plan, body, store
            )
        if plan.etag and len(key[-1]) <= KEPT_BODY_BYTES:
            same = [f for f in fields if f[0] != "Server-Timing"]
            kept = [*same, ("Server-Timing", 'cache;desc="kept"')]
            self._cache.put(key, Kept(plan.etag, kept, body))
        self._send(proto, scope.method, plan.etag, fields=fields, body=body)

    async def _stream(
        self, scope: Any, proto: Any, handle: Any, fields: Fields, result: Result
    ) -> None:
        if scope.method == "HEAD":
            handle.close()
            proto.response_empty(200, fields)
            return

        async def chunks() -> AsyncIterator[bytes]:
            yield result.first
            async for chunk in result.rest():
                yield chunk

        try:
            await connection.send(handle, fields, chunks(), chunked=scope.http_version != "1")
        except Problem as problem:
            # The client sees a broken connection; the operator sees why.
            errors.log.warning("query %s broke off: %s", result.query_id, problem.detail)
        finally:
            proto.response_empty(200, [])

    def _send(
        self,
        proto: Any,
        method: str,
        etag: str | None,
        *,
        fields: Fields,
        body: bytes,
        held: str | None = None,
    ) -> None:
        if held is not None and matches(held, etag):
            kept = [f for f in fields if f[0] not in {"Content-Type", "Content-Encoding"}]
            if not any(name == "ETag" for name, _ in kept):
                kept += [("ETag", etag or ""), ("Vary", "Accept, Accept-Encoding")]
            proto.response_empty(304, kept)
        elif method == "HEAD":
            proto.response_bytes(200, [*fields, ("Content-Length", str(len(body)))], b"")
        else:
            proto.response_bytes(200, fields, body)

    def _refuse(
        self, proto: Any, problem: Problem, accept: str | None, path: str, *, started: float
    ) -> None:
        spent = (time.perf_counter() - started) * 1000
        found = errors.represent(problem, accept, path)
        if found is None:
            with self._app.test_request_context(path):
                content_type, body = errors.page(problem)
            security = [("X-Content-Type-Options", "nosniff")]
        else:
            (content_type, body), security = found, [*SECURITY]
        fields = [
            ("Content-Type", content_type),
            ("Server-Timing", f"total;dur={spent:.2f}"),
            *errors.headers(problem),
            *CORS,
            *security,
        ]
        if "query_id" in problem.extras:
            fields.append(("X-Query-Id", problem.extras["query_id"]))
        proto.response_bytes(problem.status, fields, body)

    # -- bodies and pages -----------------------------------------------------------------

    async def _body(self, scope: Any, proto: Any) -> bytes:
        """Return the request's content.

        :raises BodyTooLarge: as soon as it is over the limit, whatever its length field says.
        :raises RequestTimeout: if it does not come.
        """
        limit = self._settings.max_query_bytes
        length = scope.headers.get("content-length") or ""
        if length.isdigit() and int(length) > limit:
            raise _too_large(limit)
        if length == "0":
            return b""
        parts: list[bytes] = []

        async def read() -> None:
            size = 0
            async for part in proto:
                size += len(part)
                if size > limit:
                    raise _too_large(limit)
                parts.append(bytes(part))

        task = asyncio.ensure_future(read())
        done, _ = await asyncio.wait({task}, timeout=BODY_SECONDS)
        if not done:
            task.cancel()
            raise RequestTimeout(f"The request's body did not arrive within {BODY_SECONDS} s.")
        task.result()
        return b"".join(parts)

    async def _page(self, scope: Any, proto: Any) -> None:
        """Let the Flask application answer, in a thread."""
        try:
            body = b""
            if scope.method not in {"GET", "HEAD", "OPTIONS"} and scope.path != PATH:
                body = await self._body(scope, proto)
        except Problem as problem:
            self._refuse(proto, problem, _joined(scope.headers, "accept"), scope.path, started=0.0)
            return
        loop = asyncio.get_running_loop()
        environ = _environ(scope, body)
        status, fields, data = await loop.run_in_executor(self._threads, self._call, environ)
        if scope.method == "HEAD" or status in {204, 304}:
            proto.response_bytes(status, fields, b"")
        else:
            fields = [f for f in fields if f[0].lower() != "content-length"]
            proto.response_bytes(status, fields, data)

    def _call(self, environ: dict[str, Any]) -> tuple[int, Fields, bytes]:
        status, fields = 500, []

        def start(line: str, found: Fields, exc_info: Any = None) -> Callable[[bytes], Any]:
            nonlocal status, fields
            status, fields = int(line.split(" ", 1)[0]), found
            return lambda _: None

        parts = self._app(environ, start)
        try:
            data = b"".join(parts)
        finally:
            close = getattr(parts, "close", None)
            if close:
                close()
        return status, fields, data


async def _end_when_gone(proto: Any, end: Callable[[], None]) -> None:
    """End a long query as soon as its client goes away."""
    await proto.client_disconnect()
    end()


def _joined(headers: Any, name: str) -> str | None:
    """Return a field's value, several lines of it as one (RFC 9110 §5.3)."""
    values = headers.get_all(name)
    return ", ".join(values) if values else None


def _timing(result: Result, started: float) -> str:
    spent = (time.perf_counter() - started) * 1000
    if result.seconds is None:
        return f"first;dur={spent:.2f}"
    return f"engine;dur={result.seconds * 1000:.2f}, total;dur={spent:.2f}"


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"A request may have {limit} bytes of content.", limit_bytes=limit)


def _environ(scope: Any, body: bytes) -> dict[str, Any]:
    """Return the WSGI environment of a request (PEP 3333)."""
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode("utf-8").decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "RAW_URI": quote(scope.path) + ("?" + scope.query_string if scope.query_string else ""),
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{'1.0' if scope.http_version == '1' else '1.1'}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(body)),
    }
    for name, value in scope.headers.items():
        key = name.upper().replace("-", "_")
        if key == "CONTENT_TYPE":
            environ[key] = value
        elif key != "CONTENT_LENGTH":
            key = "HTTP_" + key
            environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ
