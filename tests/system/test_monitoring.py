"""Operation: probes, logs, metrics, fair shares, limits, origins."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest

from service.release import Release

from . import processes
from .server import ROOT, free_port, running, wait_until

SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def test_probes_tell_whether_the_service_lives_and_is_ready(
    small_release: Release,
) -> None:
    with running(small_release.path) as server:
        for path in ("/healthz", "/readyz"):
            response, body = server.ask("GET", path)
            assert (response.status, body) == (200, b"ok\n")
            assert response.headers["Cache-Control"] == "no-store"
            assert server.ask("HEAD", path)[0].status == 200


def test_a_service_without_its_engine_lives_but_is_not_ready(small_release: Release) -> None:
    with running(small_release.path) as server:
        os.kill(next(p for p in processes.of_session(server.pid) if is_host(p)), signal.SIGKILL)
        assert wait_until(lambda: server.ask("GET", "/readyz")[0].status == 503)
        assert server.ask("GET", "/healthz")[0].status == 200
        assert wait_until(lambda: server.ask("GET", "/readyz")[0].status == 200)


def is_host(pid: int) -> bool:
    """Tell whether a process is the engine's host, not one of its workers."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return b"service.engine.host" in line and not is_host(int(processes.stat(pid)[1]))


def test_prometheus_reads_requests_and_the_engine_on_a_port_of_its_own(
    small_release: Release,
) -> None:
    port = free_port()
    with running(small_release.path, metrics_port=str(port)) as server:
        server.get("ASK {}")
        server.get("ASK {")
        server.ask("GET", "/no-such-page")

        def lines() -> list[str]:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                text: str = answer.read().decode()
            return text.splitlines()

        counted = 'cdmo_responses_total{asked="%s",method="GET",problem="%s",status="%d"} 1.0'
        # A response is counted when it has ended, which its client may see before.
        assert wait_until(lambda: counted % ("page", "unknown-resource", 404) in lines())
        read = lines()
        assert server.ask("GET", "/metrics")[0].status == 404
    assert counted % ("query", "", 200) in read
    assert counted % ("query", "malformed-query", 400) in read
    assert 'cdmo_queries{state="waiting"} 0.0' in read
    assert "cdmo_engine_ready 1.0" in read
    assert 'cdmo_response_seconds_count{asked="query"} 2.0' in read
    assert any(line.startswith("process_resident_memory_bytes") for line in read)


@pytest.mark.parametrize("with_queries", [False, True])
def test_the_log_of_requests_has_queries_only_if_set(
    small_release: Release, capfd: pytest.CaptureFixture[str], with_queries: bool
) -> None:
    settings = {"log_requests": "true", "log_queries": str(with_queries)}
    with running(small_release.path, **settings) as server:
        response, _ = server.get("ASK { ?secret ?p ?o }")
        server.ask("GET", "/search?q=secret")
        server.ask("GET", "/no-such-page")
    log = capfd.readouterr().err
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    query, _, missing = lines[-3:]
    assert query["request"] == response.headers["X-Request-Id"]
    assert query["client"] == "127.0.0.1"
    assert (query["method"], query["path"], query["status"]) == ("GET", "/sparql", 200)
    assert query["bytes"] > 0
    assert missing["problem"] == "unknown-resource"
    assert ("secret" in log) == with_queries


def test_a_client_with_many_queries_delays_only_its_own(small_release: Release) -> None:
    settings = {"engine_workers": "4", "query_seconds": "2", "waiting_seconds": "30"}
    with running(small_release.path, **settings) as server, ThreadPoolExecutor(20) as threads:
        targets = [f"/sparql?{urlencode({'query': f'{SLOW} # {n}'})}" for n in range(16)]
        slow = [
            threads.submit(server.ask, "GET", target, X_Forwarded_For="192.0.2.1")
            for target in targets
        ]
        time.sleep(0.3)
        for n in range(5):
            target = f"/sparql?{urlencode({'query': f'ASK {{}} # {n}'})}"
            response, body = server.ask("GET", target, X_Forwarded_For="192.0.2.2")
            assert response.status == 200, body
        assert not all(task.done() for task in slow)


def test_a_client_that_sends_too_many_requests_is_told_when_to_retry(
    small_release: Release,
) -> None:
    with running(small_release.path, requests_per_second="0.4") as server:
        answers = [
            server.ask("GET", "/problems/", Accept="text/html, application/json;q=0.5")
            for _ in range(6)
        ]
        response, body = answers[-1]
        assert (answers[0][0].status, response.status) == (200, 429)
        assert int(response.headers["Retry-After"]) in range(1, 4)
        assert b"too-many-requests" in body
        other, _ = server.ask("GET", "/problems/", X_Forwarded_For="192.0.2.2")
        assert other.status == 200


def test_a_used_port_for_metrics_is_an_error_at_the_start(small_release: Release) -> None:
    with running(small_release.path) as server:
        environ = {**os.environ, "SERVICE_METRICS_PORT": str(server.port)}
        command = [sys.executable, "-m", "service", "serve", "--port", str(free_port())]
        run = subprocess.run(
            [*command, "--release", str(small_release.path)],
            env=environ, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert run.returncode != 0
    assert f"Cannot listen on 127.0.0.1:{server.port}" in run.stderr
    assert "Traceback" not in run.stderr
