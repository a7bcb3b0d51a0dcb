"""Replicas of an engine are killed under load: no answer is wrong, and none is lost.

Two Fuseki servers stand behind our own failover or behind HAProxy. The tests print figures
(``pytest -s``).
"""

import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from service.release import Release
from service.remote.publication import publish
from service.remote.store import find_store
from tests.system.server import free_port, running

from . import balancer, engines
from .engines import Engine, stop
from .readers import Load

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pair(
    real_release: Release, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[list[Engine], Path]]:
    """Two Fuseki servers that keep their data on disk."""
    folder = tmp_path_factory.mktemp("pair")
    copies = [engines.fuseki(folder / name, on_disk=True) for name in ("one", "two")]
    try:
        for copy, name in zip(copies, ("one", "two"), strict=True):
            engines.await_answers(copy, folder / name)
            publish(real_release, find_store(copy.dataset), lambda line: None)
        yield copies, folder
    finally:
        for copy in copies:
            stop(copy.process)


@pytest.mark.parametrize("before", ["our own failover", "HAProxy"])
def test_killing_either_replica_under_load_loses_and_spoils_no_answer(
    before: str, pair: tuple[list[Engine], Path], real_release: Release, tmp_path: Path
) -> None:
    copies, folder = pair
    with (
        balancer.haproxy(
            "haproxy.cfg",
            tmp_path / "balancer",
            {3130: (port := free_port()), 3030: copies[0].port, 3031: copies[1].port},
        ),
        running(
            real_release.path,
            metrics_port=str(metrics_port := free_port()),
            endpoints=f"http://127.0.0.1:{port}/ds/query"
            if before == "HAProxy"
            else ",".join(c.url for c in copies),
        ) as server,
        Load(server, real_release) as load,
    ):
        load.await_more()
        for number, name in enumerate(("one", "two")):
            copies[number].process.send_signal(signal.SIGKILL)
            copies[number].process.wait()
            load.await_more()
            copies[number] = engines.fuseki(folder / name, copies[number].port, on_disk=True)
            engines.await_answers(copies[number], folder / name)
            time.sleep(4)  # until a check has noticed
            load.await_more()
        metrics = urlopen(f"http://127.0.0.1:{metrics_port}/").read().decode()
        retried = re.search(r"^cdmo_replica_retries_total (.+)$", metrics, re.MULTILINE)
    assert retried
    sys.stdout.write(f"\n{before}: {dict(load.figures)}, retried {float(retried[1]):.0f}\n")
    assert load.figures["asked"] == load.figures["right"] >= 200, load.failures


def test_a_replica_that_stands_still_is_given_up_for_the_other(
    pair: tuple[list[Engine], Path], real_release: Release
) -> None:
    """SIGSTOP for ten seconds: checks notice it, and waiting queries go to the other one."""
    copies, _ = pair
    urls = ",".join(copy.url for copy in copies)
    with (
        running(real_release.path, endpoints=urls) as server,
        Load(server, real_release) as load,
    ):
        load.await_more()
        copies[0].process.send_signal(signal.SIGSTOP)
        try:
            load.await_more()
            time.sleep(10)
        finally:
            copies[0].process.send_signal(signal.SIGCONT)
        load.await_more()
    assert load.figures["asked"] == load.figures["right"], load.failures
