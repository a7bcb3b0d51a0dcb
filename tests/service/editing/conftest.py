"""Fixtures for tests of verbs: a project's files as bytes, a copy of the real project."""

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from service.cli import main
from service.sources import Sources, locate

Bytes = dict[Path, bytes]
Run = Callable[..., int]


@pytest.fixture
def real(tmp_path: Path) -> Sources:
    """A copy of the real sources, which the test may change."""
    origin, copy = locate(), Sources(tmp_path / "ontology", tmp_path / "mappings")
    shutil.copytree(origin.ontology, copy.ontology)
    shutil.copytree(origin.mappings, copy.mappings)
    return copy


@pytest.fixture
def files() -> Callable[[Sources], Bytes]:
    """A function that returns the bytes of all files of a project."""

    def read(sources: Sources) -> Bytes:
        root = sources.ontology.parent
        return {p: p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}

    return read


@pytest.fixture
def cdmo(tiny: Sources, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """A function that runs a command over the tiny sources; spaces split its words."""
    monkeypatch.setattr("service.sources.locate", lambda: tiny)
    monkeypatch.setattr("service.cli.verbs.dist_of", lambda _: tmp_path / "dist")
    monkeypatch.setattr("sys.stdin", io.StringIO())

    def run(words: str, *options: str) -> int:
        return main([*words.split(), *options])

    return run


@pytest.fixture
def document(tmp_path: Path, tiny_text: str) -> str:
    path = tmp_path / "document.txt"
    path.write_text(tiny_text, encoding="utf-8", newline="")
    return str(path)
