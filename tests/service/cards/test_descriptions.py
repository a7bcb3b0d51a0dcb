"""Descriptions as JSON-LD with the published context: the same triples, each key of one type."""

from collections.abc import Callable

import pyoxigraph as ox
import pytest

from service import iris
from service.cards import CONTEXT, linked_data
from service.iris import BASE
from service.library import Library, describe
from service.rdf.blank_nodes import canonical_triples

from .readers import Document, by_oxigraph, by_pyld, by_rdflib

TURTLE = """
PREFIX CDMO: <https://w3id.org/cdmo/id/CDMO_>
PREFIX cdmo: <https://w3id.org/cdmo/schema/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX ex: <http://example.org/>
CDMO:1 a owl:Class , ex:Kind ; rdfs:label "one"@en ; rdfs:subClassOf CDMO:2 , [ ex:q ( 1 "x" ) ] ;
  cdmo:order 3 ; cdmo:collective true ; dcterms:created "2026-11-22"^^xsd:date ;
  ex:p "plain" , "eins"@de , "2026"^^xsd:gYear , 1.50 , true ; cdmo:treats CDMO:2 .
CDMO:2 rdfs:label "zwei"@de , "two"@en .
CDMO:3 rdfs:label "three"@en ; cdmo:order "3"^^xsd:int ; cdmo:subject CDMO:1 , CDMO:3 .
_:b ex:r _:b .
"""

READERS = pytest.mark.parametrize("read", [by_oxigraph, by_pyld, by_rdflib])
Read = Callable[[Document], set[ox.Triple]]


@pytest.fixture
def triples() -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(TURTLE, ox.RdfFormat.TURTLE)]


def of(document: Document, local: str) -> Document:
    [node] = [node for node in document["@graph"] if node["id"] == f"{iris.TERM}CDMO_{local}"]
    node_: Document = node
    return node_


@READERS
def test_awkward_values_are_read_back(triples: list[ox.Triple], read: Read) -> None:
    assert canonical_triples(read(linked_data(triples))) == canonical_triples(triples)


@READERS
def test_the_description_of_every_resource_is_read_back(small: Library, read: Read) -> None:
    for iri in small.documents:
        if iri.startswith(BASE):
            triples = describe(small, iri).triples
            document = linked_data(triples)
            assert canonical_triples(read(document)) == canonical_triples(triples), iri


def test_a_value_that_fits_its_key_is_plain(triples: list[ox.Triple]) -> None:
    one = of(linked_data(triples), "1")
    assert (one["label"], one["order"], one["collective"]) == ("one", 3, True)
    assert one["created"] == "2026-11-22"
    assert one["type"] == [iris.CLASS, "http://example.org/Kind"]


def test_a_value_that_does_not_fit_its_key_is_an_object_under_its_property(
    triples: list[ox.Triple],
) -> None:
    document = linked_data(triples)
    two, three = of(document, "2"), of(document, "3")
    assert {"value": "zwei", "language": "de"} in two["rdfs:label"]
    assert three["cdmo:order"] == [{"value": "3", "datatype": iris.XSD + "int"}]
    assert "subject" not in three
    assert len(three["cdmo:subject"]) == 2


def test_a_thing_is_named_where_it_is_mentioned(small: Library) -> None:
    document = linked_data(describe(small, BASE + "claim/0000001").triples)
    [claim] = [node for node in document["@graph"] if node["id"] == BASE + "claim/0000001"]
    subject = claim["subject"]
    assert subject["label"] == small.label(subject["id"])
    assert subject["id"] not in [node["id"] for node in document["@graph"]]
    assert document["@context"] == CONTEXT["@context"]
