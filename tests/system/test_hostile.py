"""Hostile and mistaken requests (``hostile.jsonl``, one a line) get a response with a reason.

``status`` lists the allowed statuses, 0 for a closed connection; ``may_break`` allows a stream to
break off. No request may hang, crash a process or get a 500.
"""

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from service.release import Release

from .hostile import CASES, send
from .server import Server, running, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    settings = {"query_seconds": "1", "query_memory_bytes": "200000000"}
    with running(small_release.path, max_result_bytes="50000000", **settings) as server:
        yield server


@pytest.fixture(scope="module")
def other_statuses(server: Server) -> Iterator[list[int]]:
    """The statuses that another client gets, which sends quick queries all the time."""
    statuses: list[int] = []
    end = threading.Event()

    def ask() -> None:
        while not end.wait(0.01):
            query = f"ASK {{ <http://example.org/{len(statuses)}> ?p ?o }}"
            statuses.append(server.get(query, timeout="1")[0].status)

    thread = threading.Thread(target=ask)
    thread.start()
    yield statuses
    end.set()
    thread.join()


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_request_gets_a_response_with_a_reason(
    server: Server, other_statuses: list[int], case: dict[str, Any]
) -> None:
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


def test_another_client_was_answered_during_all_cases(other_statuses: list[int]) -> None:
    count = len(other_statuses)
    assert wait_until(lambda: len(other_statuses) > count)
    assert set(other_statuses) == {200}
