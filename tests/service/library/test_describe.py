"""What there is to say of each sort of resource, told on a release in little."""

from collections.abc import Callable

import pytest
from rdflib import RDFS

from service import iris
from service.iris import BASE
from service.library import Description, Library, describe, gather
from service.problems import UnknownResource

# rdflib 7.6 warns of its own use of what it deprecates.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")

BISPHOSPHONATE = "id/CDMO_0000003"
CALCINOSIS = "id/CDMO_0000001"

Tell = Callable[[str], Description]


@pytest.fixture
def tell(small: Library) -> Tell:
    def describe_local(local: str) -> Description:
        return describe(small, BASE + local)

    return describe_local


def test_a_term_has_label_kind_definition_and_synonyms_with_their_scope(tell: Tell) -> None:
    d = tell(CALCINOSIS)
    assert (d.type, d.ref.label, d.ref.curie) == ("term", "calcinosis", "CDMO:0000001")
    assert d.ref.path == "/doc/id/CDMO_0000001"
    assert [k.name for k in d.kinds] == ["Condition"]
    assert d.definition.startswith("a condition in which calcium")
    assert d.synonyms == [("calcium deposition disease", "exact"), ("calcified skin", "related")]


def test_statements_are_grouped_by_relation_positive_and_sure_ones_first(tell: Tell) -> None:
    groups = tell(BISPHOSPHONATE).statements
    assert [g.words for g in groups] == ["is a kind of", "treats"]
    treats = groups[1].statements
    assert [(s.other.label, s.claim.negative) for s in treats] == [
        ("calcinosis", False),
        ("pain", True),
    ]


def test_a_claim_is_as_sure_as_its_most_cautious_passage_and_each_keeps_its_own(tell: Tell) -> None:
    claim = tell("claim/0000001").claim
    assert claim is not None
    assert claim.modality.words == "in some cases"
    assert [(s.passage.order, s.modality.name, s.hedge) for s in claim.citations] == [
        (2, "occasional", "sometimes"),
        (3, "definite", ""),
    ]


def test_qualifiers_are_pairs_of_words_and_values(tell: Tell) -> None:
    assert [(q.label, x.label) for q, x in tell("claim/0000001").qualifiers()] == [
        ("off-label", "true")
    ]


def test_statements_read_backwards_from_their_object(tell: Tell) -> None:
    [group] = tell(CALCINOSIS).inverse_statements
    assert group.words == "treated by"
    assert [s.other.label for s in group.statements] == ["bisphosphonate"]


def test_a_claim_about_another_term_is_told_without_its_citations(tell: Tell) -> None:
    """Where it is said stands in the claim's own document; what it says, and how surely, here."""
    d = tell(CALCINOSIS)
    [group] = d.inverse_statements
    claim = group.statements[0].claim.ref.iri
    told = {t.predicate.value for t in d.triples if getattr(t.subject, "value", "") == claim}
    assert {iris.SUBJECT, iris.OBJECT, iris.MODALITY, iris.POLARITY} <= told
    assert not told & {iris.CITATION, iris.STATED_IN}


def test_a_term_that_only_narrows_a_claim_says_so(tell: Tell) -> None:
    [(qualifier, claim)] = tell(CALCINOSIS).qualifying
    assert (qualifier.label, claim.ref.curie) == ("in context", "claim:0000002")


def test_the_hierarchy_shows_what_is_asserted_and_skips_the_implied(tell: Tell) -> None:
    d = tell(BISPHOSPHONATE)
    told = [[(r.label, inferred) for r, inferred in path] for path in d.lineages]
    assert told == [
        [("intervention", False), ("medication", False), ("bisphosphonate", False)],
    ]
    assert [r.label for r, _ in d.children] == ["alendronate"]
    [lineage] = [
        path for path in tell("id/CDMO_0000004").lineages if path[0][0].label == "intervention"
    ]
    assert [r.label for r, _ in lineage][-2:] == ["bisphosphonate", "alendronate"]


def test_a_class_shows_what_only_the_reasoner_puts_below_it_marked(tell: Tell) -> None:
    [(_, defined)] = [x for x in tell(BISPHOSPHONATE).inferred if x[1].label.startswith("off-")]
    d = tell(defined.iri.removeprefix(BASE))
    assert [(r.label, inferred) for r, inferred in d.children] == [("bisphosphonate", True)]


def test_what_follows_by_a_wider_relation_is_told_from_what_is_said(tell: Tell) -> None:
    told = [(p.label, value.label) for p, value in tell("id/CDMO_0000006").inferred]
    assert told == [("detects", "pain")]
    told = [(p.label, value.label) for p, value in tell("id/CDMO_0000005").inferred]
    assert told == [("detected by", "x-ray")]


def test_a_cycle_of_subclasses_ends(tell: Tell) -> None:
    assert len(tell("id/CDMO_0000010").lineages) <= 6


def test_the_english_label_wins_and_a_term_without_one_shows_its_curie(tell: Tell) -> None:
    assert tell("id/CDMO_0000008").ref.label == "calcium"
    assert tell("id/CDMO_0000009").ref.label == "CDMO:0000009"


def test_an_obsolete_term_names_its_successor(tell: Tell) -> None:
    d = tell("id/CDMO_0000007")
    assert d.obsolete
    assert [s.label for s in d.successors] == ["bisphosphonate"]


def test_mappings_say_how_the_two_compare_and_why(tell: Tell) -> None:
    [mapping] = tell("id/CDMO_0000005").mappings
    assert (mapping.target.label, mapping.target.curie) == ("Pain", "HP:0012531")
    assert mapping.words == "the same"
    assert mapping.justification is not None
    assert mapping.justification.curie == "semapv:ManualMappingCuration"


def test_a_term_brings_its_own_mappings_and_not_the_whole_set(tell: Tell) -> None:
    d = tell("id/CDMO_0000005")
    assert not any("NoTermFound" in str(t) for t in d.triples)
    assert any("NoTermFound" in str(t) for t in tell("mapping/hp").triples)


def test_what_was_looked_for_in_vain_is_told_and_is_no_mapping(tell: Tell) -> None:
    d = tell("id/CDMO_0000006")
    assert d.mappings == []
    assert [s.curie for s in d.unmatched] == ["mapping:hp"]


def test_tensions_touch_the_term_the_claim_and_the_passage_they_concern(tell: Tell) -> None:
    for local in (BISPHOSPHONATE, "claim/0000001", "passage/cdct-003"):
        assert [t.ref.label for t in tell(local).tensions] == ["the table loses a hedge"], local
    kind = tell("tension/0001").tension.kind
    assert kind is not None
    assert kind.label == "lost hedge"


def test_a_passage_knows_its_section_position_and_reason(tell: Tell) -> None:
    passage = tell("passage/cdct-001").passage
    assert passage is not None
    assert (passage.start, passage.end) == (0, 5)
    assert passage.section is not None
    assert passage.section.trail == "Drugs"
    assert passage.reason is not None
    assert passage.reason.label == "navigation"


def test_a_section_below_another_names_the_way_down(small: Library) -> None:
    section = small.sections[BASE + "source/cdct-drugs-table"]
    assert section.trail == "Drugs › Drug table"
    assert section.depth == 1


@pytest.mark.parametrize(
    ("local", "sort"),
    [
        ("claim/0000001", "claim"),
        ("passage/cdct-001", "passage"),
        ("tension/0001", "tension"),
        ("question/off-label", "question"),
        ("source/cdct", "source"),
        ("source/cdct-drugs", "section"),
        ("schema/treats", "relation"),
        ("schema/Condition", "class"),
        ("schema/possible", "individual"),
        ("mapping/hp", "mapping"),
        ("graph/claims", "graph"),
        ("ontology", "ontology"),
        ("ontology/0.0.1", "ontology"),
    ],
)
def test_everything_of_ours_is_described(tell: Tell, local: str, sort: str) -> None:
    d = tell(local)
    assert d.type == sort
    assert d.triples


@pytest.mark.parametrize("local", ["id/CDMO_9999999", "ontology/9.9.9", "claim/", "nonsense"])
def test_what_the_release_does_not_know_is_a_problem(tell: Tell, local: str) -> None:
    with pytest.raises(UnknownResource):
        tell(local)


def test_whatever_is_mentioned_has_its_label(small: Library) -> None:
    d = describe(small, BASE + BISPHOSPHONATE)
    labelled = {
        str(t.subject).strip("<>") for t in d.triples if t.predicate.value == str(RDFS.label)
    }
    for local in ("schema/treats", "schema/occasional", "schema/offLabel", CALCINOSIS):
        assert BASE + local in labelled


def test_a_description_brings_the_blank_nodes_that_belong_to_it(small: Library) -> None:
    triples = gather(small.store, BASE + "id/CDMO_0000012")
    predicates = {t.predicate.value.rpartition("#")[2] for t in triples}
    assert {"intersectionOf", "first", "rest", "onProperty", "someValuesFrom"} <= predicates


def test_our_base_is_the_home_page(small: Library) -> None:
    assert small.ref(BASE).path == "/"
