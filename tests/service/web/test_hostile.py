"""Hostile and mistaken requests (``hostile.jsonl``, one a line): each is answered, with a reason.

A ``query`` is sent by POST, ``raw`` as it stands (Latin-1); a part ``["x", 3]`` stands for ``xxx``.
``status`` lists what may come, 0 for a closed connection; ``may_break`` allows a stream to be
broken off. No request may hang, crash a process or get a 500.
"""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from service.release import Release

from .server import Server, running

CASES: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "hostile.jsonl").read_text(encoding="utf-8").splitlines()
]
SECONDS = 1.0


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    settings = {"query_seconds": str(SECONDS), "query_memory_bytes": "200000000"}
    with running(small_release.path, max_result_bytes="50000000", **settings) as found:
        yield found


def whole(parts: str | list[Any]) -> str:
    """Return a text of which parts are repeated."""
    if isinstance(parts, str):
        return parts
    return "".join(p if isinstance(p, str) else p[0] * p[1] for p in parts)


def send(server: Server, case: dict[str, Any]) -> bytes:
    """Send a case and return all that comes back; nothing if the connection is closed."""
    if "query" in case:
        body = urlencode({"query": whole(case["query"])}).encode()
        head = (
            "POST /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
            f"{len(body)}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
        )
        data = head.encode() + body
    else:
        data = whole(case["raw"]).encode("latin-1")
        data = data.replace(b"Host: x\r\n", b"Host: x\r\nConnection: close\r\n", 1)
    with socket.create_connection(("127.0.0.1", server.port), 25) as client:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            if case.get("slow"):
                for i in range(0, len(data), 8):
                    client.sendall(data[i : i + 8])
                    time.sleep(0.02)
            else:
                client.sendall(data)
        if case.get("half_close") or "Host:" not in case.get("raw", ["Host:"])[0]:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_WR)
        answer = bytearray()
        with contextlib.suppress(ConnectionResetError):
            while data := client.recv(1 << 18):
                answer += data
        return bytes(answer)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_it_is_answered_with_a_reason(server: Server, case: dict[str, Any]) -> None:
    begun = time.monotonic()
    answer = send(server, case)
    assert time.monotonic() - begun < 20, "it hung"
    status = int(answer[9:12]) if answer.startswith(b"HTTP/1.") else 0
    assert status in case["status"], answer[:600]
    if "problem" in case:
        problem = json.loads(answer.partition(b"\r\n\r\n")[2])
        assert problem["type"] == f"/problems/{case['problem']}"
        assert problem["detail"]
    if status == 200 and b"chunked" in answer[:2000] and not case.get("may_break"):
        assert answer.endswith(b"0\r\n\r\n"), "it was broken off"


@pytest.mark.slow
def test_nobody_else_notices(server: Server) -> None:
    """While every case is sent, one after the other, a point query is always answered."""
    done = threading.Event()

    def attack() -> None:
        for case in CASES:
            with contextlib.suppress(OSError):
                send(server, case)
        done.set()

    thread = threading.Thread(target=attack)
    thread.start()
    answered = 0
    while not done.is_set():
        response, _ = server.get("ASK { <http://example.org/nothing> ?p ?o }", timeout="1")
        assert response.status == 200
        answered += 1
        time.sleep(0.01)
    thread.join()
    assert answered > 100
