"""Start and stop the host process, and speak with it over its control socket."""

import contextlib
import json
import os
import socket
import subprocess
import sys
from typing import Any

from service.engine import messages
from service.release import Release
from service.settings import Settings

STOP_SECONDS = 5
"""A host that does not end within this is killed."""

# The host needs nothing of the environment; a locale would only slow it down.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}


def host_options(release: Release, settings: Settings) -> dict[str, Any]:
    """Return what a host must know, as JSON values."""
    manifest = release.manifest
    quads = sum(manifest.graphs.values())
    dump = release.dataset_dump() if quads <= settings.memory_quads else None
    return {
        "store": os.fspath(release.store_path),
        "dump": os.fspath(dump) if dump else "",
        "quads": quads,
        "graphs": sorted(manifest.graphs),
        "prefixes": dict(manifest.prefixes),
        "services": settings.service_allowed.split(),
        "memory_bytes": settings.query_memory_bytes,
    }


class HostProcess:
    """A running host process.

    :ivar control: a non-blocking socket; it closes when the host ends.
    """

    def __init__(self, options: dict[str, Any]) -> None:
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "service.engine"],
                stdin=subprocess.PIPE,
                pass_fds=(theirs.fileno(),),
                env={**_ENVIRONMENT, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
            )
            assert self._process.stdin
            # Not as an argument: a dataset may have more graphs than an argument has room for.
            with self._process.stdin as pipe, contextlib.suppress(BrokenPipeError):
                pipe.write(json.dumps({**options, "control": theirs.fileno()}).encode())
        self.control.setblocking(False)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def fork(self) -> socket.socket:
        """Have a worker forked and return the pool's end of its socket.

        :raises OSError: if the host cannot be reached, or has too much to do.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            ours.setblocking(False)
            try:
                order = messages.CONTROL.pack(messages.FORK, 0, 0)
                socket.send_fds(self.control, [order], [theirs.fileno()])
            except OSError:
                ours.close()
                raise
        return ours

    def kill(self, pid: int) -> None:
        """Have a worker killed, if it has not ended."""
        with contextlib.suppress(OSError):
            self.control.send(messages.CONTROL.pack(messages.KILL, pid, 0))

    def stop(self) -> None:
        """End the host and all of its workers."""
        self.control.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def collect(self) -> int:
        """Close the control socket of a host that has ended; return its exit code."""
        self.control.close()
        self._process.kill()
        return self._process.wait()
