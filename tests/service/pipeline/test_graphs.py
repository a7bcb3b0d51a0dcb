"""Naming blank nodes by what they are and where they hang."""

from collections.abc import Iterable

import pyoxigraph as ox
import pytest
from rdflib import RDF, XSD, BNode, Graph, Literal, URIRef

from service.pipeline.graphs import canonical, graph_of, quads

HEAD = "PREFIX : <http://example.org/>\nPREFIX owl: <http://www.w3.org/2002/07/owl#>\n"


def names(text: str) -> list[str]:
    """Return the canonical quads of some Turtle, whose blank nodes get fresh labels each time."""
    return [str(q) for q in canonical(ox.parse(HEAD + text, format=ox.RdfFormat.TURTLE))]


def blank(lines: Iterable[str]) -> set[str]:
    return {word for line in lines for word in line.split() if word.startswith("_:")}


def test_labels_do_not_depend_on_the_labels_before() -> None:
    text = ":a :p [ :q ( 1 [ :r 2 ] ) ] . [] :s :a ."
    assert names(text) == names(text)


def test_labels_do_not_depend_on_what_stands_elsewhere() -> None:
    assert set(names(":a :p [ :q 1 ] .")) < set(names(":a :p [ :q 1 ] . :b :p [ :q 2 ] ."))


def test_twins_in_two_places_have_two_names() -> None:
    assert len(blank(names(":a :p [ :q 1 ] . :b :p [ :q 1 ] ."))) == 2
    nested = ":a :p [ :q ( [ :r 1 ] ) ] . :b :p [ :q ( [ :r 1 ] ) ] ."
    assert len(blank(names(nested))) == 6


def test_a_node_may_hang_in_two_places() -> None:
    annotated = ":a :sub _:r . _:r :on :p . [] owl:annotatedSource :a ; owl:annotatedTarget _:r ."
    assert len(blank(names(annotated))) == 2


def test_a_circle_of_blank_nodes_cannot_be_named() -> None:
    with pytest.raises(ValueError, match="cycle"):
        names("_:a :p _:b . _:b :p _:a .")


def test_terms_survive_the_way_to_oxigraph_and_back() -> None:
    graph = Graph()
    s, p = URIRef("http://example.org/s"), URIRef("http://example.org/p")
    for value in (
        Literal("plain"),
        Literal("mit Sprache", lang="de"),
        Literal("01", datatype=XSD.integer, normalize=False),
        Literal("2026-11-22", datatype=XSD.date),
        URIRef("http://example.org/o"),
        BNode(),
    ):
        graph.add((s, p, value))
    graph.add((s, RDF.type, s))
    assert set(graph_of(q.triple for q in quads({"about": graph}))) == set(graph)
