"""The mistakes of a second reader can be made and undone: ``mistakes/README.md``."""

from collections import Counter
from pathlib import Path

import pytest

from .mistakes_applied import Copy, read_mistakes

MISTAKES = read_mistakes()


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy.make(tmp_path_factory.mktemp("mistakes"))


def test_every_mistake_has_a_unique_name() -> None:
    assert not [name for name, count in Counter(m.id for m in MISTAKES).items() if count > 1]


def test_every_mistake_can_still_be_made(copy: Copy) -> None:
    stale = []
    for mistake in MISTAKES:
        try:
            with copy.with_mistake(mistake) as places:
                assert all(path.is_relative_to(copy.root) for path, _ in places)
        except ValueError as fault:
            stale.append(str(fault))
    assert not stale


def test_a_mistake_leaves_nothing_behind(copy: Copy) -> None:
    def files() -> dict[Path, bytes]:
        return {p: p.read_bytes() for p in copy.root.rglob("*") if p.is_file()}

    before = files()
    for mistake in MISTAKES[::50]:
        with copy.with_mistake(mistake):
            assert files() != before
    assert files() == before
