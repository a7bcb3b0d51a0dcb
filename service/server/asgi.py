"""Functions on ASGI 3 messages (https://asgi.readthedocs.io/) that all layers use."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from service.problems import BadRequest, BodyTooLarge, RequestTimeout

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[str, str]]

BODY_SECONDS = 30
"""Time within which a request's content must arrive."""


class DisconnectedError(Exception):
    """The client has closed the connection."""


def field(scope: Scope, name: bytes) -> str | None:
    """Return the value of a header field, its lines joined (RFC 9110 §5.3), or None.

    :param name: the field's name in lower case.
    """
    values = [value for key, value in scope["headers"] if key == name]
    return b", ".join(values).decode("latin-1") if values else None


def client_of(scope: Scope) -> str:
    """Return the client's address, or "" if unknown."""
    client = scope.get("client")
    return client[0] if client else ""


def is_old(scope: Scope) -> bool:
    """Tell whether the client speaks HTTP/1.0; Granian writes its version as "1"."""
    return scope["http_version"] in {"1", "1.0"}


async def read_body(scope: Scope, receive: Receive, max_bytes: int) -> bytes:
    """Return a request's content.

    :raises BodyTooLarge: as soon as it exceeds the limit, whatever ``Content-Length`` says.
    :raises RequestTimeout: if it does not arrive in time.
    :raises BadRequest: if it breaks off, or its chunks are invalid.
    """
    too_large = BodyTooLarge(
        f"A request may have {max_bytes} bytes of content.", limit_bytes=max_bytes
    )
    length = field(scope, b"content-length")
    if length and length.isdigit() and int(length) > max_bytes:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":  # or a half-close
                    raise BadRequest("The request's content broke off, or is not valid.")
                body += message.get("body", b"")
                if len(body) > max_bytes:
                    raise too_large
                if not message.get("more_body", False):
                    break
    except TimeoutError:
        raise RequestTimeout(
            f"The request's content did not come within {BODY_SECONDS} s."
        ) from None
    return bytes(body)


def replay(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that yields a body already read, and then what ``receive`` yields."""
    first = True

    async def receive_again() -> Message:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return receive_again


def encode(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Return header fields as ASGI's bytes."""
    return [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in headers]


async def respond(send: Send, status: int, headers: Headers, body: bytes = b"") -> None:
    """Send a whole response."""
    fields = encode(headers)
    if status not in {204, 304}:
        fields.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})
