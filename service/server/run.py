"""Serve a release on Granian, an ASGI server (https://github.com/emmett-framework/granian)."""

import os
import resource
import socket
import sys
from collections.abc import Awaitable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import cast

from granian.constants import HTTPModes, Interfaces, Loops
from granian.log import LogLevels
from granian.server import Server
from granian.utils.proxies import wrap_asgi_with_proxy_headers

from service.engine import sandbox
from service.engine.pool import Pool
from service.problems import ReleaseError, UsageError
from service.release import Release, open_release, refuse_damaged
from service.server.asgi import App, Receive, Scope, Send
from service.server.hangup import hold, pass_on
from service.settings import Settings
from service.site.query.vendor import editor_installed

MAX_DESCRIPTORS = 1 << 16
KEPT_DESCRIPTORS = 256
"""File descriptors kept for files, processes and results; half of all if there are few."""
STOP_SECONDS = 3
"""Time for answers to finish when the service ends."""


def serve(
    settings: Settings,
    release: Release,
    latest: Path | None = None,
    notice: Path | None = None,
) -> int:
    """Serve a release until SIGINT or SIGTERM; return the exit code.

    :param latest: the folder, or link to one, to serve from SIGHUP on; None if SIGHUP does
        nothing.
    :param notice: while the sources are watched, the file that says why the latest of them make
        no release; else None.
    :raises UsageError: if it cannot listen on the address.
    :raises ReleaseError: if the store cannot be opened, or the release is damaged.
    """
    _check_address(settings.host, settings.port)
    if settings.metrics_port:
        _check_address(settings.metrics_host, settings.metrics_port)
    refuse_damaged(release)
    descriptors = _raise_descriptors()
    server = Server(
        "cdmo",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        loop=Loops.uvloop,
        websockets=False,
        backlog=1024,
        # The most connections, idle ones included; others wait in the kernel. The descriptors
        # that are left are for the service itself.
        backpressure=max(descriptors // 2, descriptors - KEPT_DESCRIPTORS),
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        respawn_interval=0.1,
        workers_kill_timeout=STOP_SECONDS,
    )
    server.on_startup(lambda: _announce(settings, release))
    # By itself, Granian would restart its workers at SIGHUP.
    server.on_startup(pass_on)
    loader = partial(load, settings, release.path, os.getpid(), latest, notice)
    try:
        server.serve(target_loader=loader, wrap_loader=False)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def load(
    settings: Settings, folder: Path, parent: int, latest: Path | None, notice: Path | None
) -> App:
    """Return the application, in the process that serves it.

    :param parent: the process id of Granian's own process.
    """
    hold()
    sandbox.die_with_parent(parent)
    # A page's query may read a damaged store without end.
    sandbox.limit_memory(settings.web_memory_bytes)
    sandbox.share_heap()
    release = _open(latest, folder)
    pool = Pool(release, settings)
    pool.launch()
    from service.server.app import Application  # noqa: PLC0415 - while the engine starts

    application = Application(settings, release, pool, latest=latest, watched=notice is not None)
    if notice:
        from service.server.watched import Watched  # noqa: PLC0415 - only if it is used

        outermost: App = Watched(application, notice)
    else:
        outermost = application
    proxied = cast(App, wrap_asgi_with_proxy_headers(outermost, settings.trusted_proxies))

    def app(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # Only requests from a proxy: the wrapper would cost a kept answer a tenth of its time.
        names = {name for name, _ in scope.get("headers", ())}
        wrapped = proxied if b"x-forwarded-for" in names else outermost
        return wrapped(scope, receive, send)

    return app


def _open(latest: Path | None, folder: Path) -> Release:
    """Open the latest release, since a serving process may restart; else the one in ``folder``."""
    with suppress(ReleaseError):
        if latest:
            return open_release(latest)
    return open_release(folder)


def _check_address(host: str, port: int) -> None:
    """Check that no other server listens on the address: Granian would share it.

    :raises UsageError: if one does, or the address cannot be used.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        raise UsageError(
            f"Cannot listen on {host}:{port}: {error.strerror}. "
            "Choose another port with --port (or PORT= with make)."
        ) from None


def _raise_descriptors() -> int:
    """Raise the limit on open files as far as the system allows, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MAX_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MAX_DESCRIPTORS)
    if soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def _announce(settings: Settings, release: Release) -> None:
    manifest = release.manifest
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    triples = sum(manifest.graphs.values())
    others = "".join(f"\n  {n:,} triples beside ours in <{g}>" for g, n in manifest.others.items())
    plain = "" if editor_installed() else "  (query page: plain form; the editor is not installed)"
    lines = (
        f"Serving {manifest.title} {manifest.version} ({release.path.name})",
        f"  {triples:,} triples in {len(manifest.graphs)} graphs{others}",
        f"  pages   http://{shown}:{settings.port}/{plain}",
        f"  SPARQL  http://{shown}:{settings.port}/sparql",
        "Stop with Ctrl+C.",
    )
    with suppress(OSError):  # a full disk under the log must not stop the service
        sys.stderr.write("\n".join(lines) + os.linesep)
        sys.stderr.flush()
