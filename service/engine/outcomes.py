"""The problems of queries that end without a result."""

import signal

from service.engine import messages
from service.problems import (
    EngineFault,
    Problem,
    QueryTimeout,
    QueryTooCostly,
    QueueFull,
    ResultTooLarge,
)

RETRY_SECONDS = 2
"""When a client that found no place may try again."""


def from_exit_signal(number: int, seconds: float, memory_bytes: int) -> Problem:
    """Return the problem of a query whose worker was ended by a signal.

    :param number: the signal's; 0 if the worker ended without one, or
        :data:`messages.NOT_STARTED`.
    :param seconds: the query's time limit.
    :param memory_bytes: the query's memory limit.
    """
    if number == signal.SIGALRM:
        return timeout(seconds)
    if number in {signal.SIGABRT, signal.SIGKILL}:
        return too_costly(memory_bytes)
    if number in {signal.SIGSEGV, signal.SIGBUS}:
        return QueryTooCostly("The query nests too deeply for the engine.", reason="stack")
    if number == messages.NOT_STARTED:
        return queue_full("no process can be started")
    if number == 0:
        return EngineFault("The connection to the query's worker was lost. Try again.")
    return EngineFault(f"The query's worker was ended by signal {number}.")


def timeout(seconds: float) -> QueryTimeout:
    """Return the problem of a query that ran into its time limit."""
    return QueryTimeout(
        f"The query was stopped after {seconds:g} s. Ask for less at a time "
        "(LIMIT, fewer OPTIONALs, no unbound property paths).",
        limit_seconds=seconds,
    )


def too_costly(memory_bytes: int) -> QueryTooCostly:
    """Return the problem of a query that ran into its memory limit."""
    return QueryTooCostly(
        f"The query needed more than {memory_bytes} bytes of memory. Ask for less "
        "at a time: a smaller ORDER BY, DISTINCT or GROUP BY.",
        limit_bytes=memory_bytes,
        reason="memory",
    )


def too_large(max_bytes: int) -> ResultTooLarge:
    """Return the problem of a result over its limit."""
    return ResultTooLarge(
        f"The result is over {max_bytes} bytes. Ask for part of it with LIMIT and "
        "OFFSET, or download the whole dataset.",
        limit_bytes=max_bytes,
    )


def queue_full(reason: str) -> QueueFull:
    """Return the problem of a query that got no place."""
    return QueueFull(
        f"The endpoint is busy: {reason}. Try again in {RETRY_SECONDS} s.",
        retry_after_seconds=RETRY_SECONDS,
    )
