"""A result on its way from a worker to its reader."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from service.formats import Format, Kind

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
        self._file = tempfile.SpooledTemporaryFile(AHEAD_BYTES, prefix="cdmo-")  # noqa: SIM115
        self._written = self._read = 0

    @property
    def has_room(self) -> bool:
        """Whether the worker should write on."""
        return self._written < AHEAD_BYTES or self._quota.left > 0

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self._file.seek(self._written)
        self._file.write(data)
        self._written += len(data)
        self._quota.left -= len(data)

    def read(self) -> bytes:
        """Return the next bytes, or b"" if there are none yet."""
        if self._read == self._written:
            return b""
        self._file.seek(self._read)
        data = self._file.read(READ_BYTES)
        self._read += len(data)
        if self._read == self._written:
            self._free()
            self._file.seek(0)
            self._file.truncate()
        return data

    def close(self) -> None:
        """Free memory and disk space."""
        self._free()
        self._file.close()

    def _free(self) -> None:
        self._quota.left += self._written
        self._written = self._read = 0


class Result:
    """The result of one query; its bytes may still be coming.

    :ivar query_id: by which it can be cancelled.
    :ivar kind: of the result.
    :ivar format: in which its bytes are.
    :ivar seconds: that the engine took; None until the result is complete.
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

        :raises Problem: if the query ends before.
        """
        await self._begun

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
