"""``cdmo publish``: each engine's store gets a release as a whole."""

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from service.cli import main
from service.pipeline.foreign import load
from service.problems import RemoteFault
from service.release import Release, graph_iri
from service.remote import publication
from service.remote.publication import publish
from service.remote.replicas import CHANGING, check
from service.remote.store import Store, find_store
from tests.system.server import free_port, has_namespaces, in_namespace, running, wait_until

from .engines import OXIGRAPH, ROOT, STARTERS, Engine, missing, start, stop

pytestmark = pytest.mark.slow
each_engine = pytest.mark.parametrize("name", sorted(STARTERS))
Start = Callable[[str], Engine]


COUNTED = ("about", "stated", "mappings")
SIZES = "SELECT ?about ?stated ?mappings {{ {} }}".format(
    "".join(
        f"{{ SELECT (COUNT(*) AS ?{local}) {{ GRAPH <{graph_iri(local)}> {{ ?s ?p ?o }} }} }}"
        for local in COUNTED
    )
)
REFUSED = ("refused",)


def sizes_of(release: Release) -> tuple[str, ...]:
    """Return the expected result of the query for sizes."""
    return tuple(str(release.manifest.graphs[graph_iri(local)]) for local in COUNTED)


def graphs_of(store: Store) -> dict[str, int]:
    rows = store.select("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    return {g: int(n) for g, n in rows if g.startswith("https://w3id.org/") or ":passing:" in g}


def ours(release: Release) -> dict[str, int]:
    return {graph: size for graph, size in release.manifest.graphs.items() if size}


@pytest.fixture(scope="module")
def other_release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release with two graphs, neither of them one of ours."""
    folder = tmp_path_factory.mktemp("other")
    files = {}
    for name in ("one", "two"):
        path = folder / f"{name}.nt"
        path.write_text(f"<https://e.org/{name}> <https://e.org/p> <https://e.org/o> .\n")
        files[f"https://w3id.org/other/{name}"] = path
    (folder / "release").mkdir()
    return load(files, folder / "release")


@each_engine
def test_a_store_holds_one_release_after_another(
    empty: Start, name: str, small_release: Release, other_release: Release
) -> None:
    engine = empty(name)
    store = find_store(engine.dataset)
    store.update("INSERT DATA { GRAPH <urn:theirs> { <urn:a> <urn:b> <urn:c> } }")
    assert publish(small_release, store, lambda line: None)
    assert graphs_of(store) == ours(small_release)
    assert check(engine.url).digest == small_release.manifest.digest
    assert not publish(small_release, store, lambda line: None), "it holds it already"
    assert publish(other_release, store, lambda line: None)
    assert graphs_of(store) == dict(other_release.manifest.graphs)
    assert check(engine.url).digest == other_release.manifest.digest
    assert store.size("urn:theirs") == 1, "what is not ours stays"


@each_engine
def test_an_interrupted_publication_resumes_where_it_stopped(
    empty: Start, name: str, small_release: Release
) -> None:
    store = find_store(empty(name).dataset)

    def break_off(line: str) -> None:
        if line.startswith("3/"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(small_release, store, break_off)
    assert all(":passing:" in graph for graph in graphs_of(store)), "nothing is to be seen yet"
    lines: list[str] = []
    publish(small_release, store, lines.append)
    assert [line.endswith("is there already") for line in lines[:4]] == [True, True, True, False]
    assert graphs_of(store) == ours(small_release)


@each_engine
def test_remains_of_another_publication_are_removed(
    empty: Start, name: str, small_release: Release, other_release: Release
) -> None:
    store = find_store(empty(name).dataset)

    def break_off(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(other_release, store, break_off)
    publish(small_release, store, lambda line: None)
    assert graphs_of(store) == ours(small_release)


@each_engine
def test_readers_see_one_release_or_the_other(
    empty: Start, name: str, small_release: Release, real_release: Release
) -> None:
    """One query over two graphs is asked while the graphs change."""
    if name == "virtuoso":
        pytest.skip("Virtuoso changes one graph after the other: see the next test")
    engine = empty(name)
    store = find_store(engine.dataset)
    publish(small_release, store, lambda line: None)
    seen: set[tuple[str, ...]] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(tuple(store.select(SIZES)[0]))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        publish(real_release, store, lambda line: None)
    finally:
        done.set()
        reader.join()
    assert seen <= {sizes_of(small_release), sizes_of(real_release)}


def test_readers_of_virtuoso_get_one_release_or_a_problem(
    empty: Start, small_release: Release, real_release: Release
) -> None:
    """A result is refused if the store was changing while the engine evaluated it."""
    engine = empty("virtuoso")
    store = find_store(engine.dataset)
    publish(small_release, store, lambda line: None)
    seen: Counter[tuple[str, ...]] = Counter()
    failures: list[object] = []
    done = threading.Event()
    with running(small_release.path, endpoints=engine.url) as server:

        def read() -> None:
            while not done.is_set():
                response, body = server.get(f"{SIZES} # {time.monotonic_ns()}", "text/csv")
                if response.status == 200:
                    seen[tuple(body.decode().splitlines()[1].split(","))] += 1
                elif response.status == 502 and b"another release" in body:
                    seen[REFUSED] += 1
                else:
                    failures.append(body)

        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        try:
            assert wait_until(lambda: seen.total() > 20, 60)
            publish(real_release, store, lambda line: None)
            assert wait_until(lambda: seen[sizes_of(real_release)] > 20, 60)
        finally:
            done.set()
            for reader in readers:
                reader.join()
    assert not failures
    assert seen.keys() == {sizes_of(small_release), sizes_of(real_release), REFUSED}, seen


def test_a_switch_of_virtuoso_that_breaks_off_is_not_taken_for_a_release(
    empty: Start, small_release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = empty("virtuoso")
    store = find_store(engine.dataset)
    publish(small_release, store, lambda line: None)
    store.update(f"CLEAR GRAPH <{graph_iri('claims')}>")
    with monkeypatch.context() as context:
        context.setattr(publication, "_switch", lambda *_: "no update")
        with pytest.raises(RemoteFault):
            publish(small_release, store, lambda line: None)
    assert check(engine.url).digest == CHANGING
    with running(small_release.path, endpoints=engine.url) as server:
        response, body = server.get("ASK {}")
        assert (response.status, b"is being given another release" in body) == (502, True)
        assert b"holds parts of two releases" in server.ask("GET", "/readyz")[1]
    publish(small_release, store, lambda line: None)
    assert check(engine.url).digest == small_release.manifest.digest


@each_engine
def test_the_verb_says_how_to_serve_the_published_release(
    empty: Start, name: str, small_release: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = empty(name)
    assert main(["publish", "--release", str(small_release.path), "--to", engine.dataset]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"cdmo serve --endpoint {engine.url}\n"
    assert f"{len(small_release.manifest.graphs)}/" in captured.err


@pytest.mark.skipif(not has_namespaces(), reason="needs root and mount namespaces")
def test_without_room_for_temporary_files_a_publication_says_so_and_resumes_later(
    empty: Start, tmp_path: Path, small_release: Release
) -> None:
    engine = empty("oxigraph")
    verb = ["publish", "--release", str(small_release.path), "--to", engine.dataset]
    folder = tmp_path / "passing"
    folder.mkdir()
    first = f"mount -t tmpfs -o size=20k none {folder}; export TMPDIR={folder}"
    result = subprocess.run(
        in_namespace(first, sys.executable, "-m", "service", *verb),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    *_, line = result.stderr.splitlines()
    assert line.startswith("cdmo: Something cannot be written: the folder of temporary files")
    store = find_store(engine.dataset)
    assert all(":passing:" in graph for graph in graphs_of(store)), "nothing is to be seen yet"
    assert main(verb) == 0
    assert graphs_of(store) == ours(small_release)


def test_a_full_disk_leaves_the_release_that_was_served(
    tmp_path: Path, small_release: Release, real_release: Release
) -> None:
    """Oxigraph's store is on a file system too small for the real release."""
    if not OXIGRAPH.is_file():
        missing("Oxigraph", ".ci/engines fetches it")
    folder, port = tmp_path / "disk", free_port()
    folder.mkdir()
    script = (
        f"mount -t tmpfs -o size=12m none {folder} && "
        f"exec {OXIGRAPH} serve --location {folder}/db --bind 127.0.0.1:{port}"
    )
    probe = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False)
    if os.geteuid() or probe.returncode:
        pytest.skip("needs a mount namespace")
    process = start(tmp_path, "unshare", "-m", "sh", "-c", script)
    try:
        url = f"http://127.0.0.1:{port}"
        assert wait_until(lambda: check(f"{url}/query").state == "up", 60)
        store = find_store(url)
        publish(small_release, store, lambda line: None)
        with pytest.raises(RemoteFault):
            publish(real_release, store, lambda line: None)
        state = check(f"{url}/query")
        assert state.state != "up" or state.digest == small_release.manifest.digest
        assert {g: n for g, n in graphs_of(store).items() if ":passing:" not in g} == ours(
            small_release
        )
    finally:
        stop(process)
