"""Serve a release: the engine's host, and Granian with the web processes.

Granian's RSGI interface is used, not its WSGI one: through WSGI nobody learns that a client has
gone, and an answer that breaks off half way looks complete (see :mod:`service.web.connection`).
Flask's own development server is never used.
"""

import os
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from service.engine import AsyncEngine, Engine, Host, Limits, sandbox
from service.problems import EngineFault, UsageError
from service.release import Release, open_release
from service.settings import Settings
from service.web import create_app
from service.web.endpoint import Endpoint
from service.web.gateway import Gateway
from service.web.vendor import editor_installed
from service.web.wsgi import Pages

if TYPE_CHECKING:
    from flask import Flask

_RELEASE = "CDMO_INTERNAL_RELEASE"
_ENGINE = "CDMO_INTERNAL_ENGINE"


def serve(settings: Settings, release: Release) -> int:
    """Serve a release until SIGINT or SIGTERM; return the exit code.

    :raises UsageError: if the address cannot be listened on.
    :raises EngineFault: if the store cannot be opened.
    """
    _check_address(settings.host, settings.port)
    quads = sum(release.manifest.graphs.values())
    dump = _dump(release) if quads <= settings.memory_quads else None
    prefixes = release.manifest.prefixes
    host = Host(release.store_path, settings, dump=dump, quads=quads, prefixes=prefixes)
    failed: list[EngineFault] = []

    def give_up(fault: EngineFault) -> None:
        failed.append(fault)
        os.kill(os.getpid(), signal.SIGINT)

    try:
        # The host opens the store while the web processes start; they never import what it needs.
        host.start()
        host.watch(give_up)
        os.environ.update(settings.to_environment())
        os.environ[_RELEASE] = os.fspath(release.path)
        os.environ[_ENGINE] = os.fspath(host.address)
        _serve(settings, release)
    except KeyboardInterrupt:
        if not failed:
            raise
    finally:
        host.stop()
    if failed:
        raise failed[0]
    return 0


def _serve(settings: Settings, release: Release) -> None:
    # Here, not above: by now the host is starting.
    from granian import Granian  # noqa: PLC0415
    from granian.constants import HTTPModes, Interfaces, RuntimeModes, TaskImpl  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    server = Granian(
        "service.web.server:application",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=settings.web_workers,
        runtime_mode=RuntimeModes.mt,
        task_impl=TaskImpl.rust if sys.version_info < (3, 12) else TaskImpl.asyncio,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=3,
    )
    server.on_startup(lambda: _announce(settings, release))
    server.serve()


def application() -> Gateway:
    """Return one web process's application; the server calls it in each."""
    sandbox.die_with_parent()
    settings = Settings.from_environment(os.environ)
    release = open_release(Path(os.environ[_RELEASE]))
    address = Path(os.environ[_ENGINE])
    limits = Limits.of(settings)
    endpoint = Endpoint(settings, release)

    def pages() -> "Flask":
        app = create_app(settings, release, Engine(address, limits))
        app.extensions["endpoint"] = endpoint
        return app

    return Gateway(settings, Pages(pages), endpoint, lambda: AsyncEngine(address, limits))


def _dump(release: Release) -> Path | None:
    """Return the whole dataset as N-Quads, if the release has it."""
    names = (name for name in ("dataset.nq.gz", "dataset.nq") if name in release.manifest.files)
    return next((release.dump(name) for name in names), None)


def _check_address(host: str, port: int) -> None:
    """Fail early and readably: a web process that cannot listen would only die."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        with socket.socket(found[0][0], socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(found[0][4])
    except OSError as error:
        raise UsageError(
            f"Cannot listen on {host}:{port}: {error.strerror}. "
            "Choose another port with --port (or PORT= with make)."
        ) from None


def _announce(settings: Settings, release: Release) -> None:
    manifest = release.manifest
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    triples = sum(manifest.graphs.values())
    plain = "" if editor_installed() else "  (query page: plain form; the editor is not installed)"
    lines = (
        f"Serving {manifest.title} {manifest.version} ({release.path.name})",
        f"  {triples:,} triples in {len(manifest.graphs)} graphs",
        f"  pages   http://{shown}:{settings.port}/{plain}",
        f"  SPARQL  http://{shown}:{settings.port}/sparql",
        "Stop with Ctrl+C.",
    )
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()
