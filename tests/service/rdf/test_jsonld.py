"""JSON-LD: the same triples, compact."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib

from service import formats, iris
from service.iris import BASE
from service.library import Library, describe
from service.names import Names
from service.rdf.jsonld import KEYS, json_ld
from service.rdf.writers import represent

# rdflib 7.6 warns about its own use of deprecated names.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")

ROOT = BASE + "id/CDMO_0000003"

Node = ox.NamedNode | ox.BlankNode
Document = dict[str, Any]


def by_oxigraph(document: Document) -> ox.Dataset:
    return ox.Dataset(ox.parse(json.dumps(document), ox.RdfFormat.JSON_LD))


def by_rdflib(document: Document) -> ox.Dataset:
    graph = rdflib.Graph().parse(data=json.dumps(document), format="json-ld")
    return ox.Dataset(ox.parse(graph.serialize(format="nt"), ox.RdfFormat.N_TRIPLES))


READERS = pytest.mark.parametrize("read", [by_oxigraph, by_rdflib])


def canonical(dataset: ox.Dataset) -> ox.Dataset:
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def dataset_of(triples: Iterable[ox.Triple]) -> ox.Dataset:
    return ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)


def node(document: Document, iri: str) -> Document:
    nodes: list[Document] = document["@graph"]
    [node] = [node for node in nodes if node["id"] == iri]
    return node


@READERS
def test_a_document_holds_the_triples_of_every_resource(
    small: Library, read: Callable[[Document], ox.Dataset]
) -> None:
    for iri in small.documents:
        if iri.startswith(BASE):
            triples = describe(small, iri).triples
            expected = canonical(dataset_of(triples))
            assert canonical(read(json_ld(triples, small.names))) == expected, iri


def test_names_of_our_schema_are_bare_words_and_others_are_curies(small: Library) -> None:
    document = json_ld(describe(small, BASE + "claim/0000001").triples, small.names)
    claim = node(document, "claim:0000001")
    assert claim["type"] == "Claim"
    assert claim["subject"] == "CDMO:0000003"
    assert claim["statedIn"] == ["passage:cdct-002", "passage:cdct-003"]
    assert claim["offLabel"] is True
    assert document["@context"]["@vocab"] == iris.CDMO
    assert document["@context"]["subject"] == {"@type": "@vocab"}


def test_a_value_that_is_written_as_a_string_has_its_type_in_the_context(small: Library) -> None:
    triples = [
        ox.Triple(ox.NamedNode(ROOT), ox.NamedNode(iris.LABEL), ox.Literal("x", language="en")),
        ox.Triple(
            ox.NamedNode(ROOT),
            ox.NamedNode(iris.MODIFIED),
            ox.Literal("2026-11-22", datatype=ox.NamedNode(iris.XSD_DATE)),
        ),
    ]
    document = json_ld(triples, small.names)
    assert node(document, "CDMO:0000003") == {
        "id": "CDMO:0000003",
        "label": "x",
        "dcterms:modified": "2026-11-22",
    }
    assert document["@context"]["label"] == {"@id": "rdfs:label", "@language": "en"}
    assert document["@context"]["dcterms:modified"] == {"@type": "xsd:date"}


def test_no_short_key_is_a_prefix(small: Library) -> None:
    assert small.names.prefixes.keys().isdisjoint(KEYS.values())


@READERS
def test_loops_of_blank_nodes_survive(
    small: Library, read: Callable[[Document], ox.Dataset]
) -> None:
    p = ox.NamedNode(BASE + "schema/note")
    a, b, c = (ox.BlankNode(name) for name in "abc")
    top = ox.NamedNode(ROOT)
    pairs: list[tuple[Node, Node]] = [(top, a), (a, b), (b, a), (b, b), (c, top), (c, c)]
    triples = [ox.Triple(s, p, o) for s, o in [*pairs, (top, top)]]
    document = json_ld(triples, small.names)
    assert canonical(read(document)) == canonical(dataset_of(triples))


@READERS
@pytest.mark.parametrize("name", ["label", "id", "type", "passage", "CDMO", "subject", "a-b"])
def test_an_ambiguous_name_of_our_schema_keeps_its_meaning(
    small: Library, name: str, read: Callable[[Document], ox.Dataset]
) -> None:
    """The name is also a key, a keyword or a prefix, or it is no plain word."""
    top, other = ox.NamedNode(ROOT), ox.NamedNode(BASE + "id/CDMO_0000004")
    word = ox.NamedNode(BASE + "schema/" + name)
    triples = [ox.Triple(top, word, other), ox.Triple(top, word, word)]
    triples += [ox.Triple(top, ox.NamedNode(iris.TYPE), word), ox.Triple(other, word, top)]
    assert read(json_ld(triples, small.names)) == dataset_of(triples)


def test_the_type_of_a_value_has_its_name_in_the_context(small: Library) -> None:
    year = ox.NamedNode(iris.XSD + "gYear")
    top, p = ox.NamedNode(ROOT), ox.NamedNode(iris.CDMO + "note")
    literals = (ox.Literal("2026", datatype=year), ox.Literal("x"))
    document = json_ld([ox.Triple(top, p, literal) for literal in literals], small.names)
    assert node(document, "CDMO:0000003")["note"][0] == {"@value": "2026", "type": "xsd:gYear"}


TURTLE = """
PREFIX CDMO: <https://w3id.org/cdmo/id/CDMO_>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX ex: <http://example.org/>
CDMO:1 a owl:Class , ex:Kind ; ex:p "one" , "eins"@de , 1 , [ ex:q ( CDMO:2 "x" ) , () ] ;
  ex:r <http://example.org///odd> , ( 1 1 () ( "a" ) ) .
_:b ex:p _:b .
"""


@READERS
def test_lists_and_mixed_values_survive(read: Callable[[Document], ox.Dataset]) -> None:
    names = Names(
        {
            "CDMO": "https://w3id.org/cdmo/id/CDMO_",
            "owl": "http://www.w3.org/2002/07/owl#",
            "ex": "http://example.org/",
            "unused": "http://example.com/",
        }
    )
    triples = [quad.triple for quad in ox.parse(TURTLE, ox.RdfFormat.TURTLE)]
    document = json_ld(triples, names)
    assert canonical(read(document)) == canonical(dataset_of(triples))
    assert set(document["@context"]) >= {"CDMO", "owl", "ex"}
    assert "unused" not in document["@context"]
    assert document["@graph"][0]["id"] == "CDMO:1"


def test_a_document_is_utf_8_and_ends_in_a_newline(small: Library) -> None:
    data = represent(describe(small, ROOT).triples, formats.JSON_LD, small.names)
    assert json.loads(data.decode())
    assert data.endswith(b"\n")
