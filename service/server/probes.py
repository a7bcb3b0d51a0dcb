"""``/healthz`` and ``/readyz``, for supervisors and load balancers."""

from collections.abc import Callable

from service import formats
from service.engine.pool import Pool
from service.server.asgi import App, Receive, Scope, Send, respond

ALIVE, READY = "/healthz", "/readyz"
_FIELDS = (("Content-Type", formats.TEXT.content_type), ("Cache-Control", "no-store"))


class Probes:
    """ASGI layer: answer probes, and pass everything else on.

    :param pool: returns the pool that answers queries.
    """

    def __init__(self, app: App, pool: Callable[[], Pool]) -> None:
        self._app = app
        self._pool = pool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["method"] not in {"GET", "HEAD"} or scope["path"] not in {ALIVE, READY}:
            await self._app(scope, receive, send)
        elif scope["path"] == ALIVE:
            await respond(send, 200, _FIELDS, b"ok\n")
        else:
            pool = self._pool()
            ready, replicas = pool.figures().ready, pool.replicas.report()
            words = "ok" if ready else "no replica is up" if replicas else "the engine is starting"
            body = "".join(f"{line}\n" for line in (words, *replicas))
            await respond(send, 200 if ready else 503, _FIELDS, body.encode())
