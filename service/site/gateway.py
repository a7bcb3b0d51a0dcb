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

from service.engine import AsyncEngine, Job, Result
from service.engine.frames import READING
from service.problems import BadRequest, FieldsTooLarge, Problem, QueueFull, UnknownResource
from service.settings import Settings
from service.site import refusals
from service.site.endpoint import (
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
from service.site.exchange import Exchange, Fields, GoneError
from service.site.wsgi import WHEN_SLOW, Pages, environ_of
from service.sparql import protocol
from service.sparql.tokens import Reading

MAX_PAGES = 1000
"""How many pages may wait for a thread; one takes some milliseconds."""
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

    @property
    def has_room(self) -> bool:
        """Whether more of it may wait."""
        return self._places > 0

    def begin(self, work: Callable[[], Any]) -> None:
        """Have the work done, and do not wait for it."""
        self._pool.submit(work)

    async def run(self, work: Callable[..., Any], *args: Any) -> Any:
        """Do the work in a thread.

        :raises QueueFull: if too much of it waits already.
        """
        if not self.has_room:
            raise QueueFull("Too much of this kind is asked at once.", retry_after_seconds=2)
        self._places -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args)
        finally:
            self._places += 1


class Gateway:
    """One web process: answers what :class:`service.site.http1.Server` reads.

    :param make: called once in the process, for what must not be shared with its parent.
    """

    def __init__(
        self,
        settings: Settings,
        pages: Pages,
        endpoint: Endpoint,
        make: Callable[[], AsyncEngine],
    ) -> None:
        self._pages = pages
        self._endpoint = endpoint
        self._make = make
        self._engine: AsyncEngine | None = None
        self._cache = Cache(settings.cache_bytes)
        self._showing = Threads(settings.web_threads, "page", MAX_PAGES)
        self._asking = Threads(settings.web_threads, "query page", settings.max_waiting)
        self._converting = Threads(2, "convert", settings.max_waiting)
        self._judging = Threads(1, "judge", settings.max_waiting)

    def prepare(self) -> None:
        """Have the pages made ready as soon as the first queries have had their turn."""
        loop = asyncio.get_running_loop()
        loop.call_later(PAGES_SECONDS, self._showing.begin, self._pages.prepare)

    async def answer(self, asked: Exchange) -> None:
        """Answer one request."""
        started = time.perf_counter()
        try:
            _check(asked)
            if asked.path != PATH:
                await self._page(asked, started)
            elif asked.method not in protocol.METHODS:
                raise refuse_method(asked.method)
            elif asked.method == "OPTIONS":
                fields = [("Allow", ", ".join(protocol.METHODS)), *PREFLIGHT, *CORS]
                asked.respond(204, fields)
            else:
                await self._sparql(asked, started)
        except Problem as problem:
            await self._refuse(asked, problem, started)
        except GoneError:
            pass
        except BaseException as error:
            unexpected = refusals.unexpected_problem(error)
            if not asked.answered:
                await self._refuse(asked, unexpected, started)
            if not isinstance(error, Exception):
                raise

    async def _sparql(self, asked: Exchange, started: float) -> None:
        method, field = asked.method, asked.fields.get
        accept, encoding = field("accept"), field("accept-encoding")
        content_type = coding = None
        body = b""
        if method in {"POST", "QUERY"}:
            content_type, coding = field("content-type"), field("content-encoding")
            body = await asked.body()
        verb = "GET" if method == "HEAD" else method
        key = (verb, asked.query_string, accept, encoding, content_type, coding, body)
        kept = self._cache.get(key)
        if kept is not None:
            _send(asked, kept.etag, kept.fields, kept.body)
            return

        target = asked.query_string.encode("latin-1")
        reading = None
        if len(target) + len(body) <= LIGHT_BYTES:
            query = protocol.parse(method, target, content_type, body, coding)
        else:
            parse = protocol.parse
            query = await self._judging.run(parse, method, target, content_type, body, coding)
            if query.text is not None:
                reading = await self._read(asked, query.text)
        if query.text is None:
            await self._page(asked, started)
            return
        plan = self._endpoint.plan(query, accept, encoding, reading)
        if matches(_held(asked), plan.etag, exists=False):
            asked.respond(304, [*unchanged(plan.etag), _total(started), *CORS])
        else:
            await self._query(asked, plan, key, started)

    # -- queries --------------------------------------------------------------------------

    async def _query(self, asked: Exchange, plan: Plan, key: Any, started: float) -> None:
        result = await self._run(asked, plan.job)
        try:
            await self._answer(asked, plan, result, key=key, started=started)
        finally:
            asked.forget()
            result.close()

    async def _read(self, asked: Exchange, text: str) -> Reading:
        """Have a long query read where that can be ended."""
        result = await self._run(asked, Job(text, READING))
        try:
            parts = [result.first, *[chunk async for chunk in result.rest()]]
        finally:
            asked.forget()
            result.close()
        return Reading.from_bytes(b"".join(parts))

    async def _run(self, asked: Exchange, job: Job) -> Result:
        if self._engine is None:
            self._engine = self._make()
        try:
            return await self._engine.run(job, when_slow=asked.when_gone)
        except BaseException:
            asked.forget()
            raise

    async def _answer(
        self, asked: Exchange, plan: Plan, result: Result, *, key: Any, started: float
    ) -> None:
        body, compressed = result.first, result.compressed
        if not result.complete:
            if not plan.converted:
                await self._stream(asked, self._fields(plan, result, started, compressed), result)
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
        _send(asked, plan.etag, fields, body)

    def _fields(self, plan: Plan, result: Result, started: float, compressed: bool) -> Fields:
        timing = _timing(result, started)
        return self._endpoint.fields(plan, result.query_id, timing, compressed=compressed)

    async def _stream(self, asked: Exchange, fields: Fields, result: Result) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            yield result.first
            async for chunk in result.rest():
                yield chunk

        try:
            await asked.stream(fields, chunks())
        except Problem as problem:
            # The client sees a broken connection; the operator sees why.
            refusals.log.warning("query %s broke off: %s", result.query_id, problem.detail)

    async def _refuse(self, asked: Exchange, problem: Problem, started: float) -> None:
        # Where pages wait, a problem is told in few words.
        accept = asked.fields.get("accept") if self._showing.has_room else None
        found = refusals.represent(problem, accept, asked.path)
        if found is None:
            page = self._pages.of_problem
            fields, body = await self._showing.run(page, problem, asked.path)
        else:
            content_type, body = found
            fields = [("Content-Type", content_type), *refusals.headers(problem), *CORS, *SECURITY]
        fields.append(_total(started))
        if "query_id" in problem.extras:
            fields.append(("X-Query-Id", problem.extras["query_id"]))
        asked.respond(problem.status, fields, body)

    # -- pages ----------------------------------------------------------------------------

    async def _page(self, asked: Exchange, started: float) -> None:
        """Let the Flask application answer, in a thread.

        :raises QueueFull: if too many wait for theirs already.
        :raises UnknownResource: for an address that begins with two slashes.
        """
        if asked.path.startswith("//"):  # to Flask that is the path with one
            raise UnknownResource("There is nothing here. Check the address.")
        body = b""
        if asked.method not in {"GET", "HEAD", "OPTIONS"} and asked.path != PATH:
            body = await asked.body()
        if asked.path == "*" and asked.method == "OPTIONS":  # the server itself, RFC 9110 §9.3.7
            asked.respond(204, [("Allow", "GET, HEAD, POST, QUERY, DELETE, OPTIONS"), *CORS])
            return
        environ = environ_of(asked, body)
        if asked.path == QUERY_PAGE:
            loop = asyncio.get_running_loop()
            environ[WHEN_SLOW] = lambda end: loop.call_soon_threadsafe(asked.when_gone, end)
            answer = await self._asking.run(self._pages.call, environ)
        else:
            answer = await self._showing.run(self._pages.call, environ)
        status, fields, data = answer
        own = {name.lower(): value for name, value in fields if name in {"Content-Length", "Date"}}
        fields = [field for field in fields if field[0].lower() not in own]
        length = int(own.get("content-length", 0)) if asked.method == "HEAD" else None
        asked.respond(status, [*fields, _total(started)], data, length=length)


def _send(asked: Exchange, etag: str | None, fields: Fields, body: bytes) -> None:
    """Send an answer, or say that the client holds it."""
    held = _held(asked)
    if held is not None and matches(held, etag):
        kept = [f for f in fields if f[0] not in {"Content-Type", "Content-Encoding"}]
        asked.respond(304, kept)
    else:
        asked.respond(200, fields, body)


def _check(asked: Exchange) -> None:
    """Judge what every request has.

    :raises BadRequest: for a Host field that is missing, doubled or no host (RFC 9112 §3.2).
    :raises FieldsTooLarge: for a field that would take long to read.
    :raises Problem: if it is none.
    """
    if asked.fault:
        raise asked.fault
    field = asked.fields.get
    host = field("host")
    # Two hosts are none: they are joined by a space. HTTP/1.0 does not ask for any.
    if not _HOST.fullmatch(host) if host is not None else asked.version != "1.0":
        raise BadRequest("A request names the host that it is for, once: Host.")
    for name in ("accept", "accept-encoding", "if-none-match"):
        value = field(name)
        if value and len(value) > MAX_FIELD:
            raise FieldsTooLarge(
                f"The field {name} may have {MAX_FIELD} characters.", limit_bytes=MAX_FIELD
            )


def _held(asked: Exchange) -> str | None:
    """Return the entity tags that a client holds; a POST's answer is never held."""
    return None if asked.method == "POST" else asked.fields.get("if-none-match")


def _total(started: float) -> tuple[str, str]:
    spent = (time.perf_counter() - started) * 1000
    return "Server-Timing", f"total;dur={spent:.2f}"


def _timing(result: Result, started: float) -> str:
    spent = (time.perf_counter() - started) * 1000
    if result.seconds is None:
        return f"first;dur={spent:.2f}"
    return f"engine;dur={result.seconds * 1000:.2f}, total;dur={spent:.2f}"
