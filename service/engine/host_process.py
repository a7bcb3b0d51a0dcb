"""Keep a host process running, and talk to it over its control socket."""

import asyncio
import contextlib
import logging
import os
import pickle
import socket
import subprocess
import sys
import time

from service.engine import outcomes
from service.engine.link import WorkerLink
from service.problems import EngineFault
from service.release import Release
from service.settings import Settings

log = logging.getLogger(__name__)

STOP_SECONDS = 5
"""Time for a host to end by itself before it is killed."""
YOUNG_SECONDS = 5
"""A host that ends younger than this is restarted after a delay, which grows up to this."""

# The host needs no variables of the environment; a locale would slow it down. The engine makes many
# small allocations: with glibc's default caches they take a tenth of a quick query's time.
_ENVIRONMENT = {
    "PATH": os.defpath,
    "LC_ALL": "C.UTF-8",
    "GLIBC_TUNABLES": "glibc.malloc.tcache_count=127",
}


class HostProcess:
    """The host process, restarted whenever it ends. Its workers end with it."""

    def __init__(self, release: Release, settings: Settings) -> None:
        self._release = release
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket  # it closes when the host ends
        self._opened: asyncio.Event  # while there is a host with an open store
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """The process id; 0 while there is no host."""
        return self._process.pid if self._process else 0

    @property
    def is_open(self) -> bool:
        """Whether there is a host with an open store."""
        return self._keeper is not None and self._opened.is_set()

    async def start(self) -> None:
        """Launch the host unless it runs already, and wait until it has opened the store.

        :raises EngineFault: if the store cannot be opened.
        """
        if not self._process:
            self.launch()
        self._opened = asyncio.Event()
        if not await self._report():  # a restart would not help
            raise EngineFault("The store cannot be opened.")
        self._opened.set()
        self._keeper = asyncio.create_task(self._keep())

    async def fork(self) -> WorkerLink:
        """Fork a worker and return the connection to it.

        :raises QueueFull: if there are too many processes or open files.
        """
        await self._opened.wait()
        try:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        except OSError:
            raise outcomes.queue_full("too many files are open") from None
        ours.setblocking(False)
        with theirs:
            try:
                socket.send_fds(self._control, [b"F"], [theirs.fileno()])
            except OSError:
                ours.close()
                raise outcomes.queue_full("no process can be started") from None
        return await WorkerLink.open(ours)

    async def close(self) -> None:
        """End the host and all of its workers."""
        if self._keeper:
            self._keeper.cancel()
        if self._process:
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
        """Launch the host; no event loop is needed yet."""
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "service.engine.host"],
                stdin=subprocess.PIPE,
                pass_fds=(theirs.fileno(),),
                env={**_ENVIRONMENT, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
            )
            assert self._process.stdin
            with self._process.stdin as pipe, contextlib.suppress(BrokenPipeError):
                pickle.dump((theirs.fileno(), self._release, self._settings), pipe)
        self._control.setblocking(False)

    async def _report(self) -> bool:
        """Wait until the host has opened its store (True) or has ended (False)."""
        try:
            return bool(await asyncio.get_running_loop().sock_recv(self._control, 1))
        except OSError:
            return False

    async def _keep(self) -> None:
        """Restart the host whenever it ends; after a delay if it ended young."""
        delay = 0.0
        while True:
            since = time.monotonic()
            while await self._report():
                self._opened.set()
            self._opened.clear()
            self._control.close()
            assert self._process
            self._process.kill()
            code = self._process.wait()
            self._process = None
            young = time.monotonic() - since < YOUNG_SECONDS
            delay = min(2 * delay or 0.1, YOUNG_SECONDS) if young else 0.0
            log.error(
                "the engine's host process ended (exit code %s); starting another in %.1f s",
                code,
                delay,
            )
            await asyncio.sleep(delay)
            self.launch()
