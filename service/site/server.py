"""Serve a release: the engine's host, the listening socket, and the web processes behind it."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from service import processes
from service.engine import Host
from service.problems import EngineFault, UsageError
from service.release import Release
from service.settings import Settings
from service.site.query.vendor import editor_installed

BACKLOG = 1024
YOUNG_SECONDS = 5
MAX_DEATHS = 5
"""So many web processes may die young, one after the other, before we give up."""
LOOK_SECONDS = 0.5


def serve(settings: Settings, release: Release) -> int:
    """Serve a release until SIGINT or SIGTERM; return the exit code.

    :raises UsageError: if the address cannot be listened on.
    :raises EngineFault: if the store cannot be opened, or no web process stays alive.
    """
    listener = _listen(settings.host, settings.port)
    quads = sum(release.manifest.graphs.values())
    dump = _dump(release) if quads <= settings.memory_quads else None
    prefixes = release.manifest.prefixes
    host = Host(release.store_path, settings, dump=dump, quads=quads, prefixes=prefixes)
    failed: list[EngineFault] = []

    def give_up(fault: EngineFault) -> None:
        failed.append(fault)
        os.kill(os.getpid(), signal.SIGTERM)

    told, tell = socket.socketpair()
    tell.setblocking(False)
    signal.set_wakeup_fd(tell.fileno())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)  # what matters is the byte in the pipe
    web = _Web(settings, release, listener)
    try:
        # The host opens the store while the web processes start; they never import what it needs.
        host.start()
        host.watch(give_up)
        web.start(host.address)
        _announce(settings, release)
        while not select.select([told], [], [], LOOK_SECONDS)[0]:
            web.look()
    finally:
        web.stop()
        host.stop()
    if failed:
        raise failed[0]
    return 0


class _Web:
    """The web processes: started, replaced if they die, and stopped."""

    def __init__(self, settings: Settings, release: Release, listener: socket.socket) -> None:
        self._settings = settings
        self._release = release
        self._listener = listener
        self._running: list[tuple[subprocess.Popen[bytes], float]] = []
        self._engine = Path()
        self._deaths = 0

    def start(self, engine: Path) -> None:
        self._engine = engine
        self._running = [self._launch() for _ in range(self._settings.web_workers)]

    def look(self) -> None:
        """Replace those that have died.

        :raises EngineFault: if they all do as soon as they are started.
        """
        for place, (process, since) in enumerate(self._running):
            if process.poll() is None:
                continue
            self._deaths = self._deaths + 1 if time.monotonic() - since < YOUNG_SECONDS else 0
            if self._deaths >= MAX_DEATHS:
                raise EngineFault(f"The web processes end at once, with {process.returncode}.")
            processes.end(process)
            self._running[place] = self._launch()

    def stop(self) -> None:
        for process, _ in self._running:  # all at once: each has a little time
            processes.let_go(process)
        for process, _ in self._running:
            processes.end(process)
        self._listener.close()

    def _launch(self) -> tuple["subprocess.Popen[bytes]", float]:
        options = {
            "listener": self._listener.fileno(),
            "release": os.fspath(self._release.path),
            "engine": os.fspath(self._engine),
            "settings": self._settings.to_environment(),
        }
        process = processes.launch(
            "service.site", json.dumps(options), listener=self._listener, environ=os.environ
        )
        return process, time.monotonic()


def _dump(release: Release) -> Path | None:
    """Return the whole dataset as N-Quads, if the release has it."""
    names = (name for name in ("dataset.nq.gz", "dataset.nq") if name in release.manifest.files)
    return next((release.dump(name) for name in names), None)


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; who connects before somebody answers waits.

    :raises UsageError: if the address cannot be listened on.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        raise UsageError(
            f"Cannot listen on {host}:{port}: {error.strerror}. "
            "Choose another port with --port (or PORT= with make)."
        ) from None
    return listener


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
