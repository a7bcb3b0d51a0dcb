"""What tests of verbs share: the files of a project as bytes, and a copy of the real one."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from service.sources import Sources, locate

Bytes = dict[Path, bytes]


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
