"""Verify recorded passages against a document that may have changed."""

import os
import random
from pathlib import Path

import pytest

from service.pipeline import build, check, verify_source
from service.pipeline.loading import load
from service.pipeline.passages import digest, segment
from service.pipeline.verification import Recorded, Verification, recorded, status, verify
from service.problems import SourceError
from service.sources import Sources, locate

BESIDE = Path(__file__).parents[4] / "shared" / "source"


def record(text: str, **hedges: str) -> list[Recorded]:
    """Record the passages of a document, named p1, p2, ... in order."""
    return [
        Recorded(
            f"p{n}",
            p.start,
            p.end,
            digest(text[p.start : p.end]),
            (h,) if (h := hedges.get(f"p{n}")) else (),
        )
        for n, p in enumerate(segment(text), 1)
    ]


def failed(result: Verification) -> dict[str, str]:
    """Return the passages that are not intact, by name, with their status."""
    statuses = {p.name: status(p, at) for p, at in result.places.items()}
    return {name: word for name, word in statuses.items() if word != "intact"}


def messages(result: Verification) -> list[str]:
    return [f"{v.entity}: {v.message}" for v in result.violations()]


def holders(passages: list[Recorded], at: int) -> dict[str, str]:
    return {p.name: "changed" for p in passages if p.start <= at < p.end}


TEXT = "Pain: A Guide\nRest\nIt helps.\nRest\nIt heals. It soothes.\n"


def test_an_unchanged_document_passes() -> None:
    result = verify(TEXT, record(TEXT))
    assert messages(result) == []
    assert result.summary() == "6 passages: 6 intact, 0 moved, 0 changed"


def test_changing_a_character_fails_exactly_the_passages_that_contain_it(
    tiny_text: str,
) -> None:
    passages = record(tiny_text)
    for at, was in enumerate(tiny_text):
        for now in ("~", " "):
            if now != was:
                changed = tiny_text[:at] + now + tiny_text[at + 1 :]
                assert failed(verify(changed, passages)) == holders(passages, at)


def test_a_character_inserted_between_passages_is_reported() -> None:
    at = TEXT.index("\nIt heals")
    result = verify(TEXT[:at] + "x" + TEXT[at + 1 :], record(TEXT))
    assert failed(result) == {}
    assert result.stretches(0) == [(at, at + 1)]
    assert messages(result)


def test_inserted_text_moves_later_passages() -> None:
    at = TEXT.index("helps")
    result = verify(TEXT[:at] + "really " + TEXT[at:], record(TEXT))
    moved = {"p4": "moved", "p5": "moved", "p6": "moved"}
    assert failed(result) == {"p3": "changed"} | moved
    assert [at for p, at in result.places.items() if p.name in moved] == [
        p.start + 7 for p in result.places if p.name in moved
    ]
    assert not result.stretches(0)
    assert messages(result)


def test_removed_text_moves_later_passages() -> None:
    result = verify(TEXT.replace("It helps.\n", ""), record(TEXT))
    assert failed(result) == {"p3": "changed", "p4": "moved", "p5": "moved", "p6": "moved"}


def test_equal_headings_keep_their_own_places() -> None:
    """The first one has changed and all text has moved, so the second one counts as moved."""
    changed = "Preface\n" + TEXT.replace("Rest", "Best", 1)
    assert failed(verify(changed, record(TEXT)))["p2"] == "changed"
    assert failed(verify(changed, record(TEXT)))["p4"] == "moved"


def test_a_lost_passage_does_not_match_the_place_of_its_twin() -> None:
    assert failed(verify(TEXT.replace("Rest", "Best", 1), record(TEXT))) == {"p2": "changed"}


def test_a_report_names_both_positions() -> None:
    lines = messages(verify("\n" + TEXT, record(TEXT)))
    assert lines[1] == "p2: recorded at 14-18, moved: now stands at 15-19"


def test_swapped_paragraphs_are_found() -> None:
    first, second = "It is a long one.", "It is another."
    text = f"Pain\n{first}\n{second}\n"
    result = verify(f"Pain\n{second}\n{first}\n", record(text))
    assert failed(result) == {"p2": "moved", "p3": "moved"}


def test_overlapping_passages_are_reported() -> None:
    passages = [*record(TEXT), Recorded("extra", 0, 4, "0" * 64)]
    assert messages(verify(TEXT, passages))
    twice = [*record(TEXT), Recorded("again", *_place(record(TEXT)[0]))]
    assert verify(TEXT, twice).stretches(2) == [(0, 13)]


def _place(p: Recorded) -> tuple[int, int, str]:
    return p.start, p.end, p.sha256


def test_a_passage_neither_begins_nor_ends_with_white_space() -> None:
    first, *others = record(TEXT)
    longer = Recorded(first.name, first.start, first.end + 1, digest(TEXT[: first.end + 1]))
    assert messages(verify(TEXT, [longer, *others])) == ["p1: begins or ends with white space"]


def test_a_passage_that_ends_beyond_the_document_is_changed() -> None:
    """Its digest matches the rest of the document, but the passage is longer."""
    *others, last = record(TEXT)
    longer = Recorded(last.name, last.start, last.end + 9, digest(TEXT[last.start :]))
    assert failed(verify(TEXT, [*others, longer])) == {last.name: "changed"}


def test_a_hedge_that_is_not_in_its_passage_is_reported() -> None:
    assert messages(verify(TEXT, record(TEXT, p3="helps"))) == []
    result = verify(TEXT, record(TEXT, p3="may help"))
    assert messages(result)
    assert messages(result) == ['p3: "may help" does not stand there']


def test_line_ends_of_windows_move_passages() -> None:
    result = verify(TEXT.replace("\n", "\r\n"), record(TEXT))
    assert set(failed(result).values()) == {"moved"}


def test_another_document_has_none_of_the_passages() -> None:
    result = verify("Something else\nIt is about gardens.\n", record(TEXT))
    assert list(failed(result).values()) == ["changed"] * 6


def test_the_passages_of_the_tiny_ontology_match_its_document(
    tiny_sources: Sources, tiny_text: str
) -> None:
    assert verify_source(tiny_sources, tiny_text)[1] == []


def test_each_file_is_verified_against_its_own_source(
    two_sources: Sources, second_text: str
) -> None:
    """The file's digest tells its source; passages of other sources are not reported."""
    (recognized,), violations = verify_source(two_sources, second_text)
    assert violations == []
    assert recognized.summary() == "is source:jdmf, 24 passages: 24 intact, 0 moved, 0 changed"


def test_a_file_with_an_unknown_digest_is_compared_with_the_most_similar_source(
    two_sources: Sources, second_text: str
) -> None:
    changed = second_text.replace("thought to be", "held to be")
    (recognized,), violations = verify_source(two_sources, changed)
    assert recognized.summary().startswith("another edition of source:jdmf, 24 passages: 3 intact")
    assert {v.entity.partition("-")[0] for v in violations} == {"passage:jdmf"}


def test_claims_are_judged_by_another_edition_of_their_source(
    two_sources: Sources, second_text: str
) -> None:
    """Passages still found in it are judged, although no source has its digest."""
    violations = check(two_sources, f"{second_text}It has one more sentence.\n")
    doubts = {v.entity for v in violations if v.rule == "citation-without-object"}
    assert "claim:0009107" in doubts  # as with the edition that the source has


def test_a_file_of_no_source_is_one_error(two_sources: Sources) -> None:
    (recognized,), violations = verify_source(two_sources, "Something else\nAbout gardens.\n")
    assert recognized.summary() == "is of no source: none of their passages stands in it"
    assert [violation.rule for violation in violations] == ["document-unknown"]


@pytest.fixture(scope="module")
def source_text() -> str:
    files = sorted(BESIDE.glob("*.txt"))
    path = os.environ.get("CDMO_SOURCE") or (files[0] if files else None)
    if path is None:
        pytest.skip("needs the source document: set CDMO_SOURCE")
    return Path(path).read_bytes().decode("utf-8")


@pytest.mark.source
def test_the_passages_of_the_ontology_match_the_document(source_text: str) -> None:
    (recognized,), _ = verify_source(locate(), source_text)
    assert messages(recognized.verification) == []


@pytest.mark.source
@pytest.mark.slow
def test_any_change_of_the_document_fails_the_passages_that_contain_it(source_text: str) -> None:
    """Change the first, the last and another character of each passage, and the space after it."""
    loaded, _ = load(locate())
    passages = [Recorded(p.name, p.start, p.end, p.sha256) for p in recorded(loaded)]
    chance = random.Random(0)  # the same characters each time
    for p in passages:
        for at in {p.start, p.end - 1, chance.randrange(p.start, p.end), p.end}:
            if at < len(source_text):
                changed = source_text[:at] + "~" + source_text[at + 1 :]
                assert failed(verify(changed, passages)) == holders(passages, at)


def test_a_passage_that_does_not_match_stops_the_build_with_its_file_and_line(
    tiny_sources: Sources, tiny_text: str, tmp_path: Path
) -> None:
    """The message has the file, the line of the passage's block, the rule and the remedy."""
    wrong = tiny_text.replace(" ", "_", 1)
    with pytest.raises(SourceError) as stopped:
        build(tiny_sources, tmp_path, documents=[wrong])
    violations = stopped.value.extras["violations"]
    (violation,) = (v for v in violations if not v.rule.startswith("citation-"))
    block = violation.file.read_text(encoding="utf-8").splitlines()[violation.line - 1]
    assert block.startswith(violation.entity)
    assert violation.rule == "passage-changed"
    assert violation.hint
    assert not (tmp_path / "current").exists()
    assert violation in check(tiny_sources, wrong)
