"""None of the source document's sentences stands in the repository.

Eight words in a row that stand in the document must stand in no file that git would track.
Needs the document: ``CDMO_SOURCE`` names it.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WORDS = 8

pytestmark = pytest.mark.source


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def runs(text: str) -> list[tuple[str, ...]]:
    found = words(text)
    return [tuple(found[i : i + WORDS]) for i in range(len(found) - WORDS + 1)]


@pytest.fixture(scope="module")
def document_runs() -> set[tuple[str, ...]]:
    path = os.environ.get("CDMO_SOURCE")
    if not path:
        pytest.skip("CDMO_SOURCE does not name the source document")
    return set(runs(Path(path).read_text(encoding="utf-8")))


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


def test_no_run_of_eight_words_of_the_document_stands_in_any_file(
    document_runs: set[tuple[str, ...]],
) -> None:
    found = {}
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if hits := [" ".join(run) for run in runs(text) if run in document_runs]:
            found[str(path.relative_to(ROOT))] = hits[:3]
    assert not found
