"""A result on its way from a worker to its reader."""

import asyncio
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import IO

from service.formats import Format, Kind
from service.problems import ResultTooLarge

AHEAD_BYTES = 1 << 20
"""This much of a result waits in memory for its reader; the rest goes to a file."""
READ_BYTES = 1 << 18


@dataclass(slots=True)
class Quota:
    """Disk space that all results share.

    :param left: bytes that are free.
    """

    left: int


class Spool:
    """Bytes between a worker that writes fast and a client that reads slowly.

    So the engine finishes at its own pace, and a slow client holds no worker.
    """

    def __init__(self, quota: Quota) -> None:
        self._quota = quota
        self._parts: deque[bytes] = deque()
        self._in_memory = 0
        self._file: IO[bytes] | None = None
        self._written = self._read = 0

    @property
    def has_room(self) -> bool:
        """Whether the worker should write on."""
        return self._file is None or self._quota.left > 0

    def write(self, data: bytes) -> None:
        """Append bytes."""
        if self._file is None and self._in_memory + len(data) <= AHEAD_BYTES:
            self._parts.append(data)
            self._in_memory += len(data)
            return
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="cdmo-")  # noqa: SIM115 - see close
        self._file.seek(self._written)
        self._file.write(data)
        self._written += len(data)
        self._quota.left -= len(data)

    def read(self) -> bytes:
        """Return the next bytes, or b"" if there are none yet."""
        if self._parts:
            data = self._parts.popleft()
            self._in_memory -= len(data)
            return data
        if self._file is None:
            return b""
        self._file.seek(self._read)
        data = self._file.read(READ_BYTES)
        self._read += len(data)
        if self._read == self._written:
            self._drop_file()
        return data

    def close(self) -> None:
        """Free memory and disk space."""
        self._parts.clear()
        self._in_memory = 0
        self._drop_file()

    def _drop_file(self) -> None:
        if self._file:
            self._file.close()
            self._quota.left += self._written
        self._file, self._written, self._read = None, 0, 0


class Result:
    """The result of one query; its bytes may still be coming.

    :ivar query_id: by which it can be cancelled.
    :ivar kind: of the result.
    :ivar format: in which its bytes are.
    :ivar seconds: that the engine took; None until the result is complete.
    """

    __slots__ = (
        "_close",
        "_failure",
        "_resume",
        "_spool",
        "_wake",
        "format",
        "kind",
        "query_id",
        "seconds",
    )

    def __init__(
        self,
        query_id: str,
        spool: Spool,
        resume: Callable[[], None],
        close: Callable[[], None],
    ) -> None:
        self.query_id = query_id
        self.kind: Kind = "solutions"
        self.format: Format
        self.seconds: float | None = None
        self._spool = spool
        self._resume = resume
        self._close = close
        self._failure: BaseException | None = None
        self._wake: asyncio.Future[None] | None = None

    @property
    def complete(self) -> bool:
        """Whether the engine has finished."""
        return self.seconds is not None

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the bytes of the result as they come.

        :raises Problem: if the query ends before its result is complete. The bytes until then
            are a part and must not be taken for the whole.
        """
        while True:
            if data := self._spool.read():
                self._resume()
                yield data
            elif self._failure:
                raise self._failure
            elif self.complete:
                return
            else:
                self._wake = asyncio.get_running_loop().create_future()
                await self._wake

    async def whole(self, max_bytes: int | None = None) -> bytes:
        """Return all bytes of the result.

        :raises ResultTooLarge: if there are more than ``max_bytes``.
        :raises Problem: as :meth:`chunks`.
        """
        parts, size = [], 0
        async for chunk in self.chunks():
            size += len(chunk)
            if max_bytes is not None and size > max_bytes:
                raise ResultTooLarge(
                    f"The result has more than {max_bytes} bytes, too many for this use. Ask for "
                    "part of it with LIMIT and OFFSET.",
                    limit_bytes=max_bytes,
                )
            parts.append(chunk)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def close(self) -> None:
        """Release the worker; cancel the query if its result is incomplete."""
        self._close()
        self._spool.close()

    # -- for the pool -----------------------------------------------------------------------------

    @property
    def has_room(self) -> bool:
        """Whether the worker should write on."""
        return self._spool.has_room

    def add(self, data: bytes) -> None:
        """Append bytes from the worker."""
        self._spool.write(data)
        self.notify()

    def fail(self, problem: BaseException) -> None:
        """End the result with a problem."""
        if self._failure is None:
            self._failure = problem
        self.notify()

    def finish(self, seconds: float) -> None:
        """Mark the result complete."""
        self.seconds = seconds
        self.notify()

    def notify(self) -> None:
        """Wake the reader."""
        if self._wake and not self._wake.done():
            self._wake.set_result(None)
