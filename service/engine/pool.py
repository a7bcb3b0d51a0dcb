"""The pool: it assigns workers to queries, queues the others, and ends queries early.

A worker answers one query at a time. Long queries run at the lowest priority, and hold at most
half of the places while another query waits, so that quick queries always find one. Quick queries
take turns at a few workers, since each busy worker costs memory.
"""

import asyncio
import math
import os
import secrets
from collections import Counter
from typing import NamedTuple, cast

from service import formats
from service.engine import messages, outcomes
from service.engine.fairness import Places
from service.engine.host_process import HostProcess
from service.engine.link import WorkerEndedError, WorkerLink
from service.engine.messages import Request
from service.engine.result import Quota, Result, Spool
from service.formats import Format, Kind
from service.problems import EngineFault, Problem, QueryCancelled
from service.release import Release
from service.remote.replicas import Replicas
from service.settings import Settings
from service.sparql.protocol import Query

CHECK_SECONDS = 0.02
"""The interval between two checks of the running queries."""
SLOW_SECONDS = 0.05
"""A query that runs longer loses its turn, and its priority if it uses the processor.

No query waits longer than this for a turn."""
TURNS = max(2, os.cpu_count() or 2)
"""Quick queries that run at once. More than one a processor would only cost memory."""
WORKED_SECONDS = 0.01
"""Processor time after which a slow query loses its priority: it does not merely wait for its
share of a processor."""
LONG_SECONDS = 1
"""A query that runs longer counts as long."""
IDLE_SECONDS, KEPT_IDLE = 10, 2
"""The time without a query after which idle workers end, and the number of those that stay."""
GRACE_SECONDS = 0.4
"""The pool ends a query this long after its limit, should the kernel have failed to."""


class Formats(NamedTuple):
    """The formats that a client accepts for each kind of result; None where it accepts none.

    ASK uses ``solutions``.
    """

    solutions: Format | None
    graph: Format | None


class Figures(NamedTuple):
    """The present state of a pool.

    :param ready: whether the host has opened the store and, if there are replicas, one is up.
    :param spool_bytes_left: free disk space for results that clients read slowly.
    """

    ready: bool
    running: int
    waiting: int
    idle_workers: int
    spool_bytes_left: int


class InflightQuery:
    """A query that waits or runs.

    :ivar link: its worker, once it has one.
    :ivar since: when it began to run; 0 while it waits.
    :ivar spent_before: its worker's processor time when the query was first seen to be slow.
    """

    def __init__(self, request: Request, result: Result, client: str) -> None:
        self.client = client
        self.request = request
        self.result = result
        self.link: WorkerLink | None = None
        self.task: asyncio.Task[None]
        self.since = 0.0
        self.deadline = 0.0
        self.spent_before = math.inf
        self.has_turn = False


class Pool:
    """Runs queries on a release, in processes that can be killed.

    All methods but :meth:`launch` and :meth:`figures` belong to the event loop of :meth:`start`.

    :ivar replicas: the engines to ask instead of the release's own store, if any.
    """

    def __init__(self, release: Release, settings: Settings) -> None:
        self._settings = settings
        self._long_places = max(1, settings.engine_workers // 2)
        self.replicas = Replicas(settings.endpoint_urls, release.manifest.digest)
        self._host = HostProcess(release, settings)
        self._places = Places(settings.engine_workers)
        self._turns = asyncio.Semaphore(TURNS)
        self._idle: list[WorkerLink] = []
        self._queries: dict[str, InflightQuery] = {}  # by id
        self._quota = Quota(settings.spool_bytes)
        self._timer: asyncio.TimerHandle | None = None
        self._busy = 0.0  # when a query last ran

    @property
    def host_pid(self) -> int:
        """The process id of the host; 0 while there is none."""
        return self._host.pid

    def figures(self) -> Figures:
        """Return the present state; safe in any thread."""
        waiting = self._places.waiting
        running = len(self._queries) - waiting
        ready = self._host.is_open and self.replicas.are_ready
        return Figures(ready, running, waiting, len(self._idle), self._quota.left)

    # -- start and end ----------------------------------------------------------------------------

    def launch(self) -> None:
        """Launch the host process, which opens the store while the caller does other things."""
        self._host.launch()

    async def start(self) -> None:
        """Launch the host process unless it runs, and wait until it has opened the store.

        :raises EngineFault: if the store cannot be opened.
        """
        self.loop = asyncio.get_running_loop()
        await asyncio.gather(self._host.start(), self.replicas.start())

    async def close(self) -> None:
        """End all queries and processes."""
        for inflight in list(self._queries.values()):
            self._end(inflight, EngineFault("The service is ending."))
        if self._timer:
            self._timer.cancel()
        await self.replicas.close()
        await self._host.close()
        for link in self._idle:
            link.close()

    # -- queries ----------------------------------------------------------------------------------

    async def run(
        self, query: Query, accepted: Formats, max_bytes: int | None = None, client: str = ""
    ) -> Result:
        """Run a query and return its result once it has begun.

        Cancelling the coroutine cancels the query.

        :param query: a query with a text. The smaller of its time limit and the operator's holds.
        :param max_bytes: a lower limit than the operator's.
        :param client: the client's address; places are shared fairly among clients.
        :raises Problem: if the query is refused, malformed, too costly or gets no place, or if
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
            max(min(query.timeout_seconds or seconds, seconds), 0.001),
            min(max_bytes or result_bytes, result_bytes),
            self.replicas.in_order(),
        )
        query_id = secrets.token_hex(8)
        result = Result(query_id, Spool(self._quota), lambda: self._abandon(inflight))
        inflight = InflightQuery(request, result, client)
        self._queries[query_id] = inflight
        inflight.task = self.loop.create_task(self._evaluate(inflight))
        try:
            await result.begun()
        except BaseException as error:
            if isinstance(error, Problem):
                error.extras.setdefault("query_id", query_id)
            result.close()
            raise
        return result

    def cancel(self, query_id: str) -> bool:
        """End a query; return whether there was one with this id."""
        if inflight := self._queries.get(query_id):
            self._end(inflight, QueryCancelled("The query was cancelled by request."))
        return inflight is not None

    def _end(self, inflight: InflightQuery, problem: Problem) -> None:
        """End a query with a problem."""
        inflight.result.fail(problem)
        self._abandon(inflight)

    def _abandon(self, inflight: InflightQuery) -> None:
        """Drop a query; cancel it if it still runs."""
        self._queries.pop(inflight.result.query_id, None)
        inflight.task.cancel()

    async def _evaluate(self, inflight: InflightQuery) -> None:
        """Take a place and a worker for a query, and pass its result on."""
        result, request = inflight.result, inflight.request
        try:
            await self._take_place(inflight.client)
            try:
                inflight.since = self._busy = self.loop.time()
                inflight.deadline = inflight.since + request.seconds + GRACE_SECONDS
                self._watch()
                await self._take_turn(inflight)
                try:
                    link = inflight.link = await self._worker()
                    is_free = False
                    try:
                        link.send(request)
                        is_free = await self._pass_on(link, inflight)
                    finally:
                        if is_free and not link.lowered and len(self._idle) < self._long_places:
                            self._idle.append(link)
                        else:
                            link.close()
                finally:
                    self._yield_turn(inflight)
            finally:
                self._places.give_back(inflight.client)
        except WorkerEndedError as end:
            memory_bytes = self._settings.query_memory_bytes
            result.fail(outcomes.from_exit_signal(end.number, request.seconds, memory_bytes))
        except Exception as error:  # noqa: BLE001 - a problem or a full disk: the reader raises it
            result.fail(error)
        finally:
            self._queries.pop(result.query_id, None)

    async def _take_place(self, client: str) -> None:
        """Wait for a place; the caller gives it back.

        :raises QueueFull: if too many queries wait, or this one waited too long.
        """
        waiting = self._places.waiting
        if self._places.is_full and waiting >= self._settings.max_waiting:
            raise outcomes.queue_full(f"{waiting} queries are waiting")
        try:
            await self._places.take(client, self._settings.waiting_seconds)
        except TimeoutError:
            raise outcomes.queue_full("the query waited too long for a place") from None

    async def _take_turn(self, inflight: InflightQuery) -> None:
        """Wait for a turn, but only briefly: after that the query runs without one."""
        if self._turns.locked():
            try:
                async with asyncio.timeout(SLOW_SECONDS):
                    await self._turns.acquire()
            except TimeoutError:
                return
        else:
            await self._turns.acquire()
        inflight.has_turn = True

    def _yield_turn(self, inflight: InflightQuery) -> None:
        if inflight.has_turn:
            inflight.has_turn = False
            self._turns.release()

    async def _worker(self) -> WorkerLink:
        """Return an idle worker or a new one."""
        while self._idle:
            link = self._idle.pop()
            if not link.ended:
                return link
            link.close()
        return await self._host.fork()

    async def _pass_on(self, link: WorkerLink, inflight: InflightQuery) -> bool:
        """Pass a worker's messages on; return whether the worker can take another query.

        :raises WorkerEndedError: if the worker ends before the result is complete.
        """
        result = inflight.result
        while True:
            message = await link.receive()
            kind, payload = message[:1], message[1:]
            if kind == messages.DATA:
                result.add(payload)
                if not result.has_room:
                    deadline, inflight.deadline = inflight.deadline, math.inf
                    since = self.loop.time()
                    await result.room()  # a slow reader uses none of the query's time
                    inflight.deadline = deadline + self.loop.time() - since
            elif kind == messages.HEAD:
                _begin(result, payload)
            elif kind == messages.PROBLEM:
                result.fail(messages.unpack_problem(payload))
                return True
            else:
                seconds, ends, retries = messages.OUTCOME.unpack_from(payload)
                self.replicas.retries += retries
                if kind == messages.WHOLE:
                    head, _, data = payload[messages.OUTCOME.size :].partition(b"\n")
                    _begin(result, head)
                    result.add(data)
                result.finish(seconds)
                return not ends

    # -- deadlines --------------------------------------------------------------------------------

    def _watch(self) -> None:
        if not self._timer:
            self._timer = self.loop.call_later(CHECK_SECONDS, self._check)

    def _check(self) -> None:
        """End queries over their limits; check again while there are queries or idle workers."""
        self._timer = None
        now = self.loop.time()
        running = [inflight for inflight in self._queries.values() if inflight.since]
        slow = [inflight for inflight in running if now - inflight.since > SLOW_SECONDS]
        for inflight in slow:
            if inflight.link:
                # By processor time: at a lower priority, a query that got none would starve.
                spent = inflight.link.processor_seconds()
                inflight.spent_before = min(inflight.spent_before, spent)
                if spent - inflight.spent_before > WORKED_SECONDS:
                    inflight.link.lower()
            self._yield_turn(inflight)
            if now > inflight.deadline:
                self._end(inflight, outcomes.timeout(inflight.request.seconds))
        self._limit_memory(slow)
        self._make_room([inflight for inflight in slow if now - inflight.since > LONG_SECONDS])
        if running:
            self._busy = now
        elif now - self._busy > IDLE_SECONDS:
            while len(self._idle) > KEPT_IDLE:
                self._idle.pop().close()
            return
        self._watch()

    def _make_room(self, long: list[InflightQuery]) -> None:
        """End a long query if others wait and long ones hold too many places.

        Of the client with the most long queries, the youngest one ends.
        """
        if self._places.waiting and len(long) > self._long_places:
            of_client = Counter(inflight.client for inflight in long)
            youngest = max(long, key=lambda inflight: (of_client[inflight.client], inflight.since))
            self._end(youngest, outcomes.queue_full("too many long queries run already"))

    def _limit_memory(self, slow: list[InflightQuery]) -> None:
        """End the largest slow query if all of them together exceed the memory limit."""
        sizes = {q: q.link.resident_bytes() for q in slow if q.link}
        limit = self._settings.engine_memory_bytes
        if sum(sizes.values()) > limit:
            self._end(max(sizes, key=lambda q: sizes[q]), outcomes.too_costly(limit))


def _begin(result: Result, head: bytes) -> None:
    """Begin a result from its head: its kind and the name of its format."""
    kind, name = head.decode().split(" ")
    result.begin(cast(Kind, kind), next(f for f in formats.FORMATS if f.name == name))
