"""The floor: a constant answer from the same HTTP server."""

import os
from typing import Any

SIZE = int(os.environ.get("FLOOR_BYTES") or 0)
BODY = b" " * SIZE if SIZE else b'{"head":{},"boolean":true}'
FIELDS = [
    (b"content-type", b"application/sparql-results+json"),
    (b"content-length", str(len(BODY)).encode()),
]


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer any request with the same bytes."""
    await send({"type": "http.response.start", "status": 200, "headers": FIELDS})
    await send({"type": "http.response.body", "body": BODY})
