"""The claims about a term in the groups of its page, and inferences from them."""

from collections.abc import Callable

from service.iris import BASE
from service.library import (
    Description,
    Library,
    inferred,
    statement_groups,
)

Describe = Callable[[str], Description]

CALCINOSIS = BASE + "id/CDMO_0000001"
BISPHOSPHONATE = BASE + "id/CDMO_0000003"
MEDICATION = BASE + "id/CDMO_0000002"
PAIN = BASE + "id/CDMO_0000005"


def test_statements_are_grouped_by_relation_and_polarity(small: Library) -> None:
    groups = statement_groups(small, BISPHOSPHONATE)
    assert [(g.name, g.words, [s.other.label for s in g.statements]) for g in groups] == [
        ("kindOf", "is a kind of", ["medication"]),
        ("treats", "treats", ["calcinosis"]),
        ("not-treats", "does not treat", ["pain"]),
    ]


def test_a_statement_reads_backwards_from_its_object(small: Library) -> None:
    [group] = statement_groups(small, CALCINOSIS)
    assert group.words == "is treated by"
    assert [s.other.label for s in group.statements] == ["bisphosphonate"]


def test_groups_of_both_directions_are_in_the_order_of_relations(small: Library) -> None:
    groups = statement_groups(small, PAIN)
    assert [group.words for group in groups] == ["is confirmed by", "is not treated by"]


def test_a_claim_has_its_qualifiers_with_their_values_and_words(small: Library) -> None:
    [off_label] = small.claims[BASE + "claim/0000001"].qualifiers
    assert (off_label.qualifier.label, off_label.value.label) == ("off-label", "true")
    assert off_label.value.iri == ""
    [context] = small.claims[BASE + "claim/0000002"].qualifiers
    assert (context.words, context.value.label) == ("in", "calcinosis")
    assert context.value.iri == CALCINOSIS


def test_a_term_lists_the_claims_that_it_qualifies(small: Library) -> None:
    [(qualifier, claim)] = small.qualified_by(CALCINOSIS)
    assert (qualifier.label, claim.ref.curie) == ("in context", "claim:0000002")


def test_a_triple_with_a_wider_relation_is_inferred(described: Describe) -> None:
    x_ray = [(p.label, value.label) for p, value in inferred(described("id/CDMO_0000006"))]
    assert x_ray == [("detects", "pain")]
    pain = [(p.label, value.label) for p, value in inferred(described("id/CDMO_0000005"))]
    assert pain == [("detected by", "x-ray")]


def test_a_parent_of_the_reasoner_is_inferred(described: Describe) -> None:
    pairs = [(p.curie, value.label) for p, value in inferred(described("id/CDMO_0000003"))]
    assert pairs == [("rdfs:subClassOf", "off-label medication")]


def test_statements_about_kinds_stand_beside_those_about_the_term_itself(small: Library) -> None:
    [kinds, treats, denied] = statement_groups(small, MEDICATION, with_kinds=True)
    assert (kinds.name, len(kinds.statements), kinds.of_kinds) == ("kinds", 1, ())
    assert (treats.name, treats.statements) == ("treats", ())
    assert [
        [(s.other.label, s.kind and s.kind.label) for s in group.of_kinds]
        for group in (treats, denied)
    ] == [[("calcinosis", "bisphosphonate")], [("pain", "bisphosphonate")]]
    assert [group.name for group in statement_groups(small, MEDICATION)] == ["kinds"]


def test_a_group_has_the_name_of_its_relation_in_its_direction(small: Library) -> None:
    names = [group.name for group in statement_groups(small, PAIN)]
    assert names == ["confirmedBy", "not-treatedBy"]
