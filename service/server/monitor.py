"""Count, time and log requests, for operators."""

import json
import logging
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from service.server.asgi import App, Message, Receive, Scope, Send, client_of
from service.site.errors import SCOPE_KEY

if TYPE_CHECKING:
    from service.server.metrics import Metrics

log = logging.getLogger("cdmo.access")

REQUEST_ID = "cdmo.request_id"
"""The key in a scope of its request's id, for logs."""


def log_access() -> None:
    """Send the log of requests to standard error, one JSON object a line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


class Monitor:
    """ASGI layer: give each request an id, and log its outcome.

    The log has neither query strings nor content, so no query and no search.

    :param logs: whether to log requests.
    :param logs_queries: whether to log query strings too.
    :param metrics: counts requests; None for no metrics.
    """

    def __init__(
        self, app: App, *, logs: bool, logs_queries: bool, metrics: "Metrics | None"
    ) -> None:
        self._app = app
        self._logs = logs
        self._logs_queries = logs_queries
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        scope[REQUEST_ID] = request_id = f"{time.time_ns():x}"
        begun, status, size = time.perf_counter(), 0, 0

        async def send_on(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                field = (b"x-request-id", request_id.encode())
                message["headers"] = [*message["headers"], field]
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        finally:
            seconds = time.perf_counter() - begun
            if self._metrics:
                problem = scope.get(SCOPE_KEY, "")
                self._metrics.count(scope["path"], scope["method"], status, seconds, problem)
            if self._logs:
                self._log(scope, status, size, seconds)

    def _log(self, scope: Scope, status: int, size: int, seconds: float) -> None:
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "request": scope[REQUEST_ID],
            "client": client_of(scope),
            "method": scope["method"],
            "path": scope["path"],
            "status": status,
            "bytes": size,
            "ms": round(seconds * 1000, 1),
        }
        if problem := scope.get(SCOPE_KEY):
            line["problem"] = problem
        if self._logs_queries:
            line["query"] = scope["query_string"].decode("latin-1")
            line["content"] = scope.get("cdmo.body", b"").decode("utf-8", "replace")
        log.info(json.dumps(line, ensure_ascii=False))
