"""The triples that describe a resource."""

import pyoxigraph as ox

from service import iris
from service.iris import BASE
from service.library import Library
from service.rdf.gather import gather

DATA = """
PREFIX cdmo: <https://w3id.org/cdmo/schema/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX : <https://w3id.org/cdmo/id/>
:a rdfs:label "a" ; rdfs:subClassOf :b , [ rdfs:label "blank" ; cdmo:on [ cdmo:some :far ] ] .
:b rdfs:label "b" ; rdfs:subClassOf :c .
:c rdfs:label "c" ; rdfs:subClassOf :b , :c ; rdfs:comment "a cycle" .
:below rdfs:label "below" ; rdfs:subClassOf :a ; rdfs:comment "no part" .
:far rdfs:label "far" ; rdfs:comment "no part" .
:claim cdmo:subject :a ; cdmo:object :far ; cdmo:citation <claim#1> , <elsewhere#1> .
<claim#1> cdmo:hedge "part of no described resource" .
:brief cdmo:subject :far ; cdmo:object :a ; cdmo:citation <brief#1> ; cdmo:statedIn <passage> .
:narrowed cdmo:subject :far ; cdmo:object :far ; cdmo:inContext :a .
"""


def store() -> ox.Store:
    store = ox.Store()
    store.load(DATA, ox.RdfFormat.TURTLE, base_iri=BASE + "id/")
    return store


def lines(quads: dict[ox.Triple, set[str]]) -> set[str]:
    """Return triples as local names, blank nodes as ``_``."""
    return {
        " ".join("_" if isinstance(x, ox.BlankNode) else _local(x.value) for x in triple)
        for triple in quads
    }


def _local(iri: str) -> str:
    return iri.removeprefix(BASE).rpartition("#")[2].rpartition("/")[2]


def test_a_description_has_the_resource_with_its_blank_nodes() -> None:
    triples = lines(gather(store(), BASE + "id/a"))
    assert {"a subClassOf _", "_ label blank", "_ on _", "_ some far"} <= triples


def test_a_description_has_every_ancestor_once_and_ends_at_a_cycle() -> None:
    triples = lines(gather(store(), BASE + "id/a"))
    assert {"a subClassOf b", "b subClassOf c", "c subClassOf b", "c subClassOf c"} <= triples
    assert "c comment a cycle" not in triples


def test_a_description_names_only_the_children_of_the_resource() -> None:
    triples = lines(gather(store(), BASE + "id/a"))
    assert {"below subClassOf a", "below label below"} <= triples
    assert "below comment no part" not in triples


def test_a_claim_is_described_whole_as_subject_and_briefly_as_object() -> None:
    triples = lines(gather(store(), BASE + "id/a"))
    assert {"claim subject a", "claim object far", "claim citation 1"} <= triples
    assert {"brief subject far", "brief object a"} <= triples
    assert not {t for t in triples if t.startswith(("brief citation", "brief statedIn"))}


def test_a_claim_with_the_resource_as_qualifier_is_left_out() -> None:
    assert not {t for t in lines(gather(store(), BASE + "id/a")) if t.startswith("narrowed")}


def test_every_iri_that_is_mentioned_has_its_label(small: Library) -> None:
    for iri in (BASE + "id/CDMO_0000003", BASE + "claim/0000001", BASE + "schema/treats"):
        triples = gather(small.store, iri)
        for node in {x for t in triples for x in t if isinstance(x, ox.NamedNode)}:
            label = ox.NamedNode(iris.LABEL)
            for quad in small.store.quads_for_pattern(node, label, None, None):
                assert quad.triple in triples


def test_each_triple_has_the_graphs_that_hold_it(small: Library) -> None:
    for triple, graphs in gather(small.store, BASE + "id/CDMO_0000012").items():
        quads = small.store.quads_for_pattern(triple.subject, triple.predicate, triple.object)
        assert graphs == {str(quad.graph_name).strip("<>") for quad in quads}, triple


def test_a_blank_node_is_described_by_its_triples() -> None:
    data = store()
    [blank] = {
        quad.object
        for quad in data.quads_for_pattern(ox.NamedNode(BASE + "id/a"), None, None, None)
        if isinstance(quad.object, ox.BlankNode)
    }
    triples = lines(gather(data, blank))
    assert {"_ label blank", "_ on _", "_ some far", "far label far"} <= triples


def test_an_unknown_resource_has_no_triples() -> None:
    assert gather(store(), BASE + "id/nothing") == {}


def test_a_double_has_the_canonical_form_of_json_ld() -> None:
    """The store keeps only its value, and JSON-LD fixes its form (JSON-LD API §8.4.2)."""
    store, node = ox.Store(), ox.NamedNode("https://w3id.org/cdmo/id/CDMO_0000001")
    confidence = ox.NamedNode("https://w3id.org/sssom/confidence")
    store.add(ox.Quad(node, confidence, ox.Literal(0.95)))
    [triple] = gather(store, node)
    assert triple.object == ox.Literal("9.5E-1", datatype=ox.Literal(0.95).datatype)
