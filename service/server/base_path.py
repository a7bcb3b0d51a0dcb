"""Serve below a base path of a host."""

import re

from service.server.asgi import App, Message, Receive, Scope, Send, respond

_FROM_ROOT = {
    b"location": re.compile(rb"^/(?!/)"),
    b"content-location": re.compile(rb"^/(?!/)"),
    b"link": re.compile(rb"(?<=<)/(?!/)"),
}
"""Header fields with references, and the pattern before one that begins at the root."""


class BasePath:
    """ASGI layer: strip the base path from requests, and add it to references in header fields.

    A proxy may have stripped it already.

    :param base: for example ``/cdmo``.
    """

    def __init__(self, app: App, base: str) -> None:
        self._app = app
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        path = scope["path"]
        if path == self._base:
            await respond(send, 308, [("location", f"{self._base}/")])
            return
        if path.startswith(f"{self._base}/"):
            scope["path"] = path.removeprefix(self._base)
            if raw_path := scope.get("raw_path"):
                scope["raw_path"] = raw_path.removeprefix(self._base.encode())

        async def send_completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    (name, self._completed(name, value)) for name, value in message["headers"]
                ]
            await send(message)

        await self._app(scope, receive, send_completed)

    def _completed(self, name: bytes, value: bytes) -> bytes:
        start = _FROM_ROOT.get(name.lower())
        return start.sub(self._base.encode() + b"/", value) if start else value
