"""Defined classes: the reasoner finds their members from flat statements of the document alone.

The question ``members-of-the-defined-classes`` lists the expected members; a reader who knows the
subject can check its rows, and ``cdmo accept`` writes the rows of a new claim.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from rdflib import OWL, RDF, RDFS, Graph, Namespace, URIRef

from service import iris
from service.pipeline import graphs, integrity, reasoning, rules
from service.pipeline.loading import load
from service.rdf.terms import text
from service.sources import locate

if TYPE_CHECKING:
    from tests.ontology.conftest import Whole

CDMO = Namespace(iris.CDMO)

QUESTION = "members-of-the-defined-classes"


def table() -> dict[str, set[str]]:
    """Return the labels of the expected members of each class."""
    loaded, _ = load(locate())
    [question] = [q for q in integrity.questions(loaded.store) if q.name == QUESTION]
    members: dict[str, set[str]] = {}
    for row in csv.DictReader(io.StringIO(question.expected)):
        members.setdefault(row["group"], set()).add(row["member"])
    return members


TABLE = table()


def defined(ontology: Graph) -> set[URIRef]:
    return {c for c in ontology.subjects(OWL.equivalentClass) if isinstance(c, URIRef)}


def members(whole: Whole, iri: URIRef) -> set[str]:
    """Return the labels of the document's terms that are inferred as subclasses."""
    below = set(whole.inferred.subjects(RDFS.subClassOf, iri)) - defined(whole.ontology)
    return {whole.label(member) for member in below}


def by_label(whole: Whole, label: str) -> URIRef:
    [iri] = [c for c in defined(whole.ontology) if whole.label(c) == label]
    return iri


def test_at_least_twenty_classes_are_defined_and_all_are_in_the_table(whole: Whole) -> None:
    labels = {whole.label(c) for c in defined(whole.ontology)}
    assert len(labels) >= 20
    assert labels == set(TABLE)


@pytest.mark.parametrize("label", sorted(TABLE))
def test_the_reasoner_finds_the_expected_members(whole: Whole, label: str) -> None:
    labels = members(whole, by_label(whole, label))
    assert labels
    assert labels == TABLE[label]


def test_no_member_is_asserted(whole: Whole) -> None:
    for iri in defined(whole.ontology):
        assert not list(whole.ontology.subjects(RDFS.subClassOf, iri)), whole.label(iri)


def test_axioms_come_only_from_flat_positive_unqualified_claims(whole: Whole) -> None:
    qualifiers = list(whole.ontology.transitive_subjects(RDFS.subPropertyOf, CDMO.qualifier))
    sources = set(whole.ontology.objects(None, CDMO.derivedFrom))
    assert len(qualifiers) > 10
    assert len(sources) > 100
    for claim in sources:
        assert (claim, CDMO.polarity, CDMO.positive) in whole.claims, claim
        assert not [q for q in qualifiers if (claim, q, None) in whole.claims], claim
        citations = {
            citation
            for citation in whole.claims.objects(claim, CDMO.citation)
            if (citation, CDMO.collective, None) not in whole.claims
        }
        assert citations, claim
        for citation in citations:
            assert set(whole.claims.objects(citation, CDMO.assertion)) == {CDMO.plain}, claim
            for limit in (CDMO.frequency, CDMO.advice, CDMO.aim):
                assert (citation, limit, None) not in whole.claims, claim


def test_every_restriction_above_a_term_names_its_claim_or_is_editorial(whole: Whole) -> None:
    derived = {
        whole.ontology.value(axiom, OWL.annotatedTarget)
        for ground in (CDMO.derivedFrom, CDMO.editorial)
        for axiom in whole.ontology.subjects(ground)
    }
    restrictions = [
        parent
        for parent in whole.ontology.objects(None, RDFS.subClassOf)
        if (parent, RDF.type, OWL.Restriction) in whole.ontology
    ]
    assert restrictions
    assert set(restrictions) <= derived


@pytest.mark.slow
def test_a_hedge_removes_the_member(whole: Whole) -> None:
    """A member is no longer inferred if its only flat statement is hedged."""
    defined_class = by_label(whole, "off-label medication use")
    [status] = [c for c in whole.ontology.subjects(RDFS.label) if whole.label(c) == _STATUS]
    loaded, _ = load(locate())
    loaded.store.update(f"""
        PREFIX cdmo: <{iris.CDMO}>
        INSERT {{ GRAPH ?g {{ ?citation cdmo:frequency cdmo:someCases }} }}
        WHERE {{
          GRAPH ?g {{
            ?claim cdmo:object <{status}> ; cdmo:citation ?citation .
          }}
        }}""")
    rules.run(loaded)
    hedged = reasoning.classify(list(graphs.triples(loaded.store, "ontology")))
    assert members(whole, defined_class)
    assert str(defined_class) not in {text(t.object) for t in hedged.inferred}


_STATUS = "off-label status"
