"""The same triples, however they are spelled."""

import json
from collections.abc import Iterable

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic

from service.iris import BASE
from service.library import Library, describe
from service.rdf.represent import ALIASES, WRITERS, json_ld_document, json_ld_tree, represent

# rdflib 7.6 warns of its own use of what it deprecates.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")

PARSERS = {"ttl": "turtle", "nt": "nt", "rdf": "xml", "jsonld": "json-ld"}

OXIGRAPH = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}


def parsed(data: bytes, suffix: str) -> rdflib.Graph:
    return rdflib.Graph().parse(data=data, format=PARSERS[suffix])


def test_every_writer_is_tested() -> None:
    assert WRITERS.keys() == PARSERS.keys()


def test_every_format_holds_the_same_graph_for_every_resource(small: Library) -> None:
    assert len(small.documents) > 200
    for iri in small.documents:
        if not iri.startswith(BASE):
            continue
        d = describe(small, iri)
        graphs = {s: parsed(represent(d.triples, s, small.names), s) for s in WRITERS}
        for suffix, graph in graphs.items():
            assert len(graph) == len(d.triples), (iri, suffix)
            assert isomorphic(graph, graphs["nt"]), (iri, suffix)


def test_json_ld_is_compact_and_brings_its_context(small: Library) -> None:
    document = json_ld_document(describe(small, BASE + "claim/0000001").triples, small.names)
    [claim] = [node for node in document["@graph"] if node["id"] == "claim:0000001"]
    assert claim["type"] == "cdmo:Claim"
    assert claim["subject"] == "CDMO:0000003"
    assert claim["statedIn"] == ["passage:cdct-002", "passage:cdct-003"]
    assert claim["cdmo:offLabel"] is True
    assert document["@context"]["subject"] == {"@id": "cdmo:subject", "@type": "@id"}


def tree(iri: str, triples: Iterable[ox.Triple], small: Library) -> bytes:
    return json.dumps(json_ld_tree(iri, triples, small.names), ensure_ascii=False).encode()


def test_a_tree_holds_the_same_graph_for_every_resource(small: Library) -> None:
    for iri in small.documents:
        if iri.startswith(BASE):
            d = describe(small, iri)
            graph = parsed(tree(iri, d.triples, small), "jsonld")
            assert isomorphic(graph, parsed(represent(d.triples, "nt", small.names), "nt")), iri


def test_a_tree_names_things_once_and_our_schema_by_bare_words(small: Library) -> None:
    document = json_ld_tree(
        BASE + "id/CDMO_0000003", describe(small, BASE + "id/CDMO_0000003").triples, small.names
    )
    [root, *_] = document["@graph"]
    assert root["id"] == "CDMO:0000003"
    [claim] = [c for c in root["@reverse"]["subject"] if c["id"] == "claim:0000001"]
    assert "subject" not in claim
    assert (claim["type"], claim["polarity"]["id"]) == ("Claim", "cdmo:positive")
    assert claim["relation"]["id"] == "cdmo:treats"
    assert json.dumps(document).count('"CDMO:0000003"') == 1


def test_short_keys_of_the_context_are_no_prefixes(small: Library) -> None:
    assert not ALIASES.keys() & small.names.prefixes.keys()
    for curie in ALIASES.values():
        assert small.names.iri(curie), curie


Node = ox.NamedNode | ox.BlankNode

AWKWARD: list[ox.NamedNode | ox.BlankNode | ox.Literal] = [
    ox.Literal("plain"),
    ox.Literal("hello", language="en"),
    ox.Literal("bonjour", language="fr"),
    ox.Literal("007", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")),
    ox.Literal("7", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")),
    ox.Literal("1", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean")),
    ox.Literal("true", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean")),
    ox.Literal("2026-11-22", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#date")),
    ox.Literal('</script> & "quotes" \\ \n new line'),
    ox.Literal("naïve ☤ 𝔘𝔫𝔦"),
    ox.NamedNode("https://example.org/elsewhere"),
    ox.NamedNode("mailto:someone@example.org"),
    ox.NamedNode(BASE + "claim/0000001#cdct-002"),
    ox.BlankNode("x"),
]


@pytest.mark.parametrize("suffix", WRITERS)
def test_awkward_values_survive(small: Library, suffix: str) -> None:
    subject = ox.NamedNode(BASE + "id/CDMO_0000001")
    predicate = ox.NamedNode(BASE + "schema/note")
    triples = [ox.Triple(subject, predicate, value) for value in AWKWARD]
    data = represent(triples, suffix, small.names)
    # Not rdflib here: it would read "007" as "7".
    for written in (data, tree(subject.value, triples, small)) if suffix == "jsonld" else (data,):
        read = {quad.object for quad in ox.parse(written, format=OXIGRAPH[suffix])}
        assert {x for x in read if not isinstance(x, ox.BlankNode)} == set(AWKWARD[:-1])
        assert len(read) == len(AWKWARD)


def test_a_tree_keeps_loops_of_nodes_without_names(small: Library) -> None:
    p = ox.NamedNode(BASE + "schema/note")
    a, b, c = (ox.BlankNode(name) for name in "abc")
    root = ox.NamedNode(BASE + "id/CDMO_0000001")
    pairs: list[tuple[Node, Node]] = [(root, a), (a, b), (b, a), (b, b), (c, root), (c, c)]
    pairs.append((root, root))
    triples = [ox.Triple(s, p, o) for s, o in pairs]
    found = ox.Dataset(ox.parse(tree(root.value, triples, small), format=ox.RdfFormat.JSON_LD))
    wanted = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    for dataset in (found, wanted):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert found == wanted


@pytest.mark.parametrize("name", ["label", "id", "type", "passage", "CDMO", "subject"])
def test_a_tree_mistakes_no_name_for_another(small: Library, name: str) -> None:
    """A local name of our schema that is also a key, a keyword or a prefix."""
    root, other = (ox.NamedNode(BASE + f"id/CDMO_000000{n}") for n in (1, 2))
    word = ox.NamedNode(BASE + "schema/" + name)
    rdf_type = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    triples = [ox.Triple(root, word, other), ox.Triple(root, word, word)]
    triples += [ox.Triple(root, rdf_type, word), ox.Triple(other, word, root)]
    read = ox.parse(tree(root.value, triples, small), format=ox.RdfFormat.JSON_LD)
    assert {q.triple for q in read} == set(triples)


def test_blank_nodes_are_named_alike_in_every_run(small: Library) -> None:
    iri = BASE + "id/CDMO_0000012"
    again = Library(ox.Store(), small.names)
    again.store.extend(
        ox.Quad(_renamed(q.subject), q.predicate, _renamed(q.object), q.graph_name)
        for q in small.store
    )
    for suffix in WRITERS:
        first = represent(describe(small, iri).triples, suffix, small.names)
        assert first == represent(describe(again, iri).triples, suffix, small.names)


def _renamed(node: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple):  # type: ignore[no-untyped-def]
    return ox.BlankNode(f"z{node.value[::-1]}") if isinstance(node, ox.BlankNode) else node


def test_json_ld_is_utf_8_and_ends_in_a_newline(small: Library) -> None:
    data = represent(describe(small, BASE + "id/CDMO_0000008").triples, "jsonld", small.names)
    assert json.loads(data)
    assert data.endswith(b"\n")
