"""The table that all processes share: which query runs in which worker.

A file of fixed-size places, mapped by the host, its workers and the web processes. A worker writes
what it works at; a web process writes which of the requests that it sent are no longer wanted.
"""

import mmap
import struct
from pathlib import Path

_RUNNING = struct.Struct("<16sQ")
_RECALLED = struct.Struct("<Q")
_SIZE = _RUNNING.size + _RECALLED.size
NAME = "slots"
ID_BYTES = 16


class Slots:
    """The places of all workers.

    :param folder: the host's.
    """

    def __init__(self, folder: Path) -> None:
        with (folder / NAME).open("r+b") as file:
            self._table = mmap.mmap(file.fileno(), 0)

    def __len__(self) -> int:
        return len(self._table) // _SIZE

    @staticmethod
    def create(folder: Path, count: int) -> None:
        """Write an empty table."""
        (folder / NAME).write_bytes(bytes(_SIZE * count))

    def clear(self) -> None:
        """Empty all places."""
        self._table[:] = bytes(len(self._table))

    def free(self, index: int) -> None:
        """Empty the place of a worker that has ended."""
        self._table[index * _SIZE : (index + 1) * _SIZE] = bytes(_SIZE)

    def take(self, index: int, query_id: bytes, pid: int) -> None:
        """Say which query runs in a worker; an empty id says none."""
        _RUNNING.pack_into(self._table, index * _SIZE, query_id, pid)

    def holds(self, index: int, query_id: bytes, pid: int) -> bool:
        """Say whether a query runs in a worker."""
        found: tuple[bytes, int] = _RUNNING.unpack_from(self._table, index * _SIZE)
        return found == (query_id, pid)

    def find(self, query_id: bytes) -> tuple[int, int] | None:
        """Return the place and the process id of the worker that a query runs in."""
        for index in range(len(self)):
            found, pid = _RUNNING.unpack_from(self._table, index * _SIZE)
            if found == query_id and pid:
                return index, pid
        return None

    def recall(self, index: int, count: int) -> None:
        """Tell a worker to pass over all that it has not begun of the first ``count`` requests."""
        _RECALLED.pack_into(self._table, index * _SIZE + _RUNNING.size, count)

    def recalled(self, index: int) -> int:
        """Return up to which request a worker is to pass over what it has not begun."""
        found: int = _RECALLED.unpack_from(self._table, index * _SIZE + _RUNNING.size)[0]
        return found
