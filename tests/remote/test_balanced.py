"""Two servers of one release behind HAProxy: under load one is killed, or gets another release.

The tests print figures (``pytest -s``).
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.release import Release
from tests.conftest import Editions
from tests.system import processes
from tests.system.server import Server, free_port, launch, ready, serving, wait_until

from . import balancer
from .readers import Load

pytestmark = pytest.mark.slow

TARGETS = ("/", "/doc/id/CDMO_0000100.json", "/statements.json", "/search.json?q=spot")
LABELS = """PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?label { ?term rdfs:label ?label } ORDER BY ?label"""


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a server and all of its processes."""
    process.kill()
    process.wait()
    assert wait_until(lambda: not processes.of_session(process.pid))


@contextlib.contextmanager
def started(release: Release, ports: list[int]) -> Iterator[list["subprocess.Popen[bytes]"]]:
    servers = [launch(release.path, port) for port in ports]
    try:
        yield servers
    finally:
        for server in servers:
            kill(server)


def test_killing_either_server_under_load_loses_and_spoils_no_answer(
    real_release: Release, tmp_path: Path
) -> None:
    front, *ports = free_port(), free_port(), free_port()
    behind = Server(front, 0)
    with (
        started(real_release, ports) as servers,
        balancer.haproxy(
            "haproxy-processes.cfg",
            tmp_path / "balancer",
            {8000: front, 8080: ports[0], 8081: ports[1]},
        ) as balance,
    ):
        assert wait_until(lambda: balance.up() == 2, 30)
        with Load(behind, real_release) as load:
            load.await_more()
            for number in range(2):
                kill(servers[number])
                load.await_more()
                assert wait_until(lambda: balance.up() == 1, 30)
                servers[number] = launch(real_release.path, ports[number])
                assert wait_until(lambda: balance.up() == 2, 30)
                load.await_more()
        figures = f"{dict(load.figures)}, retried {balance.retries()}"
    sys.stdout.write(f"\ntwo servers behind HAProxy: {figures}\n")
    assert load.figures["asked"] == load.figures["right"] >= 200, load.failures


class Visits:
    """The entity tags and contents of each address that readers have seen."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._tags: dict[str, str] = {}
        self.contents: dict[tuple[str, str], set[bytes]] = {}
        self.statuses: Counter[int] = Counter()

    def once(self) -> None:
        """Request each address anew, and with each known entity tag."""
        for target in TARGETS:
            known = self._tags.get(target, "")
            for tag in {"", known}:
                response, body = self._server.ask("GET", target, If_None_Match=tag)
                self.statuses[response.status] += 1
                etag = response.headers["ETag"]
                if response.status == 304:
                    assert etag == tag
                else:
                    self._tags[target] = etag
                    self.contents.setdefault((target, etag), set()).add(body)


def test_no_answer_is_wrong_while_servers_get_another_release_in_turn(
    editions: Editions, tmp_path: Path
) -> None:
    """Meanwhile a reader sees either release, and each entity tag belongs to one content."""
    front, links = free_port(), [tmp_path / "one", tmp_path / "two"]
    for link in links:
        link.symlink_to(editions.first.path)
    behind, failures, done = Server(front, 0), [], threading.Event()
    with contextlib.ExitStack() as stack:
        servers = [
            stack.enter_context(
                serving(tmp_path, "--release", str(link), log=tmp_path / f"{link.name}.log")
            )
            for link in links
        ]
        ports = {8000: front, 8080: servers[0].port, 8081: servers[1].port}
        stack.enter_context(balancer.haproxy("haproxy-processes.cfg", tmp_path / "balancer", ports))
        assert wait_until(lambda: ready(behind), 30)
        visits = Visits(behind)

        def visit() -> None:
            try:
                while not done.is_set():
                    visits.once()
            except Exception as error:  # noqa: BLE001 - the test shows it
                failures.append(error)

        reader = threading.Thread(target=visit)
        reader.start()
        try:
            for link, server in zip(links, servers, strict=True):
                assert wait_until(lambda: visits.statuses[304] > 20, 60)
                link.unlink()
                link.symlink_to(editions.second.path)
                os.kill(server.pid, signal.SIGHUP)
                assert wait_until(
                    lambda server=server: b"emerald" in server.get(LABELS, "text/csv")[1],  # type: ignore[misc]
                    30,
                )
                visits.statuses.clear()
            assert wait_until(lambda: visits.statuses[304] > 20, 60)
        finally:
            done.set()
            reader.join()
        for _ in range(2):
            assert b"emerald" in behind.get(LABELS, "text/csv")[1]
    assert not failures
    assert visits.statuses.keys() <= {200, 304}
    assert {target for target, _ in visits.contents} == {*TARGETS}
    for (target, tag), contents in visits.contents.items():
        assert len(contents) == 1, (target, tag)
    assert all(sum(t == target for t, _ in visits.contents) == 2 for target in TARGETS)
