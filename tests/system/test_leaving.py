"""A client that goes away stops its query: the process that ran it is gone from the machine.

The limit of a query is ten minutes here, so nothing but its client's leaving can have ended one.
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
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]

RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
FLOOD = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SOON = 10
"""Seconds; it takes a fraction of one, but machines are busy."""


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    settings = {"query_seconds": "600", "engine_workers": "4", "spool_bytes": "1000000"}
    with running(small_release.path, **settings) as found:
        yield found


def working(server: Server) -> set[int]:
    """Return the workers that compute now; a busy machine may give them little time."""
    workers = processes.children(processes.host(server.pid))
    return {pid for pid in workers if processes.stat(pid)[0] == "R"}


def worker_of(server: Server) -> int:
    """Return the one query process that takes time."""
    end = time.monotonic() + SOON
    while time.monotonic() < end:
        if len(found := working(server)) == 1:
            return found.pop()
    raise AssertionError("nobody works, or more than one does")


def start(server: Server, request: bytes) -> tuple[socket.socket, int]:
    """Send a request, and return its connection and the process that works for it."""
    assert wait_until(lambda: not working(server)), "somebody works still"
    client = socket.create_connection(("127.0.0.1", server.port), SOON)
    client.sendall(request)
    return client, worker_of(server)


def get(query: str, version: str = "1.1", path: str = "/sparql", **more: str) -> bytes:
    target = f"{path}?" + urlencode({"query": query, **more})
    return f"GET {target} HTTP/{version}\r\nHost: x\r\nAccept: text/csv\r\n\r\n".encode()


def post(query: str) -> bytes:
    body = query.encode()
    head = f"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"Content-Type: application/sparql-query\r\n\r\n" + body


def close(client: socket.socket) -> None:
    client.close()


def close_by_halves(client: socket.socket) -> None:
    client.shutdown(socket.SHUT_WR)
    time.sleep(0.2)
    client.close()


def reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


leaves = pytest.mark.parametrize("leave", [close, close_by_halves, reset])


@leaves
@pytest.mark.parametrize(
    "request_",
    [get(RUNAWAY), get(RUNAWAY, "1.0"), post(RUNAWAY), get(FLOOD + " ORDER BY ?a ?e ?i")],
    ids=["GET", "GET 1.0", "POST", "sorting"],
)
def test_while_nothing_is_answered_yet(
    server: Server, request_: bytes, leave: Callable[[socket.socket], None]
) -> None:
    client, worker = start(server, request_)
    assert not processes.has_ended(worker)
    leave(client)
    assert wait_until(lambda: processes.has_ended(worker)), "the query runs on"
    assert not working(server)
    assert server.get("ASK {}")[0].status == 200


@leaves
def test_while_the_answer_is_read(server: Server, leave: Callable[[socket.socket], None]) -> None:
    client, worker = start_reading(server, get(FLOOD))
    leave(client)
    assert wait_until(lambda: processes.has_ended(worker)), "the query runs on"
    assert server.get("ASK {}")[0].status == 200


@leaves
def test_on_the_query_page(server: Server, leave: Callable[[socket.socket], None]) -> None:
    client, worker = start(server, get(RUNAWAY, path="/query"))
    leave(client)
    try:
        assert wait_until(lambda: processes.has_ended(worker)), "the query runs on"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)


def start_reading(server: Server, request: bytes) -> tuple[socket.socket, int]:
    """Read the beginning of an endless answer; its worker may rest, for nobody reads on."""
    assert wait_until(lambda: not working(server)), "somebody works still"
    before = processes.children(processes.host(server.pid))
    with contextlib.suppress(OSError):
        for pid in before:  # none is left over that could do it unseen
            os.kill(pid, signal.SIGKILL)
    client = socket.create_connection(("127.0.0.1", server.port), SOON)
    client.sendall(request)
    read = 0
    while read < 1 << 20:
        data = client.recv(1 << 16)
        assert data
        read += len(data)
    time.sleep(0.3)
    workers = processes.children(processes.host(server.pid)) - before
    assert len(workers) == 1
    return client, workers.pop()


def test_one_of_many_on_a_connection_that_is_kept(server: Server) -> None:
    """What was answered before on the same connection does not hide that it is closed."""
    with socket.create_connection(("127.0.0.1", server.port), SOON) as client:
        client.sendall(get("ASK {}"))
        assert client.recv(4096).startswith(b"HTTP/1.1 200")
        client.sendall(get(RUNAWAY))
        worker = worker_of(server)
    assert wait_until(lambda: processes.has_ended(worker)), "the query runs on"


def test_before_its_turn(server: Server) -> None:
    """A query that waits for others is forgotten, and never begun."""
    assert wait_until(lambda: not working(server))
    engine = [processes.host(server.pid), *processes.children(processes.host(server.pid))]
    for pid in engine:
        os.kill(pid, signal.SIGSTOP)
    try:
        first = [socket.create_connection(("127.0.0.1", server.port), SOON) for _ in range(12)]
        for number, client in enumerate(first):
            client.sendall(get(f"ASK {{ <http://e/{number}> ?p ?o }}"))
        time.sleep(0.1)
        left = [socket.create_connection(("127.0.0.1", server.port), SOON) for _ in range(4)]
        for client in left:
            client.sendall(get(RUNAWAY + f" # {client.fileno()}"))
        time.sleep(0.1)
        for client in left:
            client.close()
        time.sleep(0.1)
    finally:
        for pid in engine:
            os.kill(pid, signal.SIGCONT)
    for client in first:
        assert client.recv(4096).startswith(b"HTTP/1.1 200"), "those before it are answered"
        client.close()
    assert wait_until(lambda: not working(server)), "it was begun for nobody"
    time.sleep(1)
    assert not working(server), "it was begun for nobody"


def test_the_others_are_not_disturbed(server: Server) -> None:
    """While clients come and go, one that stays has its whole answer."""
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 60000"
    whole = server.get(query, "text/csv")[1]
    for leave in (close, reset) * 4:
        client = socket.create_connection(("127.0.0.1", server.port), SOON)
        client.sendall(get(RUNAWAY))
        time.sleep(0.1)
        leave(client)
        assert server.get(query + f" # {time.monotonic()}", "text/csv")[1] == whole
    assert wait_until(lambda: not working(server))
