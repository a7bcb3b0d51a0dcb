"""Holding recorded passages against a document that may have changed."""

import os
import random
from pathlib import Path

import pytest

from service.pipeline import build, check, verify_source
from service.pipeline.passages import segment
from service.pipeline.sources import Sources, load, locate
from service.pipeline.verification import Recorded, Verification, recorded, verify
from service.problems import SourceError

BESIDE = Path(__file__).parents[4] / "shared" / "source"


def record(text: str, **hedges: str) -> list[Recorded]:
    """Record the passages of a document, named p1, p2, ... in order."""
    return [
        Recorded(
            f"p{n}", p.start, p.end, p.digest(text), (h,) if (h := hedges.get(f"p{n}")) else ()
        )
        for n, p in enumerate(segment(text), 1)
    ]


def status(found: Verification) -> dict[str, str]:
    return {f.passage.name: f.status for f in found.findings if f.status != "intact"}


def holders(passages: list[Recorded], at: int) -> dict[str, str]:
    return {p.name: "changed" for p in passages if p.start <= at < p.end}


TEXT = "Pain: A Guide\nRest\nIt helps.\nRest\nIt heals. It soothes.\n"


def test_an_unchanged_document_passes() -> None:
    found = verify(TEXT, record(TEXT))
    assert found.ok
    assert found.lines() == ["6 passages: 6 intact, 0 moved, 0 changed"]


def test_changing_any_one_character_fails_exactly_the_passages_that_hold_it(
    tiny_text: str,
) -> None:
    passages = record(tiny_text)
    for at, was in enumerate(tiny_text):
        for now in ("~", " "):
            if now != was:
                changed = tiny_text[:at] + now + tiny_text[at + 1 :]
                assert status(verify(changed, passages)) == holders(passages, at)


def test_a_character_put_between_passages_is_told() -> None:
    at = TEXT.index("\nIt heals")
    found = verify(TEXT[:at] + "x" + TEXT[at + 1 :], record(TEXT))
    assert status(found) == {}
    assert found.uncovered == ((at, at + 1),)
    assert not found.ok


def test_text_that_was_put_in_moves_what_follows() -> None:
    at = TEXT.index("helps")
    found = verify(TEXT[:at] + "really " + TEXT[at:], record(TEXT))
    moved = {"p4": "moved", "p5": "moved", "p6": "moved"}
    assert status(found) == {"p3": "changed"} | moved
    assert [f.found for f in found.findings if f.status == "moved"] == [
        f.passage.start + 7 for f in found.findings if f.status == "moved"
    ]
    assert not found.uncovered
    assert not found.ok


def test_text_that_was_taken_out_moves_what_follows() -> None:
    found = verify(TEXT.replace("It helps.\n", ""), record(TEXT))
    assert status(found) == {"p3": "changed", "p4": "moved", "p5": "moved", "p6": "moved"}


def test_a_lost_passage_does_not_take_the_place_of_its_twin() -> None:
    assert status(verify(TEXT.replace("Rest", "Best", 1), record(TEXT))) == {"p2": "changed"}


def test_a_report_names_both_positions() -> None:
    lines = verify("\n" + TEXT, record(TEXT)).lines()
    assert lines[1] == "p2: recorded at 14-18, moved: now stands at 15-19"


def test_paragraphs_that_change_places_are_found() -> None:
    first, second = "It is a long one.", "It is another."
    text = f"Pain\n{first}\n{second}\n"
    found = verify(f"Pain\n{second}\n{first}\n", record(text))
    assert status(found) == {"p2": "moved", "p3": "moved"}


def test_text_that_is_covered_twice_is_told() -> None:
    passages = [*record(TEXT), Recorded("extra", 0, 4, "0" * 64)]
    assert verify(TEXT, passages).ok is False
    twice = [*record(TEXT), Recorded("again", *_place(record(TEXT)[0]))]
    assert verify(TEXT, twice).doubled == ((0, 13),)


def _place(p: Recorded) -> tuple[int, int, str]:
    return p.start, p.end, p.sha256


def test_a_hedge_stands_in_its_passage() -> None:
    assert verify(TEXT, record(TEXT, p3="helps")).ok
    found = verify(TEXT, record(TEXT, p3="may help"))
    assert not found.ok
    assert 'p3: the hedge "may help" does not stand there' in found.lines()


def test_line_ends_of_another_system_move_passages() -> None:
    found = verify(TEXT.replace("\n", "\r\n"), record(TEXT))
    assert set(status(found).values()) == {"moved"}


def test_another_document_has_none_of_the_passages() -> None:
    found = verify("Something else\nIt is about gardens.\n", record(TEXT))
    assert found.counts == {"changed": 6}


def test_the_tiny_ontology_holds_its_document(tiny_sources: Sources, tiny_text: str) -> None:
    assert verify_source(tiny_sources, tiny_text)[0].ok


@pytest.fixture(scope="module")
def source_text() -> str:
    files = sorted(BESIDE.glob("*.txt"))
    path = os.environ.get("CDMO_SOURCE") or (files[0] if files else None)
    if path is None:
        pytest.skip("needs the source document: set CDMO_SOURCE")
    return Path(path).read_bytes().decode("utf-8")


@pytest.mark.source
def test_the_ontology_holds_its_document(source_text: str) -> None:
    found, _ = verify_source(locate(), source_text)
    assert found.ok, "\n".join(found.lines())


@pytest.mark.source
@pytest.mark.slow
def test_any_change_of_the_document_fails_the_passages_that_hold_it(source_text: str) -> None:
    """First, last and one more character of each passage, and the white space after it."""
    loaded, _ = load(locate())
    passages = [
        Recorded(p.name, p.start, p.end, p.sha256)
        for p in recorded(loaded.graphs["claims"], loaded.names)
    ]
    chance = random.Random(0)  # the same characters each time
    for p in passages:
        for at in {p.start, p.end - 1, chance.randrange(p.start, p.end), p.end}:
            if at < len(source_text):
                changed = source_text[:at] + "~" + source_text[at + 1 :]
                assert status(verify(changed, passages)) == holders(passages, at)


def test_a_passage_that_does_not_match_stops_the_build_with_its_file_and_line(
    tiny_sources: Sources, tiny_text: str, tmp_path: Path
) -> None:
    """As a compiler would: the file, the line of the passage's block, the rule, how to mend it."""
    wrong = tiny_text.replace(" ", "_", 1)
    with pytest.raises(SourceError) as stopped:
        build(tiny_sources, tmp_path, document=wrong)
    (violation,) = stopped.value.extras["violations"]
    block = violation.file.read_text(encoding="utf-8").splitlines()[violation.line - 1]
    assert block.startswith(violation.entity)
    assert violation.rule == "passage-changed"
    assert violation.hint
    assert not (tmp_path / "current").exists()
    assert violation in check(tiny_sources, wrong)
