"""``cdmo move``: a term to another parent, a term or a claim to another file; the IRI stays."""

from collections.abc import Callable
from pathlib import Path

import pytest

from service.cli import main
from service.editing.edits import Edits
from service.editing.move import move
from service.pipeline import check
from service.pipeline.format import format_sources
from service.pipeline.loading import load, read_prefixes
from service.pipeline.violations import errors
from service.problems import SourceError, UsageError
from service.sources import Sources

Files = Callable[[Sources], dict[Path, bytes]]


def moved(sources: Sources, name: str, **options: str) -> list[str]:
    edits = Edits.of(sources)
    notes = move(edits, name, **options)
    edits.write()
    return notes


def triples(sources: Sources) -> set[str]:
    loaded, _ = load(sources)
    return {
        f"{t.subject} {t.predicate} {t.object}"
        for d in loaded.documents
        for t in d.triples
        if "_:" not in f"{t.subject}{t.object}"
    }


def test_a_term_gets_another_parent_and_its_definition_says_so(tiny: Sources) -> None:
    before = triples(tiny)
    moved(tiny, "washing with vinegar", parent="cdmo:Intervention")
    term = "<https://w3id.org/cdmo/id/CDMO_0000301>"
    gone, come = before - triples(tiny), triples(tiny) - before
    assert {t.partition("> ")[2].rpartition("/")[2] for t in gone if "subClassOf" in t} == {
        "CDMO_0000300>"
    }
    assert any(t.startswith(term) and t.endswith("/schema/Intervention>") for t in come)
    assert any('"an intervention that uses vinegar"@en' in t for t in come)
    assert not errors(check(tiny))


@pytest.mark.parametrize(
    ("curie", "file"),
    [("CDMO:0000300", "modules/terms.ttl"), ("claim:0000004", "claims/claims.ttl")],
)
def test_blocks_go_to_another_file_and_nothing_is_lost(
    tiny: Sources, curie: str, file: str
) -> None:
    origin = tiny.ontology / file
    other = origin.with_name("more.ttl")
    head, _, last = origin.read_text().rstrip("\n").rpartition("\n\n")
    prefixes = head[: head.index("\n\n")]
    origin.write_text(head + "\n")
    other.write_text(f"{prefixes}\n\n{last}\n")
    format_sources(tiny.turtle_files, read_prefixes(tiny).prefixes, sources=tiny)
    before = triples(tiny)
    moved(tiny, curie, file="more.ttl")
    assert triples(tiny) == before
    assert f"\n{curie} a " in other.read_text()
    assert f"\n{curie} a " not in origin.read_text()
    assert not errors(check(tiny))


def test_a_move_that_a_claim_does_not_allow_is_refused_with_the_check(
    tiny: Sources, files: Files
) -> None:
    before = files(tiny)
    with pytest.raises(SourceError) as refusal:
        moved(tiny, "itch", parent="cdmo:Test")
    assert "claim-outside-range" in {v.rule for v in refusal.value.extras["violations"]}
    assert files(tiny) == before


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("itch", {}, "Say where to"),
        ("itch", {"instead_of": "green spot", "file": "x"}, "the parent that goes"),
        ("itch", {"parent": "itch"}, "cannot be its new parent"),
        ("itch", {"parent": "cdmo:Manifestation"}, "cannot be its new parent"),
        ("itch", {"parent": "green spot", "instead_of": "washing"}, "--instead-of"),
        ("itch", {"parent": "claim:0000001"}, "no term and no kind"),
        ("itch", {"file": "claims.ttl"}, "no file to move to"),
        ("itch", {"file": "terms"}, "already"),
        ("claim:0000001", {"parent": "itch"}, "no parent"),
        ("tension:0001", {"file": "claims.ttl"}, "cannot be moved"),
    ],
)
def test_an_impossible_move_is_refused(
    tiny: Sources, name: str, options: dict[str, str], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        moved(tiny, name, **options)


def test_the_command_prints_a_diff_and_writes_nothing(
    tiny: Sources, files: Files, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("service.sources.locate", lambda: tiny)
    before = files(tiny)
    words = ["move", "washing with vinegar", "--under", "cdmo:Intervention"]
    assert main([*words, "--dry-run"]) == 0
    assert "+    rdfs:subClassOf cdmo:Intervention" in capsys.readouterr().out
    assert files(tiny) == before
    assert main(words) == 0
    assert "ontology/modules/terms.ttl: written" in capsys.readouterr().out
