"""The floor: a constant answer from the same server, with nothing behind it."""

from typing import Any

FIELDS = [(b"content-type", b"application/sparql-results+json"), (b"content-length", b"26")]
BODY = b'{"head":{},"boolean":true}'


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer any request with the same bytes."""
    await send({"type": "http.response.start", "status": 200, "headers": FIELDS})
    await send({"type": "http.response.body", "body": BODY})
