"""A whole project in little: an invented document, its ontology, its mapping set, its release.

``data/tiny/`` holds what is particular to it; schema, relations, prefixes, header, checks and
shapes are the real ones, so that the little one is never behind.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from service.build import build
from service.build.sources import Sources
from service.release import Release

ROOT = Path(__file__).parents[1]
TINY = ROOT / "tests" / "data" / "tiny"
SHARED = (
    "prefixes.ttl",
    "ontology.ttl",
    "display.ttl",
    "modules/schema.ttl",
    "modules/relations.ttl",
    "shapes",
    "checks",
)


def copy_tiny(folder: Path) -> Sources:
    """Lay out the sources of the tiny ontology in a folder."""
    shutil.copytree(TINY, folder, dirs_exist_ok=True)
    for name in SHARED:
        origin, target = ROOT / "ontology" / name, folder / "ontology" / name
        if origin.is_dir():
            shutil.copytree(origin, target, ignore=shutil.ignore_patterns("waivers.ttl"))
        else:
            shutil.copy(origin, target)
    return Sources(folder / "ontology", folder / "mappings")


@pytest.fixture
def tiny(tmp_path: Path) -> Sources:
    """The tiny sources, to change at will."""
    return copy_tiny(tmp_path / "tiny")


@pytest.fixture(scope="session")
def tiny_text() -> str:
    """The document of the tiny ontology."""
    return (TINY / "document.txt").read_bytes().decode("utf-8")


@pytest.fixture(scope="session")
def tiny_sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """The tiny sources, for tests that change nothing."""
    return copy_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def release(tiny_sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The release of the tiny ontology, built once."""
    return build(tiny_sources, tmp_path_factory.mktemp("dist"))


@pytest.fixture
def edit(tiny: Sources) -> Callable[[str, str, str], Path]:
    """Replace some text in a file of the tiny sources; the text must be there."""

    def edit_file(name: str, old: str, new: str) -> Path:
        path = tiny.ontology.parent / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        return path

    return edit_file
