"""Attacks: each costs at most its sender an answer, and no other client."""

import contextlib
import json
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from service.problems import ReleaseError
from service.release import Release, refuse_damaged, temporary_folder

from . import processes
from .server import Server, connected, free_port, launch, running, wait_until

pytestmark = pytest.mark.slow

PRODUCT = "SELECT * { ?a ?b ?c . ?d ?e ?f } #%d"
DOUBLINGS = " ".join(f"BIND(CONCAT(?s{i}, ?s{i}) AS ?s{i + 1})" for i in range(20))
LARGE_CELL = f"SELECT ?s20 {{ BIND('{'0123456789abcdef' * 4}' AS ?s0) {DOUBLINGS} }}"
"""One literal of 64 MiB."""


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    with running(small_release.path) as server:
        yield server


def query(text: str) -> bytes:
    target = "/sparql?" + urlencode({"query": text})
    return f"GET {target} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n".encode()


def is_answered(server: Server) -> bool:
    with contextlib.suppress(OSError):
        return server.get(f"ASK {{}} #{time.monotonic()}")[0].status == 200
    return False


def test_clients_that_read_nothing_occupy_no_place(server: Server) -> None:
    """Quick queries are answered while thirty long results are left unread."""
    with contextlib.ExitStack() as stack:
        for number in range(30):
            client = stack.enter_context(connected(server.port))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
            client.sendall(query(PRODUCT % number))
            time.sleep(0.02)
        for _ in range(20):
            assert is_answered(server)
            time.sleep(0.1)


@pytest.mark.parametrize("accept", ["text/csv", "application/sparql-results+xml"])
def test_one_cell_of_64_mebibytes_costs_no_more_than_its_size(server: Server, accept: str) -> None:
    """Buffers that grow by copying would take a minute of the process that serves everybody."""
    before = processes.ticks(processes.web_process(server.pid))
    outcome: list[int] = []

    def ask() -> None:
        response, body = server.get(LARGE_CELL, accept)
        outcome.extend((response.status, len(body)))

    thread = threading.Thread(target=ask)
    thread.start()
    while thread.is_alive():
        assert is_answered(server)
        time.sleep(0.05)
    thread.join()
    assert outcome[0] == 200
    assert outcome[1] > 64 << 20
    spent = processes.ticks(processes.web_process(server.pid)) - before
    assert spent / os.sysconf("SC_CLK_TCK") < 10


def test_a_host_killed_twice_is_restarted(server: Server) -> None:
    """It is killed the second time while it opens the store."""
    first = processes.host(server.pid)
    os.kill(first, signal.SIGKILL)

    def kill_successor() -> bool:
        with contextlib.suppress(AssertionError, ProcessLookupError):
            if (pid := processes.host(server.pid)) != first:
                os.kill(pid, signal.SIGKILL)
                return True
        return False

    assert wait_until(kill_successor)
    assert wait_until(lambda: is_answered(server), 20)


def test_a_damaged_store_does_not_take_memory_without_end(
    small_release: Release, tmp_path: Path
) -> None:
    copy = tmp_path / "release"
    shutil.copytree(small_release.path, copy)
    limit = 600 << 20
    process = launch(copy, free_port(), web_memory_bytes=str(limit), query_seconds="2")
    try:
        damage(copy / "store")
        peak = 0
        end = time.monotonic() + 8
        threading.Thread(target=_visit, args=(process.pid, copy), daemon=True).start()
        while time.monotonic() < end and process.poll() is None:
            with contextlib.suppress(AssertionError, OSError):
                pid = processes.web_process(process.pid)
                peak = max(peak, processes.resident_bytes(pid))
            time.sleep(0.05)
        assert peak < limit + (300 << 20)
    finally:
        for pid in processes.of_session(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def damage(store: Path) -> None:
    """Change bytes in the tables of a store, in place."""
    tables = list(store.rglob("*.sst"))
    assert tables
    for path in tables:
        size = path.stat().st_size
        with path.open("r+b") as file:
            for start in (size // 4, size // 2):
                file.seek(start)
                changed = bytes(byte ^ 0xFF for byte in file.read(100))
                file.seek(start)
                file.write(changed)


def _visit(pid: int, release: Path) -> None:
    """Request pages of a server, and ignore the responses."""
    environ = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    port = next(int(v.partition(b"=")[2]) for v in environ if v.startswith(b"SERVICE_PORT="))
    server = Server(port, pid)
    for path in ("/", "/doc/id/CDMO_0000001", "/statements/", "/browse/Condition") * 3:
        with contextlib.suppress(OSError, Exception):
            server.ask("GET", path, Accept="text/html")


def test_a_killed_process_leaves_a_folder_that_the_next_one_removes(tmp_path: Path) -> None:
    pid = os.fork()
    if pid == 0:
        with temporary_folder() as folder:
            (tmp_path / "name").write_text(str(folder))
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    left = Path((tmp_path / "name").read_text())
    assert left.is_dir()
    with temporary_folder() as folder:
        assert not left.exists()
        with temporary_folder() as other:
            assert folder.is_dir(), "a folder in use stays"
            assert folder != other
    assert not folder.exists()


@pytest.mark.parametrize("memory_quads", ["200000", "0"])
@pytest.mark.parametrize("harm", ["removed", "swapped"])
def test_a_store_that_changes_while_it_is_served_is_served_unchanged(
    small_release: Release, tmp_path: Path, memory_quads: str, harm: str
) -> None:
    """The next start refuses it."""
    copy = tmp_path / "release"
    shutil.copytree(small_release.path, copy)
    targets = [
        *(f"/sparql?query=SELECT*{{?s+?p+?o}}ORDER+BY+?s+?p+?o+LIMIT+{n}" for n in (9, 99)),
        "/doc/id/CDMO_0000001.nt",
        "/statements.json",
        "/doc/id/CDMO_0000002.json",
    ]
    settings = {"memory_quads": memory_quads, "cache_bytes": "0"}
    with running(copy, **settings) as server:
        expected = [server.ask("GET", target)[1] for target in targets[:1] + targets[2:]]
        shutil.rmtree(copy / "store")
        if harm == "swapped":
            ox.Store(copy / "store").add(ox.Quad(*[ox.NamedNode("urn:a")] * 4))
        assert [server.ask("GET", t)[1] for t in targets[:1] + targets[2:]] == expected
        assert server.ask("GET", targets[1])[0].status == 200
    with pytest.raises(ReleaseError):
        refuse_damaged(Release(copy, small_release.manifest))


def test_a_server_problem_shows_no_path_of_the_machine(
    small_release: Release, tmp_path: Path
) -> None:
    copy = tmp_path / "release"
    shutil.copytree(small_release.path, copy)
    with running(copy) as server:
        shutil.rmtree(copy / "store")
        (copy / "ontology.ttl").unlink()
        for path in ("/", "/doc/id/CDMO_0000001", "/downloads/ontology.ttl", "/downloads"):
            response, body = server.ask("GET", path, Accept="application/json")
            assert str(tmp_path).encode() not in body
            assert b"Traceback" not in body
            if response.status >= 400:
                assert json.loads(body)["type"].startswith("/problems/")
