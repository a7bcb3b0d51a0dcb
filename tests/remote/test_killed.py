"""Copies of an engine are killed under load: no answer is wrong, and none is lost.

Two Fuseki, behind our own failover and behind HAProxy. Each prints its figures (``pytest -s``).
"""

import re
import shutil
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from service.pipeline import integrity
from service.release import Release, open_store
from service.remote.publication import publish
from service.remote.store import find_store
from tests.system.server import Server, free_port, running, wait_until

from . import engines
from .engines import ROOT, Engine, missing, start, stop

pytestmark = pytest.mark.slow

QUESTIONS = 30
READERS = 4


@pytest.fixture(scope="module")
def pair(
    real_release: Release, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[list[Engine], Path]]:
    """Two Fuseki that keep their data on disk."""
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


@contextmanager
def haproxy(folder: Path, ports: list[int]) -> Iterator[str]:
    """Run HAProxy in front of two ports, with the configuration in deploy/; yield its address."""
    if not shutil.which("haproxy"):
        missing("HAProxy", "Debian: apt install haproxy")
    port = free_port()
    text = (ROOT / "deploy" / "haproxy.cfg").read_text()
    for standing, meant in (("3130", port), ("3030", ports[0]), ("3031", ports[1])):
        text = text.replace(f":{standing}\n", f":{meant}\n")
    folder.mkdir()
    (folder / "haproxy.cfg").write_text(text)
    process = start(folder, "haproxy", "-db", "-f", "haproxy.cfg")
    try:
        assert wait_until(lambda: engines.accepts(port), 20)
        yield f"http://127.0.0.1:{port}/ds/query"
    finally:
        stop(process)


class Load:
    """Readers that ask questions and compare the answers, until they are told to end."""

    def __init__(self, server: Server, release: Release) -> None:
        store = open_store(release)
        questions = integrity.questions(store)[:QUESTIONS]
        self._cases = [
            (q.query, integrity.answer(store, q.query).replace("\r", "")) for q in questions
        ]
        self._server = server
        self._ended = threading.Event()
        self.figures: Counter[str] = Counter()
        self.failures: list[str] = []

    def __enter__(self) -> "Load":
        self._readers = [
            threading.Thread(target=self._read, args=(number,)) for number in range(READERS)
        ]
        for reader in self._readers:
            reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for reader in self._readers:
            reader.join()

    def _read(self, number: int) -> None:
        while not self._ended.is_set():
            number += 1
            query, expected = self._cases[number % len(self._cases)]
            # Another text each time: no answer is one that was kept.
            response, body = self._server.get(f"{query}\n# {time.monotonic_ns()}", "text/csv")
            self.figures["asked"] += 1
            if response.status != 200:
                self.figures["refused"] += 1
                self.failures.append(body.decode())
            elif body.decode().replace("\r", "") == expected:
                self.figures["right"] += 1
            else:
                self.figures["wrong"] += 1

    def await_more(self, answers: int = 40) -> None:
        """Wait until so many more questions have been asked."""
        goal = self.figures["asked"] + answers
        assert wait_until(lambda: self.figures["asked"] >= goal, 120), self.figures


@pytest.mark.parametrize("balancer", ["our own failover", "HAProxy"])
def test_either_copy_is_killed_under_load_and_no_answer_is_lost_or_wrong(
    balancer: str, pair: tuple[list[Engine], Path], real_release: Release, tmp_path: Path
) -> None:
    copies, folder = pair
    with (
        haproxy(tmp_path / "balancer", [copy.port for copy in copies]) as behind,
        running(
            real_release.path,
            metrics_port=str(metrics_port := free_port()),
            endpoints=behind if balancer == "HAProxy" else ",".join(c.url for c in copies),
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
            time.sleep(4)  # until checks have seen it
            load.await_more()
        metrics = urlopen(f"http://127.0.0.1:{metrics_port}/").read().decode()
        retried = re.search(r"^cdmo_replica_retries_total (.+)$", metrics, re.MULTILINE)
    assert retried
    sys.stdout.write(f"\n{balancer}: {dict(load.figures)}, retried {float(retried[1]):.0f}\n")
    assert load.figures["asked"] == load.figures["right"] >= 200, load.failures


def test_a_copy_that_stands_still_is_left_for_the_other(
    pair: tuple[list[Engine], Path], real_release: Release
) -> None:
    """SIGSTOP for ten seconds: checks find it, and those who wait for it ask the other one."""
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
