"""Labels of blank nodes, which depend only on the data."""

import pyoxigraph as ox

from service.rdf.blank_nodes import InOrder, canonical, canonical_triples

TURTLE = """
PREFIX : <urn:>
:a :p "plain" , :b , [ :q [ :r "inner" ] ] , [ :q "other" ] ; :list ( 1 _:x ) .
_:x :p _:y . _:y :p _:x , _:y .
"""


def triples(text: str = TURTLE) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(text, ox.RdfFormat.TURTLE)]


def test_triples_get_the_labels_that_the_whole_dataset_has() -> None:
    quads = [ox.Quad(t.subject, t.predicate, t.object) for t in triples()]
    assert canonical_triples(triples()) == [quad.triple for quad in canonical(quads)]


def test_the_same_triples_get_the_same_labels_in_any_order() -> None:
    renamed = TURTLE.replace("_:x", "_:other").replace("_:y", "_:another")
    assert canonical_triples(reversed(triples(renamed))) == canonical_triples(triples())


def test_triples_come_once_and_sorted() -> None:
    text = "<urn:b> <urn:p> 1 . <urn:a> <urn:p> 2 . <urn:a> <urn:p> 2 ."
    assert [str(t.subject) for t in canonical_triples(triples(text))] == ["<urn:a>", "<urn:b>"]


def test_labels_may_be_numbered_in_order_of_appearance() -> None:
    order = InOrder("x")
    first, second = ox.BlankNode(), ox.BlankNode()
    labels = [order.term(node).value for node in (first, second, first)]
    assert labels[0] == labels[2] != labels[1]
    assert order.term(ox.NamedNode("urn:a")) == ox.NamedNode("urn:a")
