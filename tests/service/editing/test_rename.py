"""``cdmo rename``: a label changes wherever it means its term, and nowhere else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.cli import main
from service.editing.edits import Edits
from service.editing.rename import Renaming, rename
from service.pipeline import check
from service.pipeline.violations import errors
from service.problems import UsageError
from service.sources import Sources

Edit = Callable[[str, str, str], Path]
Files = Callable[[Sources], dict[Path, bytes]]


def renamed(sources: Sources, name: str, label: str, *, synonym: bool = True) -> Renaming:
    edits = Edits.of(sources)
    renaming = rename(edits, name, label, synonym=synonym)
    edits.write()
    return renaming


def read(sources: Sources, name: str) -> str:
    return (sources.ontology.parent / name).read_text(encoding="utf-8")


def test_the_old_label_becomes_an_exact_synonym(tiny: Sources) -> None:
    renamed(tiny, "CDMO:0000300", "rinsing")
    terms = read(tiny, "ontology/modules/terms.ttl")
    assert 'rdfs:label "rinsing"@en' in terms
    assert 'oboInOwl:hasExactSynonym "washing"@en' in terms
    assert not errors(check(tiny))


def test_without_synonym_the_old_label_is_gone(tiny: Sources) -> None:
    renamed(tiny, "green spot", "emerald spot", synonym=False)
    assert "green spot" not in read(tiny, "ontology/modules/terms.ttl")


def test_mapping_sets_question_rows_and_definitions_of_narrower_terms_follow(tiny: Sources) -> None:
    renamed(tiny, "washing", "rinsing")
    assert "CDMO:0000300\trinsing\t" in read(tiny, "mappings/hp.sssom.tsv")
    assert "intervention\nrinsing\nwashing with vinegar\n" in read(
        tiny, "ontology/questions/what-treats.ttl"
    )
    assert '"a rinsing that uses vinegar"' in read(tiny, "ontology/modules/terms.ttl")


def test_rows_stand_in_the_order_that_the_query_asks_for(tiny: Sources) -> None:
    renamed(tiny, "washing", "zealous washing")
    assert "intervention\nwashing with vinegar\nzealous washing\n" in read(
        tiny, "ontology/questions/what-treats.ttl"
    )


def test_prose_of_resources_that_refer_to_the_term_follows(tiny: Sources) -> None:
    renaming = renamed(tiny, "washing", "rinsing")
    assert '"rinsing cures and does not cure"' in read(tiny, "ontology/claims/tensions.ttl")
    assert [m.text for m in renaming.mentions] == ["label: washing with vinegar"]


def test_a_mention_in_other_prose_is_listed_and_stays(tiny: Sources, edit: Edit) -> None:
    edit("ontology/modules/terms.ttl", "makes one scratch", "makes one think of washing")
    renaming = renamed(tiny, "washing", "rinsing")
    assert "think of washing" in read(tiny, "ontology/modules/terms.ttl")
    mention = next(m for m in renaming.mentions if m.entity == "CDMO:0000101")
    assert mention.text.startswith("definition: ")
    assert mention.path.name == "terms.ttl"


def test_queries_have_the_new_label_in_comments_and_strings(tiny: Sources, edit: Edit) -> None:
    old = "?i cdmo:treats CDMO:0000001 ."
    new = f'{old} # green knee\n  FILTER(?intervention != \\"green knee\\")'
    edit("ontology/questions/what-treats.ttl", old, new)
    renamed(tiny, "green knee", "verdant knee")
    question = read(tiny, "ontology/questions/what-treats.ttl")
    assert "CDMO:0000001 . # verdant knee" in question
    assert "verdant knee" in question.partition("FILTER(")[2].partition("\n")[0]
    assert '"What treats verdant knee?"' in question


def test_a_synonym_that_becomes_the_label_is_removed(tiny: Sources) -> None:
    renamed(tiny, "green spot", "stain")
    terms = read(tiny, "ontology/modules/terms.ttl")
    assert 'hasExactSynonym "stain"' not in terms
    assert 'hasExactSynonym "green spot"@en' in terms


def test_the_passages_of_a_name_stay_with_it(tiny: Sources, edit: Edit) -> None:
    note = """
[] a owl:Axiom ;
    owl:annotatedSource CDMO:0000100 ;
    owl:annotatedProperty oboInOwl:hasExactSynonym ;
    owl:annotatedTarget "stain"@en ;
    cdmo:passage <https://w3id.org/cdmo/passage/cdct-006> .
"""
    path = tiny.ontology / "modules" / "terms.ttl"
    path.write_text(path.read_text() + note)
    renamed(tiny, "green spot", "stain")
    assert "owl:annotatedProperty rdfs:label" in path.read_text()
    renamed(tiny, "stain", "green spot")
    assert "owl:annotatedProperty oboInOwl:hasExactSynonym" in path.read_text()
    assert not errors(check(tiny))


def test_rows_that_were_wrong_already_are_left_to_the_editor(tiny: Sources, edit: Edit) -> None:
    edit("ontology/questions/what-treats.ttl", "\nwashing\n", "\nointment\n")
    renaming = renamed(tiny, "washing", "rinsing")
    assert len(renaming.notes) == 1
    assert "question:what-treats" in renaming.notes[0]
    assert "\nointment\n" in read(tiny, "ontology/questions/what-treats.ttl")


@pytest.mark.parametrize(
    ("name", "label", "reason"),
    [
        ("washing", "washing", "is called 'washing' already"),
        ("washing", "Stain", "is a name of CDMO:0000100"),
        ("washing", "obsolete washing", "see cdmo retire"),
        ("wahsing", "rinsing", "Did you mean washing?"),
        ("claim:0000001", "rinsing", "is no term"),
    ],
)
def test_an_unusable_label_is_refused(
    tiny: Sources, files: Files, name: str, label: str, reason: str
) -> None:
    before = files(tiny)
    with pytest.raises(UsageError, match=reason.replace("?", r"\?")):
        renamed(tiny, name, label)
    assert files(tiny) == before


@given(st.lists(st.text("bdfgkm", min_size=4, max_size=8), min_size=1, max_size=3).map(" ".join))
@settings(
    max_examples=3,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_renaming_back_restores_the_bytes(tiny: Sources, files: Files, label: str) -> None:
    before = files(tiny)
    renamed(tiny, "CDMO:0000300", label)
    renamed(tiny, "CDMO:0000300", "washing", synonym=False)
    assert files(tiny) == before


def test_the_command_prints_a_diff_and_writes_nothing(
    tiny: Sources, files: Files, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("service.sources.locate", lambda: tiny)
    before = files(tiny)
    assert main(["rename", "washing", "rinsing", "--dry-run"]) == 0
    printed = capsys.readouterr()
    assert '+    rdfs:label "rinsing"@en ;' in printed.out
    assert "washing with vinegar" in printed.err
    assert files(tiny) == before
    assert main(["rename", "washing", "rinsing"]) == 0
    assert "ontology/modules/terms.ttl: written" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("calcium channel blocker", "calcium entry blocker"),
        ("pain", "painful sensation"),
        ("X-ray", "radiograph"),
        ("calcium deposit", "calcific deposit"),
        ("test that detects calcification", "test that finds calcification"),
    ],
)
def test_real_terms_are_renamed_and_back(
    real: Sources, files: Files, name: str, label: str
) -> None:
    before = files(real)
    notes = renamed(real, name, label).notes  # the old label is a synonym, which a question lists
    assert not [note for note in notes if "have other rows now" not in note]
    assert check(real) == []
    renamed(real, label, name, synonym=False)
    assert files(real) == before
