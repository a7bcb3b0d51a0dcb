"""``cdmo serve --data``: broken files are reported, and the same data gets the same answers."""

import gzip
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from service import cli, iris
from service.pipeline.foreign import graph_of, load
from service.release import Release

from .server import ROOT, Server, free_port, running

WHOLE = b"<http://e/a> <http://e/b> <http://e/c> .\n"
BROKEN: dict[str, tuple[bytes | None, str]] = {
    "syntax.ttl": (
        b'@prefix : <http://e/> .\n:a :b :c .\n:a :b ;;; oops "\n',
        "syntax.ttl:3:7: ; is not a valid RDF object",
    ),
    "short.nt": (b"<http://e/a> <http://e/b> .\n", "short.nt:1:27: The object of a triple must be"),
    "space.nq": (b"<http://e/a> <http://e/b> <e c> .", r"space.nq:1:\d+: .*' '"),
    "bytes.ttl": (b"<http://e/a>\n\xff\xfe", r"bytes.ttl:2:\d+: Invalid UTF-8"),
    "tags.rdf": (b"<r:a xmlns:r='http://e/'>\n<r:b></r:a>", r"tags.rdf:2:8: not well-formed XML"),
    "cut.owl": (b"<r:a xmlns:r='http://e/'>\n<r:b/>\n", "cut.owl:3:1: .* ends before its last el"),
    "iri.owl": (b"<r:a xmlns:r='http://e/'>\n<r:b r:c='1' x='&no;'/></r:a>", "iri.owl:2:.* entity"),
    "half.jsonld": (b'{"@id": ', r"half.jsonld:\d+:\d+: Unexpected end of file"),
    "empty.json": (b"", "empty.json:"),
    "blank.ttl": (b"\xef\xbb\xbf \n", "blank.ttl holds no triple"),
    "comment.ttl": (b"# nothing\n", "comment.ttl holds no triple"),
    "plain.json": (b'{"name": "x"}', "plain.json holds no triple: it is JSON, but no JSON-LD"),
    "space.jsonld": (b'{"@id": "http://e/a b", "http://e/p": 1}', "space.jsonld holds no triple"),
    "wide.ttl": ("\ufeff<http://e/a> a <http://e/b> .".encode("utf-16"), "wide.ttl is UTF-16"),
    "functional.owl": (
        b"# by hand\nPrefix(:=<http://e/>)\nOntology(<http://e/o>\n)",
        "functional.owl is OWL in functional syntax, .*--input functional.owl --output ",
    ),
    "manchester.owl": (b"Prefix: : <http://e/>\nOntology: <http://e/o>\n", "Manchester syntax"),
    "xml.owl": (
        b'<?xml version="1.0"?>\n<!-- -->\n<Ontology xmlns="http://www.w3.org/2002/07/owl#"/>',
        "xml.owl is OWL/XML",
    ),
    "page.ttl": (b"<!DOCTYPE html>\n<html></html>", "page.ttl is a web page"),
    "large.owl": (b"version https://git-lfs.github.com/spec/v1\n", "is a pointer of Git LFS"),
    "packed.owl": (b"PK\x03\x04 and more", r"packed.owl is packed \(zip\)"),
    "turtle.owl": (
        b"@prefix : <http://e/> .\n:a :b ;;; .",
        r"turtle.owl:2:\d+: .*\(it does not begin as its suffix says, and was read as Turtle\)",
    ),
    "remote.jsonld": (
        b'{"@context": "http://127.0.0.1:9/", "@id": "http://e/a", "p": 1}',
        r"remote.jsonld.*: a @context is another document, and none is ever fetched",
    ),
    "missing.ttl": (None, "missing.ttl cannot be read: No such file or directory"),
    "words.txt": (WHOLE, r"words.txt: the suffix is not that of an RDF file. Known: .ttl "),
    "nothing": (WHOLE, "nothing: the suffix is not"),
    "cut.nt.gz": (gzip.compress(WHOLE * 99)[:-12], "cut.nt.gz cannot be unpacked: "),
    "junk.nt.gz": (b"\x1f\x8b\x08" + b"\xff" * 40, "junk.nt.gz cannot be unpacked: "),
    "inside.ttl.gz": (gzip.compress(b"<http://e/a>\n;"), r"inside.ttl.gz:2:1: "),
}


def serve(*arguments: str, cwd: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run ``cdmo serve`` with arguments that it should refuse."""
    command = [sys.executable, "-m", "service", "serve", "--port", str(free_port()), *arguments]
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SERVICE_")}
    return subprocess.run(
        command,
        cwd=cwd,
        env={**clean, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def assert_refused(code: int, output: str, errors: str, message: str) -> None:
    """Assert that a command failed with one line on standard error and no other output."""
    assert code == 2, errors
    assert re.search(message, errors), errors
    assert len(errors.splitlines()) == 1, errors
    assert output == ""


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_reported_with_the_position(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content, message = BROKEN[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    (tmp_path / "whole.nt").write_bytes(WHOLE)
    monkeypatch.chdir(tmp_path)
    code = cli.main(["serve", "--data", "whole.nt", name])
    assert_refused(code, *capsys.readouterr(), message)


XML = (
    f"<r:RDF xmlns:r='{iris.RDF}'><r:Description r:about='http://e/a'>{{}}</r:Description></r:RDF>"
)
AS_XML = XML.format("<b xmlns='http://e/' r:resource='http://e/c'/>").encode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("mark.nt", b"\xef\xbb\xbf" + WHOLE),
        ("mark.nq", b"\xef\xbb\xbf" + WHOLE),
        ("mark.trig", b"\xef\xbb\xbf" + WHOLE),
        ("mark.ttl", b"\xef\xbb\xbf" + WHOLE),
        ("mark.owl", b"\xef\xbb\xbf" + AS_XML),
        ("mark.jsonld", b'\xef\xbb\xbf{"@id": "http://e/a", "http://e/b": {"@id": "http://e/c"}}'),
        ("wide.owl", AS_XML.decode().encode("utf-16")),
        ("turtle.owl", b"@prefix : <http://e/> . :a :b :c ."),
        ("turtle.rdf", WHOLE),
        ("commented.owl", b"# Turtle\n" + WHOLE),
        ("json.owl", b' [{"@id": "http://e/a", "http://e/b": {"@id": "http://e/c"}}]'),
        ("xml.ttl", b"<?xml version='1.0'?>\n" + AS_XML),
        ("xml.json", AS_XML),
        ("unpacked.nt.gz", WHOLE),
        ("packed.nt", gzip.compress(WHOLE)),
        ("packed.OWL.gz", gzip.compress(b"\xef\xbb\xbf" + AS_XML)),
        ("parts.nt.gz", gzip.compress(b"# one\n") + gzip.compress(WHOLE)),
    ],
)
def test_a_file_is_recognised_by_its_first_bytes(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    (tmp_path / "release").mkdir()
    release = load({"http://e/g": path}, tmp_path / "release")
    dump = release.dump("dataset.nq").read_text()
    assert dump == "<http://e/a> <http://e/b> <http://e/c> <http://e/g> .\n"


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("folder.ttl",), "folder.ttl cannot be read: Is a dir"),
        (("a.nt", "./a.nt"), "the same name"),
    ],
)
def test_a_folder_and_a_name_given_twice_are_refused(
    names: tuple[str, ...],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "folder.ttl").mkdir()
    (tmp_path / "a.nt").write_bytes(WHOLE)
    monkeypatch.chdir(tmp_path)
    code = cli.main(["serve", "--data", *names])
    assert_refused(code, *capsys.readouterr(), message)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SOURCE_FILES", "missing.txt"),
        ("QUERY_SECONDS", "nan"),
        ("PORT", "0x50"),
        ("WEB_THREADS", "-1"),
        ("HOST", "nowhere.invalid"),
    ],
)
def test_an_invalid_setting_is_refused(tmp_path: Path, variable: str, value: str) -> None:
    (tmp_path / "a.nt").write_bytes(WHOLE)
    clean = [] if variable == "PORT" else ["--data", "a.nt"]
    result = serve(*clean, cwd=tmp_path, **{f"SERVICE_{variable}": value})
    assert_refused(result.returncode, result.stdout, result.stderr, f"(?i){variable}|{value}")


@pytest.mark.parametrize("current", [None, "nonsense\n"], ids=["empty", "damaged"])
def test_a_store_that_cannot_be_opened_ends_the_command(
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


def answers(server: Server) -> list[tuple[str | None, bytes]]:
    """Return the entity tag and bytes of each answer, each over a new connection."""
    tagged = []
    for query, accept in QUERIES:
        response, body = server.get(query, accept)
        assert response.status == 200, body
        assert (response.getheader("ETag") or "").startswith('W/"')
        tagged.append((response.getheader("ETag"), body))
    return tagged


@contextmanager
def served(release: Release, **settings: str) -> Iterator[Server]:
    """Serve a release without keeping answers."""
    with running(release.path, cache_bytes="0", **settings) as server:
        yield server


def loaded(folder: Path, text: str = ANONYMOUS) -> Release:
    """Load two files with the same text into a new release, as ``--data`` does."""
    files = [folder / "a.ttl", folder / "b.ttl"]
    for file in files:
        file.write_text(text)
    target = folder / f"release-{len(list(folder.iterdir()))}"
    target.mkdir()
    return load({graph_of(file): file for file in files}, target)


@pytest.mark.parametrize("memory", ["0", "200000"], ids=["disk", "memory"])
def test_the_same_tag_means_the_same_bytes(tmp_path: Path, memory: str) -> None:
    """The same over many connections, workers and starts, and after another loading."""
    with served(loaded(tmp_path), memory_quads=memory) as server:
        first = answers(server)
        for _ in range(20):
            assert answers(server) == first
    with served(loaded(tmp_path), memory_quads=memory, engine_workers="3") as server:
        for _ in range(5):
            assert answers(server) == first


@pytest.mark.parametrize("memory", ["0", "200000"], ids=["disk", "memory"])
def test_a_release_answers_the_same_after_a_restart(release: Release, memory: str) -> None:
    runs = []
    for workers in ("2", "3"):
        with served(release, engine_workers=workers, memory_quads=memory) as server:
            runs += [answers(server) for _ in range(3)]
    assert all(run == runs[0] for run in runs)


def test_loaded_triples_are_those_of_the_files(tmp_path: Path) -> None:
    """Only the labels of blank nodes differ; files share none."""
    release = loaded(tmp_path)
    quads = list(ox.parse(path=release.path / "dataset.nq", format=ox.RdfFormat.N_QUADS))
    nodes: list[set[str]] = []
    for name in ("a.ttl", "b.ttl"):
        triples = [q.triple for q in quads if q.graph_name == ox.NamedNode(f"urn:file:{name}")]
        graph = ox.Dataset(ox.Quad(*t) for t in triples)
        expected = ox.Dataset(ox.parse(ANONYMOUS, ox.RdfFormat.TURTLE))
        for dataset in (graph, expected):
            dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        assert graph == expected
        nodes.append({t.subject.value for t in triples if isinstance(t.subject, ox.BlankNode)})
    assert nodes[0]
    assert not nodes[0] & nodes[1]


HOSTILE = """
@prefix mine: <http://mine.example/ns#> .
@prefix : <http://e.org/> .
:a mine:see <javascript:alert(1)>, <JaVaScRiPt:alert(2)>, <data:text/html,x>, <vbscript:x>,
    <file:///etc/passwd>, <http://ok.example/> .
"""


def test_iris_that_would_run_code_are_shown_but_not_linked(tmp_path: Path) -> None:
    with served(loaded(tmp_path, HOSTILE)) as server:
        target = "/query?" + urlencode({"query": "SELECT * { ?s ?p ?o }"})
        html = server.ask("GET", target, Accept="text/html")[1].decode()
    links = {href for href in re.findall(r'href="([^"/][^"]*)"', html) if ":" in href}
    assert "http://ok.example/" in links
    assert "javascript:alert(1)" in html
    assert {link.partition(":")[0].lower() for link in links} <= {"http", "https"}


@pytest.mark.parametrize("accept", ["text/turtle", "application/rdf+xml", "application/ld+json"])
@pytest.mark.parametrize(
    "form", ["DESCRIBE <http://e.org/a>", "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"]
)
def test_results_declare_the_used_prefixes_of_the_data(
    tmp_path: Path, form: str, accept: str
) -> None:
    with served(loaded(tmp_path, HOSTILE)) as server:
        body = server.get(form, accept)[1].decode()
    assert "mine:" in body
    assert "cdmo" not in body.lower().replace("https://w3id.org/cdmo/schema/", "")  # @vocab


def test_the_digest_of_loaded_data_depends_only_on_its_triples(tmp_path: Path) -> None:
    texts = (ANONYMOUS, ANONYMOUS.replace('"x"', '"y"'), ANONYMOUS)
    digests = [loaded(tmp_path, text).manifest.digest for text in texts]
    assert digests[0] == digests[2] != digests[1]
