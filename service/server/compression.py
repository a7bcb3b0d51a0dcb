"""Compression of responses by Brotli or gzip; no other module compresses (RFC 9110 §8.4)."""

import zlib
from typing import Any

import brotli

from service.formats import quality
from service.server.asgi import App, Message, Receive, Scope, Send, field

GZIP_LEVEL = 4
"""Higher levels take much longer and save little."""

BROTLI_QUALITY, BROTLI_WINDOW = 5, 18
"""As fast as gzip; pages get smaller by a sixth, large results by a third. A larger window would
save no more, and takes memory for each response."""

SMALL_BYTES = 1400
"""Smaller bodies are not worth compressing."""

_TEXT = (b"json", b"xml", b"text/", b"n-triples", b"n-quads", b"trig", b"javascript")
"""Parts of media types that are worth compressing."""


def coding(accept_encoding: str | None) -> str | None:
    """Return the content coding that a client prefers (RFC 9110 §12.5.3): br, gzip, or None.

    Brotli must be named: a client that sends a star may not know it.

    >>> coding("gzip, deflate, br, zstd")
    'br'
    """
    weights: dict[str, float] = {}
    for element in (accept_encoding or "").lower().split(","):
        name, *parameters = element.split(";")
        weights[name.strip().removeprefix("x-")] = quality(parameters)
    accepted = {"br": weights.get("br", 0.0), "gzip": weights.get("gzip", weights.get("*", 0.0))}
    best = max(accepted, key=lambda name: accepted[name])
    return best if accepted[best] > 0 else None


class _Brotli:
    """A Brotli compressor with the methods of zlib's."""

    def __init__(self) -> None:
        compressor = brotli.Compressor(quality=BROTLI_QUALITY, lgwin=BROTLI_WINDOW)
        self.compress = compressor.process
        self.flush = compressor.finish


def _compressor(name: str) -> Any:
    if name == "br":
        return _Brotli()
    return zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)


class Compression:
    """ASGI layer: compress responses that are worth it, for clients that accept it."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        encoder = _Encoder(send, coding(field(scope, b"accept-encoding")))
        await self._app(scope, receive, encoder.send)


class _Encoder:
    """Passes one response on, compressed or not.

    :param name: the coding that the client accepts; None for none.
    """

    def __init__(self, send: Send, name: str | None) -> None:
        self._send = send
        self._name = name
        self._start: Message | None = None
        self._compressor: Any = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            # Wait for the first part of the body: its size decides.
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
                self._compressor = _compressor(self._name or "gzip")
                start["headers"] = _compressed_headers(start["headers"], self._name or "gzip")
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
        packed: bytes = self._compressor.compress(body)
        return packed + self._compressor.flush() if last else packed

    def _may_compress(self, start: Message) -> bool:
        headers = dict(start["headers"])
        media_type = headers.get(b"content-type", b"")
        if not any(part in media_type for part in _TEXT) or b"content-encoding" in headers:
            return False
        vary = headers.get(b"vary", b"")
        start["headers"] = [item for item in start["headers"] if item[0] != b"vary"]
        if b"accept-encoding" not in vary.lower():
            vary = b", ".join(filter(None, (vary, b"Accept-Encoding")))
        start["headers"].append((b"vary", vary))
        # A part of a representation (206) and a 304 are sent as they are.
        return bool(self._name) and start["status"] not in {204, 206, 304}


def _compressed_headers(
    headers: list[tuple[bytes, bytes]], coded: str
) -> list[tuple[bytes, bytes]]:
    # Ranges would be those of the plain bytes.
    dropped = {b"content-length", b"etag", b"accept-ranges"}
    changed = [item for item in headers if item[0] not in dropped]
    changed.append((b"content-encoding", coded.encode()))
    for name, value in headers:
        if name == b"etag":  # the bytes differ from those of the strong tag (RFC 9110 §8.8.3.3)
            changed.append((b"etag", value if value.startswith(b"W/") else b"W/" + value))
    return changed
