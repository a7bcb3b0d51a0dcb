"""The claims and tensions in a description, as pages show them."""

from collections.abc import Callable

from service.iris import BASE
from service.library import (
    Description,
    claims_in,
    inferred,
    inverse_statements,
    qualified_claims,
    qualifiers,
    statement_groups,
    statements,
    tensions_in,
)

Describe = Callable[[str], Description]

CALCINOSIS = "id/CDMO_0000001"
BISPHOSPHONATE = "id/CDMO_0000003"


def test_statements_are_grouped_by_relation_positive_and_sure_ones_first(
    described: Describe,
) -> None:
    is_a, treats = statements(described(BISPHOSPHONATE))
    assert (is_a.words, treats.words) == ("is a kind of", "treats")
    assert [(s.other.label, s.claim.negative) for s in treats.statements] == [
        ("calcinosis", False),
        ("pain", True),
    ]


def test_a_statement_reads_backwards_from_its_object(described: Describe) -> None:
    [group] = inverse_statements(described(CALCINOSIS))
    assert group.words == "is treated by"
    assert [s.other.label for s in group.statements] == ["bisphosphonate"]


def test_groups_of_both_directions_are_in_the_order_of_relations(described: Describe) -> None:
    d = described("id/CDMO_0000005")
    assert [group.words for group in statement_groups(d)] == ["is confirmed by", "is treated by"]
    assert len(claims_in(d)) == 2


def test_qualifiers_are_pairs_of_qualifier_and_value(described: Describe) -> None:
    expected = [("off-label", "true")]
    claim = described("claim/0000001")
    assert [(q.qualifier.label, q.value.label) for q in qualifiers(claim)] == expected
    treats = statements(described(BISPHOSPHONATE))[1].statements[0]
    assert [(q.qualifier.label, q.value.label) for q in treats.qualifiers] == expected


def test_a_term_lists_the_claims_that_it_qualifies(described: Describe) -> None:
    [(qualifier, claim)] = qualified_claims(described(CALCINOSIS))
    assert (qualifier.label, claim.ref.curie) == ("in context", "claim:0000002")


def test_a_triple_that_follows_by_a_wider_relation_is_inferred(described: Describe) -> None:
    x_ray = [(p.label, value.label) for p, value in inferred(described("id/CDMO_0000006"))]
    assert x_ray == [("detects", "pain")]
    pain = [(p.label, value.label) for p, value in inferred(described("id/CDMO_0000005"))]
    assert pain == [("detected by", "x-ray")]


def test_a_parent_of_the_reasoner_is_inferred(described: Describe) -> None:
    pairs = [(p.curie, value.label) for p, value in inferred(described(BISPHOSPHONATE))]
    assert pairs == [("rdfs:subClassOf", "off-label medication")]


def test_a_tension_is_shown_with_every_resource_that_it_concerns(described: Describe) -> None:
    for local in (BISPHOSPHONATE, "claim/0000001", "passage/cdct-003"):
        assert [t.ref.label for t in tensions_in(described(local))] == ["the table loses a hedge"]
    assert tensions_in(described(CALCINOSIS)) == []
    assert tensions_in(described("tension/0001")) == []


def test_a_tension_names_claims_and_passages_by_their_own_labels(described: Describe) -> None:
    [tension] = tensions_in(described(BISPHOSPHONATE))
    assert tension.kind is not None
    assert tension.kind.label == "lost hedge"
    assert {ref.label for ref in tension.concerns} == {
        "bisphosphonate treats calcinosis (off-label)",
        "bisphosphonate",
        "passage 3",
    }
    assert {ref.path for ref in tension.concerns} >= {"/doc/claim/0000001"}
    assert tension.ref.iri == BASE + "tension/0001"
