"""What tests of verbs share: the files of a project as bytes, and a copy of the real one."""

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
    """A copy of the real sources, to change at will."""
    origin, copy = locate(), Sources(tmp_path / "ontology", tmp_path / "mappings")
    shutil.copytree(origin.ontology, copy.ontology)
    shutil.copytree(origin.mappings, copy.mappings)
    return copy


@pytest.fixture
def files() -> Callable[[Sources], Bytes]:
    """Return the bytes of all files of a project."""

    def read(sources: Sources) -> Bytes:
        root = sources.ontology.parent
        return {p: p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}

    return read


@pytest.fixture
def cdmo(tiny: Sources, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command line over the tiny sources; words before the options in one string."""
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
