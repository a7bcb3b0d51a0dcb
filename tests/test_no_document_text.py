"""No sentence of the source document is in the repository.

No file that git would track has eight consecutive words of the document, whose file
``CDMO_SOURCE`` names.
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
    sequence = words(text)
    return [tuple(sequence[i : i + WORDS]) for i in range(len(sequence) - WORDS + 1)]


@pytest.fixture(scope="module")
def document_runs() -> set[tuple[str, ...]]:
    path = os.environ.get("CDMO_SOURCE")
    if not path:
        pytest.skip("CDMO_SOURCE does not name the source document")
    return set(runs(Path(path).read_text(encoding="utf-8")))


def tracked_files() -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in names.stdout.splitlines() if (path := ROOT / name).is_file()]


def test_no_file_has_eight_words_in_a_row_from_the_document(
    document_runs: set[tuple[str, ...]],
) -> None:
    copies = {}
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if hits := [" ".join(run) for run in runs(text) if run in document_runs]:
            copies[str(path.relative_to(ROOT))] = hits[:3]
    assert not copies
