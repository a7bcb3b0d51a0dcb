"""Results, remembered by the digest of everything on which they depend.

A remembered result equals a new one: its key is a digest of the computation's inputs and of its
code. So nothing is ever out of date; unused results go when the file grows too large.

The file is an SQLite database: several checks may use it at once, and a check that is killed
leaves it whole. If it cannot be used, everything is computed.
"""

import sqlite3
import sys
import time
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

from service.sources import code_digest

LIMIT_BYTES = 64 << 20
"""Limit of all remembered results, compressed; the least recently used go first."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS results (key BLOB PRIMARY KEY, value BLOB, used INTEGER) WITHOUT ROWID
"""
_PRUNE = """
DELETE FROM results WHERE key IN (
  SELECT key FROM (
    SELECT key, SUM(LENGTH(value)) OVER (ORDER BY used DESC, key) AS total FROM results
  ) WHERE total > ?
)
"""


class Memory:
    """A file of remembered results.

    :param path: of the file, created if it is missing; None: nothing is remembered.
    :param code: a digest of the code that computes.
    """

    def __init__(self, path: Path | None = None, code: str = "") -> None:
        self._path = path
        self._code = code
        self._lock = Lock()  # threads share the connection
        self._new: dict[bytes, bytes] = {}
        self._used: set[bytes] = set()

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is remembered."""
        return self._path is None

    def value(self, kind: str, parts: Iterable[bytes], compute: Callable[[], bytes]) -> bytes:
        """Return what ``compute`` returns, remembered if it was computed from the same parts.

        :param kind: of the result; different computations have different ones.
        :param parts: everything on which it depends, except the code.
        """
        if self._path is None:
            return compute()
        key = self._key(kind, parts)
        if (value := self._read(key)) is None:
            value = self._new[key] = compute()
        return value

    def recall(self, kind: str, parts: Iterable[bytes]) -> bytes | None:
        """Return the remembered result of these parts, if there is one."""
        return None if self._path is None else self._read(self._key(kind, parts))

    def remember(self, kind: str, parts: Iterable[bytes], value: bytes) -> None:
        """Remember the result that was computed from these parts."""
        if self._path is not None:
            self._new[self._key(kind, parts)] = value

    def _key(self, kind: str, parts: Iterable[bytes]) -> bytes:
        digest = sha256(f"{self._code} {kind}".encode())
        for part in parts:
            digest.update(f" {len(part)} ".encode())
            digest.update(part)
        return digest.digest()

    def save(self) -> None:
        """Write the results since the last time, unless the file is in use."""
        new, self._new = self._new, {}
        used, self._used = self._used, set()
        if not self._connection or not (new or used):
            return
        now = int(time.time())
        rows = [(key, zlib.compress(value, 1), now) for key, value in new.items()]
        with self._lock, suppress(sqlite3.Error), self._connection as connection:
            connection.executemany("INSERT OR REPLACE INTO results VALUES (?, ?, ?)", rows)
            connection.executemany(
                "UPDATE results SET used = ? WHERE key = ?", [(now, key) for key in used]
            )
            connection.execute(_PRUNE, [LIMIT_BYTES])

    def _read(self, key: bytes) -> bytes | None:
        if key in self._new:
            return self._new[key]
        if not self._connection:
            return None
        with self._lock, suppress(sqlite3.Error, zlib.error):
            rows = self._connection.execute("SELECT value FROM results WHERE key = ?", [key])
            for (value,) in rows:
                self._used.add(key)
                return zlib.decompress(value)
        return None

    @cached_property
    def _connection(self) -> sqlite3.Connection | None:
        if self._path is None:
            return None
        with suppress(OSError, sqlite3.Error):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                return _opened(self._path)
            except sqlite3.DatabaseError:  # damaged: as if it were not there
                self._path.unlink(missing_ok=True)
                return _opened(self._path)
        return None

    @classmethod
    def of(cls, folder: Path) -> "Memory":
        """Return the memory of checks in a folder of releases, for this code and its packages."""
        return cls(folder / "remembered.sqlite", f"{code_digest()} {_installed()}")


def _installed() -> str:
    """Return the versions of the installed packages, as one text."""
    spec = find_spec("pyoxigraph")
    folder = Path(spec.origin).parents[1] if spec and spec.origin else Path()
    return " ".join([sys.version, *sorted(p.name for p in folder.glob("*.dist-info"))])


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=1, check_same_thread=False)
    connection.execute(_SCHEMA)
    return connection


NOTHING = Memory()
"""Remembers nothing."""
