"""What the server calls: the endpoint on the event loop, everything else in Flask's threads.

Answers that are kept are sent before anything else is done. A query is planned and asked on the
event loop, so that a thousand waiting queries cost no thread; pages run in a few threads.
"""

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from service import protocol
from service.engine import AsyncEngine, Job, Result
from service.engine.frames import READING
from service.grammar import Reading
from service.problems import (
    BadRequest,
    BodyTooLarge,
    FieldsTooLarge,
    Problem,
    QueueFull,
    RequestTimeout,
    UnknownResource,
)
from service.settings import Settings
from service.web import connection, refusals
from service.web.endpoint import (
    CORS,
    PATH,
    PREFLIGHT,
    SECURITY,
    Endpoint,
    Plan,
    matches,
    refuse_method,
    unchanged,
)
from service.web.wsgi import WHEN_SLOW, Fields, Pages, environ_of

BODY_SECONDS = 30
PAGES_SECONDS = 0.3
"""When the pages are made ready; a request for one does not wait for that."""
LIGHT_BYTES = 1 << 14
"""A longer request is judged in a thread, and its answer is not kept."""
MAX_FIELD = 1 << 12
"""Characters of a header field that is read here; a browser's have a few hundred."""
QUERY_PAGE = "/query"
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]+)(?::[0-9]*)?")


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that is kept until it is pushed out by others."""

    etag: str
    fields: Fields
    body: bytes


class Cache:
    """Complete answers, by all of the request that shapes them; the least used go first.

    A key is a tuple of strings and bytes; what it takes counts too.
    """

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
        self._size += self._cost(key, kept)
        while self._size > self._limit:
            self._size -= self._cost(*self._kept.popitem(last=False))

    @staticmethod
    def _cost(key: Any, kept: Kept) -> int:
        return sum(len(part) for part in key if part) + len(kept.body) + 2048


class Threads:
    """Threads for one kind of work that may take long, so that no other kind waits for it.

    :param waiting: how much of it may wait.
    """

    def __init__(self, count: int, name: str, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(count, name)
        self._places = count + waiting

    async def run(self, work: Callable[..., Any], *args: Any) -> Any:
        """Do the work in a thread.

        :raises QueueFull: if too much of it waits already.
        """
        if self._places <= 0:
            raise QueueFull("Too much of this kind is asked at once.", retry_after_seconds=2)
        self._places -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args)
        finally:
            self._places += 1


class Gateway:
    """One web process: an RSGI application (the server's own interface).

    :param make: called once in the process, for what must not be shared with its parent.
    """

    def __init__(
        self,
        settings: Settings,
        pages: Pages,
        endpoint: Endpoint,
        make: Callable[[], AsyncEngine],
    ) -> None:
        self._settings = settings
        self._pages = pages
        self._endpoint = endpoint
        self._make = make
        self._engine: AsyncEngine | None = None
        self._cache = Cache(settings.cache_bytes)
        self._threads = ThreadPoolExecutor(settings.web_threads, "page")
        self._asking = Threads(settings.web_threads, "query page", settings.max_waiting)
        self._converting = Threads(2, "convert", settings.max_waiting)
        self._judging = Threads(1, "judge", settings.max_waiting)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Have the pages made ready as soon as the first queries have had their turn."""
        loop.call_later(PAGES_SECONDS, self._threads.submit, self._pages.prepare)

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        """Answer one request."""
        accept = _joined(scope.headers, "accept")
        started = time.perf_counter()
        try:
            _check_fields(scope)
            if scope.path != PATH:
                await self._page(scope, proto, started)
            elif scope.method not in protocol.METHODS:
                raise refuse_method(scope.method)
            elif scope.method == "OPTIONS":
                fields = [("Allow", ", ".join(protocol.METHODS)), *PREFLIGHT, *CORS]
                proto.response_empty(204, fields)
            else:
                await self._sparql(scope, proto, accept, started)
        except Problem as problem:
            await self._refuse(proto, problem, accept, scope.path, started=started)
        except connection.GoneError:
            proto.response_empty(499, [])
        except BaseException as error:
            unexpected = refusals.unexpected_problem(error)
            await self._refuse(proto, unexpected, accept, scope.path, started=started)
            if not isinstance(error, Exception):
                raise

    async def _sparql(self, scope: Any, proto: Any, accept: str | None, started: float) -> None:
        method = scope.method
        encoding = _joined(scope.headers, "accept-encoding")
        content_type = coding = None
        body = b""
        if method in {"POST", "QUERY"}:
            content_type = _joined(scope.headers, "content-type")
            coding = scope.headers.get("content-encoding")
            body = await self._body(scope, proto)
        verb = "GET" if method == "HEAD" else method
        held = _held(scope)
        key = (verb, scope.query_string, accept, encoding, content_type, coding, body)
        kept = self._cache.get(key)
        if kept is not None:
            self._send(proto, method, kept.etag, fields=kept.fields, body=kept.body, held=held)
            return

        target = scope.query_string.encode()
        reading = None
        if len(target) + len(body) <= LIGHT_BYTES:
            query = protocol.parse(method, target, content_type, body, coding)
        else:
            parse = protocol.parse
            query = await self._judging.run(parse, method, target, content_type, body, coding)
            if query.text is not None:
                reading = await self._read(proto, query.text)
        if query.text is None:
            await self._page(scope, proto, started)
            return
        plan = self._endpoint.plan(query, accept, encoding, reading)
        if matches(held, plan.etag, exists=False):
            proto.response_empty(304, [*unchanged(plan.etag), _total(started), *CORS])
        else:
            await self._query(scope, proto, plan, key, started)

    # -- queries --------------------------------------------------------------------------

    async def _query(self, scope: Any, proto: Any, plan: Plan, key: Any, started: float) -> None:
        with _Watch(proto) as watch:
            result = await self._asked(plan.job, watch)
            try:
                await self._answer(scope, proto, plan, result, key=key, started=started)
            finally:
                result.close()

    async def _read(self, proto: Any, text: str) -> Reading:
        """Have a long query read where that can be ended."""
        with _Watch(proto) as watch:
            result = await self._asked(Job(text, READING), watch)
            try:
                parts = [result.first, *[chunk async for chunk in result.rest()]]
            finally:
                result.close()
        return Reading.from_bytes(b"".join(parts))

    async def _asked(self, job: Job, watch: "_Watch") -> Result:
        if self._engine is None:
            self._engine = self._make()
        return await self._engine.run(job, when_slow=watch)

    async def _answer(
        self, scope: Any, proto: Any, plan: Plan, result: Result, *, key: Any, started: float
    ) -> None:
        body, compressed = result.first, result.compressed
        if not result.complete:
            handle = None if plan.converted else connection.find(scope.client)
            if handle is not None:
                fields = self._fields(plan, result, started, compressed)
                await self._stream(scope, proto, handle, fields, result)
                return
            # It cannot be streamed, so it is collected: late, but whole or an error.
            body += b"".join([chunk async for chunk in result.rest()])
        if plan.converted:
            convert = self._endpoint.convert_whole
            body, compressed = await self._converting.run(convert, plan, body, self._pages.store)
        fields = self._fields(plan, result, started, compressed)
        if plan.etag and len(key[1]) + len(key[-1]) <= LIGHT_BYTES:
            same = [f for f in fields if f[0] != "Server-Timing"]
            kept = [*same, ("Server-Timing", 'cache;desc="kept"')]
            self._cache.put(key, Kept(plan.etag, kept, body))
        held = _held(scope)
        self._send(proto, scope.method, plan.etag, fields=fields, body=body, held=held)

    def _fields(self, plan: Plan, result: Result, started: float, compressed: bool) -> Fields:
        timing = _timing(result, started)
        return self._endpoint.fields(plan, result.query_id, timing, compressed=compressed)

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
            refusals.log.warning("query %s broke off: %s", result.query_id, problem.detail)
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
            proto.response_empty(304, kept)
        elif method == "HEAD":
            proto.response_bytes(200, [*fields, ("Content-Length", str(len(body)))], b"")
        else:
            proto.response_bytes(200, fields, body)

    async def _refuse(
        self, proto: Any, problem: Problem, accept: str | None, path: str, *, started: float
    ) -> None:
        found = refusals.represent(problem, accept, path)
        if found is None:
            loop = asyncio.get_running_loop()
            shown = loop.run_in_executor(self._threads, self._pages.of_problem, problem, path)
            fields, body = await shown
        else:
            content_type, body = found
            fields = [("Content-Type", content_type), *refusals.headers(problem), *CORS, *SECURITY]
        fields.append(_total(started))
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
        if (scope.headers.get("transfer-encoding") or "chunked").strip().lower() != "chunked":
            raise BadRequest("Of all transfer codings only 'chunked' is known here.")
        if length.isdigit() and int(length) > limit:
            raise _too_large(limit)
        if length == "0":
            return b""
        parts: list[bytes] = []

        async def read() -> None:
            size = empty = 0
            async for part in proto:
                size += len(part)
                if size > limit:
                    raise _too_large(limit)
                parts.append(bytes(part))
                empty += not part
            # The server gives one empty part at the end, and one more for what went wrong or
            # for trailers, which have to be announced (RFC 9110 §6.6.2).
            broken = empty > 1 and not scope.headers.get("trailer")
            if broken or (length.isdigit() and size != int(length)):
                raise BadRequest("The request's content broke off, or its chunks are not valid.")

        task = asyncio.ensure_future(read())
        done, _ = await asyncio.wait({task}, timeout=BODY_SECONDS)
        if not done:
            task.cancel()
            raise RequestTimeout(f"The request's body did not arrive within {BODY_SECONDS} s.")
        task.result()
        return b"".join(parts)

    async def _page(self, scope: Any, proto: Any, started: float) -> None:
        """Let the Flask application answer, in a thread.

        :raises QueueFull: if too many ask on the query page already.
        :raises UnknownResource: for an address that begins with two slashes.
        """
        if scope.path.startswith("//"):  # to Flask that is the path with one
            raise UnknownResource("There is nothing here. Check the address.")
        body = b""
        if scope.method not in {"GET", "HEAD", "OPTIONS"} and scope.path != PATH:
            body = await self._body(scope, proto)
        if scope.path == "*" and scope.method == "OPTIONS":  # the server itself, RFC 9110 §9.3.7
            proto.response_empty(204, [("Allow", "GET, HEAD, POST, QUERY, DELETE, OPTIONS"), *CORS])
            return
        environ = environ_of(scope, body)
        if scope.path == QUERY_PAGE:
            loop = asyncio.get_running_loop()
            with _Watch(proto) as watch:
                environ[WHEN_SLOW] = lambda end: loop.call_soon_threadsafe(watch, end)
                status, fields, data = await self._asking.run(self._pages.call, environ)
        else:
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._threads, self._pages.call, environ)
            status, fields, data = answer
        fields = [*fields, _total(started)]
        if scope.method == "HEAD" or status in {204, 304}:
            proto.response_bytes(status, fields, b"")
        else:
            fields = [f for f in fields if f[0].lower() != "content-length"]
            proto.response_bytes(status, fields, data)


class _Watch:
    """Ends slow queries as soon as their client goes away, for as long as it is entered.

    Called with what ends one, as the engine does with a query that turns out slow.
    """

    __slots__ = ("_proto", "_watchers")

    def __init__(self, proto: Any) -> None:
        self._proto = proto
        self._watchers: list[asyncio.Future[None]] = []

    def __call__(self, end: Callable[[], object]) -> None:
        self._watchers.append(asyncio.ensure_future(self._end_when_gone(end)))

    def __enter__(self) -> "_Watch":
        return self

    def __exit__(self, *_: object) -> None:
        for watcher in self._watchers:
            watcher.cancel()

    async def _end_when_gone(self, end: Callable[[], object]) -> None:
        await self._proto.client_disconnect()
        end()


def _check_fields(scope: Any) -> None:
    """Judge the header fields that every request has.

    :raises BadRequest: for a Host field that is missing, doubled or no host (RFC 9112 §3.2).
    :raises FieldsTooLarge: for a field that would take long to read.
    """
    hosts = scope.headers.get_all("host")
    known = len(hosts) == 1 and _HOST.fullmatch(hosts[0])
    if not known and (hosts or scope.http_version != "1"):
        raise BadRequest("A request names the host that it is for, once: Host.")
    for name in ("accept", "accept-encoding", "if-none-match"):
        value = scope.headers.get(name)
        if value and len(value) > MAX_FIELD:
            raise FieldsTooLarge(
                f"The field {name} may have {MAX_FIELD} characters.", limit_bytes=MAX_FIELD
            )


def _held(scope: Any) -> str | None:
    """Return the entity tags that a client holds; a POST's answer is never held."""
    return None if scope.method == "POST" else _joined(scope.headers, "if-none-match")


def _total(started: float) -> tuple[str, str]:
    spent = (time.perf_counter() - started) * 1000
    return "Server-Timing", f"total;dur={spent:.2f}"


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
