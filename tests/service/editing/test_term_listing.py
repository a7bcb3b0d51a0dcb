"""``cdmo update-terms``: the table of a vocabulary, made from one of its files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from service.cli import main
from service.pipeline import check
from service.pipeline.term_tables import Listed, TermTable, path_of, read_table
from service.sources import Sources

OBO = """\
format-version: 1.2
data-version: hp/releases/2026-01-01
default-namespace: made_up
ontology: hp

[Term]
id: HP:0000951
name: Abnormality of the skin

[Term]
id: HP:0000989
name: Pruritus
alt_id: HP:0000990

[Term]
id: HP:0000001
name: All

[Term]
id: HP:0000002
name: obsolete Itching
is_obsolete: true
replaced_by: HP:0000989
"""
TSV = """\
# verified by hand
object_id\tobject_label\tsource
HP:0000989\tItch\tsomewhere
HP:0000989\tPruritus\tsomewhere
MONDO:0000001\tdisease\tsomewhere
"""
TURTLE = """\
@prefix obo: <http://purl.obolibrary.org/obo/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

<urn:vocabulary> a owl:Ontology ; owl:versionInfo "7" .
obo:HP_0000989 rdfs:label "Juckreiz"@de , "Pruritus"@en .
obo:HP_0000951 rdfs:label "obsolete skin" ; owl:deprecated true ; obo:IAO_0100001 obo:HP_0000001 .
"""

Run = Callable[..., int]


@pytest.fixture
def update(tiny: Sources, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """A function that updates the table of the tiny set from a file with the given text."""
    monkeypatch.setattr("service.sources.locate", lambda: tiny)

    def run(text: str, suffix: str, *options: str, name: str = "hp") -> int:
        path = tmp_path / f"file{suffix}"
        path.write_text(text, encoding="utf-8")
        return main(["update-terms", name, str(path), "--date=2026-11-28", *options])

    return run


def table(sources: Sources) -> TermTable:
    return read_table(path_of(sources.mappings, "hp"))


def terms(sources: Sources) -> dict[str, tuple[str, bool, str]]:
    listed: dict[str, Listed] = table(sources).terms
    return {curie: (t.label, t.is_obsolete, t.successor) for curie, t in listed.items()}


def test_mapped_and_obsolete_terms_are_listed_with_their_successors(
    update: Run, tiny: Sources, capsys: pytest.CaptureFixture[str]
) -> None:
    assert update(OBO, ".obo", "--source=made up") == 0
    assert terms(tiny) == {
        "HP:0000002": ("obsolete Itching", True, "HP:0000989"),
        "HP:0000951": ("Abnormality of the skin", False, ""),
        "HP:0000989": ("Pruritus", False, ""),
        "HP:0000990": ("", True, "HP:0000989"),
    }
    assert table(tiny).slots == {
        "vocabulary": "Human Phenotype Ontology",
        "source": "made up",
        "version": table(tiny).slots["version"],
        "license": table(tiny).slots["license"],
        "updated": "2026-11-28",
        "lists": "mapped and obsolete terms",
    }
    assert "2026-01-01" in table(tiny).slots["version"]
    printed = capsys.readouterr()
    assert "mappings/terms/hp.tsv: written" in printed.out
    assert "4 terms, 2 of them obsolete" in printed.err


def test_the_set_names_the_release_of_the_file_and_the_check_passes(
    update: Run, tiny: Sources
) -> None:
    assert update(OBO, ".obo") == 0
    version = table(tiny).slots["version"]
    text = (tiny.mappings / "hp.sssom.tsv").read_text("utf-8")
    assert f'#object_source_version: "{version}"\n' in text
    assert [str(v) for v in check(tiny) if v.severity == "error"] == []


def test_a_whole_vocabulary_lists_all_its_terms(update: Run, tiny: Sources) -> None:
    assert update(OBO, ".obo", "--whole") == 0
    assert "HP:0000001" in terms(tiny)
    assert table(tiny).is_whole


def test_a_file_of_verified_identifiers_is_enough(update: Run, tiny: Sources) -> None:
    """Of several labels the set's is used; terms of other vocabularies are left out."""
    assert update(TSV, ".tsv") == 0
    assert terms(tiny) == {"HP:0000989": ("Pruritus", False, "")}
    assert table(tiny).slots["lists"] == "mapped terms"


def test_english_labels_of_rdf_are_used(update: Run, tiny: Sources) -> None:
    assert update(TURTLE, ".ttl") == 0
    assert terms(tiny) == {
        "HP:0000951": ("obsolete skin", True, "HP:0000001"),
        "HP:0000989": ("Pruritus", False, ""),
    }
    assert table(tiny).slots["version"] == "7"


def test_a_dry_run_writes_nothing(
    update: Run, tiny: Sources, capsys: pytest.CaptureFixture[str]
) -> None:
    assert update(TSV, ".tsv", "--dry-run") == 0
    assert "+HP:0000989\tPruritus" in capsys.readouterr().out
    assert not path_of(tiny.mappings, "hp").exists()


@pytest.mark.parametrize(
    ("text", "suffix", "message"),
    [
        ("a\tb\n1\t2\n", ".tsv", "has no column"),
        ("id\tlabel\nMONDO:1\ta\n", ".tsv", "has no term of hp that is mapped"),
        ("not Turtle", ".ttl", "file.ttl"),
    ],
)
def test_an_unusable_file_is_refused_with_the_reason(
    update: Run, capsys: pytest.CaptureFixture[str], text: str, suffix: str, message: str
) -> None:
    assert update(text, suffix) == 2
    assert message in capsys.readouterr().err


def test_an_unknown_set_is_refused_with_the_known_ones(
    update: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert update(TSV, ".tsv", name="mondo") == 2
    assert "There are: hp" in capsys.readouterr().err


def test_a_licence_that_forbids_a_table_is_respected(
    update: Run, tiny: Sources, capsys: pytest.CaptureFixture[str]
) -> None:
    (tiny.mappings / "hp.sssom.tsv").rename(tiny.mappings / "snomedct.sssom.tsv")
    assert update(TSV, ".tsv", name="snomedct") == 2
    assert "licence of SNOMED CT" in capsys.readouterr().err
