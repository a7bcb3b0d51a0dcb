"""A description: everything that a release states about one resource."""

from collections.abc import Callable

import pytest

from service import iris
from service.iris import BASE
from service.library import Description, Library, describe, is_version
from service.problems import UnknownResource
from service.rdf.terms import text

Describe = Callable[[str], Description]

CALCINOSIS = "id/CDMO_0000001"
BISPHOSPHONATE = "id/CDMO_0000003"


def test_a_term_has_label_kind_definition_and_synonyms_with_their_scope(
    described: Describe,
) -> None:
    d = described(CALCINOSIS)
    assert (d.type, d.ref.label, d.ref.curie) == ("term", "calcinosis", "CDMO:0000001")
    assert d.ref.path == "/doc/id/CDMO_0000001"
    assert [kind.name for kind in d.kinds] == ["Condition"]
    assert d.definition.startswith("a condition in which calcium")
    assert [(s.text, s.scope, s.exact) for s in d.synonyms] == [
        ("calcium deposition disease", "exact", True),
        ("calcified skin", "related", False),
    ]


def test_the_triples_of_the_resource_come_first(described: Describe) -> None:
    d = described(CALCINOSIS)
    own = [text(triple.subject) == d.iri for triple in d.triples]
    assert own == sorted(own, reverse=True)
    assert any(own)


def test_the_english_label_comes_first_and_a_curie_replaces_a_missing_label(
    described: Describe,
) -> None:
    assert described("id/CDMO_0000008").ref.label == "calcium"
    assert described("id/CDMO_0000009").ref.label == "CDMO:0000009"


def test_a_resource_without_label_is_named_by_its_title(described: Describe) -> None:
    assert described("mapping/hp").ref.label == "Mappings to HP"
    assert described("ontology").ref.label == "A small ontology"


def test_a_passage_is_named_by_its_number(described: Describe) -> None:
    assert described("passage/cdct-002").ref.label == "passage 2"


def test_an_obsolete_term_names_its_successor(described: Describe) -> None:
    d = described("id/CDMO_0000007")
    assert d.obsolete
    assert [ref.label for ref in d.successors] == ["bisphosphonate"]


def test_a_claim_about_another_term_is_described_without_its_citations(described: Describe) -> None:
    """The claim's own document has its citations."""
    triples = described(CALCINOSIS).triples
    properties = {t.predicate.value for t in triples if text(t.subject) == BASE + "claim/0000001"}
    assert {iris.SUBJECT, iris.OBJECT, f"{iris.CDMO}standing", f"{iris.CDMO}polarity"} <= properties
    assert not properties & {iris.CITATION, iris.STATED_IN}


def test_the_properties_are_sorted_by_label_and_have_no_blank_nodes(described: Describe) -> None:
    properties = described(BISPHOSPHONATE).properties
    labels = [p.ref.label for p in properties]
    assert labels == sorted(labels, key=str.lower)
    parents = next(p for p in properties if p.ref.iri == iris.SUBCLASS)
    assert {ref.label for ref in parents.values} == {"medication", "off-label medication"}


def test_values_are_read_as_text_and_as_references(described: Describe) -> None:
    d = described("claim/0000001")
    assert d.text(iris.SUBJECT) == BASE + BISPHOSPHONATE
    assert [ref.label for ref in d.refs(iris.SUBJECT)] == ["bisphosphonate"]
    assert d.texts(iris.STATED_IN) == [BASE + f"passage/cdct-00{n}" for n in (2, 3)]
    assert (d.text(iris.DECISION), d.texts(iris.DECISION)) == ("", [])


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
def test_everything_of_ours_is_described(described: Describe, local: str, sort: str) -> None:
    d = described(local)
    assert d.type == sort
    assert d.triples


@pytest.mark.parametrize("local", ["id/CDMO_9999999", "ontology/9.9.9", "claim/", "nonsense"])
def test_a_resource_without_triples_is_a_problem(described: Describe, local: str) -> None:
    with pytest.raises(UnknownResource):
        described(local)


def test_the_version_is_described_with_the_ontology(small: Library) -> None:
    version = f"{iris.ONTOLOGY}/0.0.1"
    assert is_version(small, version)
    assert not is_version(small, iris.ONTOLOGY)
    assert set(describe(small, iris.ONTOLOGY).triples) <= set(describe(small, version).triples)
