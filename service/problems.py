"""Every expected failure, once: its class, HTTP status, slug and title.

A :class:`Problem` is raised where the failure is known, and rendered in one place, as RFC 9457
``application/problem+json`` or as a page. Its ``slug``, the class name with hyphens, names the
page that explains it, ``/problems/<slug>``. The command line prints the same facts and exits with
``exit_code``. The explanations for readers are in ``site/templates/_problem_words.html``.
"""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar


class Problem(Exception):
    """An expected failure that a user can understand and mend.

    :param detail: what happened this time, and how to mend it, in one or two sentences.
    :param extras: further members of the problem document (RFC 9457 §3.2), for example
        ``line``, ``column``, ``offers``. Values must be JSON-serialisable.
    """

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something failed inside the service"
    exit_code: ClassVar[int] = 1

    def __init_subclass__(cls) -> None:
        cls.slug = re.sub(r"\B(?=[A-Z])", "-", cls.__name__).lower()

    def __init__(self, detail: str, **extras: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extras = extras


class BadRequest(Problem):
    """The request does not follow the SPARQL 1.1 Protocol or HTTP."""

    status = 400
    title = "The request is not valid"


class MalformedQuery(Problem):
    """The query is not SPARQL 1.1 (Protocol §2.1.7); extras ``line``, ``column``, ``hint``."""

    status = 400
    title = "The query is not valid SPARQL"


class UpdateRefused(Problem):
    """An update was sent; the endpoint is read-only."""

    status = 403
    title = "This endpoint is read-only"


class ServiceRefused(Problem):
    """A query asks the endpoint to call another one (``SERVICE``)."""

    status = 403
    title = "Federated queries are not allowed here"


class ServiceFailed(Problem):
    """Another endpoint that a query may call has failed."""

    status = 502
    title = "Another endpoint failed"


class RemoteFault(Problem):
    """The engine behind the endpoint cannot be reached, or does not answer as it should."""

    status = 502
    title = "The engine behind this endpoint failed"


class RemoteUnfit(Problem):
    """The engine behind the endpoint would give a wrong answer; extras ``construct``."""

    status = 501
    title = "The engine behind this endpoint cannot answer such a query"


class GraphRefused(Problem):
    """A query or its parameters name a graph that this endpoint does not hold."""

    status = 403
    title = "That graph is not part of this dataset"


class UnknownResource(Problem):
    """No resource has this IRI or address."""

    status = 404
    title = "Nothing is known under this address"


class MethodNotAllowed(Problem):
    """The method does not apply to this resource; extras ``allow``."""

    status = 405
    title = "That method is not allowed here"


class NotAcceptable(Problem):
    """No offered format is acceptable to the client; extras ``offers``."""

    status = 406
    title = "None of the formats you accept is on offer"


class RequestTimeout(Problem):
    """The request did not arrive in time."""

    status = 408
    title = "The request did not arrive in time"


class BodyTooLarge(Problem):
    """The request body or the query is over the limit; extras ``limit_bytes``."""

    status = 413
    title = "The request is too large"


class RangeNotSatisfiable(Problem):
    """No byte of the requested range exists (RFC 9110 §15.5.17); extras ``range``."""

    status = 416
    title = "The file has no such bytes"


class FieldsTooLarge(Problem):
    """A header field of the request is too long (RFC 6585 §5); extras ``limit_bytes``."""

    status = 431
    title = "A header field is too long"


class UnsupportedMediaType(Problem):
    """The request body is of a media type the protocol does not name; extras ``accepts``."""

    status = 415
    title = "The request body has an unsupported media type"


class QueryTimeout(Problem):
    """The query ran into its time limit and was stopped; extras ``limit_seconds``."""

    status = 503
    title = "The query took too long and was stopped"


class QueryTooCostly(Problem):
    """The query ran into the memory limit and was stopped; extras ``limit_bytes``."""

    status = 503
    title = "The query needed too much memory and was stopped"


class ResultTooLarge(Problem):
    """The result is over the size limit; nothing of it is sent; extras ``limit_bytes``."""

    status = 503
    title = "The result is too large"


class QueryCancelled(Problem):
    """The query was ended by ``DELETE /queries/<id>``."""

    status = 503
    title = "The query was cancelled"


class TooManyRequests(Problem):
    """A client sends more requests than it may; extras ``retry_after_seconds``."""

    status = 429
    title = "Too many requests"


class QueueFull(Problem):
    """All workers are busy and the queue is full; extras ``retry_after_seconds``."""

    status = 503
    title = "The endpoint is busy"


class EngineFault(Problem):
    """An engine worker ended in a way that no rule explains."""

    title = "The query engine failed"


class SourceError(Problem):
    """Ontology or mapping sources cannot be built; extras ``violations``."""

    title = "The sources have violations"


class EditRefused(Problem):
    """An edit would repeat what the sources have, or remove what they still use."""

    title = "The edit is refused"


class ReleaseError(Problem):
    """A release is missing, incomplete or does not match its manifest."""

    title = "The release cannot be opened"


class NotWritten(Problem):
    """A file cannot be written, for example on a full or read-only disk."""

    title = "Something cannot be written"


class UsageError(Problem):
    """The command line or a setting cannot be understood."""

    status = 400
    title = "The command cannot be carried out as given"
    exit_code = 2


TEMPORARY_FILES = "the folder of temporary files, which TMPDIR names"

_MENDING = {
    errno.ENOSPC: "Make room on that disk, then do it again.",
    errno.EDQUOT: "Make room there, then do it again.",
    errno.EROFS: "Make its file system writable, or name another place.",
    errno.EACCES: "Get the right to write there, or name another place.",
    errno.EMFILE: "Allow more open files (ulimit -n), then do it again.",
}


@contextmanager
def writing(place: object) -> Iterator[None]:
    """Turn an OSError in the block into a problem that names the place and the remedy.

    :raises NotWritten: for an OSError.
    """
    try:
        yield
    except OSError as error:
        raise NotWritten(f"{place}: {_in_words(error)}") from None


def _in_words(error: OSError) -> str:
    """Return the operating system's message, and the remedy.

    The engine's errors have no number, and a long message that contains the system's.
    """
    words = str(error)
    number = error.errno or next((n for n in _MENDING if os.strerror(n) in words), None)
    if number is None:
        return words
    return f"{error.strerror or os.strerror(number)}. {_MENDING.get(number, '')}".rstrip()


def of_system(error: OSError) -> Problem:
    """Return the problem of an unexpected failure of the operating system."""
    where = f"{error.filename}: " if error.filename else ""
    return Problem(where + _in_words(error))


def all_problems() -> list[type[Problem]]:
    """Return every class of problem, in the order of status and slug."""
    classes: list[type[Problem]] = [Problem]
    for problem in classes:
        classes.extend(problem.__subclasses__())
    ours = {problem for problem in classes if problem.__module__ == __name__}
    return sorted(ours, key=lambda problem: (problem.status, problem.slug))


def of_requests() -> list[type[Problem]]:
    """Return the problems that a request can meet: not those of a build or of a command."""
    commands = (SourceError, EditRefused, NotWritten, UsageError)
    return [problem for problem in all_problems() if problem not in commands]


def by_slug(slug: str) -> type[Problem]:
    """Return the class of problem with a slug; :class:`Problem` itself if there is none."""
    return next((problem for problem in all_problems() if problem.slug == slug), Problem)
