"""Messages between the pool, the host and the workers, over Unix stream sockets."""

import marshal
import socket
import struct
from typing import NamedTuple

from service.problems import Problem, by_slug

# -- the control socket between pool and host -----------------------------------------------------

CONTROL = struct.Struct("<cQB")
"""Kind, process id, and a number."""

FORK = b"F"
"""To the host: fork a worker on the socket that comes along."""
KILL = b"K"
"""To the host: kill a worker."""
OPENED = b"O"
"""From the host: the store is open."""
FORKED = b"P"
"""From the host, for each FORK in turn: the worker's process id, or 0 and an errno."""
DIED = b"X"
"""From the host: a worker has ended, by a signal or by itself (0)."""

# -- the socket of a worker -----------------------------------------------------------------------

FRAME = struct.Struct("<cI")
"""Kind of a message and length of its payload."""

PART_BYTES = 1 << 16
"""Most bytes of a result in one message."""

WHOLE = b"W"
"""A short result; payload: :data:`OUTCOME`, the payload of a HEAD, a line feed, all bytes."""
HEAD = b"H"
"""A longer result begins; payload: its kind, a space, and the name of its format."""
DATA = b"D"
"""A part of the result."""
END = b"E"
"""The result is complete; payload: :data:`OUTCOME`."""
PROBLEM = b"N"
"""There is no result; payload: :func:`pack_problem`."""

OUTCOME = struct.Struct("<d?")
"""Seconds that the engine took, and whether the worker ends now."""

_LENGTH = struct.Struct("<I")


class Request(NamedTuple):
    """One query for a worker.

    :param solutions_format: name of the format for solutions and booleans; None if none is
        acceptable.
    :param graph_format: the same for graphs.
    :param default_graphs: with ``named_graphs`` the dataset, if the request chooses one.
    :param seconds: time limit; the kernel ends the worker when it is over.
    :param max_bytes: largest result.
    """

    text: str
    solutions_format: str | None
    graph_format: str | None
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    seconds: float
    max_bytes: int

    def pack(self) -> bytes:
        """Return the request as it is sent: its length and its values.

        By ``marshal``, which is fast, and safe here: both ends are the same program.
        """
        data = marshal.dumps(tuple(self))
        return _LENGTH.pack(len(data)) + data


def receive_request(connection: socket.socket) -> Request | None:
    """Return the next request on a blocking socket, or None if the socket has closed."""
    data = connection.recv(1 << 15)
    if not data:
        return None
    (length,) = _LENGTH.unpack_from(data)  # the first packet holds it: it is sent as one
    parts, left = [data], _LENGTH.size + length - len(data)
    while left > 0:
        data = connection.recv(min(left, 1 << 18))
        if not data:
            return None
        parts.append(data)
        left -= len(data)
    values = b"".join(parts)[_LENGTH.size :]
    return Request(*marshal.loads(values))  # noqa: S302 - from our own web process


def frame(kind: bytes, payload: bytes = b"") -> bytes:
    """Return a message of a worker."""
    return FRAME.pack(kind, len(payload)) + payload


def pack_problem(problem: Problem) -> bytes:
    """Return a problem as the payload of a message."""
    return marshal.dumps((problem.slug, problem.detail, problem.extras))


def unpack_problem(payload: bytes) -> Problem:
    """Return the problem in the payload of a message."""
    slug, detail, extras = marshal.loads(payload)  # noqa: S302 - from our own worker
    return by_slug(slug)(detail, **extras)
