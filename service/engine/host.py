"""The host: one process that holds the opened store and forks a worker for each connection.

Run as ``python -m service.engine``; it ends when its standard input closes, so it never
outlives who started it. :class:`Host` starts it.
"""

import contextlib
import gc
import gzip
import json
import logging
import os
import resource
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyoxigraph as ox

from service import processes
from service.engine import frames, sandbox
from service.engine.job import Limits
from service.engine.slots import Slots
from service.engine.worker import work
from service.problems import EngineFault
from service.settings import Settings

log = logging.getLogger(__name__)

SOCKET = "engine"
STACK_BYTES = 64 << 20
"""The engine's parser and planner recurse; a deep query should fail by our rules."""
_READY = b"ready\n"
# The host needs nothing of the environment; a locale would only slow it down.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}


class Host:
    """Starts and stops the host process; a context manager.

    :param store_path: folder of an Oxigraph store; it is opened read-only.
    :param dump: the same dataset as N-Quads, plain or gzip. It is held in memory then, where rows
        are read several times as fast as from disk; all workers share that memory.
    :param quads: how many it has; if the dump has another number, the store is used.
    :param prefixes: known ones, to suggest to who forgets to declare them.
    :raises EngineFault: on entering, if the store cannot be opened.
    """

    def __init__(
        self,
        store_path: Path,
        settings: Settings,
        *,
        dump: Path | None = None,
        quads: int = 0,
        prefixes: Mapping[str, str] | None = None,
    ) -> None:
        self._settings = settings
        self._options: dict[str, Any] = {
            "store": os.fspath(store_path),
            "dump": os.fspath(dump) if dump else "",
            "quads": quads,
            "memory_bytes": settings.query_memory_bytes,
            "network": bool(settings.service_allowed),
            "prefixes": dict(prefixes or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self._listener: socket.socket | None = None
        self._stopping = threading.Event()
        self._lock = threading.Lock()

    @property
    def address(self) -> Path:
        """The folder with the host's socket; give it to :class:`service.engine.Engine`."""
        assert self._folder is not None, "the host has not been started"
        return self._folder

    @property
    def pid(self) -> int:
        """The host's process id; 0 if it does not run."""
        return self._process.pid if self._process else 0

    def start(self) -> Self:
        """Start the host; who connects from now on waits until it has opened the store.

        From then on it is replaced if it dies; the connections made meanwhile wait.
        """
        self._folder = Path(tempfile.mkdtemp(prefix="cdmo-"))
        Slots.create(self._folder, max_workers(self._settings))
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(os.fspath(self._folder / SOCKET))
        self._listener.listen(128)
        self._launch()
        return self

    def wait(self) -> None:
        """Wait until the host has opened the store.

        :raises EngineFault: if it cannot.
        """
        assert self._process
        if not self._is_ready(self._process) and not self._stopping.is_set():
            self.stop()
            raise EngineFault(f"The store {self._options['store']} cannot be opened.")

    def watch(self, give_up: Callable[[EngineFault], None] | None = None) -> None:
        """Replace the host whenever it dies, from now on and in a thread.

        :param give_up: told if the host cannot open the store, instead of :meth:`wait`; then
            nothing is replaced.
        """

        def run() -> None:
            if give_up:
                try:
                    self.wait()
                except EngineFault as fault:
                    give_up(fault)
                    return
            while not self._stopping.is_set() and (process := self._process):
                process.wait()
                if not self._stopping.is_set() and not self._replace(process):
                    return

        threading.Thread(target=run, name="engine host", daemon=True).start()

    def _replace(self, process: subprocess.Popen[bytes]) -> bool:
        log.error("the engine's host died (%s); starting another", process.returncode)
        processes.let_go(process)
        with self._lock:
            if self._stopping.is_set():
                return False
            started = self._launch()
        if self._is_ready(started) or self._stopping.is_set():
            return True
        log.error("the engine's host cannot be started again")
        if self._listener:  # web processes have it too: closing ours is not enough
            self._listener.shutdown(socket.SHUT_RDWR)
        return False

    @staticmethod
    def _is_ready(process: subprocess.Popen[bytes]) -> bool:
        assert process.stdout
        try:
            return process.stdout.readline() == _READY
        except ValueError:  # it was closed, for we are stopping
            return False

    def _launch(self) -> subprocess.Popen[bytes]:
        assert self._folder
        assert self._listener
        places = {"listener": self._listener.fileno(), "folder": os.fspath(self._folder)}
        options = {**self._options, **places}
        self._process = processes.launch(
            "service.engine",
            json.dumps(options),
            listener=self._listener,
            environ=_ENVIRONMENT,
            stdout=subprocess.PIPE,
        )
        return self._process

    def stop(self) -> None:
        """End the host and all of its workers."""
        self._stopping.set()
        with self._lock:  # one that is just being started is the one to end
            process, self._process = self._process, None
        if process:
            processes.end(process)
        if self._listener:
            self._listener.close()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start().wait()
        self.watch()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.stop()


def max_workers(settings: Settings) -> int:
    """Return how many workers there may be: in each web process the endpoint and the pages ask."""
    limits = Limits.of(settings)
    return settings.web_workers * 2 * (limits.light + limits.long)


def _open(options: dict[str, Any]) -> ox.Store:
    """Return the dataset in memory, or the store on disk.

    :raises OSError, RuntimeError: if neither can be opened.
    """
    with contextlib.suppress(OSError, EOFError, zlib.error, SyntaxError):
        if options["dump"]:
            store = _in_memory(Path(options["dump"]))
            if len(store) == options["quads"]:
                return store
    return ox.Store.read_only(options["store"])


def _in_memory(dump: Path) -> ox.Store:
    data = dump.read_bytes()
    if dump.suffix == ".gz":
        data = gzip.decompress(data)
    store = ox.Store()
    # Not bulk_load, which renames blank nodes: they keep their names for as long as a release
    # lives, since an ETag does.
    store.bulk_extend(ox.parse(data, ox.RdfFormat.N_QUADS, lenient=True))
    return store


@dataclass(slots=True)
class _Worker:
    pid: int
    slot: int
    connection: socket.socket


class _Hosting:
    """The state of the host process."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.store = _open(options)
        gc.freeze()  # a collection in a worker would copy the pages that it shares with us
        self.memory_bytes = int(options["memory_bytes"])
        self.network = bool(options["network"])
        self.prefixes: dict[str, str] = options["prefixes"]
        self.slots = Slots(Path(options["folder"]))
        self.slots.clear()  # a host before this one may have left something
        self.listener = socket.socket(fileno=options["listener"])
        self.listener.setblocking(False)
        self.workers: dict[int, _Worker] = {}  # by the descriptor of their connection
        self.poll = select.poll()

    def run(self) -> None:
        """Serve until standard input closes."""
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for descriptor in (wake_read, self.listener.fileno(), 0):
            self.poll.register(descriptor, select.POLLIN)
        sys.stdout.buffer.write(_READY)
        sys.stdout.buffer.flush()
        while True:
            events = dict(self.poll.poll())
            # Hang-ups first: a descriptor that is closed below may be another worker's at once.
            for descriptor in [d for d in events if d in self.workers]:
                self._gone(descriptor)
            if 0 in events and not os.read(0, 1):
                return
            if wake_read in events:
                os.read(wake_read, 4096)
                self._reap()
            if self.listener.fileno() in events:
                self._accept((wake_read, wake_write))

    def _accept(self, not_for_workers: tuple[int, int]) -> None:
        try:
            connection, _ = self.listener.accept()
        except OSError:
            return
        used = {w.slot for w in self.workers.values()}
        free = next((i for i in range(len(self.slots)) if i not in used), None)
        if free is None:
            connection.close()
            return
        connection.setblocking(True)
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                self._become_worker(connection, free, not_for_workers)
                status = 0
            finally:
                os._exit(status)
        self.workers[connection.fileno()] = _Worker(pid, free, connection)
        self.poll.register(connection.fileno(), 0)  # hang-up is always told

    def _become_worker(
        self, connection: socket.socket, slot: int, not_for_workers: tuple[int, int]
    ) -> None:
        sandbox.die_with_parent()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in (*not_for_workers, self.listener.fileno(), *self.workers):
            os.close(descriptor)
        quiet = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):  # the engine's last words before an abort are not for people
            os.dup2(quiet, descriptor)
        sandbox.limit_memory(self.memory_bytes)
        if not self.network:
            sandbox.forbid_network()
        work(connection, self.store, self.slots, slot, self.prefixes)

    def _gone(self, descriptor: int) -> None:
        """End the worker of a client that went away."""
        worker = self.workers.get(descriptor)
        if worker:  # else it was reaped since the poll
            self.poll.unregister(descriptor)
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGKILL)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            worker = next((w for w in self.workers.values() if w.pid == pid), None)
            if worker is None:
                continue
            descriptor = worker.connection.fileno()
            del self.workers[descriptor]
            with contextlib.suppress(KeyError):
                self.poll.unregister(descriptor)
            self.slots.free(worker.slot)
            if os.WIFSIGNALED(status):
                worker.connection.setblocking(False)
                trailer = frames.TRAILER.pack(frames.TRAILER_MAGIC, os.WTERMSIG(status))
                # If the client is so far behind that it does not fit, it learns less: that the
                # answer is not complete, but not why.
                with contextlib.suppress(OSError):
                    worker.connection.send(trailer)
            worker.connection.close()


def main() -> None:
    """Be the host."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)  # whoever started us decides
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    wanted = STACK_BYTES if hard == resource.RLIM_INFINITY else min(STACK_BYTES, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_STACK, (wanted, hard))
    try:
        hosting = _Hosting(json.loads(sys.argv[1]))
    except (OSError, RuntimeError) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None
    hosting.run()
