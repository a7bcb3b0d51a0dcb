"""The place of a violation is the wrong statement, or the block that lacks one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from service.iris import XSD_INTEGER
from service.pipeline import check
from service.pipeline.causes import fold
from service.pipeline.violations import Violation
from service.sources import Sources

Edit = Callable[[str, str, str], Path]
CLAIMS, TERMS = "ontology/claims/claims.ttl", "ontology/modules/terms.ttl"
PASSAGES, MAPPINGS = "ontology/claims/passages.ttl", "mappings/hp.sssom.tsv"
CITATION = "[ cdmo:passage passage:cdct-012 ; cdmo:assertion cdmo:plain ] ."


def at(violation: Violation) -> str:
    """Return the text at the place of a violation."""
    assert violation.file
    assert violation.line
    assert violation.column
    line = violation.file.read_text("utf-8").splitlines()[violation.line - 1]
    return line[violation.column - 1 :]


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        (TERMS, ('"stain"@en', '"green spot"@en'), ("synonym-is-label", '"green spot"@en ;')),
        (TERMS, ('"green knee"@en ;', '"green knee"@de ;'), ("term-without-label", 'rdfs:label "')),
        (TERMS, ('rdfs:label "itch"@en ;', ""), ("term-without-label", "CDMO:0000101 a")),
        (TERMS, ('"2026-11-22"', '"2026-13-45"'), ("literal-ill-typed", '"2026-13-45"^^xsd')),
        (CLAIMS, ("cdmo:detects", "cdmo:sees"), ("claim-relation-unknown", "cdmo:sees ;")),
        (CLAIMS, ("cdmo:object CDMO:0000400 ;", "cdmo:object CDMO:0000400 , CDMO:0000401 ;"),
         ("claim-object", "cdmo:object CDMO:0000400 , CDMO:0000401")),
        (CLAIMS, (CITATION, CITATION.replace("-012", "-999")),
         ("claim-cites-unknown-passage", "passage:cdct-999 ; cdmo:assertion")),
        (CLAIMS, (CITATION, CITATION.replace("cdmo:plain", "cdmo:plan")),
         ("citation-assertion", "cdmo:plan ] .")),
        (CLAIMS, (CITATION, CITATION.replace("cdmo:passage passage:cdct-012 ; ", "")),
         ("citation-complete", "[ cdmo:assertion cdmo:plain ] .")),
        (PASSAGES, ("cdmo:order 3 ", f'cdmo:order "3rd"^^<{XSD_INTEGER}> '),
         ("literal-ill-typed", '"3rd"^^')),
        (MAPPINGS, ("skos:broadMatch", "skos:nearMatch"), ("mapping-predicate", "skos:nearMatch")),
    ],
)  # fmt: skip
def test_the_place_of_a_violation_is_its_statement(
    tiny: Sources, edit: Edit, name: str, change: tuple[str, str], expected: tuple[str, str]
) -> None:
    path, (rule, place) = edit(name, *change), expected
    violations = [v for v in check(tiny) if v.rule == rule]
    assert violations
    assert {v.file for v in violations} == {path}
    assert all(at(v).startswith(place) for v in violations), [at(v) for v in violations]


def test_a_duplicate_identifier_is_reported_at_the_later_block(tiny: Sources, edit: Edit) -> None:
    path = edit(CLAIMS, "claim:0000004 a", "claim:0000003 a")
    violations = check(tiny)
    first, second = (
        number
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if line == "claim:0000003 a cdmo:Claim ;"
    )
    finding = next(f for f in fold(violations) if f.root.rule == "block-twice")
    assert finding.root.place == (path, second, 1)
    assert [related.place for related in finding.root.related] == [(path, first, 1)]
    assert "claim:0000003" in {v.entity for v in finding.followers} | {finding.root.entity}


def test_a_second_value_is_reported_at_the_later_one(tiny: Sources, edit: Edit) -> None:
    relation = "    cdmo:relation cdmo:affects"
    edit(CLAIMS, relation, f"    cdmo:subject CDMO:0000100 ;\n{relation}")
    violation = next(v for v in check(tiny) if v.rule == "claim-subject")
    assert at(violation).startswith("cdmo:subject CDMO:0000100")
    (related,) = violation.related
    assert related.place == (violation.file, (violation.line or 0) - 1, violation.column)
    assert f"  = note: {related.place}: the first of them" in str(violation)


def test_a_broken_list_is_reported_at_its_place(tiny: Sources) -> None:
    path = tiny.ontology / "modules" / "terms.ttl"
    rdf = "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
    path.write_text(f"{path.read_text()}{rdf}CDMO:0000001 rdfs:seeAlso [ rdf:rest ( 1 ) ] .\n")
    violations = [v for v in check(tiny) if v.rule == "list-malformed"]
    assert [at(v) for v in violations] == ["rdfs:seeAlso [ rdf:rest ( 1 ) ] ."]


@pytest.mark.parametrize(
    ("change", "cause", "rules"),
    [
        (("green spot", "green patch"), "'spot' reads 'patch' now", {"mapping-label"}),
        (("washing", "rinsing"), "'washing' reads 'rinsing' now", {"question-answered-otherwise"}),
    ],
    ids=["two rows", "a row and questions"],
)
def test_a_changed_label_is_one_finding(
    tiny: Sources, edit: Edit, change: tuple[str, str], cause: str, rules: set[str]
) -> None:
    old, new = change
    path = edit(TERMS, f'rdfs:label "{old}"@en', f'rdfs:label "{new}"@en')
    (finding,) = [f for f in fold(check(tiny)) if f.root.rule == "mapping-label"]
    assert finding.root.cause == cause
    assert {v.rule for v in finding.followers} == rules
    (related,) = finding.root.related
    assert related.place.file == path
    assert related.note == "the label of its subject"
    assert at(replace(finding.root, **related.place._asdict())).startswith(f'rdfs:label "{new}')


@pytest.mark.parametrize(
    ("change", "rule", "related"),
    [
        (('"a condition that few people have"', '"a condition that affects the skin"'),
         "definition-not-unique", ["IAO:0000115", "IAO:0000115"]),
        (('"a rare disorder that stains', '"a disease that stains'), "definition-genus",
         ["CDMO:", "claim:0000001 a", "cdmo:Condition a"]),
        (('"itch"@en', '"washing"@en'), "label-not-unique", ["rdfs:label", "rdfs:label"]),
    ],
)  # fmt: skip
def test_the_causes_of_a_violation_are_related_places(
    tiny: Sources, edit: Edit, change: tuple[str, str], rule: str, related: list[str]
) -> None:
    edit(TERMS, *change)
    violations = [v for v in check(tiny) if v.rule == rule]
    places = [replace(v, **r.place._asdict()) for v in violations for r in v.related]
    assert places
    assert all(at(place).startswith(tuple(related)) for place in places), [at(p) for p in places]
    if rule == "definition-genus":
        assert any(at(place).startswith("claim:") for place in places)


def test_the_claims_behind_a_class_without_instances_are_related_places(
    tiny: Sources, edit: Edit
) -> None:
    edit(CLAIMS, "cdmo:object CDMO:0000002 ;", "cdmo:object CDMO:0000200 ;")
    (violation,) = [v for v in check(tiny) if v.rule == "unsatisfiable"]
    assert at(replace(violation, **violation.related[0].place._asdict())).startswith("claim:")
