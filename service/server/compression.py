"""Content codings: every response is compressed here, and nowhere else (RFC 9110 §8.4)."""

import sys
import zlib
from functools import lru_cache
from typing import Protocol

from service.server.asgi import App, Message, Receive, Scope, Send, field

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CODINGS = ("zstd", "gzip")
"""In our order of preference: zstd is several times as fast, and smaller."""

SMALL_BYTES = 1400
"""Below this, compression costs more than it saves."""

_TEXT = (b"json", b"xml", b"text/", b"n-triples", b"n-quads", b"trig", b"javascript")
"""Parts of media types that are worth compressing."""


class Compressor(Protocol):
    """A compressor of a stream."""

    def compress(self, data: bytes, /) -> bytes:
        """Take some bytes and return what is ready."""

    def flush(self) -> bytes:
        """Return the end of the stream."""


@lru_cache(maxsize=256)
def negotiate(accept_encoding: str | None) -> str:
    """Choose the coding that a client prefers (RFC 9110 §12.5.3); "" for none.

    Among equals our order decides. None is chosen if the client gives ``identity`` a higher
    weight, or accepts none of ours.

    >>> negotiate("gzip, deflate, br, zstd")
    'zstd'
    >>> negotiate("zstd;q=0.5, gzip")
    'gzip'
    """
    weights: dict[str, float] = {}
    for element in (accept_encoding or "").lower().split(","):
        coding, _, parameter = element.partition(";")
        name, _, quality = parameter.partition("=")
        try:
            weight = float(quality) if name.strip() == "q" else 1.0
        except ValueError:
            weight = 0.0  # an unreadable weight promises nothing
        weights[coding.strip().removeprefix("x-")] = weight if 0 <= weight <= 1 else 0.0
    rest = weights.get("*", 0.0)
    best = max(CODINGS, key=lambda coding: weights.get(coding, rest))
    weight = weights.get(best, rest)
    return best if weight > 0 and weight >= weights.get("identity", 0.0) else ""


def compressor(coding: str) -> Compressor:
    """Return a new compressor of one of :data:`CODINGS`, set for speed."""
    if coding == "zstd":
        return zstd.ZstdCompressor(level=1)
    return zlib.compressobj(1, zlib.DEFLATED, 31)


class Compression:
    """ASGI layer: compress what is worth it, for clients that accept it."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        coding = negotiate(field(scope, b"accept-encoding"))
        await self._app(scope, receive, _Encoder(send, coding).send)


class _Encoder:
    """Passes one response on, compressed or not."""

    def __init__(self, send: Send, coding: str) -> None:
        self._send = send
        self._coding = coding
        self._start: Message | None = None
        self._compressor: Compressor | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            # It waits for the first part of the body, whose size decides.
            self._start = message if self._may_compress(message) else None
            if self._start is None:
                await self._send(message)
            return
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        if start := self._start:
            self._start = None
            if more or len(body) > SMALL_BYTES:
                self._compressor = compressor(self._coding)
                start["headers"] = _compressed_headers(start["headers"], self._coding)
            body = self._encode(body, last=not more)
            if self._compressor and not more:
                start["headers"].append((b"content-length", b"%d" % len(body)))
            await self._send(start)
        else:
            body = self._encode(body, last=not more)
        if more and not body:
            return
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    def _encode(self, body: bytes, *, last: bool) -> bytes:
        if self._compressor is None:
            return body
        return self._compressor.compress(body) + (self._compressor.flush() if last else b"")

    def _may_compress(self, start: Message) -> bool:
        headers = dict(start["headers"])
        media_type = headers.get(b"content-type", b"")
        if not any(part in media_type for part in _TEXT) or b"content-encoding" in headers:
            return False
        vary = headers.get(b"vary", b"")
        start["headers"] = [item for item in start["headers"] if item[0] != b"vary"]
        start["headers"].append((b"vary", b", ".join(filter(None, (vary, b"Accept-Encoding")))))
        # A part of a representation (206) and a 304 are sent as they are.
        return bool(self._coding) and start["status"] not in {204, 206, 304}


def _compressed_headers(
    headers: list[tuple[bytes, bytes]], coding: str
) -> list[tuple[bytes, bytes]]:
    changed = [item for item in headers if item[0] not in {b"content-length", b"etag"}]
    changed.append((b"content-encoding", coding.encode()))
    for name, value in headers:
        if name == b"etag":  # other bytes than those of the strong tag (RFC 9110 §8.8.3.3)
            changed.append((b"etag", value if value.startswith(b"W/") else b"W/" + value))
    return changed
