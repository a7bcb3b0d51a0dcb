"""Operation: signals, dying processes, several servers, IPv6, slow clients."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from pathlib import Path
from urllib.parse import urlencode

import pytest

from service.release import Release

from . import processes
from .server import ROOT, Server, connected, free_port, launch, running, wait_until

pytestmark = pytest.mark.slow

FLOOD = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
SECONDS = 15
"""The time to wait for a process: an order of magnitude more than needed."""


@contextlib.contextmanager
def started(release: Path, port: int, **settings: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a server that the test ends; kill its remaining processes afterwards."""
    process = launch(release, port, **settings)
    try:
        yield process
    finally:
        for pid in processes.of_session(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.kill()
        process.wait()


def session_ends(session: int) -> bool:
    """Wait until all processes of a session have ended; return whether they have."""
    return wait_until(lambda: not processes.of_session(session), SECONDS)


def target(query: str, **more: str) -> str:
    return "/sparql?" + urlencode({"query": query, **more})


def read_all(response: HTTPResponse) -> None:
    while response.read(1 << 20):
        pass


def test_two_servers_serve_one_release(small_release: Release) -> None:
    query = "SELECT * { ?s ?p ?o } LIMIT 50"
    with running(small_release.path) as first:
        with running(small_release.path, memory_quads="0") as second:
            assert first.get(query)[0].status == second.get(query)[0].status == 200
            rows = [
                len(json.loads(s.get(query)[1])["results"]["bindings"]) for s in (first, second)
            ]
            assert rows == [50, 50]
        assert first.get("ASK {}")[0].status == 200


def test_a_used_port_is_an_error_of_one_line(small_release: Release) -> None:
    with running(small_release.path) as server:
        command = [sys.executable, "-m", "service", "serve", "--port", str(server.port)]
        result = subprocess.run(
            [*command, "--release", str(small_release.path)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert result.returncode == 2
        assert f"Cannot listen on 127.0.0.1:{server.port}" in result.stderr
        assert len(result.stderr.splitlines()) == 1
        assert server.get("ASK {}")[0].status == 200


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_a_server_listens_on_ipv6(small_release: Release) -> None:
    port = free_port()
    with started(small_release.path, port, host="::1"):
        for query in ("ASK {}", "SELECT * { ?s ?p ?o . ?a ?b ?c } LIMIT 20000"):
            connection = HTTPConnection("::1", port, timeout=30)
            connection.request("GET", target(query), headers={"Accept": "application/json"})
            response = connection.getresponse()
            is_streamed = response.headers["Transfer-Encoding"] == "chunked"
            assert is_streamed == query.endswith("20000")
            result = json.loads(response.read())
            assert response.status == 200
            assert result.get("boolean") or len(result["results"]["bindings"]) == 20000
            connection.close()
        connection = HTTPConnection("::1", port, timeout=30)
        connection.request("GET", "/", headers={"Accept": "text/html"})
        assert connection.getresponse().status == 200
        connection.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_ends_breaks_off_its_responses(
    small_release: Release, number: signal.Signals
) -> None:
    """It ends within seconds, and no part of a result looks whole."""
    port = free_port()
    with started(small_release.path, port, query_seconds="600") as process:
        readers = []
        for accept in ("text/csv", "application/json", "text/tab-separated-values"):
            connection = HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", target(FLOOD), headers={"Accept": accept})
            response = connection.getresponse()
            assert response.read(100_000)
            readers.append((connection, response))
        waiting = HTTPConnection("127.0.0.1", port, timeout=30)
        waiting.request("GET", target(RUNAWAY))
        time.sleep(0.5)
        os.kill(process.pid, number)
        for _, response in readers:
            with pytest.raises((IncompleteRead, ConnectionResetError)):
                read_all(response)
        with contextlib.suppress(OSError):  # no response or a problem, never a result
            assert waiting.getresponse().status >= 500
        process.wait(SECONDS)
        assert session_ends(process.pid)
        for connection in (*(c for c, _ in readers), waiting):
            connection.close()


def test_a_server_that_is_killed_leaves_no_process(small_release: Release) -> None:
    """Its query would run for ten minutes."""
    port = free_port()
    with (
        started(small_release.path, port, query_seconds="600") as process,
        contextlib.ExitStack() as clients,
    ):
        for _ in range(3):
            client = clients.enter_context(socket.create_connection(("127.0.0.1", port), SECONDS))
            client.sendall(f"GET {target(RUNAWAY)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        time.sleep(0.5)
        process.kill()
        process.wait()
        assert session_ends(process.pid)


def test_a_response_breaks_when_its_process_is_killed(small_release: Release) -> None:
    """The part does not look whole, and another process takes over."""
    with running(small_release.path) as server, connected(server.port) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
        client.sendall(f"GET {target(FLOOD)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
        os.kill(processes.web_process(server.pid), signal.SIGKILL)
        end = b""
        with contextlib.suppress(ConnectionResetError):
            while part := client.recv(1 << 20):
                end = part
        assert not end.endswith(b"\r\n0\r\n\r\n")
        assert wait_until(lambda: is_answered(server), SECONDS)


def is_answered(server: Server) -> bool:
    try:
        return server.get("ASK {}")[0].status == 200
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_requests_survive_a_process_that_is_stopped_for_ten_seconds(small_release: Release) -> None:
    """SIGSTOP of a different process in each server; requests from that time are answered."""
    find: dict[str, Callable[[int], int]] = {
        "first": int,
        "serving": processes.web_process,
        "host": processes.host,
    }
    answers: dict[str, int] = {}

    def ask(name: str, server: Server) -> None:
        answers[name] = server.get(f"ASK {{ ?s ?p '{name}' }}")[0].status

    with contextlib.ExitStack() as stack:
        servers = {name: stack.enter_context(running(small_release.path)) for name in find}
        stopped = {name: pid(servers[name].pid) for name, pid in find.items()}
        for name, server in servers.items():
            assert server.get("ASK {}")[0].status == 200
            os.kill(stopped[name], signal.SIGSTOP)
        readers = [threading.Thread(target=ask, args=pair) for pair in servers.items()]
        for reader in readers:
            reader.start()
        time.sleep(10)
        for pid in stopped.values():
            os.kill(pid, signal.SIGCONT)
        for reader in readers:
            reader.join()
        for name, server in servers.items():
            assert is_answered(server)
            assert find[name](server.pid) == stopped[name], "nothing was replaced"
    assert answers == dict.fromkeys(find, 200)


def test_a_server_ends_if_its_process_keeps_dying(small_release: Release) -> None:
    """The operator's supervisor can then act."""
    with started(small_release.path, free_port()) as process:

        def kill() -> bool:
            with contextlib.suppress(ProcessLookupError, AssertionError):
                os.kill(processes.web_process(process.pid), signal.SIGKILL)
            return process.poll() is not None

        assert wait_until(kill, 2 * SECONDS)
        assert process.returncode not in {0, None}
        assert session_ends(process.pid)


def test_slow_clients_delay_no_other(small_release: Release) -> None:
    """Hundreds send their head byte by byte, or never send their body."""
    with running(small_release.path) as server:
        clients = [
            socket.create_connection(("127.0.0.1", server.port), SECONDS) for _ in range(300)
        ]
        head = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nX-Slow: "
        body = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nContent-Type: "
        body += b"application/sparql-query\r\n\r\nASK {}"
        for at in range(len(head)):
            for number, client in enumerate(clients):
                with contextlib.suppress(OSError):
                    client.sendall(body if number % 3 == 0 and at == 0 else head[at : at + 1])
            if at % 10 == 0:
                response, _ = server.get(f"ASK {{ <http://e/{at}> ?p ?o }}")
                assert response.status == 200
                assert server.ask("GET", "/about", Accept="text/html")[0].status == 200
        for number, client in enumerate(clients):  # slow heads are answered in the end
            if number % 3:
                client.sendall(b"\r\n\r\n")
                assert client.recv(1000).startswith(b"HTTP/1.1 200")
            client.close()
        assert server.get("ASK {}")[0].status == 200


def test_pipelined_requests_are_answered_in_order(small_release: Release) -> None:
    """A pipelining client sends requests without waiting for responses (RFC 9112 §9.3.2)."""
    with running(small_release.path) as server, connected(server.port) as client:
        queries = [f'SELECT ("{number}" AS ?n) {{}}' for number in range(30)]
        client.sendall(
            b"".join(
                f"GET {target(query)} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n".encode()
                for query in queries
            )
        )
        data = b""
        while data.count(b"HTTP/1.1 200") < 30 or not data.endswith(b"29\r\n"):
            part = client.recv(1 << 16)
            assert part, data
            data += part
        assert re.findall(rb"n\r\n(\d+)\r\n", data) == [b"%d" % n for n in range(30)]
