"""What went wrong with a query, from what its worker said or how it died."""

import signal
from typing import Any

from service.engine import frames
from service.problems import (
    EngineFault,
    MalformedQuery,
    NotAcceptable,
    Problem,
    QueryCancelled,
    QueryTimeout,
    QueryTooCostly,
    QueueFull,
    ResultTooLarge,
    ServiceFailed,
    ServiceRefused,
    UnsupportedFunction,
)

RETRY_SECONDS = 2


def reported(  # noqa: PLR0911 - one line a reason
    facts: dict[str, Any], request: frames.Request, memory_bytes: int
) -> Problem:
    """Return the problem that a worker reports.

    :param facts: ``problem``, the kind, ``message``, and of a malformed query ``extras``.
    :param memory_bytes: the memory limit of the query.
    """
    message = facts["message"]
    match facts["problem"]:
        case "syntax":
            return MalformedQuery(message, **facts["extras"])
        case "TooLargeError":
            return ResultTooLarge(
                f"The result is over {request.max_bytes} bytes. Ask for part of it with LIMIT and "
                "OFFSET, or download the whole dataset.",
                limit_bytes=request.max_bytes,
            )
        case "MemoryError":
            return _too_costly(memory_bytes)
        case "UnwritableError":
            return NotAcceptable(
                "A value holds a character that XML cannot. Ask for another format."
            )
    if "custom" in message and "function" in message:
        return UnsupportedFunction(f"{message[:1].upper()}{message[1:]}.")
    if "Permission denied" in message:
        return ServiceRefused("The query calls another endpoint; that is not allowed.")
    if any(word in message for word in ("ervice", "HTTP", "http", "redirect")):
        return ServiceFailed(
            "Another endpoint that the query asks did not answer, or not as it should. "
            "Ask it yourself, or use SERVICE SILENT."
        )
    return EngineFault(f"The engine could not answer: {message}")


def death(tail: bytes, request: frames.Request, memory_bytes: int) -> Problem:
    """Return the problem of a query whose worker is gone.

    :param tail: the last bytes that came: the host's trailer, if it had time to write one.
    """
    magic, number = (b"", 0)
    if len(tail) == frames.TRAILER.size:
        magic, number = frames.TRAILER.unpack(tail)
    if magic != frames.TRAILER_MAGIC:
        return EngineFault("The connection to the query's worker was lost.")
    if number == signal.SIGALRM:
        return QueryTimeout(
            f"The query was stopped after {request.seconds:g} s. Ask for less at a time "
            "(LIMIT, fewer OPTIONALs, no unbound property paths).",
            limit_seconds=request.seconds,
        )
    if number in {signal.SIGABRT, signal.SIGKILL}:
        return _too_costly(memory_bytes)
    if number in {signal.SIGSEGV, signal.SIGBUS}:
        return QueryTooCostly("The query nests too deeply for the engine.", reason="stack")
    if number == signal.SIGUSR1:
        return QueryCancelled("The query was cancelled by request.")
    return EngineFault(f"The query's worker was ended by signal {number}.")


def queue_full(why: str) -> QueueFull:
    """Return what a query is told that finds no place."""
    return QueueFull(
        f"The endpoint is busy: {why}. Try again in {RETRY_SECONDS} s.",
        retry_after_seconds=RETRY_SECONDS,
    )


def _too_costly(memory_bytes: int) -> QueryTooCostly:
    return QueryTooCostly(
        f"The query needed more than {memory_bytes} bytes of memory. Ask for less "
        "at a time: a smaller ORDER BY, DISTINCT or GROUP BY.",
        limit_bytes=memory_bytes,
        reason="memory",
    )
