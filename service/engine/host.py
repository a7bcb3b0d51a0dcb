"""The host process: it opens the store once and forks the workers, which share its memory.

:mod:`service.engine.host_process` starts it and writes its arguments to its standard input. It
ends when its control socket closes, so that neither it nor a worker outlives the web process.
"""

import contextlib
import gc
import gzip
import os
import pickle
import resource
import select
import signal
import socket
import sys
import zlib

import pyoxigraph as ox

from service.engine import messages, sandbox
from service.engine.worker import serve
from service.names import Names
from service.problems import ReleaseError
from service.release import Manifest, Release, open_queried, open_store
from service.settings import Settings
from service.sparql.policy import Policy

STACK_BYTES = 64 << 20
"""Stack size. The engine's parser and planner recurse; our depth limit should come first."""


def main() -> None:
    """Run the host process until its control socket closes."""
    control, release, settings = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our web process
    sandbox.die_with_parent()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the web process ends this one
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    size = STACK_BYTES if hard == resource.RLIM_INFINITY else min(STACK_BYTES, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_STACK, (size, hard))
    try:
        # With replicas only DESCRIBE reads the release: it stays on disk.
        has_replicas = bool(settings.endpoints)
        store = open_data(release, 0 if has_replicas else settings.memory_quads)
    except ReleaseError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None
    gc.freeze()  # a collection in a worker would copy the pages that it shares with this process
    Host(socket.socket(fileno=control), store, release.manifest, settings).run()


def open_data(release: Release, memory_quads: int) -> ox.Store:
    """Return a store in memory, read from the dump, or else the store on disk.

    Memory is several times as fast. A dump is not used if its number of quads differs from the
    manifest's.

    :param memory_quads: the largest dataset to read into memory.
    :raises ReleaseError: if neither can be opened.
    """
    if release.manifest.others:  # other vocabularies, which have no dump
        return open_queried(release)
    quads, path = sum(release.manifest.graphs.values()), release.dataset_dump()
    with contextlib.suppress(OSError, EOFError, zlib.error, SyntaxError):
        if path and quads <= memory_quads:
            data = path.read_bytes()
            if path.suffix == ".gz":
                data = gzip.decompress(data)
            store = ox.Store()
            # Not bulk_load, which renames blank nodes: an answer shows their names.
            store.bulk_extend(ox.parse(data, ox.RdfFormat.N_QUADS, lenient=True))
            if len(store) == quads:
                return store
    return open_store(release)


class Host:
    """The state of the host process.

    It keeps a copy of each worker's socket. If the pool closes its end, the host kills the
    worker; if the worker ends, the host writes the number of the signal that ended it.
    """

    def __init__(
        self, control: socket.socket, store: ox.Store, manifest: Manifest, settings: Settings
    ) -> None:
        self.control = control
        self.store = store
        services = frozenset(settings.service_allowed.split())
        self.policy = Policy(frozenset(manifest.all_graphs), services)
        self.has_replicas = bool(settings.endpoints)
        self.names = Names(manifest.prefixes)
        self.plans = settings.plan_queries
        self.memory_bytes = settings.query_memory_bytes
        self.workers: dict[int, socket.socket] = {}  # by process id
        self.poll = select.poll()

    def run(self) -> None:
        """Serve the control socket until it closes."""
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for descriptor in (wake_read, self.control.fileno()):
            self.poll.register(descriptor, select.POLLIN)
        self.control.send(b"O")  # the store is open
        while True:
            ready = {descriptor for descriptor, _ in self.poll.poll()}
            # First: once a descriptor is closed below, a new worker may get its number.
            for descriptor in ready - {wake_read, self.control.fileno()}:
                self._kill(descriptor)
            if wake_read in ready:
                os.read(wake_read, 4096)
                self._reap()
            if self.control.fileno() in ready:
                try:
                    _, descriptors, _, _ = socket.recv_fds(self.control, 1, 1)
                except ConnectionResetError:  # closed while a report was unread
                    return
                if not descriptors:
                    return
                self.fork(socket.socket(fileno=descriptors[0]), (wake_read, wake_write))

    def fork(self, connection: socket.socket, not_for_workers: tuple[int, ...]) -> None:
        """Fork a worker for a connection."""
        try:
            pid = os.fork()
        except OSError:  # too many processes: refuse this query alone
            _write_end(connection, messages.NOT_STARTED)
            return
        if pid == 0:
            status = 1
            try:
                self._become_worker(connection, not_for_workers)
                status = 0
            finally:
                os._exit(status)
        self.workers[pid] = connection
        self.poll.register(connection, 0)  # reports when the other end is closed

    def _become_worker(self, connection: socket.socket, not_for_workers: tuple[int, ...]) -> None:
        sandbox.die_with_parent()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for other in (self.control, *self.workers.values()):
            other.close()
        for descriptor in not_for_workers:
            os.close(descriptor)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):  # drop what the engine prints before an abort
            os.dup2(null, descriptor)
        sandbox.limit_memory(self.memory_bytes)
        if not (self.policy.services or self.has_replicas):
            sandbox.forbid_network()
        serve(connection, self.store, self.policy, self.names, plans=self.plans)

    def _kill(self, descriptor: int) -> None:
        """Kill the worker whose socket the pool has closed."""
        self.poll.unregister(descriptor)
        for pid, connection in self.workers.items():
            if connection.fileno() == descriptor:
                os.kill(pid, signal.SIGKILL)  # not reaped yet, so no other process has its id

    def _reap(self) -> None:
        """Reap the workers that have ended, and write to each one's socket how."""
        while self.workers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            connection = self.workers.pop(pid)
            with contextlib.suppress(KeyError):
                self.poll.unregister(connection)
            _write_end(connection, os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0)


def _write_end(connection: socket.socket, number: int) -> None:
    """Write the last byte to a worker's socket and close it."""
    with connection, contextlib.suppress(OSError):  # the reader has gone, or is too slow
        connection.send(bytes([number]), socket.MSG_DONTWAIT)


if __name__ == "__main__":
    main()
