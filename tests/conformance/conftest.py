"""The W3C test files are given by path in ``RDF_TESTS``; the project does not contain them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.pipeline.foreign import load

from ..system.server import Server, running
from . import manifests

HERE = Path(__file__).parent
KASEI = "http://kasei.us/2009/09/sparql/data/"
"""Where the protocol tests say that their graphs are."""


def folder() -> Path | None:
    """Return the folder ``sparql/sparql11`` of the tests, if ``RDF_TESTS`` names it."""
    given = os.environ.get("RDF_TESTS")
    if not given:
        return None
    root = Path(given)
    inner = root / "sparql" / "sparql11"
    return inner if inner.is_dir() else root


def known_failures() -> dict[str, str]:
    """Return test IRI to reason."""
    lines = (HERE / "known-failures.tsv").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines if line and not line.startswith("#"))


def parameters(tests: object) -> list[object]:
    """Return pytest parameters; a test known to fail must fail."""
    known = known_failures()
    if folder() is None:
        reason = "RDF_TESTS does not name the W3C rdf-tests: make conformance RDF_TESTS=…"
        return [pytest.param(None, marks=pytest.mark.skip(reason=reason))]
    return [
        pytest.param(
            test,
            id=str(test),
            marks=[pytest.mark.xfail(strict=True, reason=known[test.iri])]
            if test.iri in known
            else [],
        )
        for test in tests  # type: ignore[attr-defined]
    ]


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the tests."""
    found = folder()
    if found is None:
        pytest.skip("RDF_TESTS does not name the W3C rdf-tests: make conformance RDF_TESTS=…")
    return found


@pytest.fixture(scope="session")
def server(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server that holds every data file as a graph; each test says its own dataset."""
    files: dict[str, Path] = {}
    for test in manifests.query_tests(root, manifests.EVALUATION):
        files |= {manifests.address(path): path for path in (*test.data, *test.graphs)}
    files |= {f"{KASEI}data{i}.rdf": root / "protocol" / f"data{i}.nt" for i in (1, 2, 3)}
    release_folder = tmp_path_factory.mktemp("data")
    empty = release_folder / "empty.nt"
    empty.write_bytes(b"")
    files |= {f"{KASEI}data0.rdf": empty, "urn:empty": empty}
    target = tmp_path_factory.mktemp("release")
    with running(load(files, target).path, query_seconds="20") as found:
        yield found
