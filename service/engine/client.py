"""Asking the workers: who may ask now, who waits, and what a silence means."""

import asyncio
import contextlib
import json
import mmap
import os
import secrets
import select
import signal
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from service.engine import frames
from service.engine.frames import Request
from service.engine.worker import SLOT
from service.problems import (
    EngineFault,
    MalformedQuery,
    NotAcceptable,
    Problem,
    QueryCancelled,
    QueryTimeout,
    QueryTooCostly,
    QueueFull,
    ResultTooLarge,
    ServiceRefused,
    UnsupportedFunction,
)
from service.settings import Settings

WhenSlow = Callable[[Callable[[], None]], None]
"""Is given a function that ends a query."""
LIGHT_SECONDS = 0.05
"""A query that runs longer counts as long: it is lowered in priority and leaves its place."""
RETRY_SECONDS = 2
LOW_PRIORITY = 15
AHEAD_BYTES = 1 << 20
"""How much of an answer may wait here for its reader."""
READ_BYTES = 1 << 18
AT_ONCE_MILLISECONDS = 1
"""How long the event loop stands still for an answer that is probably here in a moment."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one web process may ask of the engine.

    :param light: queries that run at once before any of them is long.
    :param long: queries that may run for longer than :data:`LIGHT_SECONDS` at once.
    :param waiting: queries that may wait for a place; one more is refused.
    :param wait_seconds: how long one may wait.
    """

    query_seconds: float
    query_memory_bytes: int
    max_result_bytes: int
    light: int
    long: int
    waiting: int
    wait_seconds: float = 10.0

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Share the operator's limits among the web processes."""
        return cls(
            settings.query_seconds,
            settings.query_memory_bytes,
            settings.max_result_bytes,
            light=max(2, settings.engine_workers // settings.web_workers),
            long=settings.engine_workers,
            waiting=settings.max_waiting,
        )


@dataclass(frozen=True, slots=True)
class Job:
    """A query, judged and ready to run.

    :param writer: the format that the engine writes (:mod:`service.media`).
    :param own_dataset: whether the query's own ``FROM`` says the dataset.
    :param seconds: the client's time limit, None for ours; ours is the highest.
    :param coding: in which it is sent unless it is short, :mod:`service.coding`; or empty.
    :param prefixes: to write a graph with.
    :param max_bytes: largest result, where it is less than ours.
    """

    text: str
    writer: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    own_dataset: bool = False
    seconds: float | None = None
    coding: str = ""
    prefixes: Mapping[str, str] | None = None
    max_bytes: int | None = None


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
    _link: "_Link | None" = None
    _release: Callable[[bool], None] | None = None

    async def rest(self) -> AsyncIterator[bytes]:
        """Yield what follows ``first``.

        :raises Problem: if the query is ended before its result is complete. What was sent until
            then is a part and must not be taken for the whole.
        """
        while not self.complete and self._link:
            event = await self._link.event()
            kind, payload = event
            if kind == frames.DATA:
                yield payload
            else:
                self.seconds, last, _ = frames.OUTCOME.unpack(payload)
                self.complete = True
                self.close(reusable=not last)

    def close(self, *, reusable: bool = False) -> None:
        """Let go of the worker; if the result is not complete this ends the query."""
        if self._release:
            release, self._release = self._release, None
            release(reusable)


class _Link:
    """One connection to one worker.

    Most answers come within a fraction of a millisecond. For those it is cheapest to wait right
    here: the processor goes straight to the worker and back. Only what takes longer is left to
    the event loop.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.pid = 0
        self.long = False
        self.begun = False
        self.reason = ""  # why we ended it ourselves
        self.limit_seconds = 0.0
        self.limits: Limits | None = None
        self.timer: asyncio.TimerHandle | None = None
        self._connection = connection
        self._descriptor = connection.fileno()
        self._poll = select.poll()
        self._poll.register(self._descriptor, select.POLLIN)
        self._buffer = bytearray()
        self._events: deque[tuple[bytes, bytes]] = deque()
        self._waiting_bytes = 0
        self._waiter: asyncio.Future[None] | None = None
        self._watching = False
        self._ended = False
        self._tail = b""

    @property
    def usable(self) -> bool:
        """Whether the idle worker is still there: it says nothing, and has not hung up."""
        return not self._ended and not self._poll.poll(0)

    @property
    def alive(self) -> bool:
        """Whether the connection was open when last looked at."""
        return not self._ended

    async def send(self, data: bytes) -> None:
        """Send a request."""
        try:
            sent = self._connection.send(data, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._finish()
            return
        if sent < len(data):
            loop = asyncio.get_running_loop()
            try:
                await loop.sock_sendall(self._connection, memoryview(data)[sent:])
            except OSError:
                self._finish()

    def answered_at_once(self) -> bool:
        """Wait for a moment; say whether an answer has begun or the worker is gone."""
        if self._poll.poll(AT_ONCE_MILLISECONDS):
            self._readable()
        return bool(self._events) or self._ended

    async def event(self) -> tuple[bytes, bytes]:
        """Return the next DATA, END or WHOLE.

        :raises Problem: if the worker reports one, or has died.
        """
        while not self._events:
            if self._ended:
                raise self._death()
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            self._watch(loop)
            await self._waiter
        kind, payload = self._events.popleft()
        self._waiting_bytes -= len(payload)
        if kind == frames.PROBLEM:
            raise self._reported(json.loads(payload))
        return kind, payload

    def lower(self) -> None:
        """Lower the worker's priority, if there is one yet: process 0 would be this one."""
        if self.pid:
            with contextlib.suppress(OSError):  # it has just ended, or we may not
                os.setpriority(os.PRIO_PROCESS, self.pid, LOW_PRIORITY)

    def end(self, reason: str = "") -> None:
        """Close the connection; the host ends the worker if it still works."""
        self.reason = self.reason or reason
        self._finish()

    def rest(self) -> None:
        """Leave the event loop until the next query."""
        self._unwatch()
        self.begun = False

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._watching and not self._ended:
            self._watching = True
            loop.add_reader(self._descriptor, self._drain)

    def _unwatch(self) -> None:
        if self._watching:
            self._watching = False
            asyncio.get_running_loop().remove_reader(self._descriptor)

    def _drain(self) -> None:
        # Until nothing is left: after an error libuv tells of a descriptor once and never again,
        # and behind the last bytes of a worker that died there is the end of the connection.
        while self._readable() and self._watching:
            pass

    def _readable(self) -> bool:
        """Read once; say whether there may be more."""
        try:
            data = self._connection.recv(READ_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self._finish()
            return False
        self._tail = (self._tail + data[-frames.TRAILER.size :])[-frames.TRAILER.size :]
        if self._buffer:
            self._buffer += data
            data = bytes(self._buffer)
        start, size = 0, frames.HEAD.size
        while len(data) - start >= size:
            kind, length = frames.HEAD.unpack_from(data, start)
            end = start + size + length
            if len(data) < end:
                break
            payload = data[start + size : end]
            start = end
            if kind == frames.HELLO:
                self.pid = SLOT.unpack(payload)[1]
                if self.long:
                    self.lower()
                continue
            self._events.append((kind, payload))
            self._waiting_bytes += length
        self._buffer[:] = data[start:]
        if self._waiting_bytes > AHEAD_BYTES:
            self._unwatch()
        if self._events:
            self._wake()
        return True

    def _finish(self) -> None:
        if not self._ended:
            self._unwatch()
            self._ended = True
            self._connection.close()
        self._wake()

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def _reported(self, facts: dict[str, str]) -> Problem:  # noqa: PLR0911 - one line a reason
        assert self.limits
        match facts["problem"]:
            case "syntax":
                return MalformedQuery(facts["message"])
            case "TooLargeError":
                return _too_large(self.limits)
            case "MemoryError":
                return _too_costly(self.limits)
            case "UnwritableError":
                return NotAcceptable(
                    "A value holds a character that XML cannot. Ask for another format."
                )
        message = facts["message"]
        if "custom" in message and "function" in message:
            return UnsupportedFunction(f"{message[:1].upper()}{message[1:]}.")
        if "ervice" in message or "HTTP" in message or "Permission denied" in message:
            return ServiceRefused(
                "The query calls another endpoint; that failed or is not allowed."
            )
        return EngineFault(f"The engine could not answer: {message}")

    def _death(self) -> Problem:  # noqa: PLR0911 - one line a reason
        assert self.limits
        if self.reason == "busy":
            return _queue_full("too many long queries run already")
        if not self.pid:
            return _queue_full("no query process is free")
        magic, number = (b"", 0)
        if len(self._tail) == frames.TRAILER.size:
            magic, number = frames.TRAILER.unpack(self._tail)
        if magic != frames.TRAILER_MAGIC:
            return EngineFault("The connection to the query's worker was lost.")
        if number == signal.SIGALRM:
            return QueryTimeout(
                f"The query was stopped after {self.limit_seconds:g} s. Ask for less at a time "
                "(LIMIT, fewer OPTIONALs, no unbound property paths).",
                limit_seconds=self.limit_seconds,
            )
        if number in {signal.SIGABRT, signal.SIGKILL}:
            return _too_costly(self.limits)
        if number in {signal.SIGSEGV, signal.SIGBUS}:
            return QueryTooCostly("The query nests too deeply for the engine.", reason="stack")
        if number == signal.SIGUSR1:
            return QueryCancelled("The query was cancelled by request.")
        return EngineFault(f"The query's worker was ended by signal {number}.")


def _too_large(limits: Limits) -> ResultTooLarge:
    return ResultTooLarge(
        f"The result is over {limits.max_result_bytes} bytes. Ask for part of it with LIMIT and "
        "OFFSET, or download the whole dataset.",
        limit_bytes=limits.max_result_bytes,
    )


def _too_costly(limits: Limits) -> QueryTooCostly:
    return QueryTooCostly(
        f"The query needed more than {limits.query_memory_bytes} bytes of memory. Ask for less "
        "at a time: a smaller ORDER BY, DISTINCT or GROUP BY.",
        limit_bytes=limits.query_memory_bytes,
        reason="memory",
    )


def _queue_full(why: str) -> QueueFull:
    return QueueFull(
        f"The endpoint is busy: {why}. Try again in {RETRY_SECONDS} s.",
        retry_after_seconds=RETRY_SECONDS,
    )


def _lower(pid: int) -> None:
    """Give a process only the time that nobody else wants."""
    with contextlib.suppress(OSError):  # it has just ended, or this system does not let us
        if sys.platform == "linux":
            os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
        else:
            os.setpriority(os.PRIO_PROCESS, pid, LOW_PRIORITY)


class AsyncEngine:
    """Asks the workers of a host from one event loop.

    :param address: the host's folder, :attr:`Host.address`.
    """

    def __init__(self, address: Path, limits: Limits) -> None:
        self._address = address
        self._limits = limits
        self._idle: list[_Link] = []
        self._light = 0
        self._long = 0
        self._queue: deque[asyncio.Future[None]] = deque()
        with (address / "slots").open("r+b") as file:
            self._slots = mmap.mmap(file.fileno(), 0)

    async def run(self, job: Job, *, when_slow: WhenSlow | None = None) -> Result:
        """Ask a worker and return the answer once it has begun.

        :param when_slow: told if the query has to wait, and if it runs long, with a function that
            ends it; from then on it is worth watching whether the client is still there.
        :raises MalformedQuery: if the engine cannot parse it.
        :raises QueryTimeout, QueryTooCostly, ResultTooLarge, QueryCancelled: if it was ended.
        :raises QueueFull: if there is no place, or no more waiting.
        """
        loop = asyncio.get_running_loop()
        query_id = secrets.token_hex(8)
        limits = self._limits
        if job.max_bytes is not None and job.max_bytes < limits.max_result_bytes:
            limits = replace(limits, max_result_bytes=job.max_bytes)
        seconds = min(job.seconds or limits.query_seconds, limits.query_seconds)
        request = Request(
            query_id,
            job.text,
            job.writer,
            job.default_graphs,
            job.named_graphs,
            job.own_dataset,
            seconds,
            limits.max_result_bytes,
            job.coding,
            dict(job.prefixes) if job.prefixes else None,
        )
        link = await self._acquire(when_slow)
        link.limit_seconds, link.limits = seconds, limits

        def release(reusable: bool) -> None:
            if link.timer:
                link.timer.cancel()
                link.timer = None
            self._leave(link, reusable)

        def wait_for_long() -> None:
            if link.pid:
                self._is_long(link, when_slow)
            else:  # it waits for a worker: that time is not the query's
                link.timer = loop.call_later(LIGHT_SECONDS, wait_for_long)

        try:
            await link.send(request.pack())
            if not link.answered_at_once():
                link.timer = loop.call_later(LIGHT_SECONDS, wait_for_long)
            kind, payload = await link.event()
        except MalformedQuery as problem:
            release(True)
            problem.extras["query_id"] = query_id
            raise
        except BaseException as problem:
            release(False)
            if isinstance(problem, Problem):
                problem.extras.setdefault("query_id", query_id)
            raise
        if kind == frames.WHOLE:
            took, last, zipped = frames.OUTCOME.unpack_from(payload)
            release(not last)
            return Result(query_id, payload[frames.OUTCOME.size :], True, zipped, took)
        link.begun = True
        if not link.timer:
            link.timer = loop.call_later(LIGHT_SECONDS, wait_for_long)
        return Result(query_id, payload, False, bool(job.coding), None, link, release)

    def cancel(self, query_id: str) -> bool:
        """End a query that runs in any web process; say whether there was one.

        Its worker is stopped first, so that it cannot have gone on to another query meanwhile.
        """
        wanted = query_id.encode()
        if len(wanted) != 16:
            return False
        for start in range(0, len(self._slots), SLOT.size):
            found, pid = SLOT.unpack_from(self._slots, start)
            if found != wanted or not pid:
                continue
            try:
                os.kill(pid, signal.SIGSTOP)
                still = SLOT.unpack_from(self._slots, start) == (wanted, pid)
                if still:
                    os.kill(pid, signal.SIGUSR1)
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                return False
            return still
        return False

    def close(self) -> None:
        """Let go of all idle workers."""
        for link in self._idle:
            link.end()
        self._idle.clear()

    async def _acquire(self, when_slow: WhenSlow | None) -> _Link:
        if self._light >= self._limits.light:
            if len(self._queue) >= self._limits.waiting:
                raise _queue_full(f"{len(self._queue)} queries are waiting")
            loop = asyncio.get_running_loop()
            place: asyncio.Future[None] = loop.create_future()
            self._queue.append(place)
            long_waited = _queue_full("the query waited too long for a place")
            timer = loop.call_later(self._limits.wait_seconds, self._give_up, place, long_waited)
            if when_slow:
                gone = QueryCancelled("The client went away before there was a place.")
                when_slow(partial(self._give_up, place, gone))
            try:
                await place
            finally:
                timer.cancel()
        else:
            self._light += 1
        while self._idle:
            link = self._idle.pop()
            if link.usable:
                return link
            link.end()
        return self._connect()

    def _connect(self) -> _Link:
        connection = socket.socket(socket.AF_UNIX)
        connection.setblocking(False)
        try:
            connection.connect(os.fspath(self._address / "engine"))
        except BlockingIOError:
            connection.close()
            self._give_place()
            raise _queue_full("no query process is free") from None
        except OSError as error:
            connection.close()
            self._give_place()
            raise EngineFault(f"The engine does not answer: {error}") from None
        return _Link(connection)

    def _give_up(self, place: asyncio.Future[None], why: Problem) -> None:
        if not place.done():
            self._queue.remove(place)
            place.set_exception(why)

    def _give_place(self) -> None:
        """A light place is free: the next in the queue has it, or nobody."""
        while self._queue:
            place = self._queue.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._light -= 1

    def _is_long(self, link: _Link, when_slow: WhenSlow | None) -> None:
        if not link.alive:
            return
        if self._long >= self._limits.long and not link.begun:
            link.end("busy")
            return
        link.long = True
        self._long += 1
        link.lower()
        self._give_place()
        if when_slow:
            when_slow(link.end)

    def _leave(self, link: _Link, reusable: bool) -> None:
        if link.long:
            # Its priority cannot be raised again, and what it took in memory goes back.
            self._long -= 1
            link.end()
            return
        if reusable and link.alive:
            link.rest()
            self._idle.append(link)
        else:
            link.end()
        self._give_place()


@dataclass
class Answer:
    """An answer for threads; iterate ``body`` to its end or close it."""

    query_id: str
    seconds: float | None
    compressed: bool
    body: Iterator[bytes]


class Engine:
    """Asks the workers of a host from any thread.

    The same as :class:`AsyncEngine`, whose event loop runs in a thread of its own; the thread
    starts with the first query.
    """

    def __init__(self, address: Path, limits: Limits) -> None:
        self._address, self._limits = address, limits
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._engine: AsyncEngine | None = None

    def run(self, job: Job) -> Answer:
        """Ask a worker; see :meth:`AsyncEngine.run` for what it raises."""
        engine, loop = self._started()
        result = asyncio.run_coroutine_threadsafe(engine.run(job), loop).result()
        if result.complete:
            body = iter((result.first,))
            return Answer(result.query_id, result.seconds, result.compressed, body)
        return Answer(result.query_id, None, result.compressed, self._body(result, loop))

    def cancel(self, query_id: str) -> bool:
        """End a query; see :meth:`AsyncEngine.cancel`."""
        return self._started()[0].cancel(query_id)

    def close(self) -> None:
        """Stop the thread."""
        with self._lock:
            if self._loop and self._engine:
                self._loop.call_soon_threadsafe(self._engine.close)
                # One more turn of the loop, in which the closed transports let go of their sockets.
                self._loop.call_soon_threadsafe(self._loop.call_soon, self._loop.stop)
                while self._loop.is_running():
                    time.sleep(0.001)
                self._loop.close()
            self._loop = self._engine = None

    def _body(self, result: Result, loop: asyncio.AbstractEventLoop) -> Iterator[bytes]:
        try:
            yield result.first
            rest = result.rest()
            while True:
                step = asyncio.run_coroutine_threadsafe(_next(rest), loop)
                chunk = step.result()
                if chunk is None:
                    return
                yield chunk
        finally:
            loop.call_soon_threadsafe(result.close)

    def _started(self) -> tuple[AsyncEngine, asyncio.AbstractEventLoop]:
        with self._lock:
            if self._engine is None or self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._engine = AsyncEngine(self._address, self._limits)
                threading.Thread(
                    target=self._loop.run_forever, name="engine client", daemon=True
                ).start()
            return self._engine, self._loop


async def _next(chunks: AsyncIterator[bytes]) -> bytes | None:
    async for chunk in chunks:
        return chunk
    return None
