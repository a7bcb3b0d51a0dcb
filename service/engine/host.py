"""The host process: it opens the store once and forks the workers, which share its memory.

``python -m service.engine`` runs it, with its options on standard input;
:mod:`service.engine.host_process` starts it. It ends when its control socket closes, so it never
outlives its starter; its workers end with it.
"""

import contextlib
import gc
import gzip
import json
import os
import resource
import select
import signal
import socket
import sys
import zlib
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from service.engine import messages, sandbox
from service.engine.worker import serve
from service.names import Names
from service.sparql.policy import Policy

STACK_BYTES = 64 << 20
"""The engine's parser and planner recurse; a deep query should fail by our rules."""


def main() -> None:
    """Run the host process until its control socket closes."""
    options = json.load(sys.stdin)
    sandbox.die_with_parent()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the web process decides
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    size = STACK_BYTES if hard == resource.RLIM_INFINITY else min(STACK_BYTES, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_STACK, (size, hard))
    try:
        store = open_store(options)
    except (OSError, RuntimeError) as error:
        sys.stderr.write(f"The store {options['store']} cannot be opened: {error}\n")
        raise SystemExit(1) from None
    gc.freeze()  # a collection in a worker would copy the pages that it shares with this process
    Host(store, options).run()


def open_store(options: dict[str, Any]) -> ox.Store:
    """Return the dataset in memory, read from its dump, or else the store on disk.

    In memory rows are read several times as fast; a dump with another number of quads than the
    manifest says is not used.

    :raises OSError, RuntimeError: if neither can be opened.
    """
    with contextlib.suppress(OSError, EOFError, zlib.error, SyntaxError):
        if options["dump"]:
            path = Path(options["dump"])
            data = path.read_bytes()
            if path.suffix == ".gz":
                data = gzip.decompress(data)
            store = ox.Store()
            # Not bulk_load, which renames blank nodes: an answer shows their names.
            store.bulk_extend(ox.parse(data, ox.RdfFormat.N_QUADS, lenient=True))
            if len(store) == options["quads"]:
                return store
    return ox.Store.read_only(options["store"])


class Host:
    """The state of the host process."""

    def __init__(self, store: ox.Store, options: dict[str, Any]) -> None:
        self.store = store
        self.memory_bytes = int(options["memory_bytes"])
        self.policy = Policy(frozenset(options["graphs"]), frozenset(options["services"]))
        self.names = Names(options["prefixes"])
        self.control = socket.socket(fileno=int(options["control"]))
        self.children: set[int] = set()

    def run(self) -> None:
        """Serve the control socket until it closes."""
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        poll = select.poll()
        for descriptor in (wake_read, self.control.fileno()):
            poll.register(descriptor, select.POLLIN)
        self._report(messages.OPENED)
        while True:
            events = dict(poll.poll())
            if wake_read in events:
                os.read(wake_read, 4096)
                self._reap()
            if self.control.fileno() in events:
                try:
                    data, descriptors, _, _ = socket.recv_fds(
                        self.control, messages.CONTROL.size, 1
                    )
                except ConnectionResetError:  # closed, with reports that nobody read
                    return
                if not data:
                    return
                kind, pid, _ = messages.CONTROL.unpack(data)
                if kind == messages.FORK and descriptors:
                    self.fork(socket.socket(fileno=descriptors[0]), (wake_read, wake_write))
                elif kind == messages.KILL:
                    self._kill(pid)

    def fork(self, connection: socket.socket, not_for_workers: tuple[int, ...]) -> None:
        """Fork a worker for a connection, and report its process id or why there is none."""
        try:
            pid = os.fork()
        except OSError as error:  # a limit on processes: this query is refused, no other
            connection.close()
            self._report(messages.FORKED, 0, error.errno or 0)
            return
        if pid == 0:
            status = 1
            try:
                self._become_worker(connection, not_for_workers)
                status = 0
            finally:
                os._exit(status)
        connection.close()
        self.children.add(pid)
        self._report(messages.FORKED, pid)

    def _become_worker(self, connection: socket.socket, not_for_workers: tuple[int, ...]) -> None:
        sandbox.die_with_parent()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in (*not_for_workers, self.control.fileno()):
            os.close(descriptor)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):  # what the engine prints before an abort helps nobody
            os.dup2(null, descriptor)
        sandbox.limit_memory(self.memory_bytes)
        if not self.policy.services:
            sandbox.forbid_network()
        serve(connection, self.store, self.policy, self.names)

    def _kill(self, pid: int) -> None:
        if pid in self.children:  # it is not reaped yet, so its process id is not used again
            os.kill(pid, signal.SIGKILL)

    def _reap(self) -> None:
        """Collect the workers that have ended, and report each."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self.children.discard(pid)
            number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
            self._report(messages.DIED, pid, number)

    def _report(self, kind: bytes, pid: int = 0, number: int = 0) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.control.sendall(messages.CONTROL.pack(kind, pid, number))
