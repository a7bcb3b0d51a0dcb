"""Explanations of inferences from asserted axioms."""

from pathlib import Path

import pyoxigraph as ox

from service.iris import BASE
from service.library import Library, Premise, definitions_of, why, why_joined
from service.names import Names
from service.release import graph_iri

ONTOLOGY = Path(__file__).parents[3] / "ontology"
NAMES = Names.load(ONTOLOGY / "prefixes.ttl")
PREFIXES = """
@prefix : <https://w3id.org/cdmo/id/> .
@prefix cdmo: <https://w3id.org/cdmo/schema/> .
@prefix claim: <https://w3id.org/cdmo/claim/> .
@prefix graph: <https://w3id.org/cdmo/graph/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""


def library(ontology: str, inferred: str = "", claims: str = "") -> Library:
    """Return the library of a release with these graphs."""
    store = ox.Store()
    text = f"graph:ontology {{ {ontology} }} graph:inferred {{ {inferred} }}"
    store.load(f"{PREFIXES} {text} graph:claims {{ {claims} }}", format=ox.RdfFormat.TRIG)
    about = ox.NamedNode(graph_iri("about"))
    store.load(path=ONTOLOGY / "display.ttl", format=ox.RdfFormat.TURTLE, to_graph=about)
    return Library(store, Names({**NAMES.prefixes, "": BASE + "id/"}))


def lines(premises: list[Premise]) -> list[str]:
    return [f"{p.subject.curie} {p.relation.label} {p.value.curie}" for p in premises]


def explain(release: Library, child: str, parent: str) -> list[str]:
    return lines(why(release, f"{BASE}id/{child}", f"{BASE}id/{parent}"))


def test_a_parent_follows_by_steps_of_subclasses() -> None:
    release = library(":a rdfs:subClassOf :b . :b rdfs:subClassOf :c .", ":a rdfs:subClassOf :c .")
    assert explain(release, "a", "c") == [":a is a kind of :b", ":b is a kind of :c"]


def test_a_parent_follows_from_a_definition_of_the_child() -> None:
    release = library(
        ":a owl:equivalentClass [ owl:intersectionOf ( :b [ a owl:Restriction ] ) ] ."
        ":b rdfs:subClassOf :c ."
    )
    assert explain(release, "a", "c") == [":a is defined as :b", ":b is a kind of :c"]


def test_a_definition_holds_through_a_narrower_relation_and_a_union() -> None:
    release = library(
        """
        :d owl:equivalentClass [ owl:intersectionOf ( :test
            [ a owl:Restriction ; owl:onProperty cdmo:detects ;
              owl:someValuesFrom [ a owl:Class ; owl:unionOf ( :x :calcium ) ] ] ) ] .
        :biopsy rdfs:subClassOf :test , [
            a owl:Restriction ; owl:onProperty cdmo:confirms ; owl:someValuesFrom :deposit ] .
        :deposit rdfs:subClassOf :calcium .
        cdmo:confirms rdfs:subPropertyOf cdmo:detects .
        """,
        ":biopsy rdfs:subClassOf :d .",
    )
    assert explain(release, "biopsy", "d") == [
        ":biopsy is a kind of :test",
        ":biopsy cdmo:confirms :deposit",
        "cdmo:confirms is a narrower relation than cdmo:detects",
        ":deposit is a kind of :calcium",
    ]


def test_a_restriction_of_an_ancestor_is_a_premise() -> None:
    release = library(
        """
        :d owl:equivalentClass [ owl:intersectionOf ( :test
            [ a owl:Restriction ; owl:onProperty cdmo:detects ; owl:someValuesFrom :x ] ) ] .
        :b rdfs:subClassOf :test , [
            a owl:Restriction ; owl:onProperty cdmo:detects ; owl:someValuesFrom :x ] .
        :a rdfs:subClassOf :b .
        """
    )
    assert explain(release, "a", "d") == [
        ":a is a kind of :b",
        ":b is a kind of :test",
        ":b cdmo:detects :x",
    ]


def test_an_axiom_names_the_claims_from_which_it_was_derived() -> None:
    release = library(
        """
        :a rdfs:subClassOf :b . :b rdfs:subClassOf :c .
        [] a owl:Axiom ; owl:annotatedSource :a ; owl:annotatedProperty rdfs:subClassOf ;
          owl:annotatedTarget :b ; cdmo:derivedFrom claim:1 .
        """
    )
    first, second = why(release, BASE + "id/a", BASE + "id/c")
    assert [claim.curie for claim in first.claims] == ["claim:1"]
    assert second.claims == ()


def test_a_wider_relation_follows_from_a_narrower_one() -> None:
    release = library(
        ":a cdmo:confirms :b . cdmo:confirms rdfs:subPropertyOf cdmo:detects .",
        ":a cdmo:detects :b .",
    )
    premises = why_joined(release, BASE + "id/a", BASE + "schema/detects", BASE + "id/b")
    assert lines(premises) == [
        ":a cdmo:confirms :b",
        "cdmo:confirms is a narrower relation than cdmo:detects",
    ]


def test_an_inverse_follows_from_the_claim_and_is_as_firm() -> None:
    release = library(
        """
        cdmo:detects a owl:ObjectProperty . cdmo:hedged a cdmo:Standing ; cdmo:displayOrder 1 .
        cdmo:detectedBy a owl:ObjectProperty ; owl:inverseOf cdmo:detects .
        :a cdmo:detects :b .
        """,
        claims="""
        claim:1 a cdmo:Claim ; cdmo:subject :a ; cdmo:relation cdmo:detects ; cdmo:object :b ;
          cdmo:standing cdmo:hedged ; cdmo:firmness 2 .
        """,
    )
    [premise] = why_joined(release, BASE + "id/b", BASE + "schema/detectedBy", BASE + "id/a")
    assert lines([premise]) == [":a cdmo:detects :b"]
    assert [claim.curie for claim in premise.claims] == ["claim:1"]
    assert premise.firmest is not None
    assert (premise.firmest.standing.name, premise.firmest.firmness) == ("hedged", 2)


def test_a_triple_does_not_explain_itself() -> None:
    release = library(":a cdmo:detects :b .")
    assert not why_joined(release, BASE + "id/a", BASE + "schema/detects", BASE + "id/b")


def test_an_inferred_triple_is_no_premise() -> None:
    release = library(":z rdfs:subClassOf :y .", ":a rdfs:subClassOf :b .")
    assert explain(release, "a", "b") == []


def test_a_cycle_ends() -> None:
    release = library(":a rdfs:subClassOf :b . :b rdfs:subClassOf :a .")
    assert explain(release, "a", "c") == []


def test_a_cycle_of_relations_ends() -> None:
    release = library(
        """
        :a cdmo:confirms :b . cdmo:confirms rdfs:subPropertyOf cdmo:shows , cdmo:confirms .
        cdmo:shows rdfs:subPropertyOf cdmo:confirms .
        """
    )
    assert not why_joined(release, BASE + "id/a", BASE + "schema/detects", BASE + "id/b")
    premises = why_joined(release, BASE + "id/a", BASE + "schema/shows", BASE + "id/b")
    assert lines(premises)[1:] == ["cdmo:confirms is a narrower relation than cdmo:shows"]


def test_a_definition_reads_in_manchester_syntax() -> None:
    release = library(
        """
        :d owl:equivalentClass [ owl:intersectionOf ( :test
            [ a owl:Restriction ; owl:onProperty cdmo:detects ;
              owl:someValuesFrom [ a owl:Class ; owl:unionOf ( :x :calcium ) ] ] ) ] .
        """
    )
    [words] = definitions_of(release, BASE + "id/d")
    assert " ".join(w.label for w in words) == ":test and cdmo:detects some ( :x or :calcium )"


def test_other_nodes_than_expressions_are_left_out_of_a_definition() -> None:
    release = library(":d owl:equivalentClass [ owl:intersectionOf ( :test [ ] ) ] .")
    [words] = definitions_of(release, BASE + "id/d")
    assert " ".join(w.label for w in words) == ":test and …"
