"""The served release is replaced by another one, and no client is disturbed."""

import contextlib
import json
import os
import signal
import threading
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

import pytest

from service.sources import Sources

from ..conftest import Editions
from . import processes
from .server import Server, free_port, ready, serving, wait_until

pytestmark = pytest.mark.slow

LABELS = """PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?label { ?term rdfs:label ?label } ORDER BY ?label"""
ROWS = 2_000_000
LONG = f"""PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?label {{ ?a ?b ?c . ?term rdfs:label ?label }} LIMIT {ROWS}"""
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
Edit = Callable[[str, str, str], Path]


def point(link: Path, release: Path) -> None:
    """Point a link at a release, as a deployment does."""
    temporary = link.with_name("temporary")
    temporary.symlink_to(release)
    temporary.replace(link)


def labels(server: Server) -> bytes:
    return server.get(LABELS, "text/csv")[1]


def etag(server: Server) -> str:
    return server.ask("GET", "/", Accept="text/html")[0].headers["ETag"]


def hosts(server: Server) -> int:
    """Return the number of running engines."""
    web = processes.web_process(server.pid)
    return sum("service.engine.host" in processes.command(p) for p in processes.children(web))


def test_after_sighup_the_release_of_the_link_is_served(editions: Editions, tmp_path: Path) -> None:
    link = tmp_path / "current"
    point(link, editions.first.path)
    with serving(tmp_path, "--release", str(link), log=tmp_path / "log") as server:
        web, before = processes.web_process(server.pid), etag(server)
        assert b"green spot" in labels(server)
        point(link, editions.second.path)
        assert b"green spot" in labels(server)
        os.kill(server.pid, signal.SIGHUP)
        assert wait_until(lambda: b"emerald spot" in labels(server))
        response, _ = server.ask("GET", "/", Accept="text/html", If_None_Match=before)
        assert response.status == 200
        assert response.headers["ETag"] != before
        assert wait_until(lambda: hosts(server) == 1)
        assert processes.web_process(server.pid) == web


def test_a_result_in_transfer_stays_whole_and_of_the_old_release(
    editions: Editions, tmp_path: Path
) -> None:
    link = tmp_path / "current"
    point(link, editions.first.path)
    with serving(tmp_path, "--release", str(link), log=tmp_path / "log") as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        with contextlib.closing(connection):
            target = "/sparql?" + urlencode({"query": LONG})
            connection.request("GET", target, headers={"Accept": "text/csv"})
            response = connection.getresponse()
            point(link, editions.second.path)
            os.kill(server.pid, signal.SIGHUP)
            assert wait_until(lambda: b"emerald spot" in labels(server))
            assert hosts(server) == 2
            rows = response.read().splitlines()[1:]
        assert len(rows) == ROWS
        assert b"green spot" in rows
        assert wait_until(lambda: hosts(server) == 1)


def test_a_running_query_keeps_its_time_limit(editions: Editions, tmp_path: Path) -> None:
    link = tmp_path / "current"
    point(link, editions.first.path)
    with serving(tmp_path, "--release", str(link), log=tmp_path / "log") as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        with contextlib.closing(connection):
            target = "/sparql?" + urlencode({"query": SLOW, "timeout": "3"})
            connection.request("GET", target)
            point(link, editions.second.path)
            os.kill(server.pid, signal.SIGHUP)
            assert wait_until(lambda: b"emerald spot" in labels(server))
            assert hosts(server) == 2
            assert b"/problems/query-timeout" in connection.getresponse().read()
        assert wait_until(lambda: hosts(server) == 1)


def test_a_query_of_the_old_release_can_be_cancelled(editions: Editions, tmp_path: Path) -> None:
    link = tmp_path / "current"
    point(link, editions.first.path)
    with serving(tmp_path, "--release", str(link), log=tmp_path / "log") as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", "/sparql?" + urlencode({"query": LONG}))
            response = connection.getresponse()
            path = f"/queries/{response.headers['X-Query-Id']}"
            point(link, editions.second.path)
            os.kill(server.pid, signal.SIGHUP)
            assert wait_until(lambda: b"emerald spot" in labels(server))
            assert server.ask("DELETE", path)[0].status == 204
            with pytest.raises(HTTPException):
                response.read()
        assert server.ask("DELETE", path)[0].status == 404
        assert wait_until(lambda: hosts(server) == 1)


def test_no_request_fails_during_ten_swaps(editions: Editions, tmp_path: Path) -> None:
    link = tmp_path / "current"
    point(link, editions.first.path)
    failures: list[object] = []
    answered = 0
    done = threading.Event()
    settings = {"metrics_port": str(free_port()), "log_requests": "true"}
    log = tmp_path / "log"
    with serving(tmp_path, "--release", str(link), log=log, **settings) as server:

        def ask() -> None:
            nonlocal answered
            number = 0
            while not done.is_set():
                number += 1
                query = f"{LABELS} # {number} {threading.get_ident()}"
                try:
                    statuses = [
                        server.get(query)[0].status,
                        server.ask("GET", "/", Accept="text/html")[0].status,
                    ]
                except OSError as error:
                    failures.append(error)
                else:
                    failures.extend(status for status in statuses if status != 200)
                    answered += 1

        clients = [threading.Thread(target=ask) for _ in range(4)]
        for client in clients:
            client.start()
        try:
            for number in range(10):
                release, word = (
                    (editions.first, b"green") if number % 2 else (editions.second, b"emerald")
                )
                point(link, release.path)
                os.kill(server.pid, signal.SIGHUP)
                assert wait_until(lambda word=word: word + b" spot" in labels(server), 30)  # type: ignore[misc]
        finally:
            done.set()
            for client in clients:
                client.join()
        assert wait_until(lambda: hosts(server) == 1)
    assert not failures
    assert answered > 10


@pytest.mark.parametrize("harm", ["no manifest", "no store"])
def test_the_old_release_stays_if_the_new_one_cannot_be_opened(
    editions: Editions, tmp_path: Path, harm: str
) -> None:
    link, broken = tmp_path / "current", tmp_path / "broken"
    point(link, editions.first.path)
    broken.mkdir()
    if harm == "no store":
        for path in editions.second.path.iterdir():
            if path.name != "store":
                (broken / path.name).symlink_to(path)
        (broken / "store").mkdir()
    log = tmp_path / "log"
    with serving(tmp_path, "--release", str(link), log=log) as server:
        point(link, broken)
        os.kill(server.pid, signal.SIGHUP)
        assert wait_until(lambda: "cannot be served" in log.read_text())
        assert b"green spot" in labels(server)
        assert wait_until(lambda: hosts(server) == 1)
        point(link, editions.second.path)
        os.kill(server.pid, signal.SIGHUP)
        assert wait_until(lambda: b"emerald spot" in labels(server))


def test_a_restarted_server_serves_the_latest_release(editions: Editions, tmp_path: Path) -> None:
    link = tmp_path / "current"
    point(link, editions.first.path)
    with serving(tmp_path, "--release", str(link), log=tmp_path / "log") as server:
        point(link, editions.second.path)
        os.kill(processes.web_process(server.pid), signal.SIGKILL)
        assert wait_until(lambda: ready(server))
        assert b"emerald spot" in labels(server)


# -- while the sources are watched ----------------------------------------------------------------

TERMS = "ontology/modules/terms.ttl"


def state(server: Server) -> dict[str, str]:
    answer = json.loads(server.ask("GET", "/watched.json")[1])
    assert isinstance(answer, dict)
    return answer


def test_an_edit_is_served_and_a_mistake_is_shown_until_it_is_mended(
    tiny: Sources, edit: Edit, tmp_path: Path
) -> None:
    arguments = ("--watch", "--dist", str(tmp_path / "dist"))
    with serving(tiny.root, *arguments, log=tmp_path / "log") as server:
        first = state(server)
        assert first["finding"] == ""
        page = server.ask("GET", "/", Accept="text/html")[1].decode()
        assert f'data-release="{first["release"]}"' in page

        edit(TERMS, "that marks the skin green", "that dyes the skin green")
        assert wait_until(lambda: state(server)["release"] != first["release"], 60)
        second = state(server)

        edit(TERMS, "@prefix", "@prefixx")
        assert wait_until(lambda: bool(state(server)["finding"]), 60)
        assert state(server)["finding"].startswith(f"{TERMS}:1:")
        assert state(server)["release"] == second["release"]
        assert b"green spot" in labels(server)

        edit(TERMS, "@prefixx", "@prefix")
        assert wait_until(lambda: not state(server)["finding"], 60)
        assert state(server) == second


def test_pages_do_not_poll_if_no_sources_are_watched(editions: Editions, tmp_path: Path) -> None:
    arguments = ("--release", str(editions.first.path))
    with serving(tmp_path, *arguments, log=tmp_path / "log") as server:
        assert server.ask("GET", "/watched.json")[0].status == 404
        assert b"watched" not in server.ask("GET", "/", Accept="text/html")[1]
