"""Justifications: minimal sets of axioms that entail something."""

import pyoxigraph as ox

from service import iris
from service.pipeline.justification import Ontology, justify
from service.pipeline.reasoning import entails

HEAD = """
@prefix : <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:cures a owl:ObjectProperty . :eases a owl:ObjectProperty .
:Drug a owl:Class . :Pill a owl:Class . :Pain a owl:Class . :Ache a owl:Class . :Test a owl:Class .
:Balm a owl:Class . :Cure a owl:Class .
"""
EXAMPLE = "http://example.org/"


def ontology(text: str) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(HEAD + text, ox.RdfFormat.TURTLE)]


def heads(axioms: object) -> list[str]:
    assert isinstance(axioms, list)
    return sorted(f"{a.head.subject.value} {a.head.predicate.value}" for a in axioms)


def steps(triples: list[ox.Triple], child: str, parent: str) -> bool:
    """Tell whether subclass axioms lead from one class to another: a quick reasoner."""
    known = {child}
    for _ in triples:
        known |= {
            t.object.value
            for t in triples
            if t.predicate.value == iris.SUBCLASS
            and isinstance(t.subject, ox.NamedNode)
            and isinstance(t.object, ox.NamedNode)
            and t.subject.value in known
        }
    return parent in known


CHAIN = ontology(
    ":Pill rdfs:subClassOf :Drug . :Drug rdfs:subClassOf :Cure . :Cure rdfs:subClassOf :Balm ."
    ":Pill rdfs:subClassOf :Test . :Ache rdfs:subClassOf :Pain ."
)


def test_a_justification_is_minimal() -> None:
    child, parent = EXAMPLE + "Pill", EXAMPLE + "Cure"
    axioms = justify(CHAIN, (child, parent), lambda triples: steps(triples, child, parent))
    assert heads(axioms) == [f"{EXAMPLE}Drug {iris.SUBCLASS}", f"{EXAMPLE}Pill {iris.SUBCLASS}"]


def test_a_triple_that_does_not_follow_has_no_justification() -> None:
    child, parent = EXAMPLE + "Drug", EXAMPLE + "Test"
    assert justify(CHAIN, (child, parent), lambda triples: steps(triples, child, parent)) is None


def test_the_reasoner_gets_only_relevant_axioms() -> None:
    module = Ontology(CHAIN).module((EXAMPLE + "Pill", EXAMPLE + "Cure"))
    assert f"{EXAMPLE}Ache {iris.SUBCLASS}" not in heads(module)


def test_progress_is_reported_with_each_question() -> None:
    lines: list[str] = []
    child, parent = EXAMPLE + "Pill", EXAMPLE + "Drug"
    justify(CHAIN, (child, parent), lambda t: steps(t, child, parent), lines.append)
    assert lines[0] == "Asking HermiT (1): does it follow from 4 axioms?"


UNION = ontology(
    """
    :Cure a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:unionOf ( :Pill :Balm ) ] .
    :Pill rdfs:subClassOf :Drug . :Balm rdfs:subClassOf :Drug . :Ache rdfs:subClassOf :Pain .
    :Pill rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :cures ; owl:someValuesFrom :Ache ] .
    :cures rdfs:subPropertyOf :eases .
    """
)


def test_hermit_justifies_an_inference_from_a_union() -> None:
    """The union is a drug since each member is; no chain of subclass axioms shows that."""
    ends = EXAMPLE + "Cure", EXAMPLE + "Drug"
    assert heads(justify(UNION, ends, lambda triples: entails(triples, *ends))) == [
        f"{EXAMPLE}Balm {iris.SUBCLASS}",
        f"{EXAMPLE}Cure {iris.EQUIVALENT_CLASS}",
        f"{EXAMPLE}Pill {iris.SUBCLASS}",
    ]


def test_hermit_entails_a_relation_to_some_of_a_class() -> None:
    goal = ontology(
        """
        :Goal a owl:Class ; owl:equivalentClass
          [ a owl:Restriction ; owl:onProperty :eases ; owl:someValuesFrom :Pain ] .
        """
    )
    assert entails([*UNION, *goal], EXAMPLE + "Pill", EXAMPLE + "Goal")
    assert not entails([*UNION, *goal], EXAMPLE + "Balm", EXAMPLE + "Goal")


def test_everything_follows_from_a_contradiction() -> None:
    both = ontology(":Test owl:disjointWith :Drug . :one a owl:NamedIndividual , :Test , :Drug .")
    assert entails(both, EXAMPLE + "Pill", EXAMPLE + "Pain")
