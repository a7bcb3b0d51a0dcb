"""HermiT classifies small ontologies."""

import pyoxigraph as ox
import pytest

from service import iris
from service.pipeline.reasoning import classify
from service.problems import SourceError
from service.rdf.terms import triple

HEAD = """
@prefix : <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:cures a owl:ObjectProperty .
:Test a owl:Class . :Drug a owl:Class . :Pill a owl:Class . :Pain a owl:Class .
"""


def iri(name: str) -> str:
    return f"http://example.org/{name}"


def ontology(text: str) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(HEAD + text, ox.RdfFormat.TURTLE)]


def is_a(child: str, parent: str) -> ox.Triple:
    return triple(iri(child), iris.SUBCLASS, iri(parent))


def test_the_result_has_inferences_without_assertions() -> None:
    result = classify(
        ontology("""
        :Pill rdfs:subClassOf :Drug , [
            a owl:Restriction ; owl:onProperty :cures ; owl:someValuesFrom :Pain ] .
        :Cure a owl:Class ; owl:equivalentClass [
            a owl:Restriction ; owl:onProperty :cures ; owl:someValuesFrom owl:Thing ] .
        :Small a owl:Class ; rdfs:subClassOf :Pill .
        """)
    )
    assert result.consistent
    assert not result.unsatisfiable
    assert result.inferred == {is_a("Pill", "Cure"), is_a("Small", "Drug"), is_a("Small", "Cure")}


def test_the_reasoner_runs_in_the_root_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the working folder of containers."""
    monkeypatch.chdir("/")
    assert classify(ontology(":Pill rdfs:subClassOf :Drug .")).consistent


def test_individuals_are_classified_too() -> None:
    result = classify(
        ontology(":Pill rdfs:subClassOf :Drug . :one a owl:NamedIndividual , :Pill .")
    )
    assert result.inferred == {triple(iri("one"), iris.TYPE, iri("Drug"))}


def test_an_unsatisfiable_class_is_named() -> None:
    result = classify(
        ontology(":Test owl:disjointWith :Drug . :Pill rdfs:subClassOf :Test , :Drug .")
    )
    assert result.consistent
    assert result.unsatisfiable == ("http://example.org/Pill",)


def test_a_contradiction_is_reported() -> None:
    result = classify(
        ontology(":Test owl:disjointWith :Drug . :one a owl:NamedIndividual , :Test , :Drug .")
    )
    assert not result.consistent


def test_an_ontology_outside_owl_dl_is_refused() -> None:
    """OWL 2 §11: a transitive property may not occur in a cardinality restriction."""
    counted = """
        :cures a owl:TransitiveProperty .
        :Drug rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :cures ; owl:maxCardinality 1 ] .
    """
    with pytest.raises(SourceError, match="HermiT cannot read"):
        classify(ontology(counted))
