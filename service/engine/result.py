"""A result on its way from a worker to its reader."""

import asyncio
import logging
import math
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from service.formats import Format, Kind

log = logging.getLogger(__name__)

AHEAD_BYTES = 1 << 20
"""Bytes of a result that wait for the reader in memory; the rest waits in a file."""
READ_BYTES = 1 << 18
WARN_SECONDS = 60
"""The shortest time between two warnings that no file can be written."""


@dataclass(slots=True)
class Quota:
    """The disk space that all results share.

    :param left: free bytes.
    :ivar warned: when the log last said that no file can be written.
    """

    left: int
    warned: float = -math.inf


class Spool:
    """A buffer between a fast worker and a slow client.

    The engine finishes at its own pace, so a slow client holds no worker. If no file can be
    written, or the quota is used up, the worker waits for the client.
    """

    def __init__(self, quota: Quota) -> None:
        self._quota = quota
        self._parts: deque[bytes | tuple[int, int]] = deque()  # bytes, or their place in the file
        self._file: IO[bytes] | None = None
        self._in_memory = self._in_file = self._taken = 0
        self._is_file_full = False

    @property
    def has_room(self) -> bool:
        """Whether the worker should write on."""
        if self._in_memory < AHEAD_BYTES:
            return True
        return self._quota.left > 0 and not self._is_file_full

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self._taken += len(data)
        self._quota.left -= len(data)
        if self._in_memory >= AHEAD_BYTES and not self._is_file_full:
            data = data[self._write_to_file(data) :]
        if data:
            self._parts.append(data)
            self._in_memory += len(data)

    def _write_to_file(self, data: bytes) -> int:
        """Write to the file what it takes; return the number of bytes."""
        written = 0
        try:
            if not self._file:
                self._file = TemporaryFile(prefix="cdmo-", buffering=0)  # noqa: SIM115
            while written < len(data):
                size = os.pwrite(self._file.fileno(), data[written:], self._in_file)
                self._parts.append((self._in_file, size))
                self._in_file += size
                written += size
        except OSError as error:
            self._is_file_full = True
            if time.monotonic() - self._quota.warned > WARN_SECONDS:
                self._quota.warned = time.monotonic()
                log.warning(
                    "slow clients hold workers: no temporary file can be written, %s", error
                )
        return written

    def read(self) -> bytes:
        """Return the next bytes, or b"" if there are none yet."""
        parts: list[bytes] = []
        size = 0
        while self._parts and size < READ_BYTES:
            part = self._parts.popleft()
            if isinstance(part, bytes):
                self._in_memory -= len(part)
            else:
                assert self._file
                part = os.pread(self._file.fileno(), part[1], part[0])
            parts.append(part)
            size += len(part)
        if parts and not self._parts:
            self._free()
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def close(self) -> None:
        """Free memory and disk space."""
        self._parts.clear()
        self._free()

    def _free(self) -> None:
        self._quota.left += self._taken
        self._in_memory = self._in_file = self._taken = 0
        self._is_file_full = False
        if self._file:
            self._file.close()
            self._file = None


class Result:
    """The result of one query; its bytes may still be coming.

    :ivar query_id: the id by which the query can be cancelled.
    :ivar kind: its kind; set once the result has begun.
    :ivar format: the format of its bytes; set once the result has begun.
    :ivar seconds: the engine's time; None until the result is complete.
    """

    def __init__(self, query_id: str, spool: Spool, close: Callable[[], object]) -> None:
        self.query_id = query_id
        self.kind: Kind = "solutions"
        self.format: Format
        self.seconds: float | None = None
        self._begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._spool = spool
        self._close = close
        self._failure: BaseException | None = None
        self._changed = asyncio.Event()

    async def begun(self) -> None:
        """Wait until kind and format are known.

        :raises Problem: if the query ends before that.
        """
        await self._begun

    @property
    def complete(self) -> bool:
        """Whether the engine has finished."""
        return self.seconds is not None

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the bytes of the result as they come.

        :raises Problem: if the query ends before its result is complete: the bytes so far are
            only a part.
        """
        while True:
            if data := self._spool.read():
                self._changed.set()
                yield data
            elif self._failure:
                raise self._failure
            elif self.complete:
                return
            else:
                await self._change()

    async def whole(self) -> bytes:
        """Return all bytes of the result.

        :raises Problem: as :meth:`chunks`.
        """
        parts = [chunk async for chunk in self.chunks()]
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def close(self) -> None:
        """Release the worker; cancel the query if its result is incomplete."""
        self._close()
        self._spool.close()

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    # -- for the pool -----------------------------------------------------------------------------

    def begin(self, kind: Kind, fmt: Format) -> None:
        """Set kind and format."""
        self.kind, self.format = kind, fmt
        if not self._begun.done():
            self._begun.set_result(None)

    @property
    def has_room(self) -> bool:
        """Whether the worker should write on."""
        return self._spool.has_room

    async def room(self) -> None:
        """Wait until the worker should write on."""
        while not self._spool.has_room:
            await self._change()

    def add(self, data: bytes) -> None:
        """Append bytes from the worker."""
        self._spool.write(data)
        self._changed.set()

    def fail(self, problem: BaseException) -> None:
        """End the result with a problem."""
        if not self._begun.done():
            self._begun.set_exception(problem)
        self._failure = self._failure or problem
        self._changed.set()

    def finish(self, seconds: float) -> None:
        """Mark the result complete."""
        self.seconds = seconds
        self._changed.set()
