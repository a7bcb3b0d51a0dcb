"""The state that open pages poll while the sources are watched (``cdmo serve --watch``)."""

import json
from pathlib import Path

from service import formats
from service.server.app import Application
from service.server.asgi import Receive, Scope, Send, respond

PATH = "/watched.json"
_FIELDS = (
    ("Content-Type", formats.CARD.media_type),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
)


class Watched:
    """ASGI layer: tell which release is served, and why the latest sources make none.

    :param notice: the text file with that reason; missing or empty if there is none.
    """

    def __init__(self, app: Application, notice: Path) -> None:
        self._app = app
        self._notice = notice

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._app(scope, receive, send)
            return
        finding = self._notice.read_text("utf-8") if self._notice.exists() else ""
        state = {"release": self._app.release.manifest.digest, "finding": finding}
        await respond(send, 200, _FIELDS, json.dumps(state).encode())
