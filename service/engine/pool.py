"""The pool: which worker answers a query, who waits, and what ends a query early.

A worker answers one query at a time. Long queries get the lowest priority of the processor, and
hold at most half of the places once another query waits: so quick queries always find one.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from typing import NamedTuple, cast

from service import formats
from service.engine import messages, outcomes
from service.engine.host_process import HostProcess, host_options
from service.engine.link import WorkerLink
from service.engine.messages import Request
from service.engine.result import Quota, Result, Spool
from service.formats import Format, Kind
from service.problems import EngineFault, Problem, QueryCancelled
from service.release import Release
from service.settings import Settings
from service.sparql.protocol import Query

CHECK_SECONDS = 0.02
"""How often running queries are checked."""
SLOW_SECONDS = 0.05
"""A query that runs longer loses its priority, and its client is watched from then on."""
LONG_SECONDS = 0.4
"""A query that runs longer is a long one, if it has had :data:`BUSY_SECONDS` of the processor."""
BUSY_SECONDS = 0.1
"""Less processor time than this, and a query is starved rather than long."""
STARVED_SECONDS = 2
"""A query that runs longer is a long one in any case."""
GRACE_SECONDS = 0.4
"""The kernel ends a worker at its time limit; if that fails, the pool does, this much later."""

OnSlow = Callable[[], object]


class Formats(NamedTuple):
    """The formats that a client accepts for each kind of result; None where it accepts none.

    ASK uses the first.
    """

    solutions: Format | None
    graph: Format | None


class Limits(NamedTuple):
    """Limits of one query; of these and the operator's, the smaller hold."""

    seconds: float | None = None
    result_bytes: int | None = None


class InflightQuery:
    """A query that waits or runs."""

    __slots__ = ("begun", "deadline", "is_long", "link", "on_slow", "request", "result", "since")

    def __init__(self, request: Request, on_slow: OnSlow | None) -> None:
        self.request = request
        self.on_slow = on_slow
        self.link: WorkerLink | None = None
        self.result: Result
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.since = 0.0  # when it began to wait, then when it began to run
        self.deadline = 0.0
        self.is_long = False

    def fail(self, problem: BaseException) -> None:
        """End the query with a problem, wherever it is."""
        if not self.begun.done():
            self.begun.set_exception(problem)
        self.result.fail(problem)

    def notify_slow(self) -> None:
        """Call ``on_slow``, once."""
        if self.on_slow:
            self.on_slow()
            self.on_slow = None


class Pool:
    """Runs queries on a release, in processes that can be ended.

    All other methods belong to the event loop that :meth:`start` ran in.
    """

    def __init__(self, release: Release, settings: Settings) -> None:
        self._settings = settings
        self._places = settings.engine_workers
        self._long_places = max(1, settings.engine_workers // 2)
        options = host_options(release, settings)
        self._host = HostProcess(options, self._on_message, self._on_end)
        self._idle: list[WorkerLink] = []
        self._running: dict[WorkerLink, InflightQuery] = {}
        self._waiting: deque[InflightQuery] = deque()
        self._quota = Quota(settings.spool_bytes)
        self._timer: asyncio.TimerHandle | None = None
        self._closing = False

    @property
    def host_pid(self) -> int:
        """The process id of the host; 0 while there is none."""
        return self._host.pid

    @property
    def spool_bytes_left(self) -> int:
        """Disk space that is free for results that clients read slowly."""
        return self._quota.left

    # -- start and end ----------------------------------------------------------------------------

    def launch(self) -> None:
        """Launch the host process, so that it opens the store while other things are done."""
        self._host.launch()

    async def start(self) -> None:
        """Wait until the host process has opened the store; launch it if nobody has.

        :raises EngineFault: if it cannot.
        """
        self.loop = asyncio.get_running_loop()
        await self._host.start()

    async def close(self) -> None:
        """End all queries and processes."""
        self._closing = True
        for inflight in (*self._running.values(), *self._waiting):
            inflight.fail(EngineFault("The service is ending."))
        if self._timer:
            self._timer.cancel()
        await self._host.close()

    # -- queries ----------------------------------------------------------------------------------

    async def run(
        self,
        query: Query,
        accepted: Formats,
        limits: Limits = Limits(),  # noqa: B008 - an immutable value
        on_slow: OnSlow | None = None,
    ) -> Result:
        """Run a query and return its result once it has begun.

        Cancelling the coroutine cancels the query.

        :param query: with a text.
        :param on_slow: called once if the query has to wait or runs for a while; from then on it
            is worth watching whether the client is still there.
        :raises Problem: if the query is refused, malformed, too costly or finds no place, or if
            none of the accepted formats can hold its result.
        """
        settings = self._settings
        seconds, result_bytes = settings.query_seconds, settings.max_result_bytes
        request = Request(
            query.text or "",
            accepted.solutions.name if accepted.solutions else None,
            accepted.graph.name if accepted.graph else None,
            query.default_graphs,
            query.named_graphs,
            max(min(limits.seconds or seconds, seconds), 0.001),
            min(limits.result_bytes or result_bytes, result_bytes),
        )
        inflight = InflightQuery(request, on_slow)
        inflight.result = result = Result(
            secrets.token_hex(8),
            Spool(self._quota),
            resume=lambda: self._resume(inflight),
            close=lambda: self._abandon(inflight),
        )
        try:
            self._place(inflight)
            await inflight.begun
        except BaseException as error:
            if isinstance(error, Problem):
                error.extras.setdefault("query_id", result.query_id)
            result.close()
            raise
        return result

    def cancel(self, query_id: str) -> bool:
        """End a query; return whether there was one with this id."""
        for inflight in (*self._running.values(), *self._waiting):
            if inflight.result.query_id == query_id:
                self._end(inflight, QueryCancelled("The query was cancelled by request."))
                return True
        return False

    def _place(self, inflight: InflightQuery) -> None:
        """Send a query to a worker, or put it in the queue.

        :raises QueueFull: if the queue is full.
        """
        inflight.since = self.loop.time()
        link = None if self._waiting else self._free_worker()
        if link:
            self._send(link, inflight)
        elif len(self._waiting) >= self._settings.max_waiting:
            raise outcomes.queue_full(f"{len(self._waiting)} queries are waiting")
        else:
            self._waiting.append(inflight)
            inflight.notify_slow()
        self._watch()

    def _free_worker(self) -> WorkerLink | None:
        if self._idle:
            return self._idle.pop()
        if len(self._running) >= self._places:
            return None
        return self._host.fork()  # or None: the next check tries again

    def _send(self, link: WorkerLink, inflight: InflightQuery) -> None:
        inflight.link = link
        inflight.since = self.loop.time()
        inflight.deadline = inflight.since + inflight.request.seconds + GRACE_SECONDS
        self._running[link] = inflight
        link.send(inflight.request)

    def _send_waiting(self) -> None:
        """Send queries that wait, as far as there are places."""
        while self._waiting and (link := self._free_worker()):
            self._send(link, self._waiting.popleft())

    def _end(self, inflight: InflightQuery, problem: Problem) -> None:
        """End a query for a reason of our own."""
        inflight.fail(problem)
        self._abandon(inflight)

    def _abandon(self, inflight: InflightQuery) -> None:
        """Release whatever a query holds; kill its worker if that has not finished."""
        if inflight in self._waiting:
            self._waiting.remove(inflight)
        link, inflight.link = inflight.link, None
        if link and self._running.get(link) is inflight:
            del self._running[link]
            self._host.kill(link)
            self._send_waiting()

    def _resume(self, inflight: InflightQuery) -> None:
        if inflight.link and inflight.link.paused:
            inflight.link.resume()

    # -- messages from workers --------------------------------------------------------------------

    def _on_message(self, link: WorkerLink, kind: bytes, payload: bytes) -> None:
        inflight = self._running.get(link)
        if inflight is None:
            return
        if kind == messages.DATA:
            inflight.result.add(payload)
            if not inflight.result.has_room:
                link.pause()
        elif kind == messages.WHOLE:
            size = messages.OUTCOME.size
            head, _, data = payload[size:].partition(b"\n")
            self._begin(inflight, head)
            if data:
                inflight.result.add(data)
            self._finish(link, inflight, payload[:size])
        elif kind == messages.HEAD:
            self._begin(inflight, payload)
        elif kind == messages.END:
            self._finish(link, inflight, payload)
        else:
            inflight.fail(messages.unpack_problem(payload))
            self._release(link, inflight)

    def _on_end(self, link: WorkerLink, signal: int, reason: str) -> None:
        """Fail the query of a worker that has ended, after all that the worker has sent."""
        link.drain()
        if inflight := self._running.pop(link, None):
            inflight.link = None
            seconds, memory_bytes = inflight.request.seconds, self._settings.query_memory_bytes
            ended = outcomes.from_exit_signal(signal, seconds, memory_bytes)
            inflight.fail(outcomes.queue_full(reason) if reason else ended)
        if link in self._idle:
            self._idle.remove(link)
        link.close()
        self._send_waiting()

    def _begin(self, inflight: InflightQuery, head: bytes) -> None:
        kind, name = head.decode().split(" ")
        result = inflight.result
        result.kind = cast(Kind, kind)
        result.format = next(f for f in formats.FORMATS if f.name == name)
        if not inflight.begun.done():
            inflight.begun.set_result(None)

    def _finish(self, link: WorkerLink, inflight: InflightQuery, outcome: bytes) -> None:
        seconds, ends = messages.OUTCOME.unpack(outcome)
        inflight.result.finish(seconds)
        self._release(link, inflight, ends=ends)

    def _release(self, link: WorkerLink, inflight: InflightQuery, *, ends: bool = False) -> None:
        """Make a worker that has finished idle; one with a lowered priority ends."""
        inflight.link = None
        del self._running[link]
        if ends or link.lowered or len(self._idle) >= self._long_places:
            link.close()
        else:
            link.resume()
            self._idle.append(link)
        if self._waiting:
            self._send_waiting()

    # -- deadlines --------------------------------------------------------------------------------

    def _watch(self) -> None:
        if not self._timer and (self._running or self._waiting) and not self._closing:
            self._timer = self.loop.call_later(CHECK_SECONDS, self._check_deadlines)

    def _check_deadlines(self) -> None:
        self._timer = None
        now = self.loop.time()
        slow = []
        for link, inflight in list(self._running.items()):
            age = now - inflight.since
            if link.paused:
                inflight.deadline += CHECK_SECONDS  # the clock stands still for a slow reader
            if age > SLOW_SECONDS:
                slow.append((link, inflight))
                inflight.notify_slow()
                if not link.lowered:
                    link.lower()
            if now > inflight.deadline:
                self._end(inflight, outcomes.timeout(inflight.request.seconds))
            elif age > LONG_SECONDS and not inflight.is_long:
                inflight.is_long = age > STARVED_SECONDS or link.low_seconds() > BUSY_SECONDS
        self._limit_memory(slow)
        self._make_room()
        while self._waiting and now - self._waiting[0].since > self._settings.waiting_seconds:
            problem = outcomes.queue_full("the query waited too long for a place")
            self._end(self._waiting[0], problem)
        self._send_waiting()
        self._watch()

    def _make_room(self) -> None:
        """If another query waits and too many long ones hold places, end the youngest of these."""
        long = [inflight for inflight in self._running.values() if inflight.is_long]
        full = self._waiting and len(self._running) >= self._places
        if full and len(long) > self._long_places:
            youngest = max(long, key=lambda inflight: inflight.since)
            self._end(youngest, outcomes.queue_full("too many long queries run already"))

    def _limit_memory(self, slow: list[tuple[WorkerLink, InflightQuery]]) -> None:
        """End the largest query if all of them together need more memory than they may."""
        sizes = {link: link.resident_bytes() for link, _ in slow}
        limit = self._settings.engine_memory_bytes
        if sum(sizes.values()) > limit:
            link, inflight = max(slow, key=lambda pair: sizes[pair[0]])
            if self._running.get(link) is inflight:
                self._end(inflight, outcomes.too_costly(limit))
