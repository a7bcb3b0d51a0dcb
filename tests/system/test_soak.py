"""Mixed load over some time: memory, descriptors and processes stay as they are.

``make soak MINUTES=30`` runs it longer; by default it takes a minute.
"""

import contextlib
import os
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.client import IncompleteRead
from pathlib import Path
from urllib.parse import quote

import pytest

from service.library import Library
from service.names import Names
from service.release import Release, open_store

from . import processes
from .server import Server, connected, running, wait_until

pytestmark = pytest.mark.slow

SECONDS = float(os.environ.get("SOAK_SECONDS", "60"))
GROWTH_BYTES = 12 << 20
"""More than an allocator keeps for later use, less than any leak at this load."""
GROWTH_DESCRIPTORS = 8
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
Client = Callable[[random.Random], None]
LARGE = "SELECT * { ?s ?p ?o . ?s ?q ?v } LIMIT 40000"


def test_nothing_grows_under_mixed_load(real_release: Release) -> None:
    library = Library(open_store(real_release), Names(real_release.manifest.prefixes))
    paths = sorted(path for iri in library.documents if (path := library.names.document(iri)))
    with running(real_release.path, query_seconds="4", cache_bytes="2000000") as server:
        load = Load(server, paths)
        load.start()
        try:
            time.sleep(SECONDS / 2)  # caches fill
            before = State(server)
            time.sleep(SECONDS / 2)
            after = State(server)
        finally:
            load.stop()
        assert load.failures == []
        assert min(load.done[_name(kind)] for kind in load.kinds) > 3, load.done
        assert after.bytes - before.bytes < GROWTH_BYTES, (before, after)
        assert after.descriptors - before.descriptors < GROWTH_DESCRIPTORS, (before, after)
        # Nothing goes on running: the idle workers wait, and no query has a place.
        assert wait_until(lambda: _is_idle(server), 15)
        session = processes.of_session(server.pid)
    assert wait_until(lambda: all(map(processes.has_ended, session)))


class State:
    """Memory and descriptors of the serving process."""

    def __init__(self, server: Server) -> None:
        pid = processes.web_process(server.pid)
        # The smallest of several: a result may come and go in between.
        samples = [self._sample(pid) for _ in range(20)]
        self.bytes = min(size for size, _ in samples)
        self.descriptors = min(count for _, count in samples)

    @staticmethod
    def _sample(pid: int) -> tuple[int, int]:
        time.sleep(0.05)
        return processes.resident_bytes(pid), len(list(Path(f"/proc/{pid}/fd").iterdir()))

    def __repr__(self) -> str:
        return f"{self.bytes / 1e6:.1f} MB, {self.descriptors} descriptors"


class Load:
    """Clients of every sort, each in a thread until :meth:`stop`."""

    def __init__(self, server: Server, paths: list[str]) -> None:
        self.server = server
        self.paths = paths
        self.done: Counter[str] = Counter()
        self.failures: list[str] = []
        self.kinds: list[Client] = [self.page, self.data, self.query, self.mistake]
        self.kinds += [self.runaway, self.large, self.leaving, self.reading_slowly]
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=(kind, seed), daemon=True)
            for seed, kind in enumerate(self.kinds)
        ]

    def start(self) -> None:
        """Start all clients."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End all clients."""
        self._ended.set()
        for thread in self._threads:
            thread.join(30)

    def _repeat(self, kind: Client, seed: int) -> None:
        rng = random.Random(seed)
        while not self._ended.is_set():
            try:
                kind(rng)
            except OSError as error:
                self.failures.append(f"{_name(kind)}: {error!r}")
                return
            self.done[_name(kind)] += 1

    def _ask(self, target: str, expected: set[int], accept: str = "*/*") -> bytes:
        response, body = self.server.ask("GET", target, Accept=accept)
        if response.status not in expected:
            raise ConnectionError(f"{response.status} {target[:60]} {body[:300]!r}")
        return body

    def page(self, rng: random.Random) -> None:
        """Read any page."""
        self._ask(rng.choice(self.paths), {200}, "text/html")

    def data(self, rng: random.Random) -> None:
        """Fetch any document as data."""
        accept = rng.choice(["text/turtle", "application/ld+json", "application/rdf+xml"])
        self._ask(rng.choice(self.paths), {200}, accept)

    def query(self, rng: random.Random) -> None:
        """Send a new query."""
        number = rng.randrange(1 << 40)
        query = f"SELECT ?s ?o {{ ?s a ?o }} OFFSET {rng.randrange(900)} LIMIT 50 # {number}"
        self._ask(f"/sparql?query={quote(query)}", {200})

    def mistake(self, rng: random.Random) -> None:
        """Send a request for a missing resource, or an invalid one."""
        targets = ("/no/%s", "/sparql?query=SELECT+%s", "/id/CDMO_%s", "/search?q=%s")
        target = rng.choice(targets) % rng.randrange(1 << 40)
        self._ask(target, {200, 303, 400, 404})

    def runaway(self, rng: random.Random) -> None:
        """Send a query that ends at its time limit."""
        self._ask(f"/sparql?query={quote(f'{SLOW} # {rng.random()}')}", {503, 504})
        self._ended.wait(0.2)

    def large(self, rng: random.Random) -> None:
        """Fetch a large result, which breaks off if it reaches the time limit."""
        with contextlib.suppress(IncompleteRead):
            self._ask(f"/sparql?query={quote(f'{LARGE} # {rng.random()}')}", {200, 503, 504})
        self._ended.wait(0.2)

    def leaving(self, rng: random.Random) -> None:
        """Leave while a query runs."""
        with connected(self.server.port) as client:
            client.sendall(_get(f"{SLOW} # {rng.random()}"))
            self._ended.wait(0.1)

    def reading_slowly(self, rng: random.Random) -> None:
        """Read the beginning of a large result, wait, and leave."""
        with connected(self.server.port) as client, contextlib.suppress(TimeoutError):
            client.settimeout(0.5)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(_get(f"{LARGE} # {rng.random()}"))
            client.recv(1000)
            self._ended.wait(0.5)


def _name(client: Client) -> str:
    return client.__name__


def _get(query: str) -> bytes:
    return f"GET /sparql?query={quote(query)} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def _is_idle(server: Server) -> bool:
    """Tell whether no process of a server uses the processor."""
    pids = processes.of_session(server.pid)
    try:
        before = sum(map(processes.ticks, pids))
        time.sleep(0.5)
        return sum(map(processes.ticks, pids)) - before <= 2
    except OSError:  # a process has ended meanwhile
        return False
