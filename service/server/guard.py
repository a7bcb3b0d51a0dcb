"""The outermost layer: it checks requests, renders problems, and adds fields to responses."""

import asyncio
import logging
import re
import time
from collections.abc import Callable

from service import formats
from service.problems import (
    BadRequest,
    FieldsTooLarge,
    Problem,
    UnknownResource,
)
from service.server.asgi import (
    App,
    DisconnectedError,
    Message,
    Receive,
    Scope,
    Send,
    client_of,
    field,
    is_old,
    read_body,
    replay,
    respond,
)
from service.server.monitor import REQUEST_ID
from service.server.rates import Rates
from service.site.errors import SCOPE_KEY

log = logging.getLogger(__name__)

MAX_FIELD = 1 << 12
"""The longest header field that is parsed, in characters; browsers send hundreds."""
WITH_BODY = frozenset({"POST", "QUERY"})

_FOR_ALL = {
    # For data; pages of the site set their own policy.
    b"x-content-type-options": b"nosniff",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'; sandbox",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
}
_CROSS_ORIGIN = {
    # No answer depends on the client's credentials, so the star means every field (Fetch §3.3.4).
    b"access-control-expose-headers": b"*",
    b"cross-origin-resource-policy": b"cross-origin",
}
_PREFLIGHT = {
    b"access-control-allow-methods": b"GET, HEAD, POST, QUERY, DELETE, OPTIONS",
    # The star means all fields but Authorization; browsers before 2022 need the names.
    b"access-control-allow-headers": (
        b"*, Authorization, Accept, Content-Type, If-None-Match, Cache-Control, X-Requested-With"
    ),
    b"access-control-max-age": b"86400",
}

_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]+)(?::[0-9]*)?")

Render = Callable[[Problem, str | None, str], tuple[list[tuple[str, str]], bytes]]
"""Returns header fields and body of a problem, for an ``Accept`` field and a path."""


class Guard:
    """ASGI layer: check requests, read their content, render problems, add header fields.

    :param max_body: the largest content of a request, in bytes.
    :param origins: origins whose scripts may read answers, separated by spaces; or "*".
    :param rates: limits each client's requests; None for no limit.
    """

    def __init__(
        self,
        app: App,
        render: Render,
        max_body: int,
        *,
        origins: str = "*",
        rates: Rates | None = None,
    ) -> None:
        self._app = app
        self._render = render
        self._max_body = max_body
        self._origins = frozenset(origins.split())
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        response = _Response(send, scope["method"], self._fields(scope))
        try:
            check(scope)
            if self._rates:
                self._rates.count(client_of(scope))
            if scope["method"] in WITH_BODY:
                scope["cdmo.body"] = await read_body(scope, receive, self._max_body)
                receive = replay(scope["cdmo.body"], receive)
            if scope["path"] == "*" or scope.get("raw_path") == b"*":  # RFC 9110 §9.3.7
                allow = ("allow", "GET, HEAD, POST, QUERY, DELETE, OPTIONS")
                await respond(response.send, 204, [allow])
                return
            if scope["method"] == "OPTIONS" and field(scope, b"access-control-request-method"):
                # Allow a preflight (Fetch §4.8) on any path, so that an app can read a 404 too.
                await respond(response.send, 204, [])
                return
            await self._app(scope, receive, response.send)
        except DisconnectedError:
            return
        except Problem as problem:
            await self._send_problem(scope, response, problem)
        except Exception as error:  # noqa: BLE001 - the last resort of all requests
            await self._send_problem(scope, response, unexpected(error, scope))

    def _fields(self, scope: Scope) -> dict[bytes, bytes]:
        """Return the fields of every response, for the origin of the request (Fetch §3.3)."""
        if "*" in self._origins:
            origin = "*"
        else:
            origin = field(scope, b"origin") or ""
            if origin not in self._origins:
                return {**_FOR_ALL, b"vary": b"Origin"} if self._origins else _FOR_ALL
        fields = {**_FOR_ALL, **_CROSS_ORIGIN, b"access-control-allow-origin": origin.encode()}
        if scope["method"] == "OPTIONS":
            fields |= _PREFLIGHT
        if origin != "*":
            fields[b"vary"] = b"Origin"
        return fields

    async def _send_problem(self, scope: Scope, response: "_Response", problem: Problem) -> None:
        scope[SCOPE_KEY] = problem.slug
        if problem.status >= 500:
            query_id = problem.extras.get("query_id", "")
            log.warning("%s %s %s: %s", scope["path"], query_id, problem.slug, problem.detail)
        if response.started:
            return  # the server closes the connection, so that no part looks complete
        accept = field(scope, b"accept")
        if isinstance(problem, FieldsTooLarge):
            accept = None
        try:
            fields, body = await asyncio.to_thread(self._render, problem, accept, scope["path"])
        except Exception as error:  # noqa: BLE001 - the page of a problem may fail as any other
            problem = unexpected(error, scope)
            fields = [("Content-Type", formats.TEXT.media_type), ("Cache-Control", "no-store")]
            body = f"{problem.title}. {problem.detail} {problem.extras['request_id']}\n".encode()
        await respond(response.send, problem.status, fields, body)


class _Response:
    """Passes one response on, and completes its header fields."""

    def __init__(self, send: Send, method: str, fields: dict[bytes, bytes]) -> None:
        self._send = send
        self._method = method
        self._fields = fields
        self._begun = time.perf_counter()
        self.started = False
        self._ended = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            spent = (time.perf_counter() - self._begun) * 1000
            fields = dict(message["headers"])
            timing = fields.pop(b"server-timing", b"")
            # The duration of a stream is not known when its header fields are sent.
            has_end = b"content-length" in fields or _has_no_content(message["status"])
            name = b"total" if has_end else b'first;desc="until the first bytes"'
            timing += (b", " if timing else b"") + b"%s;dur=%.2f" % (name, spent)
            vary = [v for v in (self._fields.get(b"vary"), fields.get(b"vary")) if v]
            fields = {**self._fields, **fields, b"server-timing": timing}
            if len(vary) > 1:
                fields[b"vary"] = b", ".join(vary)
            message["headers"] = list(fields.items())
        elif self._method == "HEAD":
            message = {"type": "http.response.body", "body": b"", "more_body": False}
            if self._ended:
                return
            self._ended = True
        await self._send(message)


def _has_no_content(status: int) -> bool:
    return status in {204, 304}


def check(scope: Scope) -> None:
    """Check the host, the target and the fields of a request.

    :raises Problem: for a request that no resource should see.
    """
    host = field(scope, b"host")
    # Two Host fields arrive joined by a comma, which no host contains. HTTP/1.0 needs no Host.
    if not (_HOST.fullmatch(host) if host else is_old(scope)):
        raise BadRequest("A request names the host that it is for, once: Host (RFC 9112 §3.2).")
    if (field(scope, b"transfer-encoding") or "chunked").strip().lower() != "chunked":
        raise BadRequest("Of all transfer codings only 'chunked' is known here.")
    for name in (b"accept", b"accept-encoding", b"if-none-match"):
        value = field(scope, name)
        if value and len(value) > MAX_FIELD:
            raise FieldsTooLarge(
                f"The field {name.decode()} may have {MAX_FIELD} characters.",
                limit_bytes=MAX_FIELD,
            )
    if scope["path"].startswith("//"):  # to Flask that is the path with one slash
        raise UnknownResource("There is nothing here. Check the address.")


def unexpected(error: Exception, scope: Scope) -> Problem:
    """Log an unexpected failure, and return the problem that its client may see."""
    request_id = scope.get(REQUEST_ID) or f"{time.time_ns():x}"
    log.error("request %s failed", request_id, exc_info=error)
    return Problem(
        "This is a mistake of the service. Quote the request id if you report it.",
        request_id=request_id,
    )
