"""Hostile and mistaken requests (``hostile.jsonl``, one a line): each is answered, with a reason.

``status`` lists what may come, 0 for a closed connection; ``may_break`` allows a stream to be
broken off. No request may hang, crash a process or get a 500.
"""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from service.release import Release

from .hostile import CASES, send
from .server import Server, running

SECONDS = 1.0


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    settings = {"query_seconds": str(SECONDS), "query_memory_bytes": "200000000"}
    with running(small_release.path, max_result_bytes="50000000", **settings) as found:
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_it_is_answered_with_a_reason(server: Server, case: dict[str, Any]) -> None:
    begun = time.monotonic()
    answer = send(server.port, case)
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
                send(server.port, case)
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
