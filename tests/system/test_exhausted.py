"""A server on a machine without free descriptors, disk space or writable folders."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from service.release import Release

from .server import Server, has_namespaces, running, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not has_namespaces(), reason="needs root and mount namespaces"),
]

DESCRIPTORS = 128
ROWS = 60_000
WARNING = "slow clients hold workers"
LARGE = f"SELECT * {{ ?a ?b ?c . ?d ?e ?f }} LIMIT {ROWS}"
READ_ONLY = """for folder in / /tmp /var/tmp /dev/shm $PWD; do
  if mountpoint -q "$folder"; then mount -o remount,ro,bind "$folder"; fi
done
if touch {0}/probe 2>/dev/null; then exit 1; fi"""
"""Make all folders for temporary files read-only."""


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """The file for the server's log; at the end it must have no stack trace."""
    path = tmp_path / "log"
    yield path
    assert "Traceback" not in path.read_text()


def ask(connection: HTTPConnection, target: str) -> int:
    connection.request("GET", target)
    response = connection.getresponse()
    response.read()
    return response.status


def test_without_free_descriptors_newcomers_wait_and_others_are_answered(
    small_release: Release, log: Path
) -> None:
    first = f"ulimit -n {DESCRIPTORS}"
    with running(small_release.path, first, str(log)) as server, ExitStack() as clients:
        connections = []
        for _ in range(2 * DESCRIPTORS):
            connections.append(HTTPConnection("127.0.0.1", server.port, timeout=60))
            connections[-1].connect()
            clients.callback(connections[-1].close)
        served = connections[: DESCRIPTORS // 2]
        for number, connection in enumerate(served):
            query = urlencode({"query": f"SELECT * {{ ?s ?p ?o }} # {number}"})
            assert ask(connection, f"/sparql?{query}") == 200
            assert ask(connection, f"/search?q={number}") == 200
        waiting = HTTPConnection("127.0.0.1", server.port, timeout=60)
        clients.callback(waiting.close)
        waiting.request("GET", "/about")
        for connection in connections:
            connection.close()
        assert waiting.getresponse().status == 200
        assert server.get("ASK {}")[0].status == 200


def read_after(server: Server, event: Callable[[], bool]) -> bytes:
    """Request a large result, and read it after an event that it causes."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    with closing(connection):
        connection.connect()
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
        target = "/sparql?" + urlencode({"query": LARGE})
        connection.request("GET", target, headers={"Accept": "text/tab-separated-values"})
        response = connection.getresponse()
        assert wait_until(event, 60)
        for number in range(3):  # meanwhile others are answered
            assert server.get(f"ASK {{}} # {number}")[0].status == 200
        return response.read()


def test_a_full_disk_under_the_log_does_not_stop_the_service(small_release: Release) -> None:
    with running(small_release.path, log="/dev/full", log_requests="true") as server:
        for target in ("/", "/nowhere", "/sparql?query=nothing", "/readyz"):
            assert server.ask("GET", target, Accept="*/*")[0].status in {200, 400, 404}


@pytest.mark.parametrize("harm", ["full", "read-only"])
@pytest.mark.parametrize("memory_quads", ["200000", "0"])
def test_where_no_file_can_be_written_answers_are_whole(
    small_release: Release, tmp_path: Path, log: Path, harm: str, memory_quads: str
) -> None:
    """Workers wait for slow clients, and the log says so."""
    folder = tmp_path / "passing"
    folder.mkdir()
    mount = f"mount -t tmpfs -o size=1m none {folder}; export TMPDIR={folder}"
    first = mount if harm == "full" else READ_ONLY.format(tmp_path)
    with running(small_release.path, first, str(log), memory_quads=memory_quads) as server:
        for target in ("/", "/search?q=a", "/statements.csv", "/readyz"):
            assert server.ask("GET", target, Accept="*/*")[0].status == 200
        assert read_after(server, lambda: WARNING in log.read_text()).count(b"\n") == ROWS + 1
    assert log.read_text().count(WARNING) == 1
