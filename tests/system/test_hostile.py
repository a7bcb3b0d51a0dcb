"""Hostile and mistaken requests (``hostile.jsonl``, one a line) get a response with a reason.

``status`` lists the statuses that are allowed, 0 for a closed connection; ``may_break`` allows a
stream that breaks. No request may hang, crash a process or get a 500.
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

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    settings = {"query_seconds": "1", "query_memory_bytes": "200000000"}
    with running(small_release.path, max_result_bytes="50000000", **settings) as server:
        yield server


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_request_gets_a_response_with_a_reason(server: Server, case: dict[str, Any]) -> None:
    begun = time.monotonic()
    response = send(server.port, case)
    assert time.monotonic() - begun < 20
    status = int(response[9:12]) if response.startswith(b"HTTP/1.") else 0
    assert status in case["status"], response[:600]
    if "problem" in case:
        problem = json.loads(response.partition(b"\r\n\r\n")[2])
        assert problem["type"] == f"/problems/{case['problem']}"
        assert problem["detail"]
    if status == 200 and b"chunked" in response[:2000] and not case.get("may_break"):
        assert response.endswith(b"0\r\n\r\n"), "the stream broke"


def test_other_clients_are_answered_during_all_cases(server: Server) -> None:
    attacked = threading.Event()

    def attack() -> None:
        for case in CASES:
            with contextlib.suppress(OSError):
                send(server.port, case)
        attacked.set()

    thread = threading.Thread(target=attack)
    thread.start()
    count = 0
    while not attacked.is_set():
        response, _ = server.get("ASK { <http://example.org/nothing> ?p ?o }", timeout="1")
        assert response.status == 200
        count += 1
        time.sleep(0.01)
    thread.join()
    assert count > 100
