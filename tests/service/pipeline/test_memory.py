"""The memory of a check: remembered results equal recomputed ones."""

import random
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from service.pipeline import attempt, check, memory
from service.pipeline.memory import Memory
from service.sources import Sources

Edit = Callable[[str, str, str], Path]


def never() -> bytes:
    raise AssertionError("it is remembered")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dist" / "remembered.sqlite"


def test_a_result_is_remembered_by_its_inputs(path: Path) -> None:
    first = Memory(path, "code")
    assert first.value("kind", [b"a", b"b"], lambda: b"result") == b"result"
    assert first.value("kind", [b"a", b"b"], never) == b"result"
    first.save()
    again = Memory(path, "code")
    assert again.value("kind", [b"a", b"b"], never) == b"result"
    assert again.value("kind", [b"ab"], lambda: b"other") == b"other"
    assert again.value("sort", [b"a", b"b"], lambda: b"other") == b"other"
    assert Memory(path, "changed code").value("kind", [b"a", b"b"], lambda: b"new") == b"new"


def test_a_failure_is_not_remembered(path: Path) -> None:
    remembered = Memory(path)
    with pytest.raises(AssertionError):
        remembered.value("kind", [b"a"], never)
    assert remembered.value("kind", [b"a"], lambda: b"result") == b"result"


@pytest.mark.parametrize("damage", [b"", b"garbage" * 1000])
def test_a_damaged_file_is_replaced(path: Path, damage: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(damage)
    for compute in (lambda: b"result", never):
        remembered = Memory(path)
        assert remembered.value("kind", [b"a"], compute) == b"result"
        remembered.save()


def test_concurrent_checks_lose_nothing(path: Path) -> None:
    memories = [Memory(path) for _ in range(8)]
    for number, one in enumerate(memories):
        one.value("kind", [b"%d" % number], lambda number=number: b"%d" % number)  # type: ignore[misc]
    for one in memories:
        one.save()
    last = Memory(path)
    assert [last.value("kind", [b"%d" % n], never) for n in range(8)] == [
        b"%d" % n for n in range(8)
    ]


def test_the_size_of_the_file_is_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "LIMIT_BYTES", 5_000)
    chance = random.Random(0)
    for _ in range(20):
        remembered = Memory(path)
        data = chance.randbytes(1_000)
        remembered.value("kind", [data], lambda data=data: data)  # type: ignore[misc]
        remembered.save()
    assert remembered.value("kind", [data], never) == data
    assert path.stat().st_size < 30_000


def test_an_unwritable_place_is_no_failure() -> None:
    remembered = Memory(Path("/dev/null/remembered.sqlite"))
    assert remembered.value("kind", [b"a"], lambda: b"result") == b"result"
    remembered.save()


WORD = re.compile(r'\w+:[\w-]+|\b\d+\b|(?<=")[^"\n]+(?=")')


def damage(sources: Sources, chance: random.Random) -> None:
    """Replace a name, a number or a text by another one, or sometimes break a line."""
    path = chance.choice([p for p in sources.files if p.suffix in (".ttl", ".tsv")])
    text = path.read_text("utf-8")
    words = list(WORD.finditer(text))
    if chance.random() < 0.8 and words:
        one = chance.choice(words)
        other = chance.choice([w[0] for w in words if w[0] != one[0]] or ["CDMO:0000001"])
        path.write_text(text[: one.start()] + other + text[one.end() :], "utf-8")
    else:
        break_line(path, chance)


def break_line(path: Path, chance: random.Random) -> None:
    """Change, drop or double a line of a file."""
    lines = path.read_text("utf-8").split("\n")
    number = chance.randrange(len(lines))
    words = lines[number].split(" ")
    chance.shuffle(words)
    lines[number : number + 1] = chance.choice(
        [[], [lines[number]] * 2, [" ".join(words)], [lines[number].replace("0", "1")]]
    )
    path.write_text("\n".join(lines), "utf-8")


def test_results_for_sources_are_reused_for_a_copy_elsewhere(
    tiny: Sources, path: Path, tmp_path: Path
) -> None:
    attempt(tiny, Memory(path))
    folder = tmp_path / "elsewhere" / "tiny"
    shutil.copytree(tiny.root, folder)
    copy = Sources(folder / tiny.ontology.name, folder / tiny.mappings.name)
    known = Recorded(path)
    (loaded, violations), (fresh, expected) = attempt(copy, known), attempt(copy)
    assert violations == expected
    assert set(loaded.store) == set(fresh.store)
    assert not known.computed


class Recorded(Memory):
    """A memory that records the kinds of computed results."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.computed: set[str] = set()

    def value(self, kind: str, parts: Iterable[bytes], compute: Callable[[], bytes]) -> bytes:
        def noted() -> bytes:
            self.computed.add(kind)
            return compute()

        return super().value(kind, parts, noted)


@pytest.mark.parametrize(
    ("seed", "edits"), [(0, 4), *(pytest.param(n, 20, marks=pytest.mark.slow) for n in range(1, 4))]
)
def test_after_random_edits_the_findings_are_the_same(
    tiny: Sources, path: Path, seed: int, edits: int
) -> None:
    chance = random.Random(seed)
    whole = {file: file.read_bytes() for file in tiny.files}
    for _ in range(edits):
        damage(tiny, chance)
        fresh = check(tiny)
        for _ in range(2):  # by what queries read, then as a whole
            assert check(tiny, memory=Memory(path)) == fresh
        if chance.random() < 0.5:  # back to a remembered state
            for file, data in whole.items():
                file.write_bytes(data)
