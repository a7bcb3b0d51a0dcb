"""One connection to one worker, and the queries on their way through it.

Requests are answered in the order in which they were sent, so several may be under way: a worker
that finds the next one already there need not be woken for it, which costs more than most
queries. Whoever sends sees to it that a quick query never waits behind a slow one
(:mod:`service.engine.client`).
"""

import asyncio
import contextlib
import json
import os
import select
import socket
import sys
from collections import deque
from collections.abc import Callable
from typing import Protocol

from service.engine import frames, verdict
from service.engine.frames import Request
from service.problems import Problem

WhenSlow = Callable[[Callable[[], object]], object]
"""Is given a function that ends a query."""
LOW_PRIORITY = 15
AHEAD_BYTES = 1 << 20
"""How much of an answer may wait here for its reader."""
BULKY_CHARACTERS = 1 << 14
SMALL_READ, LARGE_READ = 1 << 15, 1 << 18
"""Large buffers are only for answers that come in parts: to get one costs as much as a query."""

_NOW = int(socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)


class Turn:
    """A query that waits, runs, or is being answered.

    :param memory_bytes: its memory limit, to say if that was the reason of its end.
    """

    __slots__ = (
        "_events",
        "_failure",
        "_waiter",
        "begun",
        "held_bytes",
        "link",
        "memory_bytes",
        "queued",
        "request",
        "when_slow",
    )

    def __init__(self, request: Request, memory_bytes: int, when_slow: WhenSlow | None) -> None:
        self.request = request
        self.memory_bytes = memory_bytes
        self.when_slow = when_slow
        self.link: Link | None = None
        self.begun = False
        self.queued = 0.0
        self.held_bytes = 0
        self._events: deque[tuple[bytes, bytes]] = deque()
        self._failure: BaseException | None = None
        self._waiter: asyncio.Future[None] | None = None

    @property
    def bulky(self) -> bool:
        """Whether it takes long to read already, so that nothing should wait behind it."""
        return len(self.request.text) > BULKY_CHARACTERS

    async def event(self) -> tuple[bytes, bytes]:
        """Return the next DATA, END or WHOLE.

        :raises Problem: if the worker reports one, or has died, or there was no place.
        """
        while not self._events:
            if self._failure:
                raise self._failure
            if self.link:
                self.link.resume()
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        kind, payload = self._events.popleft()
        self.held_bytes -= len(payload)
        return kind, payload

    def put(self, kind: bytes, payload: bytes) -> None:
        """Take a part of the answer."""
        self._events.append((kind, payload))
        self.held_bytes += len(payload)
        self._wake()

    def fail(self, problem: Problem) -> None:
        """Say that there will be no more of an answer."""
        self._failure = problem
        self._wake()

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)


class Owner(Protocol):
    """Who sends through links."""

    def answered(self, link: "Link", *, last: bool) -> None:
        """Take note that the head's answer is complete; ``last``: the worker leaves after it."""

    def unanswered(self, link: "Link", turn: Turn) -> None:
        """Take back a turn that the worker passed over."""

    def streaming(self, link: "Link") -> None:
        """Take note that the head's answer comes in parts, as fast as its reader reads."""

    def ended(self, link: "Link") -> None:
        """Take back what the link still has: its connection has closed."""


class Link:
    """A connection to a worker.

    :param connection: non-blocking.
    """

    def __init__(
        self, connection: socket.socket, loop: asyncio.AbstractEventLoop, owner: Owner
    ) -> None:
        self.turns: deque[Turn | None] = deque()  # None: nobody wants the answer any more
        self.pid = 0  # until the worker has said that it is there
        self.slot = 0
        self.sent = 0
        self.since = loop.time()  # when the head began
        self.pace = 0.0003  # seconds that the worker takes for a query, of late
        self.low = False  # a priority that has been lowered cannot be raised again
        self.open = True
        self.tail = b""
        self._connection = connection
        self._descriptor = connection.fileno()
        self._loop = loop
        self._owner = owner
        self._poll = select.poll()
        self._poll.register(self._descriptor, select.POLLIN)
        self._buffer = b""
        self._unsent = bytearray()
        self._writing = False
        self._reading = True
        loop.add_reader(self._descriptor, self.read)

    @property
    def usable(self) -> bool:
        """Whether the idle worker is still there: it says nothing, and has not hung up."""
        return self.open and not self._poll.poll(0)

    def has_room(self, seconds: float, count: int) -> bool:
        """Say whether one more query would begin soon.

        :param seconds: that it may wait.
        :param count: how many may be under way.
        """
        under_way = len(self.turns)
        if self.low or not under_way * self.pace < seconds or under_way >= count:
            return False
        head = self.turns[0]
        return bool(self.pid) and not self._writing and not (head and head.begun)

    def send(self, turn: Turn) -> None:
        """Send a query, behind those that are under way."""
        if not self.turns:
            self.since = self._loop.time()
        self.turns.append(turn)
        turn.link = self
        self.sent += 1
        self._unsent += turn.request.pack()
        if not self._writing:
            self._send_all()

    def take_behind(self) -> list[Turn]:
        """Return what has not begun, to be sent elsewhere; the answers to it are passed over."""
        behind = [turn for turn in list(self.turns)[1:] if turn]
        self.turns = deque([self.turns[0], *[None] * (len(self.turns) - 1)])
        return behind

    def lower(self) -> None:
        """Give the worker only the time that nobody else wants."""
        self.low = True
        if not self.pid:  # it is done as soon as it is there; process 0 would be this one
            return
        with contextlib.suppress(OSError):  # it has just ended, or this system does not let us
            if sys.platform == "linux":
                os.sched_setscheduler(self.pid, os.SCHED_IDLE, os.sched_param(0))
            else:
                os.setpriority(os.PRIO_PROCESS, self.pid, LOW_PRIORITY)

    def resume(self) -> None:
        """Read on, if that had been stopped because nobody took what was read."""
        if not self._reading and self.open:
            self._reading = True
            self._loop.add_reader(self._descriptor, self.read)

    def end(self) -> None:
        """Close the connection; the host ends the worker if it still works."""
        if not self.open:
            return
        self.open = False
        self._stop_reading()
        if self._writing:
            self._loop.remove_writer(self._descriptor)
        self._connection.close()
        self._owner.ended(self)

    def read(self) -> None:
        """Read once what has come, if anything has."""
        if not self._reading:
            return
        head = self.turns[0] if self.turns else None
        try:
            data = self._connection.recv(LARGE_READ if head and head.begun else SMALL_READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.end()
            return
        self.tail = (self.tail + data[-frames.TRAILER.size :])[-frames.TRAILER.size :]
        if self._buffer:
            data = self._buffer + data
        start, size = 0, frames.HEAD.size
        while len(data) - start >= size:
            kind, length = frames.HEAD.unpack_from(data, start)
            end = start + size + length
            if len(data) < end:
                break
            self._take(kind, data[start + size : end])
            start = end
        self._buffer = data[start:]

    def _take(self, kind: bytes, payload: bytes) -> None:
        if kind == frames.HELLO:
            self.slot, self.pid = frames.PLACE.unpack(payload)
            self.since = self._loop.time()
            if self.low:
                self.lower()
            return
        if not self.turns:
            return
        head = self.turns[0]
        if kind == frames.DATA:
            if head:
                self._begin(head)
                head.put(kind, payload)
                if head.held_bytes > AHEAD_BYTES:
                    self._stop_reading()
            return
        last = False
        self.turns.popleft()
        self.since = self._loop.time()
        if kind in {frames.WHOLE, frames.END}:
            took, last, _ = frames.OUTCOME.unpack_from(payload)
            self.pace += (took - self.pace) / 4
            if head:
                head.put(kind, payload)
        elif kind == frames.PASSED:
            if head:  # it was meant for who had this place before
                self._owner.unanswered(self, head)
        elif head:
            head.fail(verdict.reported(json.loads(payload), head.request, head.memory_bytes))
        self._owner.answered(self, last=last)

    def _begin(self, head: Turn) -> None:
        if not head.begun:
            head.begun = True
            self._owner.streaming(self)

    def _send_all(self) -> None:
        try:
            del self._unsent[: self._connection.send(self._unsent, _NOW)]
        except BlockingIOError:
            pass
        except OSError:
            self._loop.call_soon(self.end)  # not at once: whoever sends is not ready for that
            return
        if self._unsent:
            if not self._writing:
                self._writing = True
                self._loop.add_writer(self._descriptor, self._send_all)
            return
        if self._writing:
            self._writing = False
            self._loop.remove_writer(self._descriptor)

    def _stop_reading(self) -> None:
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._descriptor)
