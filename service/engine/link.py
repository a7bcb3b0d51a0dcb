"""The pool's end of one worker."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Callable

from service.engine import messages
from service.engine.messages import Request

_LOW_PRIORITY = 15
_RECEIVE_BYTES = 1 << 18


OnMessage = Callable[["WorkerLink", bytes, bytes], None]
"""Called with a worker, and kind and payload of its message."""


class WorkerLink:
    """The socket to one worker.

    That it closes does not mean that the worker has ended; the host reports that.

    :param connection: non-blocking.
    :ivar pid: of the worker; 0 until the host has forked it.
    :ivar closed: whether nothing is expected of the worker any more.
    :ivar lowered: whether its priority was lowered, which cannot be undone.
    :ivar paused: whether the worker waits for its reader.
    """

    __slots__ = (
        "_buffer",
        "_loop",
        "_lowered_at",
        "_on_message",
        "_socket",
        "closed",
        "lowered",
        "paused",
        "pid",
    )

    def __init__(
        self, connection: socket.socket, loop: asyncio.AbstractEventLoop, on_message: OnMessage
    ) -> None:
        self.pid = 0
        self.lowered = False
        self.paused = True
        self._socket = connection
        self._loop = loop
        self._on_message = on_message
        self._lowered_at = 0.0
        self.closed = False
        self._buffer = bytearray()
        self.resume()

    def send(self, request: Request) -> None:
        """Send a request; a long one goes on in a task."""
        data = request.pack()
        with contextlib.suppress(OSError):  # the worker has ended, which the host reports
            try:
                count = self._socket.send(data)
            except BlockingIOError:
                count = 0
            if count < len(data):
                task = asyncio.ensure_future(self._loop.sock_sendall(self._socket, data[count:]))
                task.add_done_callback(lambda task: task.cancelled() or task.exception())

    def pause(self) -> None:
        """Stop reading, so that the worker waits."""
        if not self.paused:
            self._loop.remove_reader(self._socket.fileno())
            self.paused = True

    def resume(self) -> None:
        """Read on."""
        if not self.closed and self.paused:
            self._loop.add_reader(self._socket.fileno(), self._read)
            self.paused = False

    def lower(self) -> None:
        """Give the worker only the time that no other process needs."""
        if not self.pid:
            return
        self.lowered = True
        self._lowered_at = self._processor_seconds()
        with contextlib.suppress(OSError):  # it has just ended, or the system forbids it
            if sys.platform == "linux":
                os.sched_setscheduler(self.pid, os.SCHED_IDLE, os.sched_param(0))
            else:
                os.setpriority(os.PRIO_PROCESS, self.pid, _LOW_PRIORITY)

    def low_seconds(self) -> float:
        """Return the processor time that the worker has had since its priority was lowered."""
        return self._processor_seconds() - self._lowered_at if self.lowered else 0.0

    def _processor_seconds(self) -> float:
        try:
            with open(f"/proc/{self.pid}/stat", "rb") as file:  # noqa: PTH123 - read often
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # user and system

    def resident_bytes(self) -> int:
        """Return the memory that the worker alone holds; 0 if that is unknown."""
        try:
            with open(f"/proc/{self.pid}/statm", "rb") as file:  # noqa: PTH123 - read often
                fields = file.read().split()
        except OSError:
            return 0
        return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE")

    def drain(self) -> None:
        """Read all that an ended worker has left."""
        while not self.closed and self._receive():
            pass

    def close(self) -> None:
        """Close the socket; an idle worker then ends."""
        if not self.closed:
            self.pause()
            self.closed = True
            self._socket.close()

    def _read(self) -> None:
        self._receive()

    def _receive(self) -> bool:
        """Read once; return whether there may be more."""
        try:
            data = self._socket.recv(_RECEIVE_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self.pause()
            return False
        self._buffer += data
        start, size = 0, messages.FRAME.size
        while len(self._buffer) - start >= size:
            kind, length = messages.FRAME.unpack_from(self._buffer, start)
            end = start + size + length
            if len(self._buffer) < end:
                break
            self._on_message(self, kind, bytes(self._buffer[start + size : end]))
            start = end
        del self._buffer[:start]
        return True
