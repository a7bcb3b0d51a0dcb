"""The W3C SPARQL 1.1 tests, which are not in the repository: ``RDF_TESTS`` names their folder.

``ENGINE`` names an engine of ``tests/remote`` to answer the queries instead of ours.
"""

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from service.pipeline.foreign import load
from service.remote.publication import publish
from service.remote.store import find_store

from ..remote import engines
from ..system.server import Server, running
from . import manifests
from .manifests import ProtocolTest, QueryTest

HERE = Path(__file__).parent
ENGINE = os.environ.get("ENGINE", "")
MISSING = "RDF_TESTS does not name the W3C rdf-tests: make conformance RDF_TESTS=…"
KASEI = "http://kasei.us/2009/09/sparql/data/"
"""The namespace of the graphs of the protocol tests."""


Test = QueryTest | ProtocolTest


def folder() -> Path | None:
    """Return the folder ``sparql/sparql11`` of the tests, if ``RDF_TESTS`` names it."""
    path = os.environ.get("RDF_TESTS")
    if not path:
        return None
    root = Path(path)
    inner = root / "sparql" / "sparql11"
    return inner if inner.is_dir() else root


def known_failures() -> dict[str, str]:
    """Return the reasons for known failures, by the IRI of the test."""
    name = f"known-failures-{ENGINE}.tsv" if ENGINE else "known-failures.tsv"
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines if line and not line.startswith("#"))


def parameters(tests: Iterable[Test]) -> list[object]:
    """Return tests as parameters; a known failure must fail."""
    known = known_failures()
    if folder() is None:
        return [pytest.param(None, marks=pytest.mark.skip(reason=MISSING))]
    return [
        pytest.param(
            test,
            id=str(test),
            marks=[pytest.mark.xfail(strict=True, reason=known[test.iri])]
            if test.iri in known
            else [],
        )
        for test in tests
    ]


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the tests."""
    path = folder()
    if path is None:
        pytest.skip(MISSING)
    return path


@pytest.fixture(scope="session")
def server(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with every data file as a named graph; each test chooses its dataset."""
    files: dict[str, Path] = {}
    for test in manifests.query_tests(root, manifests.EVALUATION):
        files |= {manifests.address(path): path for path in (*test.data, *test.graphs)}
    files |= {f"{KASEI}data{i}.rdf": root / "protocol" / f"data{i}.nt" for i in (1, 2, 3)}
    release_folder = tmp_path_factory.mktemp("data")
    empty = release_folder / "empty.nt"
    empty.write_bytes(b"")
    files |= {f"{KASEI}data0.rdf": empty, "urn:empty": empty}
    target = tmp_path_factory.mktemp("release")
    release = load(files, target, may_be_empty=True)
    with contextlib.ExitStack() as stack:
        settings = {"query_seconds": "20"}
        if ENGINE:
            folder = tmp_path_factory.mktemp("engine") / ENGINE
            engine = stack.enter_context(engines.running(ENGINE, folder))
            publish(release, find_store(engine.dataset), lambda line: None)
            settings["endpoints"] = engine.url
        yield stack.enter_context(running(release.path, **settings))
