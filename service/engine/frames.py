"""The words between a web process and a query worker, over one Unix stream socket.

A request is a length and a tuple; an answer is frames of a kind, a length and a payload. When a
worker dies the host writes a trailer on the same socket, so that the client knows the reason.
"""

import marshal
import struct
from typing import NamedTuple

LENGTH = struct.Struct("<I")
HEAD = struct.Struct("<cI")
OUTCOME = struct.Struct("<d??")
"""Seconds the engine took; whether its worker leaves now; whether the bytes are compressed."""

PLACE = struct.Struct("<IQ")
"""A worker's place in the table, :mod:`service.engine.slots`, and its process id."""

HELLO = b"W"
"""The worker is ready; payload: PLACE."""
WHOLE = b"A"
"""A complete answer; payload: OUTCOME, then the bytes of the result."""
DATA = b"D"
"""A part of an answer; payload: bytes of the result."""
END = b"E"
"""The answer is complete; payload: OUTCOME."""
PROBLEM = b"P"
"""There is no answer; payload: JSON with ``problem`` and what it says."""

PASSED = b"S"
"""The query was recalled before it began."""

TRAILER = struct.Struct("<6sB")
TRAILER_MAGIC = b"\xffcdmo\xff"
"""Begins the trailer that the host writes after a worker that died, with the signal's number."""


READING = "reading"
"""In place of a format: asks what the query's tokens tell,
:class:`service.sparql.tokens.Reading`. For a long query that takes long, so it is done where it can be ended."""


class Request(NamedTuple):
    """One query for a worker.

    :param query_id: 16 characters.
    :param writer: name of a format of :mod:`service.formats` that the engine writes itself, or
        :data:`READING`.
    :param default_graphs: with ``named_graphs`` the dataset, if the request says one.
    :param own_dataset: whether the query's own ``FROM`` says the dataset.
    :param seconds: time limit; the kernel ends the worker when it is over.
    :param max_bytes: largest result, before compression.
    :param coding: :mod:`service.compression`; empty for none.
    :param prefixes: for graphs, in formats that have prefixes.
    """

    query_id: str
    text: str
    writer: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    own_dataset: bool = False
    seconds: float = 30.0
    max_bytes: int = 1 << 28
    coding: str = ""
    prefixes: dict[str, str] | None = None

    def pack(self) -> bytes:
        """Return the request as it is sent: its length and its values.

        As Python writes them to its own files: both ends are the same program.
        """
        payload = marshal.dumps(tuple(self))
        return LENGTH.pack(len(payload)) + payload

    @classmethod
    def unpack(cls, payload: bytes) -> "Request":
        """Read a request's values."""
        return cls(*marshal.loads(payload))  # noqa: S302 - from our own web processes


def frame(kind: bytes, payload: bytes = b"") -> bytes:
    """Return one frame."""
    return HEAD.pack(kind, len(payload)) + payload
