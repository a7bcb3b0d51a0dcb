"""Asking the workers from an event loop: which of them a query goes to, and who waits.

Quick queries follow each other on few workers, so that hardly anybody has to be woken. As soon as
one turns out to be slow, those behind it are sent elsewhere; and one that runs for long gives up
its place among the quick ones.
"""

import asyncio
import os
import secrets
import signal
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from service.engine import frames, verdict
from service.engine.frames import Request
from service.engine.job import Job, Limits
from service.engine.link import Link, Turn, WhenSlow
from service.engine.slots import ID_BYTES, Slots
from service.problems import EngineFault, Problem, QueryCancelled

LOOK_SECONDS = 0.005
"""How often it is looked whether a query turns out to be slow."""
STALL_SECONDS = 0.015
"""Behind a query that has run longer than this, none waits. On a busy machine a quick one may have
to wait that long for a processor; to send those behind it elsewhere then costs more than it saves.
"""
LONG_SECONDS = 0.05
"""A query that runs longer is lowered in priority and leaves its place."""
REFUSE_SECONDS = 0.25
"""If there are as many long queries as may be, one more is refused when it has run for so long: on
a busy machine a quick query may look like a long one for a moment."""
PATIENCE_SECONDS = 0.004
"""How long a query may expect to wait behind others rather than go to a worker of its own."""
UNDER_WAY = 16
"""How many may be under way to one worker."""


@dataclass(slots=True)
class Result:
    """An answer that has begun.

    :param first: its first bytes; all of them if ``complete``.
    :param compressed: whether the bytes are in the job's coding.
    :param seconds: what the engine took, once it is complete.
    """

    query_id: str
    first: bytes
    complete: bool
    compressed: bool
    seconds: float | None
    _turn: Turn | None = None
    _drop: Callable[[Turn], None] | None = None

    async def rest(self) -> AsyncIterator[bytes]:
        """Yield what follows ``first``.

        :raises Problem: if the query is ended before its result is complete. What was sent until
            then is a part and must not be taken for the whole.
        """
        while not self.complete and self._turn:
            kind, payload = await self._turn.event()
            if kind == frames.DATA:
                yield payload
            else:
                self.seconds = frames.OUTCOME.unpack(payload)[0]
                self.complete = True

    def close(self) -> None:
        """Let go of the worker; if the result is not complete this ends the query."""
        if self._drop and self._turn and not self.complete:
            self._drop(self._turn)
        self._turn = None


class AsyncEngine:
    """Asks the workers of a host from one event loop, the one that runs when it is first asked.

    :param address: the host's folder, :attr:`Host.address`.
    """

    def __init__(self, address: Path, limits: Limits) -> None:
        self._address = address
        self._limits = limits
        self._slots = Slots(address)
        self._idle: list[Link] = []
        self._busy: list[Link] = []  # none of them long
        self._long: set[Link] = set()
        self._queue: deque[Turn] = deque()
        self._ids = _random_ids()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._look: asyncio.TimerHandle | None = None

    async def run(self, job: Job, *, when_slow: WhenSlow | None = None) -> Result:
        """Ask a worker and return the answer once it has begun.

        :param when_slow: told if the query has to wait, and if it runs long, with a function that
            ends it; from then on it is worth watching whether the client is still there.
        :raises MalformedQuery: if the engine cannot parse it.
        :raises QueryTimeout, QueryTooCostly, ResultTooLarge, QueryCancelled: if it was ended.
        :raises QueueFull: if there is no place, or no more waiting.
        """
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        limits = self._limits
        request = Request(
            next(self._ids),
            job.text,
            job.writer,
            job.default_graphs,
            job.named_graphs,
            job.own_dataset,
            min(job.seconds or limits.query_seconds, limits.query_seconds),
            min(job.max_bytes or limits.max_result_bytes, limits.max_result_bytes),
            job.coding,
            dict(job.prefixes) if job.prefixes else None,
        )
        turn = Turn(request, limits.query_memory_bytes, when_slow)
        try:
            self._start(turn)
            kind, payload = await turn.event()
        except Problem as problem:
            problem.extras.setdefault("query_id", request.query_id)
            raise
        except BaseException:
            self._drop(turn)
            raise
        if kind == frames.WHOLE:
            took, _, zipped = frames.OUTCOME.unpack_from(payload)
            return Result(request.query_id, payload[frames.OUTCOME.size :], True, zipped, took)
        zipped = bool(job.coding)
        return Result(request.query_id, payload, False, zipped, None, turn, self._drop)

    def cancel(self, query_id: str) -> bool:
        """End a query that runs in any web process; say whether there was one.

        Its worker is stopped first, so that it cannot have gone on to another query meanwhile.
        """
        wanted = query_id.encode()
        found = self._slots.find(wanted) if len(wanted) == ID_BYTES else None
        if found is None:
            return False
        index, pid = found
        try:
            os.kill(pid, signal.SIGSTOP)
            still = self._slots.holds(index, wanted, pid)
            if still:
                os.kill(pid, signal.SIGUSR1)
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            return False
        return still

    def close(self) -> None:
        """Let go of all workers; what still runs is ended."""
        if self._look:
            self._look.cancel()
            self._look = None
        for link in (*self._idle, *self._busy, *self._long):
            link.end()

    # -- places ---------------------------------------------------------------------------

    def _start(self, turn: Turn) -> None:
        """Send a query, or let it wait.

        :raises QueueFull: if too many wait already.
        """
        link = None if self._queue else self._place(turn)
        if link:
            self._send(link, turn)
        else:
            if len(self._queue) >= self._limits.waiting:
                raise verdict.queue_full(f"{len(self._queue)} queries are waiting")
            assert self._loop
            turn.queued = self._loop.time()
            self._queue.append(turn)
            if turn.when_slow:
                gone = QueryCancelled("The client went away before there was a place.")
                turn.when_slow(partial(self._give_up, turn, gone))
        self._watch()

    def _place(self, turn: Turn) -> Link | None:
        """Return a link that a query can be sent through now.

        :raises QueueFull, EngineFault: if there is no worker to be had.
        """
        for link in () if turn.bulky else self._busy:
            if link.has_room(PATIENCE_SECONDS, UNDER_WAY):
                return link
        while self._idle:
            link = self._idle.pop()
            if link.usable:
                self._busy.append(link)
                return link
            link.end()
        return self._connect() if len(self._busy) < self._limits.light else None

    def _connect(self) -> Link:
        connection = socket.socket(socket.AF_UNIX)
        connection.setblocking(False)
        try:
            connection.connect(os.fspath(self._address / "engine"))
        except BlockingIOError:
            connection.close()
            raise verdict.queue_full("no query process is free") from None
        except OSError as error:
            connection.close()
            raise EngineFault(f"The engine does not answer: {error}") from None
        assert self._loop
        link = Link(connection, self._loop, self)
        self._busy.append(link)
        return link

    def _send_waiting(self) -> None:
        """Send what waits, as far as there are places."""
        while self._queue:
            try:
                link = self._place(self._queue[0])
            except Problem as problem:
                self._queue.popleft().fail(problem)
                continue
            if link is None:
                return
            self._send(link, self._queue.popleft())

    @staticmethod
    def _send(link: Link, turn: Turn) -> None:
        if turn.bulky:
            link.lower()
        link.send(turn)

    def _send_again(self, turns: list[Turn]) -> None:
        """Send queries that had a place already, before all that wait."""
        assert self._loop
        for turn in reversed(turns):
            turn.link = None
            turn.queued = self._loop.time()
            self._queue.appendleft(turn)
        if self._queue:
            self._loop.call_soon(self._send_waiting)  # not here: a link may just be changing

    def _give_up(self, turn: Turn, why: Problem) -> None:
        if turn in self._queue:
            self._queue.remove(turn)
            turn.fail(why)

    def _drop(self, turn: Turn) -> None:
        """Forget a query that nobody waits for any more."""
        link, turn.link = turn.link, None
        if turn in self._queue:
            self._queue.remove(turn)
        elif link and link.turns and link.turns[0] is turn:
            link.turns[0] = None
            link.end()
        elif link and turn in link.turns:
            link.turns[link.turns.index(turn)] = None

    # -- what links tell ------------------------------------------------------------------

    def answered(self, link: Link, *, last: bool) -> None:
        """Use the worker again, unless it leaves or was lowered in priority."""
        if last or link.low:
            link.end()  # what it took in memory goes back
            return
        if not link.turns:
            self._busy.remove(link)
            self._idle.append(link)
        if self._queue:
            self._send_waiting()

    def unanswered(self, link: Link, turn: Turn) -> None:
        """Send again what a worker passed over by mistake."""
        if turn.link is link:
            self._send_again([turn])

    def streaming(self, link: Link) -> None:
        """Let nobody wait for somebody else's reader."""
        self._recall(link)

    def ended(self, link: Link) -> None:
        """Tell the query that ran there, and send those behind it elsewhere."""
        turns, link.turns = [*link.turns], deque()
        for links in (self._idle, self._busy):
            if link in links:
                links.remove(link)
        self._long.discard(link)
        if turns and turns[0]:
            turns[0].fail(self._death(link, turns[0]))
        self._send_again([turn for turn in turns[1:] if turn])

    def _death(self, link: Link, turn: Turn) -> Problem:
        if not link.pid:
            return verdict.queue_full("no query process is free")
        return verdict.death(link.tail, turn.request, turn.memory_bytes)

    # -- slow queries ---------------------------------------------------------------------

    def _watch(self) -> None:
        if not self._look and (self._busy or self._long or self._queue):
            assert self._loop
            self._look = self._loop.call_later(LOOK_SECONDS, self._look_around)

    def _look_around(self) -> None:
        assert self._loop
        self._look = None
        now = self._loop.time()
        for link in (*self._busy, *self._long):
            spent = now - link.since
            if spent < STALL_SECONDS:
                continue
            # After an error libuv tells of a descriptor once and never again, and behind the
            # last bytes of a worker that died is the end of the connection.
            link.read()
            if link not in self._busy or not link.pid or now - link.since < STALL_SECONDS:
                continue  # the time until a worker is there is not the query's
            self._recall(link)
            if spent >= LONG_SECONDS:
                self._is_long(link, spent)
        while self._queue and now - self._queue[0].queued > self._limits.wait_seconds:
            why = verdict.queue_full("the query waited too long for a place")
            self._queue.popleft().fail(why)
        self._watch()

    def _recall(self, link: Link) -> None:
        """Send what waits behind the head of a link elsewhere."""
        if len(link.turns) > 1:
            self._slots.recall(link.slot, link.sent)
            self._send_again(link.take_behind())

    def _is_long(self, link: Link, spent: float) -> None:
        head = link.turns[0]
        if head is None:
            link.end()
            return
        if len(self._long) >= self._limits.long and not head.begun:
            if spent < REFUSE_SECONDS:
                return
            link.turns[0] = None
            head.fail(verdict.queue_full("too many long queries run already"))
            link.end()
            return
        self._busy.remove(link)
        self._long.add(link)
        link.lower()
        if head.when_slow:
            head.when_slow(link.end)
        self._send_waiting()


def _random_ids() -> Iterator[str]:
    """Yield ids that nobody can guess; many at a time, for each time costs a call of the system."""
    while True:
        block = secrets.token_hex(ID_BYTES * 64)
        for start in range(0, len(block), ID_BYTES):
            yield block[start : start + ID_BYTES]
