"""The pool's end of one worker."""

import asyncio
import contextlib
import os
import socket
import sys
import time

from service.engine import messages
from service.engine.messages import Request

_LOW_PRIORITY = 15
_BUFFER_BYTES = 1 << 17


class WorkerEndedError(Exception):
    """A worker has ended without an answer.

    :ivar number: of the signal that ended it; 0 for none, or :data:`messages.NOT_STARTED`.
    """

    def __init__(self, number: int) -> None:
        self.number = number


class WorkerLink:
    """The connection to one worker.

    :ivar pid: of the worker; 0 until its first message.
    :ivar lowered: whether its priority was lowered, which cannot be undone.
    """

    def __init__(
        self, connection: socket.socket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.pid = 0
        self.lowered = False
        self._socket = connection
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, connection: socket.socket) -> "WorkerLink":
        """Return the link over a socket whose other end is the worker's."""
        reader, writer = await asyncio.open_unix_connection(sock=connection, limit=_BUFFER_BYTES)
        return cls(connection, reader, writer)

    @property
    def ended(self) -> bool:
        """Whether an idle worker has ended."""
        try:
            return not self._socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def send(self, request: Request) -> None:
        """Send a request."""
        data = request.pack()
        self._writer.write(messages.LENGTH.pack(len(data)) + data)

    async def receive(self) -> bytes:
        """Return the next message.

        :raises WorkerEndedError: if the worker has ended.
        """
        try:
            if not self.pid:
                self.pid = int(await self._read())
            return await self._read()
        except asyncio.IncompleteReadError as error:
            raise WorkerEndedError(error.partial[-1] if error.partial else 0) from None
        except OSError:
            raise WorkerEndedError(0) from None

    async def _read(self) -> bytes:
        (length,) = messages.LENGTH.unpack(await self._reader.readexactly(messages.LENGTH.size))
        return await self._reader.readexactly(length)

    def lower(self) -> None:
        """Give the worker only the time that no other process needs."""
        if self.lowered or not self.pid:
            return
        self.lowered = True
        with contextlib.suppress(OSError):  # it has just ended, or the system forbids it
            if sys.platform == "linux":
                os.sched_setscheduler(self.pid, os.SCHED_IDLE, os.sched_param(0))
            else:
                os.setpriority(os.PRIO_PROCESS, self.pid, _LOW_PRIORITY)

    def processor_seconds(self) -> float:
        """Return the processor time that the worker has had; where that is unknown, the time."""
        try:
            with open(f"/proc/{self.pid}/schedstat", "rb") as file:  # noqa: PTH123 - read often
                return int(file.read().split()[0]) / 1e9
        except OSError:
            return time.monotonic()

    def resident_bytes(self) -> int:
        """Return the memory that the worker alone holds; 0 if that is unknown."""
        try:
            with open(f"/proc/{self.pid}/statm", "rb") as file:  # noqa: PTH123 - read often
                fields = file.read().split()
        except OSError:
            return 0
        return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE")

    def close(self) -> None:
        """Close the connection; the host ends the worker."""
        self._writer.close()
