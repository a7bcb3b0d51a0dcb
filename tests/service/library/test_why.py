"""Why the reasoner says so, told from the asserted axioms."""

from pathlib import Path

import pyoxigraph as ox

from service.iris import BASE
from service.library import Because, Library, definitions, why, why_joined
from service.names import Names

NAMES = Names.load(Path(__file__).parents[3] / "ontology" / "prefixes.ttl")
PREFIXES = """
@prefix : <https://w3id.org/cdmo/id/> .
@prefix cdmo: <https://w3id.org/cdmo/schema/> .
@prefix graph: <https://w3id.org/cdmo/graph/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""


def library(ontology: str, inferred: str = "") -> Library:
    store = ox.Store()
    text = f"{PREFIXES} graph:ontology {{ {ontology} }} graph:inferred {{ {inferred} }}"
    store.load(text.encode(), format=ox.RdfFormat.TRIG)
    return Library(store, Names({**NAMES.prefixes, "": BASE + "id/"}))


def told(reasons: list[Because]) -> list[str]:
    return [f"{r.subject.curie} {r.relation.label} {r.value.curie}" for r in reasons]


def test_steps_of_subclasses() -> None:
    found = library(":a rdfs:subClassOf :b . :b rdfs:subClassOf :c .", ":a rdfs:subClassOf :c .")
    steps = told(why(found, BASE + "id/a", BASE + "id/c"))
    assert steps == [":a is a kind of :b", ":b is a kind of :c"]


def test_a_definition_whose_parts_hold_through_a_narrower_relation_and_a_union() -> None:
    found = library(
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
    assert told(why(found, BASE + "id/biopsy", BASE + "id/d")) == [
        ":biopsy is a kind of :test",
        ":biopsy cdmo:confirms :deposit",
        "cdmo:confirms is a narrower relation than cdmo:detects",
        ":deposit is a kind of :calcium",
    ]


def test_a_wider_relation_follows_from_a_narrower_one() -> None:
    found = library(
        ":a cdmo:confirms :b . cdmo:confirms rdfs:subPropertyOf cdmo:detects .",
        ":a cdmo:detects :b .",
    )
    assert told(why_joined(found, BASE + "id/a", BASE + "schema/detects", BASE + "id/b")) == [
        ":a cdmo:confirms :b",
        "cdmo:confirms is a narrower relation than cdmo:detects",
    ]


def test_what_only_the_reasoner_says_is_no_reason() -> None:
    found = library(":z rdfs:subClassOf :y .", ":a rdfs:subClassOf :b .")
    assert why(found, BASE + "id/a", BASE + "id/b") == []


def test_a_cycle_ends() -> None:
    found = library(":a rdfs:subClassOf :b . :b rdfs:subClassOf :a .")
    assert why(found, BASE + "id/a", BASE + "id/c") == []


def test_a_definition_reads_in_manchester_syntax() -> None:
    found = library(
        """
        :d owl:equivalentClass [ owl:intersectionOf ( :test
            [ a owl:Restriction ; owl:onProperty cdmo:detects ;
              owl:someValuesFrom [ a owl:Class ; owl:unionOf ( :x :calcium ) ] ] ) ] .
        """
    )
    [words] = definitions(found, BASE + "id/d")
    assert " ".join(w.label for w in words) == ":test and cdmo:detects some ( :x or :calcium )"
