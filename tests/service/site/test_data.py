"""``cdmo serve --data`` as its users type it: what is broken is named, what is whole stays."""

import gzip
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from service.pipeline.foreign import graph_of, load
from service.release import Release

from ...system.server import ROOT, free_port, running

WHOLE = b"<http://e/a> <http://e/b> <http://e/c> .\n"
BROKEN: dict[str, tuple[bytes | None, str]] = {
    "syntax.ttl": (
        b'@prefix : <http://e/> .\n:a :b :c .\n:a :b ;;; oops "\n',
        "syntax.ttl:3:7: ; is not a valid RDF object",
    ),
    "short.nt": (b"<http://e/a> <http://e/b> .\n", "short.nt:1:27: The object of a triple must be"),
    "space.nq": (b"<http://e/a> <http://e/b> <e c> .", r"space.nq:1:\d+: .*' '"),
    "bytes.ttl": (b"<http://e/a>\n\xff\xfe", r"bytes.ttl:2:\d+: Invalid UTF-8"),
    "tags.rdf": (b"<r:a xmlns:r='http://e/'><r:b></r:a>", r"tags.rdf: .*expected `</r:b>`"),
    "half.jsonld": (b'{"@id": ', r"half.jsonld:\d+:\d+: Unexpected end of file"),
    "empty.json": (b"", r"empty.json:1:1: Unexpected end of file"),
    "remote.jsonld": (
        b'{"@context": "http://127.0.0.1:9/", "@id": "http://e/a", "p": 1}',
        r"remote.jsonld.*: a @context is another document, and none is ever fetched",
    ),
    "missing.ttl": (None, "missing.ttl cannot be read: No such file or directory"),
    "words.txt": (WHOLE, r"words.txt: the suffix is not that of an RDF file. Known: .ttl "),
    "nothing": (WHOLE, "nothing: the suffix is not"),
    "plain.nt.gz": (WHOLE, "plain.nt.gz cannot be read: Not a gzipped file"),
    "cut.nt.gz": (gzip.compress(WHOLE * 99)[:-12], "cut.nt.gz cannot be unpacked: "),
    "junk.nt.gz": (b"\x1f\x8b\x08" + b"\xff" * 40, "junk.nt.gz cannot be unpacked: "),
    "inside.ttl.gz": (gzip.compress(b"<http://e/a>\n;"), r"inside.ttl.gz:2:1: "),
}


def serve(*arguments: str, cwd: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run ``cdmo serve`` where it is not expected to serve."""
    command = [sys.executable, "-m", "service", "serve", "--port", str(free_port()), *arguments]
    clean = {k: v for k, v in os.environ.items() if not re.match("SERVICE_|CDMO_INTERNAL", k)}
    return subprocess.run(
        command,
        cwd=cwd,
        env={**clean, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def told(result: "subprocess.CompletedProcess[str]", message: str, code: int) -> None:
    """Hold a refusal against what it should be: one line for people."""
    assert result.returncode == code, result.stderr
    assert re.search(message, result.stderr), result.stderr
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_named_with_its_place(name: str, tmp_path: Path) -> None:
    content, message = BROKEN[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    (tmp_path / "whole.nt").write_bytes(WHOLE)
    told(serve("--data", "whole.nt", name, cwd=tmp_path), message, 2)


def test_a_folder_and_a_name_given_twice_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.ttl").mkdir()
    (tmp_path / "a.nt").write_bytes(WHOLE)
    told(serve("--data", "folder.ttl", cwd=tmp_path), "folder.ttl cannot be read: Is a dir", 2)
    told(serve("--data", "a.nt", "./a.nt", cwd=tmp_path), "the same name", 2)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SOURCE_FILE", "missing.txt"),
        ("QUERY_SECONDS", "nan"),
        ("PORT", "0x50"),
        ("WEB_WORKERS", "-1"),
        ("HOST", "nowhere.invalid"),
    ],
)
def test_a_setting_that_is_none_is_refused(tmp_path: Path, variable: str, value: str) -> None:
    (tmp_path / "a.nt").write_bytes(WHOLE)
    clean = [] if variable == "PORT" else ["--data", "a.nt"]
    result = serve(*clean, cwd=tmp_path, **{f"SERVICE_{variable}": value})
    told(result, f"(?i){variable}|{value}", 2)


NO_STORE = [
    pytest.param(None, id="empty"),
    pytest.param(
        "nonsense\n",
        id="damaged",
    ),
]


@pytest.mark.parametrize("current", NO_STORE)
def test_a_store_that_cannot_be_opened_is_said_and_ends_it(
    small_release: Release, tmp_path: Path, current: str | None
) -> None:
    copy = tmp_path / "release"
    (copy / "store").mkdir(parents=True)
    for path in small_release.path.iterdir():
        if path.is_file():
            (copy / path.name).write_bytes(path.read_bytes())
    if current is not None:
        (copy / "store" / "CURRENT").write_text(current)
    result = serve("--release", str(copy), cwd=tmp_path)
    assert result.returncode == 1
    assert re.search(r"cdmo: .*The store of .* cannot be opened", result.stderr.splitlines()[-1])
    assert "Traceback" not in result.stderr


# -- blank nodes -----------------------------------------------------------------------------

ANONYMOUS = """\
@prefix : <http://e/> .
:a :p [ :q 1, [ :q 2 ] ], ( 1 [] _:x ) ; :r _:x .
_:x :s "x" . [] :t [] .
"""
QUERIES = [
    ("SELECT * { ?s ?p ?o }", "text/csv"),
    ("SELECT * { ?s ?p ?o }", "application/sparql-results+json"),
    ("SELECT DISTINCT ?o { ?s ?p ?o }", "text/tab-separated-values"),
    ("SELECT ?p (COUNT(*) AS ?n) (SAMPLE(?o) AS ?x) { ?s ?p ?o } GROUP BY ?p", "text/csv"),
    ("SELECT * { ?a ?b ?c . OPTIONAL { ?c ?d ?e } MINUS { ?a <http://e/t> ?c } }", "text/csv"),
    ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "application/n-triples"),
    ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "text/turtle"),
    ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "application/ld+json"),
    ("DESCRIBE <http://e/a>", "text/turtle"),
]


def answers(port: int) -> dict[tuple[str, str], tuple[str, bytes]]:
    """Return strong entity tag and bytes of each answer, each on a connection of its own."""
    found = {}
    for query, accept in QUERIES:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request(
            "GET", "/sparql?" + urlencode({"query": query}), headers={"Accept": accept}
        )
        response = connection.getresponse()
        body = response.read()
        connection.close()
        assert response.status == 200, body
        tag = response.getheader("ETag")
        assert tag
        assert tag.startswith('W/"')
        found[query, accept] = (tag, body)
    return found


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[int]:
    with running(_loaded(folder).path, cache_bytes="0", **settings) as server:
        yield server.port


def _loaded(folder: Path) -> Release:
    """Load two files, as ``--data`` does, into a new folder."""
    files = [folder / "a.ttl", folder / "b.ttl"]
    for file in files:
        file.write_text(ANONYMOUS)
    target = folder / f"release-{len(list(folder.iterdir()))}"
    target.mkdir()
    return load({graph_of(file): file for file in files}, target)


@pytest.mark.parametrize("memory", ["0", "200000"], ids=["disk", "memory"])
def test_the_same_tag_means_the_same_bytes(tmp_path: Path, memory: str) -> None:
    """Over many connections, workers and starts, with nothing kept."""
    with served(tmp_path, memory_quads=memory) as port:
        first = answers(port)
        for _ in range(20):
            assert answers(port) == first
    with served(tmp_path, memory_quads=memory, engine_workers="3") as port:
        for _ in range(5):
            assert answers(port) == first


@pytest.mark.parametrize("memory", ["0", "200000"], ids=["disk", "memory"])
def test_a_release_answers_the_same_after_a_restart(release: Release, memory: str) -> None:
    found = []
    for workers in ("2", "3"):
        settings = {"engine_workers": workers, "memory_quads": memory, "cache_bytes": "0"}
        with running(release.path, **settings) as server:
            found += [answers(server.port) for _ in range(3)]
    assert all(again == found[0] for again in found)


def test_what_is_loaded_is_what_the_files_say(tmp_path: Path) -> None:
    """Whatever the labels: each file is itself, and shares no node with another."""
    release = _loaded(tmp_path)
    quads = list(ox.parse(path=release.path / "dataset.nq", format=ox.RdfFormat.N_QUADS))
    nodes: list[set[str]] = []
    for name in ("a.ttl", "b.ttl"):
        triples = [q.triple for q in quads if q.graph_name == ox.NamedNode(f"urn:file:{name}")]
        found = ox.Dataset(ox.Quad(*t) for t in triples)
        wanted = ox.Dataset(ox.parse(ANONYMOUS, ox.RdfFormat.TURTLE))
        for dataset in (found, wanted):
            dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        assert found == wanted
        nodes.append({t.subject.value for t in triples if isinstance(t.subject, ox.BlankNode)})
    assert nodes[0]
    assert not nodes[0] & nodes[1]
    assert _loaded(tmp_path).manifest.digest == release.manifest.digest


def test_a_change_in_a_file_is_another_tag(tmp_path: Path) -> None:
    file = tmp_path / "a.ttl"
    tags: list[str] = []
    for text in (ANONYMOUS, ANONYMOUS.replace('"x"', '"y"'), ANONYMOUS):
        file.write_text(text)
        target = tmp_path / f"release-{len(tags)}"
        target.mkdir()
        tags.append(load({graph_of(file): file}, target).manifest.digest)
    assert tags[0] == tags[2] != tags[1]
