"""The pool: which worker answers a query, who waits, and what ends a query early.

A worker answers one query at a time. Long queries get the lowest priority of the processor, and
hold at most half of the places once another query waits: so quick queries always find one.
"""

import asyncio
import logging
import os
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

log = logging.getLogger(__name__)

CHECK_SECONDS = 0.02
"""How often running queries are checked."""
SLOW_SECONDS = 0.05
"""A query that runs longer loses its priority, and its client is watched from then on."""
LONG_SECONDS = 0.4
"""A query that runs longer is a long one. On a busy machine a quick one may take a while."""
GRACE_SECONDS = 0.4
"""The kernel ends a worker at its time limit; the pool does, if that fails, so much later."""
YOUNG_SECONDS = 5
"""A host that ends sooner is started again only after a while."""

OnSlow = Callable[[], object]


class Formats(NamedTuple):
    """The formats that a client accepts for each kind of result; None where it accepts none.

    ASK uses the first.
    """

    solutions: Format | None
    graph: Format | None


class Limits(NamedTuple):
    """Limits of one query beside the operator's, of which the smaller holds."""

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

    All methods belong to the event loop that :meth:`start` ran in.
    """

    def __init__(self, release: Release, settings: Settings) -> None:
        self._settings = settings
        self._options = host_options(release, settings)
        self._places = settings.engine_workers
        self._long_places = max(1, settings.engine_workers // 2)
        self._host: HostProcess | None = None
        self._host_since = 0.0
        self._host_delay = 0.0
        self._opened: asyncio.Future[None] | None = None
        self._control = bytearray()
        self._forking: deque[WorkerLink] = deque()  # in the order in which the host answers
        self._by_pid: dict[int, WorkerLink] = {}
        self._idle: list[WorkerLink] = []
        self._running: dict[WorkerLink, InflightQuery] = {}
        self._waiting: deque[InflightQuery] = deque()
        self._quota = Quota(settings.spool_bytes)
        self._timer: asyncio.TimerHandle | None = None
        self._closing = False

    @property
    def host_pid(self) -> int:
        """The process id of the host; 0 while there is none."""
        return self._host.pid if self._host else 0

    @property
    def spool_bytes_left(self) -> int:
        """Disk space that is free for results that clients read slowly."""
        return self._quota.left

    # -- start and end ----------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the host process and wait until it has opened the store.

        :raises EngineFault: if it cannot.
        """
        self.loop = asyncio.get_running_loop()
        self._opened = self.loop.create_future()
        self._start_host()
        await self._opened

    async def close(self) -> None:
        """End all queries and processes."""
        self._closing = True
        for inflight in (*self._running.values(), *self._waiting):
            inflight.fail(EngineFault("The service is ending."))
        for link in (*self._idle, *self._running):
            link.close()
        if self._timer:
            self._timer.cancel()
        if host := self._host:
            self._host = None
            self.loop.remove_reader(host.control.fileno())
            await asyncio.to_thread(host.stop)

    def _start_host(self) -> None:
        if self._closing:
            return
        self._host = HostProcess(self._options)
        self._host_since = self.loop.time()
        self.loop.add_reader(self._host.control.fileno(), self._read_control)

    def _read_control(self) -> None:
        assert self._host
        try:
            data = self._host.control.recv(1 << 12)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._replace_host()
            return
        self._control += data
        while len(self._control) >= messages.CONTROL.size:
            kind, pid, number = messages.CONTROL.unpack_from(self._control)
            del self._control[: messages.CONTROL.size]
            self._on_control(kind, pid, number)

    def _on_control(self, kind: bytes, pid: int, number: int) -> None:
        assert self._opened
        if kind == messages.OPENED:
            if not self._opened.done():
                self._opened.set_result(None)
        elif kind == messages.FORKED:
            link = self._forking.popleft()
            if pid:
                self._on_forked(link, pid)
            else:
                reason = f"no process can be started ({os.strerror(number)})"
                self._on_end(link, outcomes.queue_full(reason))
        elif pid in self._by_pid:
            link = self._by_pid.pop(pid)
            inflight = self._running.get(link)
            seconds = inflight.request.seconds if inflight else 0
            memory_bytes = self._settings.query_memory_bytes
            self._on_end(link, outcomes.from_exit_signal(number, seconds, memory_bytes))

    def _on_forked(self, link: WorkerLink, pid: int) -> None:
        link.pid = pid
        self._by_pid[pid] = link
        if link not in self._running and link not in self._idle:
            self._kill(link)  # its query was cancelled meanwhile

    def _replace_host(self) -> None:
        assert self._host
        assert self._opened
        self.loop.remove_reader(self._host.control.fileno())
        code = self._host.collect()
        self._host = None
        self._control.clear()
        self._forking.clear()
        self._by_pid.clear()
        for link in (*self._idle, *self._running):  # its workers have ended with it
            self._on_end(link, outcomes.from_exit_signal(0, 0, 0))
        if not self._opened.done():  # it never ran: the operator must mend something
            self._opened.set_exception(EngineFault("The store cannot be opened."))
            return
        young = self.loop.time() - self._host_since < YOUNG_SECONDS
        self._host_delay = min(2 * self._host_delay or 0.1, YOUNG_SECONDS) if young else 0.0
        log.error(
            "the engine's host process ended (exit code %s); starting another in %.1f s",
            code,
            self._host_delay,
        )
        self.loop.call_later(self._host_delay, self._start_host)

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
        if len(self._running) >= self._places or self._host is None:
            return None
        try:
            connection = self._host.fork()
        except OSError:  # the host is busy, or has just ended: the next check tries again
            return None
        link = WorkerLink(connection, self.loop, self._on_message)
        self._forking.append(link)
        return link

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
            self._kill(link)
            self._send_waiting()

    def _kill(self, link: WorkerLink) -> None:
        """Kill a worker; one that is not forked yet is killed when it is."""
        if link.pid and self._host:
            self._by_pid.pop(link.pid, None)
            self._host.kill(link.pid)
            link.close()

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

    def _on_end(self, link: WorkerLink, problem: Problem) -> None:
        """Fail the query of a worker that has ended, after all that the worker has sent."""
        link.drain()
        if inflight := self._running.pop(link, None):
            inflight.link = None
            inflight.fail(problem)
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
            elif age > LONG_SECONDS:
                inflight.is_long = True
        self._limit_memory(slow)
        self._make_room()
        while self._waiting and now - self._waiting[0].since > self._settings.waiting_seconds:
            problem = outcomes.queue_full("the query waited too long for a place")
            self._end(self._waiting[0], problem)
        self._send_waiting()
        self._watch()

    def _make_room(self) -> None:
        """End the youngest long query, if there are more than may be and another one waits."""
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
