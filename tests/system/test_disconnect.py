"""The query of a client that disconnects is cancelled: its worker ends.

The time limit is ten minutes here, so that no query ends by itself.
"""

import contextlib
import os
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest

from service.release import Release

from . import processes
from .server import Server, running, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
FLOOD = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SECONDS = 10
"""Time for a cancellation, which takes a fraction of a second on an idle machine."""


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    settings = {"query_seconds": "600", "engine_workers": "4", "spool_bytes": "1000000"}
    with running(small_release.path, **settings) as server:
        yield server


def busy_workers(server: Server) -> set[int]:
    """Return the workers that are computing; a busy machine may give them little time."""
    workers = processes.children(processes.host(server.pid))
    return {pid for pid in workers if processes.stat(pid)[0] == "R"}


def busy_worker(server: Server) -> int:
    """Return the only worker that is computing."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if len(workers := busy_workers(server)) == 1:
            return workers.pop()
    raise AssertionError("no worker computes, or several do")


def start(server: Server, request: bytes) -> tuple[socket.socket, int]:
    """Send a request; return its connection and the worker of its query."""
    assert wait_until(lambda: not busy_workers(server))
    client = socket.create_connection(("127.0.0.1", server.port), SECONDS)
    client.sendall(request)
    return client, busy_worker(server)


def start_reading(server: Server, request: bytes) -> tuple[socket.socket, int]:
    """Send a request and read the beginning of its endless response.

    Return the connection and the query's worker, which may be waiting for the reader.
    """
    assert wait_until(lambda: not busy_workers(server))
    before = processes.children(processes.host(server.pid))
    with contextlib.suppress(OSError):
        for pid in before:  # the query gets a new worker
            os.kill(pid, signal.SIGKILL)
    client = socket.create_connection(("127.0.0.1", server.port), SECONDS)
    client.sendall(request)
    size = 0
    while size < 1 << 20:
        data = client.recv(1 << 16)
        assert data
        size += len(data)
    time.sleep(0.3)
    workers = processes.children(processes.host(server.pid)) - before
    assert len(workers) == 1
    return client, workers.pop()


def get(query: str, version: str = "1.1", path: str = "/sparql", **more: str) -> bytes:
    target = f"{path}?" + urlencode({"query": query, **more})
    accept = "Accept: text/csv, text/html;q=0.1"
    return f"GET {target} HTTP/{version}\r\nHost: x\r\n{accept}\r\n\r\n".encode()


def post(query: str) -> bytes:
    body = query.encode()
    head = f"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"Content-Type: application/sparql-query\r\n\r\n" + body


def close(client: socket.socket) -> None:
    client.close()


def half_close(client: socket.socket) -> None:
    client.shutdown(socket.SHUT_WR)
    time.sleep(0.2)
    client.close()


def reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


each_disconnect = pytest.mark.parametrize("disconnect", [close, half_close, reset])


@each_disconnect
@pytest.mark.parametrize(
    "request_",
    [get(RUNAWAY), get(RUNAWAY, "1.0"), post(RUNAWAY), get(FLOOD + " ORDER BY ?a ?e ?i")],
    ids=["GET", "GET 1.0", "POST", "sorting"],
)
def test_a_query_is_cancelled_before_its_response(
    server: Server, request_: bytes, disconnect: Callable[[socket.socket], None]
) -> None:
    client, worker = start(server, request_)
    assert not processes.has_ended(worker)
    disconnect(client)
    assert wait_until(lambda: processes.has_ended(worker))
    assert not busy_workers(server)
    assert server.get("ASK {}")[0].status == 200


@each_disconnect
def test_a_query_is_cancelled_during_its_response(
    server: Server, disconnect: Callable[[socket.socket], None]
) -> None:
    client, worker = start_reading(server, get(FLOOD))
    disconnect(client)
    assert wait_until(lambda: processes.has_ended(worker))
    assert server.get("ASK {}")[0].status == 200


@each_disconnect
def test_a_query_of_the_query_page_is_cancelled(
    server: Server, disconnect: Callable[[socket.socket], None]
) -> None:
    client, worker = start(server, get(RUNAWAY, path="/query"))
    disconnect(client)
    try:
        assert wait_until(lambda: processes.has_ended(worker))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)


def test_the_second_query_of_a_connection_is_cancelled(server: Server) -> None:
    """Earlier requests on the same connection do not hide that it is closed."""
    with socket.create_connection(("127.0.0.1", server.port), SECONDS) as client:
        client.sendall(get("ASK {}"))
        assert client.recv(4096).startswith(b"HTTP/1.1 200")
        client.sendall(get(RUNAWAY))
        worker = busy_worker(server)
    assert wait_until(lambda: processes.has_ended(worker))


def test_a_waiting_query_is_never_run(server: Server) -> None:
    assert wait_until(lambda: not busy_workers(server))
    engine = [processes.host(server.pid), *processes.children(processes.host(server.pid))]
    for pid in engine:
        os.kill(pid, signal.SIGSTOP)
    try:
        patient = [socket.create_connection(("127.0.0.1", server.port), SECONDS) for _ in range(12)]
        for number, client in enumerate(patient):
            client.sendall(get(f"ASK {{ <http://e/{number}> ?p ?o }}"))
        time.sleep(0.1)
        leaving = [socket.create_connection(("127.0.0.1", server.port), SECONDS) for _ in range(4)]
        for client in leaving:
            client.sendall(get(RUNAWAY + f" # {client.fileno()}"))
        time.sleep(0.1)
        for client in leaving:
            client.close()
        time.sleep(0.1)
    finally:
        for pid in engine:
            os.kill(pid, signal.SIGCONT)
    for client in patient:
        assert client.recv(4096).startswith(b"HTTP/1.1 200")
        client.close()
    assert wait_until(lambda: not busy_workers(server))
    time.sleep(1)
    assert not busy_workers(server)


def test_other_clients_get_their_whole_results(server: Server) -> None:
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 20000"
    whole = server.get(query, "text/csv")[1]
    for disconnect in (close, reset) * 3:
        client = socket.create_connection(("127.0.0.1", server.port), SECONDS)
        client.sendall(get(RUNAWAY))
        time.sleep(0.1)
        disconnect(client)
        assert server.get(query + f" # {time.monotonic()}", "text/csv")[1] == whole
    assert wait_until(lambda: not busy_workers(server))
