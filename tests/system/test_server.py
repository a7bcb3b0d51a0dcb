"""Requirements on the HTTP server under the ASGI application, over real sockets."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from service.release import Release

from . import processes
from .server import Server, connected, read_all, running, wait_until

FLOOD = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
JAVA_CLIENT = """\
import java.net.URI;
import java.net.http.*;

public class Client {
    public static void main(String[] arguments) throws Exception {
        HttpClient client = HttpClient.newHttpClient();  // it offers h2c with each request
        for (int number = 0; number < 3; number++) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(arguments[0]))
                .header("Content-Type", "application/sparql-query")
                .header("Accept", "text/csv")
                .POST(HttpRequest.BodyPublishers.ofString("SELECT (" + number + " AS ?n) {}"))
                .build();
            HttpResponse<String> response =
                client.send(request, HttpResponse.BodyHandlers.ofString());
            System.out.println(response.statusCode() + " " + response.body().split("\\r\\n")[1]);
        }
    }
}
"""


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    with running(small_release.path, query_seconds="20") as server:
        yield server


def get(target: str) -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()


def status(response: bytes) -> int:
    return int(response[9:12]) if response.startswith(b"HTTP/1.") else 0


def exchange(server: Server, request: bytes) -> bytes:
    """Send a request and return the response."""
    with connected(server.port) as client:
        with contextlib.suppress(ConnectionError):  # the server may stop reading early
            client.sendall(request)
        return read_all(client)


@pytest.mark.slow
def test_the_jdk_client_that_offers_h2c_keeps_its_content(server: Server, tmp_path: Path) -> None:
    """Jena and RDF4J use it; some servers lose the content when they refuse the upgrade."""
    if not shutil.which("javac"):
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have a JDK: apt-get install default-jdk-headless")
        pytest.skip("no JDK on PATH; on Debian: apt-get install default-jdk-headless")
    source = tmp_path / "Client.java"
    source.write_text(JAVA_CLIENT)
    command = ["java", str(source), server.url]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert result.stdout.split() == ["200", "0", "200", "1", "200", "2"], result.stderr


def test_a_refused_upgrade_keeps_the_content(server: Server) -> None:
    body = b"ASK {}"
    head = (
        "POST /sparql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings, close\r\n"
        "Upgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n"
        f"Content-Type: application/sparql-query\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    assert exchange(server, head.encode() + body).endswith(b'"boolean":true}')


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * (1 << 20) + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 100_000 + b"\r\n",
        b"GET /" + b"x" * (1 << 20) + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["long field", "many fields", "long target"],
)
def test_the_size_of_a_head_is_bounded(server: Server, head: bytes) -> None:
    """The server may reset the connection before its answer is read."""
    assert status(exchange(server, head)) in {0, 414, 431}
    assert server.get("ASK {}")[0].status == 200


def test_a_slow_body_is_read_and_delays_no_other_request(server: Server) -> None:
    body = b"query=ASK%7B%7D"
    head = (
        "POST /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
        f"{len(body)}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
    )
    with connected(server.port) as client:
        client.sendall(head.encode())
        for start in range(len(body)):
            client.sendall(body[start : start + 1])
            assert server.get(f"ASK {{ <http://e/{start}> ?p ?o }}")[0].status == 200
        assert status(client.recv(1000)) == 200


def test_a_body_that_breaks_off_is_not_run_as_a_query(server: Server) -> None:
    head = (
        "POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
        "Content-Type: application/sparql-query\r\n\r\nASK {}"
    )
    with connected(server.port) as client:
        client.sendall(head.encode())
        client.shutdown(socket.SHUT_WR)
        response = client.recv(1000)
    assert status(response) in {0, 400}


@pytest.mark.slow
def test_five_thousand_idle_connections_keep_no_client_out(server: Server) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(5000):
            stack.enter_context(connected(server.port))
        for number in range(20):
            assert server.get(f"ASK {{ <http://e/{number}> ?p ?o }}")[0].status == 200
        assert server.ask("GET", "/about", Accept="text/html")[0].status == 200


@pytest.mark.slow
def test_a_slow_reader_does_not_grow_the_memory(server: Server) -> None:
    pid = processes.web_process(server.pid)
    before = processes.resident_bytes(pid)
    target = "/sparql?" + urlencode({"query": FLOOD})
    with contextlib.ExitStack() as stack:
        for _ in range(4):
            client = stack.enter_context(connected(server.port))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
            client.sendall(get(target))
            assert client.recv(1000)
        time.sleep(3)
        assert processes.resident_bytes(pid) - before < 60_000_000


@pytest.mark.slow
def test_a_client_that_leaves_ends_its_query_within_a_second(server: Server) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    host = processes.host(server.pid)

    def computing() -> bool:
        return any(processes.stat(pid)[0] == "R" for pid in processes.children(host))

    with connected(server.port) as client:
        client.sendall(get("/sparql?" + urlencode({"query": query})))
        assert wait_until(computing)
        time.sleep(0.3)
    begun = time.monotonic()
    assert wait_until(lambda: not computing())
    assert time.monotonic() - begun < 1 or os.getloadavg()[0] > 3, (
        "on a busy machine it may take more"
    )
