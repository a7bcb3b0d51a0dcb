"""Problems as bytes: RFC 9457 JSON or plain text, without Flask."""

import json
import logging
import secrets
from typing import Any

from service import formats
from service.problems import MethodNotAllowed, Problem, QueueFull, UnsupportedMediaType

log = logging.getLogger(__name__)

OFFERS = (formats.PROBLEM, formats.HTML, formats.TEXT)


def document(problem: Problem, instance: str) -> dict[str, Any]:
    """Return the problem document of RFC 9457 §3.

    :param instance: the path of the request that failed; empty if it has none.
    """
    return {
        "type": f"/problems/{problem.slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        **({"instance": instance} if instance else {}),
        **problem.extras,
    }


def as_text(problem: Problem) -> str:
    """Return the problem as a person at a terminal reads it."""
    lines = [f"{problem.status} {problem.title}", "", problem.detail]
    lines += [f"{name}: {_plain(value)}" for name, value in problem.extras.items()]
    return "\n".join(lines) + "\n"


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(v) for v in value)
    return str(value)


def headers(problem: Problem) -> list[tuple[str, str]]:
    """Return the header fields that go with a problem, beside its content type."""
    found = [("Cache-Control", "no-store"), ("Vary", "Accept")]
    if isinstance(problem, QueueFull):
        found.append(("Retry-After", str(problem.extras.get("retry_after_seconds", 2))))
    if isinstance(problem, MethodNotAllowed) and "allow" in problem.extras:
        found.append(("Allow", ", ".join(problem.extras["allow"])))
    if isinstance(problem, UnsupportedMediaType) and "accepts" in problem.extras:
        found.append(("Accept-Post", ", ".join(problem.extras["accepts"])))
    return found


def represent(problem: Problem, accept: str | None, instance: str) -> tuple[str, bytes] | None:
    """Return content type and bytes of a problem, or None if a page is wanted.

    A client that accepts neither gets JSON: an error must be readable by something.
    """
    chosen = formats.negotiate(accept, OFFERS) or formats.PROBLEM
    if chosen is formats.HTML:
        return None
    if chosen is formats.TEXT:
        return formats.TEXT.content_type, as_text(problem).encode()
    facts = json.dumps(document(problem, instance), ensure_ascii=False)
    return formats.PROBLEM.content_type, facts.encode() + b"\n"


def unexpected_problem(error: BaseException) -> Problem:
    """Log a failure that nobody expected, and return what its client may know of it."""
    request_id = secrets.token_hex(8)
    log.error("request %s failed", request_id, exc_info=error)
    return Problem(
        "This is a mistake of the service. Quote the request id if you report it.",
        request_id=request_id,
    )
