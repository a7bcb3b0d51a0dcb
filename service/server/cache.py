"""Kept answers: complete responses that are sent again without asking the application.

A release never changes, and so a response with a validator does not either.
"""

from collections import OrderedDict
from typing import Any, NamedTuple

from service.server.asgi import App, Message, Receive, Scope, Send, field

_KEPT_METHODS = frozenset({"GET", "HEAD", "POST", "QUERY"})
_PER_ANSWER = frozenset({b"x-query-id", b"server-timing"})
"""Fields that belong to a single answer."""
_SHAPING = frozenset(
    {b"accept", b"accept-encoding", b"content-encoding", b"content-type", b"host", b"range"}
)
"""Fields of a request on which its answer depends."""
_OVERHEAD_BYTES = 2048
"""Memory that an entry needs besides its key and its body."""

Key = tuple[Any, ...]
Fields = list[tuple[bytes, bytes]]


class Kept(NamedTuple):
    """A kept response."""

    etag: str
    headers: Fields
    body: bytes


class KeptAnswers:
    """ASGI layer: answer from the cache, or keep the application's response.

    It keeps complete 200 responses that have an entity tag and may be cached (RFC 9111 §3), if
    they fit in an eighth of the cache. The least recently used go first.
    """

    def __init__(self, app: App, limit_bytes: int) -> None:
        self._app = app
        self._limit = limit_bytes
        self._size = 0
        self._entries: OrderedDict[Key, Kept] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        method = scope["method"]
        if method not in _KEPT_METHODS:
            await self._app(scope, receive, send)
            return
        key = _key(scope)
        if kept := self._entries.get(key):
            self._entries.move_to_end(key)
            await _send_kept(scope, kept, send)
        elif method == "HEAD":
            await self._app(scope, receive, send)
        else:
            recorder = _Recorder(send, self._limit // 8)
            await self._app(scope, receive, recorder.send)
            if kept := recorder.kept():
                self._keep(key, kept)

    def _keep(self, key: Key, kept: Kept) -> None:
        cost = _cost(key, kept)
        if cost > self._limit // 8 or key in self._entries:
            return
        self._entries[key] = kept
        self._size += cost
        while self._size > self._limit:
            self._size -= _cost(*self._entries.popitem(last=False))


def _cost(key: Key, kept: Kept) -> int:
    return sum(len(part) for part in key if part) + len(kept.body) + _OVERHEAD_BYTES


def _key(scope: Scope) -> Key:
    """Return all parts of a request on which its answer depends."""
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    shaping: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in _SHAPING:
            shaping[name] = shaping.get(name, b"") + b"," + value
    fields = tuple(part for item in sorted(shaping.items()) for part in item)
    target = (scope.get("scheme", "http"), scope["path"], scope["query_string"])
    return (method, *target, scope.get("cdmo.body", b""), *fields)


async def _send_kept(scope: Scope, kept: Kept, send: Send) -> None:
    if_none_match = field(scope, b"if-none-match")
    if if_none_match and scope["method"] != "POST" and matches(if_none_match, kept.etag):
        without = {b"content-type", b"content-encoding", b"content-length"}
        headers = [item for item in kept.headers if item[0] not in without]
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": kept.headers})
    await send({"type": "http.response.body", "body": kept.body})


def matches(if_none_match: str, etag: str) -> bool:
    """Tell whether a client has this representation (RFC 9110 §13.1.2, weak comparison)."""
    if if_none_match.strip() == "*":
        return True
    opaque = etag.removeprefix("W/")
    return any(tag.strip().removeprefix("W/") == opaque for tag in if_none_match.split(","))


class _Recorder:
    """Passes a response on, and records it if it may be kept."""

    def __init__(self, send: Send, limit_bytes: int) -> None:
        self._send = send
        self._limit = limit_bytes
        self._headers: Fields | None = None
        self._etag = ""
        self._body = bytearray()
        self._complete = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = dict(message["headers"])
            self._etag = headers.get(b"etag", b"").decode("latin-1")
            may_keep = b"no-store" not in headers.get(b"cache-control", b"")
            if message["status"] == 200 and self._etag and may_keep:
                self._headers = [i for i in message["headers"] if i[0] not in _PER_ANSWER]
        elif self._headers is not None:
            self._body += message.get("body", b"")
            self._complete = not message.get("more_body", False)
            if len(self._body) > self._limit:
                self._headers = None
        await self._send(message)

    def kept(self) -> Kept | None:
        """Return the response, or None if it is incomplete or may not be kept."""
        if self._headers is None or not self._complete:
            return None
        return Kept(self._etag, self._headers, bytes(self._body))
