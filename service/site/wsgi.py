"""The pages behind :mod:`service.site.http1`: WSGI (PEP 3333) without a WSGI server."""

import gc
import io
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyoxigraph as ox

from service.problems import Problem
from service.site.exchange import Exchange, Fields

if TYPE_CHECKING:
    from flask import Flask

WHEN_SLOW = "cdmo.when_slow"
"""Under this name the environment has who is told of a slow query, :data:`WhenSlow` of the engine,
so that it ends when its client goes away."""


class Pages:
    """The Flask application, made when it is first needed, so that queries need not wait for it.

    :param make: makes it; called once, in any thread.
    """

    def __init__(self, make: "Callable[[], Flask]") -> None:
        self._make = make
        self._made: Flask | None = None
        self._lock = threading.Lock()

    def _application(self) -> "Flask":
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def prepare(self) -> None:
        """Make the application now."""
        self._application()
        gc.freeze()  # it stays: to look through it for garbage would hold up everything else

    def store(self) -> ox.Store:
        """Return the store of the pages."""
        store = self._application().extensions["site"].library.store
        assert isinstance(store, ox.Store)
        return store

    def of_problem(self, problem: Problem, path: str) -> tuple[Fields, bytes]:
        """Return the header fields and bytes of a problem's page."""
        application = self._application()
        from service.site.errors import respond  # noqa: PLC0415 - Flask, and now it is there

        with application.test_request_context(path, headers={"Accept": "text/html"}):
            response = application.process_response(respond(problem))
            fields = [f for f in response.headers.items() if f[0] != "Content-Length"]
            return fields, response.get_data()

    def call(self, environ: dict[str, Any]) -> tuple[int, Fields, bytes]:
        """Return status, header fields and body of the answer to a request (PEP 3333)."""
        status, fields = 500, []

        def start(line: str, found: Fields, exc_info: Any = None) -> Callable[[bytes], Any]:
            nonlocal status, fields
            status, fields = int(line.split(" ", 1)[0]), found
            return lambda _: None

        parts = self._application()(environ, start)
        try:
            data = b"".join(parts)
        finally:
            close = getattr(parts, "close", None)
            if close:
                close()
        return status, fields, data


def environ_of(asked: Exchange, body: bytes) -> dict[str, Any]:
    """Return the WSGI environment of a request (PEP 3333)."""
    host, port = asked.server
    target = asked.query_string
    environ: dict[str, Any] = {
        "REQUEST_METHOD": asked.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": asked.path.encode("utf-8").decode("latin-1"),
        "QUERY_STRING": target,
        "RAW_URI": quote(asked.path) + (f"?{target}" if target else ""),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{asked.version}",
        "REMOTE_ADDR": asked.client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(body)),
    }
    for name, value in asked.fields.items():
        key = name.upper().replace("-", "_")
        if key == "CONTENT_TYPE":
            environ[key] = value
        elif key != "CONTENT_LENGTH":
            environ["HTTP_" + key] = value
    return environ
