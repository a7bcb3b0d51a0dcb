"""What HermiT finds in small ontologies."""

import pytest
from rdflib import RDF, RDFS, Graph, URIRef

from service.pipeline.reasoning import classify
from service.problems import SourceError

HEAD = """
@prefix : <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:cures a owl:ObjectProperty .
:Test a owl:Class . :Drug a owl:Class . :Pill a owl:Class . :Pain a owl:Class .
"""


def iri(name: str) -> URIRef:
    return URIRef(f"http://example.org/{name}")


def ontology(text: str) -> Graph:
    return Graph().parse(data=HEAD + text)


def test_what_follows_is_told_and_what_is_asserted_is_not() -> None:
    found = classify(
        ontology("""
        :Pill rdfs:subClassOf :Drug , [
            a owl:Restriction ; owl:onProperty :cures ; owl:someValuesFrom :Pain ] .
        :Cure a owl:Class ; owl:equivalentClass [
            a owl:Restriction ; owl:onProperty :cures ; owl:someValuesFrom owl:Thing ] .
        :Small a owl:Class ; rdfs:subClassOf :Pill .
        """)
    )
    assert found.consistent
    assert not found.unsatisfiable
    assert set(found.inferred.subject_objects(RDFS.subClassOf)) == {
        (iri("Pill"), iri("Cure")),
        (iri("Small"), iri("Drug")),
        (iri("Small"), iri("Cure")),
    }


def test_individuals_are_classified_too() -> None:
    found = classify(ontology(":Pill rdfs:subClassOf :Drug . :one a owl:NamedIndividual , :Pill ."))
    assert set(found.inferred) == {(iri("one"), RDF.type, iri("Drug"))}


def test_a_class_without_possible_instances_is_named() -> None:
    found = classify(
        ontology(":Test owl:disjointWith :Drug . :Pill rdfs:subClassOf :Test , :Drug .")
    )
    assert found.consistent
    assert found.unsatisfiable == ("http://example.org/Pill",)


def test_a_contradiction_is_found() -> None:
    found = classify(
        ontology(":Test owl:disjointWith :Drug . :one a owl:NamedIndividual , :Test , :Drug .")
    )
    assert not found.consistent


def test_an_ontology_outside_owl_dl_is_refused() -> None:
    """OWL 2 §11: a transitive property may not be counted."""
    counted = """
        :cures a owl:TransitiveProperty .
        :Drug rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :cures ; owl:maxCardinality 1 ] .
    """
    with pytest.raises(SourceError, match="HermiT cannot read"):
        classify(ontology(counted))
