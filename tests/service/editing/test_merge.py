"""``cdmo merge A B``: A stands for both and gets B's names; B is retired and leads to A."""

from collections.abc import Callable
from pathlib import Path

import pytest

from service.cli import main
from service.editing.edits import Edits
from service.editing.merge import merge
from service.pipeline import check
from service.pipeline.violations import errors
from service.problems import UsageError
from service.sources import Sources

Files = Callable[[Sources], dict[Path, bytes]]

SYNONYMS = """    oboInOwl:hasExactSynonym "knee skin"@en ;
    oboInOwl:hasRelatedSynonym "shin"@en ;
    rdfs:subClassOf"""
NOTE = """
CDMO:0000402 a owl:Class ;
    rdfs:label "skin of the kneecap"@en ;
    IAO:0000115 "a skin of the knee that covers the kneecap"@en ;
    rdfs:subClassOf CDMO:0000401 ;
    dcterms:contributor cdmo:maintainers ;
    dcterms:created "2026-11-22"^^xsd:date .

[] a owl:Axiom ;
    owl:annotatedSource CDMO:0000401 ;
    owl:annotatedProperty oboInOwl:hasExactSynonym ;
    owl:annotatedTarget "knee skin"@en ;
    cdmo:passage passage:cdct-006 .
"""


def read(sources: Sources, name: str) -> str:
    return (sources.ontology / name).read_text(encoding="utf-8")


@pytest.fixture
def merged(tiny: Sources) -> Sources:
    """The tiny sources after "skin of the knee", which has synonyms, is merged into "skin"."""
    terms = tiny.ontology / "modules" / "terms.ttl"
    head, mark, block = terms.read_text().partition("CDMO:0000401 a ")
    block = block.replace("    rdfs:subClassOf", SYNONYMS, 1)
    passage = "@prefix passage: <https://w3id.org/cdmo/passage/> .\n@prefix rdfs:"
    terms.write_text(head.replace("@prefix rdfs:", passage) + mark + block + NOTE)
    edits = Edits.of(tiny)
    merge(edits, "skin", "skin of the knee")
    edits.write()
    return tiny


def test_the_sources_are_sound_afterwards(merged: Sources) -> None:
    assert not errors(check(merged))


def test_the_kept_term_has_the_names_of_both_and_its_own_definition(merged: Sources) -> None:
    block = read(merged, "modules/terms.ttl").split("CDMO:0000400 a ")[1].split(" .\n")[0]
    assert 'rdfs:label "skin"@en' in block
    exact = block.split("oboInOwl:hasExactSynonym ")[1].split(" ;")[0]
    assert exact == '"knee skin"@en , "skin of the knee"@en'
    assert 'oboInOwl:hasRelatedSynonym "shin"@en' in block
    assert block.count("IAO:0000115") == 1


def test_passages_of_a_name_move_with_it(merged: Sources) -> None:
    note = read(merged, "modules/terms.ttl").split("[] a owl:Axiom")[1]
    assert "owl:annotatedSource CDMO:0000400" in note
    assert 'owl:annotatedTarget "knee skin"@en' in note
    assert "cdmo:passage passage:cdct-006" in note


def test_the_merged_term_is_retired_without_names_and_leads_on(merged: Sources) -> None:
    block, _, formerly = read(merged, "modules/obsolete.ttl").partition('cdmo:formerly """')
    assert 'rdfs:label "obsolete skin of the knee"@en' in block
    assert "IAO:0100001 CDMO:0000400" in block
    assert "Synonym" not in block.partition("CDMO:0000401 a")[2]
    assert 'hasExactSynonym "knee skin"@en' in formerly


def test_definitions_of_narrower_terms_name_the_kept_term(merged: Sources) -> None:
    block = read(merged, "modules/terms.ttl").split("CDMO:0000402 a ")[1].split(" .\n")[0]
    assert "rdfs:subClassOf CDMO:0000400" in block
    assert '"a skin that covers the kneecap"@en' in block


def test_claims_and_mappings_move(merged: Sources) -> None:
    assert "CDMO:0000401" not in read(merged, "claims/claims.ttl")
    rows = (merged.mappings / "hp.sssom.tsv").read_text().split("\n")
    assert not [row for row in rows if row.startswith("CDMO:0000401")]
    assert len([row for row in rows if row.startswith("CDMO:0000400\t")]) == 1


def test_claims_that_become_equal_are_united_with_all_citations(tiny: Sources) -> None:
    claims = tiny.ontology / "claims" / "claims.ttl"
    second = """
claim:0000099 a cdmo:Claim ;
    cdmo:subject CDMO:0000001 ;
    cdmo:relation cdmo:affects ;
    cdmo:object CDMO:0000401 ;
    cdmo:citation [ cdmo:passage passage:cdct-012 ; cdmo:assertion cdmo:plain ] .
"""
    claims.write_text(claims.read_text() + second)
    edits = Edits.of(tiny)
    assert "claim:0000099 is united with claim:0000002" in merge(edits, "skin", "CDMO:0000401")
    edits.write()
    block = claims.read_text().split("claim:0000002 a ")[1].split(" .\n")[0]
    assert "passage:cdct-004" in block
    assert "passage:cdct-012" in block
    assert not errors(check(tiny))


@pytest.mark.parametrize(
    ("kept", "gone", "says"),
    [
        ("skin", "skin", "cannot replace"),
        ("skin", "claim:0000001", "no term"),
        ("cdmo:treats", "skin", "no term"),
        ("skin", "skim", "Nothing in the sources"),
    ],
)
def test_an_impossible_merge_is_refused(tiny: Sources, kept: str, gone: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        merge(Edits.of(tiny), kept, gone)


def test_the_command_prints_a_diff_and_writes_nothing(
    tiny: Sources, files: Files, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("service.sources.locate", lambda: tiny)
    before = files(tiny)
    assert main(["merge", "skin", "skin of the knee", "--dry-run"]) == 0
    out = capsys.readouterr()
    assert '+    oboInOwl:hasExactSynonym "skin of the knee"@en' in out.out
    assert "CDMO:0000400 is called 'skin of the knee' too" in out.err
    assert files(tiny) == before


@pytest.mark.slow
def test_claims_of_real_terms_that_become_equal(real: Sources) -> None:
    """Two claims say that one test records the electrical activity of muscles, and of nerves."""
    edits = Edits.of(real)
    notes = merge(edits, "electrical activity of muscles", "electrical activity of nerves")
    assert "claim:0000423 is united with claim:0000422" in notes
    edits.write()
    assert not errors(check(real))
    claims = read(real, "claims/diagnostic-procedures.ttl")
    assert "\nclaim:0000422 a " in claims
    assert "\nclaim:0000423 a " not in claims
