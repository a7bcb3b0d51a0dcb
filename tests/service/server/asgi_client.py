"""Call an ASGI application without a server: send one request, collect all messages."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from service.server.asgi import App, Message, Receive, Scope, Send, encode, respond

REQUEST = (b"",)
"""The parts of a request without content."""


@dataclass(frozen=True)
class Response:
    """The response of an application.

    :param parts: the parts of the body as they were sent.
    :param complete: whether the last part was marked as the last.
    """

    status: int
    headers: dict[str, str]
    parts: list[bytes]
    complete: bool

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(self.parts)


def http_scope(
    method: str = "GET", target: str = "/", version: str = "1.1", **fields: str
) -> Scope:
    """Return the scope of a request; ``_`` in a field name stands for a hyphen."""
    path, _, query = target.partition("?")
    headers = [(n.replace("_", "-").encode(), v.encode("latin-1")) for n, v in fields.items()]
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "http_version": version,
        "headers": headers,
    }


def receiver(parts: Iterable[bytes], *, breaks_off: bool = False) -> Receive:
    """Return a ``receive`` that yields the parts of a request's content, then a disconnect."""
    contents = list(parts)
    messages: list[Message] = [
        {"type": "http.request", "body": part, "more_body": breaks_off or n < len(contents)}
        for n, part in enumerate(contents, 1)
    ]

    async def receive() -> Message:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    return receive


async def call(app: App, scope: Scope, receive: Receive | None = None) -> list[Message]:
    """Return the messages with which an application answers a request."""
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    await app(scope, receive or receiver(REQUEST), send)
    return messages


def request(app: App, scope: Scope, receive: Receive | None = None) -> Response:
    """Send a request to an application, in an event loop of its own, and read the response."""
    start, *bodies = asyncio.run(call(app, scope, receive))
    assert start["type"] == "http.response.start"
    assert {message["type"] for message in bodies} <= {"http.response.body"}
    headers = [(name.decode(), value.decode("latin-1")) for name, value in start["headers"]]
    assert all(name == name.lower() for name, _ in headers)
    return Response(
        start["status"],
        dict(headers),
        [message.get("body", b"") for message in bodies],
        bool(bodies) and not bodies[-1].get("more_body", False),
    )


def application(status: int = 200, *parts: bytes, **fields: str) -> App:
    """Return an application that answers every request with the same response.

    :param parts: the parts of the body; several make a stream.
    :param fields: header fields; ``_`` in a name stands for a hyphen.
    """
    headers = [(name.replace("_", "-"), value) for name, value in fields.items()]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if len(parts) < 2:
            await respond(send, status, headers, b"".join(parts))
            return
        await send({"type": "http.response.start", "status": status, "headers": encode(headers)})
        for part in parts[:-1]:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": parts[-1]})

    return app


def failing(error: Exception, *parts: bytes, etag: str = "") -> App:
    """Return an application that fails: at once, or after the first parts of its response."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if parts:
            headers = encode([("etag", etag)])
            await send({"type": "http.response.start", "status": 200, "headers": headers})
        for part in parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        raise error

    return app
