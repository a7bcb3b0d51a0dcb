"""Compression of responses by gzip, here and nowhere else (RFC 9110 §8.4)."""

import re
import zlib
from typing import Any

from service.server.asgi import App, Message, Receive, Scope, Send, field

LEVEL = 4
"""Of zlib: higher ones take much longer and save little."""

SMALL_BYTES = 1400
"""Below this, compression costs more than it saves."""

_TEXT = (b"json", b"xml", b"text/", b"n-triples", b"n-quads", b"trig", b"javascript")
"""Parts of media types that are worth compressing."""


def accepts_gzip(accept_encoding: str | None) -> bool:
    """Tell whether a client accepts gzip (RFC 9110 §12.5.3).

    >>> accepts_gzip("gzip, deflate, br, zstd")
    True
    """
    parameters: dict[str, str] = {}
    for element in (accept_encoding or "").lower().split(","):
        coding, _, parameter = element.partition(";")
        parameters[coding.strip().removeprefix("x-")] = parameter.strip()
    parameter = parameters.get("gzip", parameters.get("*", "q=0"))
    return not re.fullmatch(r"q\s*=\s*0?(\.0*)?", parameter)


class Compression:
    """ASGI layer: compress what is worth it, for clients that accept it."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        accepts = accepts_gzip(field(scope, b"accept-encoding"))
        await self._app(scope, receive, _Encoder(send, accepts=accepts).send)


class _Encoder:
    """Passes one response on, compressed or not."""

    def __init__(self, send: Send, *, accepts: bool) -> None:
        self._send = send
        self._accepts = accepts
        self._start: Message | None = None
        self._compressor: Any = None

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
                self._compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
                start["headers"] = _compressed_headers(start["headers"])
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
        start["headers"].append((b"vary", b", ".join(filter(None, (vary, b"Accept-Encoding")))))
        # A part of a representation (206) and a 304 are sent as they are.
        return self._accepts and start["status"] not in {204, 206, 304}


def _compressed_headers(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    # Ranges would be those of the plain bytes.
    dropped = {b"content-length", b"etag", b"accept-ranges"}
    changed = [item for item in headers if item[0] not in dropped]
    changed.append((b"content-encoding", b"gzip"))
    for name, value in headers:
        if name == b"etag":  # other bytes than those of the strong tag (RFC 9110 §8.8.3.3)
            changed.append((b"etag", value if value.startswith(b"W/") else b"W/" + value))
    return changed
