"""The stages of a check do not hide each other's findings."""

from collections.abc import Callable
from pathlib import Path

import pytest

from service.pipeline import check
from service.pipeline.violations import Violation
from service.sources import Sources

Edit = Callable[[str, str, str], Path]
CLAIMS, TERMS = "ontology/claims/claims.ttl", "ontology/modules/terms.ttl"
QUESTION, MAPPINGS = "ontology/questions/what-treats.ttl", "mappings/hp.sssom.tsv"

WRONG_TERM = (
    TERMS,
    '"an intervention that greases the skin"',
    '"an intervention that greases the skin."',
)
WRONG_MAPPING = (MAPPINGS, "skos:broadMatch", "skos:broaderMatch")
WRONG_ROW = (QUESTION, "washing with vinegar\n", "rinsing\n")
WRONG_SHAPE = (CLAIMS, "cdmo:assertion cdmo:plain", "cdmo:assertion cdmo:plian")


def rules(violations: list[Violation]) -> set[str]:
    return {v.rule for v in violations} - {"claim-contradicted"}


def test_a_violated_shape_hides_no_wrong_answer_and_no_contradiction(
    tiny: Sources, edit: Edit
) -> None:
    edit(CLAIMS, "cdmo:hedge ", 'cdmo:hedge "some words too many for it" , ')
    edit(*WRONG_ROW)
    edit(TERMS, "cdmo:Organization ;", "cdmo:Organization , cdmo:Test ;")
    names = rules(check(tiny))
    assert {"citation-hedge", "inconsistent", "not-judged"} <= names
    edit(TERMS, "cdmo:Organization , cdmo:Test ;", "cdmo:Organization ;")
    of_hedge = {"citation-hedge", "hedge-not-in-lexicon", "hedge-unlike-value"}
    assert rules(check(tiny)) == {*of_hedge, "question-answered-otherwise"}


def test_a_syntax_error_hides_no_fault_of_another_file(tiny: Sources, edit: Edit) -> None:
    for change in (WRONG_TERM, WRONG_MAPPING):
        edit(*change)
    edit("ontology/claims/sources.ttl", " .\n", " ;;. ]\n")
    violations = check(tiny)
    assert rules(violations) == {
        "turtle-syntax",
        "definition-form",
        "mapping-predicate",
        "not-judged",
    }
    (last,) = [v for v in violations if v.rule == "not-judged"]
    assert "the answers of questions" in last.message


def test_the_blocks_around_a_syntax_error_are_read(tiny: Sources, edit: Edit) -> None:
    """Claims and mappings with a term in an unreadable block are not reported."""
    path = edit(TERMS, 'rdfs:label "itch"@en ;', 'rdfs:label "itch"@en')
    edit(*WRONG_TERM)
    errors = [v for v in check(tiny) if v.severity == "error"]
    assert {(v.rule, v.file) for v in errors} == {
        ("turtle-syntax", path),
        ("definition-form", path),
    }


def test_an_unknown_prefix_spoils_only_its_block(tiny: Sources, edit: Edit) -> None:
    edit(CLAIMS, "cdmo:relation cdmo:detects", "cdmo:relation cmdo:detects")
    edit(*WRONG_TERM)
    assert rules(check(tiny)) == {"unknown-prefix", "definition-form", "not-judged"}


def test_a_check_that_cannot_be_run_hides_no_other(tiny: Sources, edit: Edit) -> None:
    path = tiny.ontology / "checks" / "new-violation.rq"
    path.write_text("# A rule.\n# Why: a reason.\n# help: a way.\nSELECT ?x WHERE {")
    edit(*WRONG_TERM)
    edit(*WRONG_ROW)
    assert rules(check(tiny)) == {"query-file", "definition-form", "question-answered-otherwise"}


def test_a_rule_that_cannot_be_run_hides_no_fault_of_the_sources(tiny: Sources, edit: Edit) -> None:
    path = tiny.ontology / "rules" / "claim-label.rq"
    path.write_text(path.read_text().replace("CONSTRUCT", "CONSTRUE"))
    edit(*WRONG_TERM)
    assert rules(check(tiny)) == {"query-file", "definition-form", "not-judged"}


def test_axioms_that_the_reasoner_cannot_read_hide_no_fault(tiny: Sources, edit: Edit) -> None:
    edit(*WRONG_TERM)
    with (tiny.ontology / "modules" / "terms.ttl").open("a") as file:
        file.write("\ncdmo:treats a owl:TransitiveProperty .\n")
        file.write(
            "CDMO:0000001 rdfs:subClassOf [ a owl:Restriction ; owl:onProperty cdmo:treats ;\n"
        )
        file.write('    owl:maxCardinality "1"^^xsd:nonNegativeInteger ] .\n')
    assert {"ontology-unreadable", "definition-form", "not-judged"} <= rules(check(tiny))


@pytest.mark.parametrize(
    "junk", ["<>", "<script>x</script>", pytest.param("[] a owl:Class", marks=pytest.mark.slow)]
)
def test_text_that_is_no_turtle_at_all_is_an_error_with_its_place(
    tiny: Sources, edit: Edit, junk: str
) -> None:
    path = edit(TERMS, "CDMO:0000001 a owl:Class", f"{junk}\n\nCDMO:0000001 a owl:Class")
    (violation,) = [v for v in check(tiny) if v.rule == "turtle-syntax"]
    assert (violation.file, violation.line is not None) == (path, True)


def test_a_file_without_any_block_is_an_error_with_its_place(tiny: Sources) -> None:
    path = tiny.ontology / "claims" / "tensions.ttl"
    path.write_text(") .\n")
    assert ("turtle-syntax", path) in {(v.rule, v.file) for v in check(tiny)}
