"""The pool's end of one worker."""

import asyncio
import contextlib
import os
import socket
import sys
import time
from collections import deque
from typing import cast

from service.engine import messages
from service.engine.messages import Request

_LOW_PRIORITY = 15


class WorkerEndedError(Exception):
    """A worker has ended without an answer.

    :ivar number: the signal that ended it; 0 for none, or :data:`messages.NOT_STARTED`.
    """

    def __init__(self, number: int) -> None:
        self.number = number


class WorkerLink(asyncio.Protocol):
    """The connection to one worker.

    :ivar pid: the worker's process id; 0 until its first message.
    :ivar lowered: whether its priority was lowered, which cannot be undone.
    :ivar ended: whether the worker has ended.
    """

    def __init__(self) -> None:
        self.pid = 0
        self.lowered = False
        self.ended = False
        self._transport: asyncio.Transport
        self._received = bytearray()  # an incomplete message
        self._messages: deque[bytes] = deque()
        self._is_paused = False
        self._waiter: asyncio.Future[None] | None = None

    @classmethod
    async def open(cls, connection: socket.socket) -> "WorkerLink":
        """Return the link over a socket whose other end is the worker's."""
        loop = asyncio.get_running_loop()
        _, link = await loop.create_unix_connection(cls, sock=connection)
        return link

    def send(self, request: Request) -> None:
        """Send a request."""
        data = request.pack()
        self._transport.write(messages.LENGTH.pack(len(data)) + data)

    async def receive(self) -> bytes:
        """Return the next message.

        :raises WorkerEndedError: if the worker has ended.
        """
        while not self._messages:
            if self.ended:
                raise WorkerEndedError(self._received[-1] if self._received else 0)
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        if self._is_paused and len(self._messages) == 1:
            self._is_paused = False
            self._transport.resume_reading()
        return self._messages.popleft()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Queue the messages that are complete."""
        self._received += data
        start = messages.LENGTH.size
        while len(self._received) >= start:
            end = start + messages.LENGTH.unpack_from(self._received)[0]
            if len(self._received) < end:
                break
            message = bytes(self._received[start:end])
            del self._received[:end]
            if self.pid:
                self._messages.append(message)
            else:
                self.pid = int(message)
        if self._messages:
            self._wake()
        if len(self._messages) > 1 and not self._is_paused:  # the reader lags behind
            self._is_paused = True
            self._transport.pause_reading()

    def connection_lost(self, error: Exception | None) -> None:
        """Note that the worker has ended."""
        if error:  # it broke: the last byte is not the host's
            self._received.clear()
        self.ended = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def lower(self) -> None:
        """Lower the worker's priority: it gets the processor when no other process needs it."""
        if self.lowered or not self.pid:
            return
        self.lowered = True
        with contextlib.suppress(OSError):  # it has just ended, or the system forbids it
            if sys.platform == "linux":
                os.sched_setscheduler(self.pid, os.SCHED_IDLE, os.sched_param(0))
            else:
                os.setpriority(os.PRIO_PROCESS, self.pid, _LOW_PRIORITY)

    def processor_seconds(self) -> float:
        """Return the worker's processor time, or the clock's time where that is unknown."""
        try:
            with open(f"/proc/{self.pid}/schedstat", "rb") as file:  # noqa: PTH123 - read often
                return int(file.read().split()[0]) / 1e9
        except OSError:
            return time.monotonic()

    def resident_bytes(self) -> int:
        """Return the worker's memory without what it shares; 0 if unknown."""
        try:
            with open(f"/proc/{self.pid}/statm", "rb") as file:  # noqa: PTH123 - read often
                fields = file.read().split()
        except OSError:
            return 0
        return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE")

    def close(self) -> None:
        """Close the connection; the host ends the worker."""
        self._transport.close()
