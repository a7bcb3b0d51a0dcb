"""Messages between the pool and a worker, over a Unix stream socket.

Each message follows its length, as in :class:`multiprocessing.connection.Connection`. A worker's
first message is its process id. When a worker has ended, the host appends one byte: the number
of the signal that ended it, or 0.
"""

import marshal
import struct
from typing import NamedTuple

from service.problems import Problem, by_slug
from service.remote.connection import Replica

LENGTH = struct.Struct("!i")

PART_BYTES = 1 << 16
"""Largest part of a result in one message."""

WHOLE = b"W"
"""A short result: :data:`OUTCOME`, the payload of a HEAD, a line feed, all bytes."""
HEAD = b"H"
"""The start of a longer result: its kind, a space, and the name of its format."""
DATA = b"D"
"""A part of the result."""
END = b"E"
"""The end of a longer result: :data:`OUTCOME`."""
PROBLEM = b"N"
"""A problem in place of a result: :func:`pack_problem`."""

NOT_STARTED = 255
"""In place of a signal's number: no process could be started."""

OUTCOME = struct.Struct("<d?B")
"""The engine's time in seconds, whether the worker ends now, and the number of its retries."""


class Request(NamedTuple):
    """One query for a worker.

    :param solutions_format: name of the format for solutions and booleans; None if none is
        acceptable.
    :param graph_format: the same for graphs.
    :param default_graphs: with ``named_graphs`` the dataset, if the request chooses one.
    :param seconds: the time limit; at its end the kernel kills the worker.
    :param max_bytes: the size limit of the result.
    :param replicas: engines to ask, in this order, instead of the release's own store.
    """

    text: str
    solutions_format: str | None
    graph_format: str | None
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    seconds: float
    max_bytes: int
    replicas: tuple[Replica, ...] = ()

    def pack(self) -> bytes:
        """Return the request as a message.

        ``marshal`` is fast, and safe here: both ends are the same program.
        """
        return marshal.dumps((*self[:-1], tuple(map(tuple, self.replicas))))

    @classmethod
    def unpack(cls, message: bytes) -> "Request":
        """Return the request in a message."""
        *fields, replicas = marshal.loads(message)  # noqa: S302 - from our own web process
        return cls._make((*fields, tuple(Replica(*replica) for replica in replicas)))


def pack_problem(problem: Problem) -> bytes:
    """Return a problem as the payload of a message."""
    return marshal.dumps((problem.slug, problem.detail, problem.extras))


def unpack_problem(payload: bytes) -> Problem:
    """Return the problem in the payload of a message."""
    slug, detail, extras = marshal.loads(payload)  # noqa: S302 - from our own worker
    return by_slug(slug)(detail, **extras)
