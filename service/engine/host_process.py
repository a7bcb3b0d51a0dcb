"""Keep a host process running, and speak with it over its control socket."""

import asyncio
import contextlib
import json
import logging
import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from typing import Any

from service.engine import messages
from service.engine.link import OnMessage, WorkerLink
from service.problems import EngineFault
from service.release import Release
from service.settings import Settings

log = logging.getLogger(__name__)

STOP_SECONDS = 5
"""A host that does not end within this is killed."""
YOUNG_SECONDS = 5
"""A host that ends sooner is started again only after a while."""

OnEnd = Callable[[WorkerLink, int, str], object]
"""Called with a worker that has ended, its signal (or 0), and the reason if it never started."""

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
    """The host process, started again whenever it ends. Its workers end with it.

    All methods belong to the event loop that :meth:`start` ran in.
    """

    def __init__(self, options: dict[str, Any], on_message: OnMessage, on_end: OnEnd) -> None:
        self._options = options
        self._on_message = on_message
        self._on_end = on_end
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket  # it closes when the host ends
        self._buffer = bytearray()
        self._since = 0.0
        self._delay = 0.0
        self._opened: asyncio.Future[None]
        self._forking: deque[WorkerLink] = deque()  # in the order in which the host answers
        self._workers: dict[int, WorkerLink] = {}
        self._closing = False

    @property
    def pid(self) -> int:
        """The process id; 0 while there is no host."""
        return self._process.pid if self._process else 0

    async def start(self) -> None:
        """Wait until the host has opened the store; launch it if nobody has.

        :raises EngineFault: if it cannot.
        """
        self._loop = asyncio.get_running_loop()
        self._opened = self._loop.create_future()
        if not self._process:
            self.launch()
        self._listen()
        await self._opened

    def fork(self) -> WorkerLink | None:
        """Have a worker forked; None if the host cannot be reached, or has too much to do."""
        if not self._process:
            return None
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            ours.setblocking(False)
            try:
                order = messages.CONTROL.pack(messages.FORK, 0, 0)
                socket.send_fds(self._control, [order], [theirs.fileno()])
            except OSError:
                ours.close()
                return None
        link = WorkerLink(ours, self._loop, self._on_message)
        self._forking.append(link)
        return link

    def kill(self, link: WorkerLink) -> None:
        """Kill a worker; one that is not forked yet is killed when it is."""
        link.close()
        if link.pid in self._workers:
            del self._workers[link.pid]
            with contextlib.suppress(OSError):
                self._control.send(messages.CONTROL.pack(messages.KILL, link.pid, 0))

    async def close(self) -> None:
        """End the host and all of its workers."""
        self._closing = True
        for link in (*self._forking, *self._workers.values()):
            link.close()
        if self._process:
            self._loop.remove_reader(self._control.fileno())
            self._control.close()
            await asyncio.to_thread(self._stop, self._process)

    @staticmethod
    def _stop(process: "subprocess.Popen[bytes]") -> None:
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def launch(self) -> None:
        """Launch the host. It needs no event loop yet."""
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
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
                pipe.write(json.dumps({**self._options, "control": theirs.fileno()}).encode())
        self._control.setblocking(False)

    def _listen(self) -> None:
        self._since = self._loop.time()
        self._loop.add_reader(self._control.fileno(), self._read)

    def _relaunch(self) -> None:
        if not self._closing:
            self.launch()
            self._listen()

    def _read(self) -> None:
        try:
            data = self._control.recv(1 << 12)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._replace()
            return
        self._buffer += data
        while len(self._buffer) >= messages.CONTROL.size:
            kind, pid, number = messages.CONTROL.unpack_from(self._buffer)
            del self._buffer[: messages.CONTROL.size]
            if kind == messages.FORKED:
                self._on_forked(self._forking.popleft(), pid, number)
            elif kind == messages.DIED:
                if link := self._workers.pop(pid, None):
                    self._on_end(link, number, "")
            elif not self._opened.done():
                self._opened.set_result(None)

    def _on_forked(self, link: WorkerLink, pid: int, number: int) -> None:
        link.pid = pid
        if not pid:
            self._on_end(link, 0, f"no process can be started ({os.strerror(number)})")
            return
        self._workers[pid] = link
        if link.closed:  # its query has ended meanwhile
            self.kill(link)

    def _replace(self) -> None:
        """Start another host after one that has ended."""
        assert self._process
        self._loop.remove_reader(self._control.fileno())
        self._control.close()
        self._process.kill()
        code = self._process.wait()
        self._process = None
        links = (*self._forking, *self._workers.values())
        for state in (self._buffer, self._forking, self._workers):
            state.clear()
        for link in links:
            self._on_end(link, 0, "")
        if not self._opened.done():  # it never ran: the operator must mend something
            self._opened.set_exception(EngineFault("The store cannot be opened."))
            return
        young = self._loop.time() - self._since < YOUNG_SECONDS
        self._delay = min(2 * self._delay or 0.1, YOUNG_SECONDS) if young else 0.0
        log.error(
            "the engine's host process ended (exit code %s); starting another in %.1f s",
            code,
            self._delay,
        )
        self._loop.call_later(self._delay, self._relaunch)
