"""Named graphs while a release is being built: rdflib to think with, Oxigraph to ask.

rdflib holds the graphs that are derived and that pySHACL reads; Oxigraph parses, answers the
checks' queries and writes. This room is the bridge, and it names blank nodes: a label depends
only on what a node says and where it hangs, so the same sources give the same bytes and a change
in one place leaves all other labels alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Node

from service.release import graph_iri

Graphs = Mapping[str, Graph]
"""Local name of a graph (``ontology``, ``claims``, ...) to its triples."""


@lru_cache(maxsize=1 << 17)
def from_oxigraph(term: ox.NamedNode | ox.BlankNode | ox.Literal) -> Node:
    """Return the rdflib form of an Oxigraph term."""
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if term.language:
        return Literal(term.value, lang=term.language)
    datatype = URIRef(term.datatype.value)
    if datatype == _XSD_STRING:
        return Literal(term.value)
    return Literal(term.value, datatype=datatype, normalize=False)


@lru_cache(maxsize=1 << 17)
def to_oxigraph(term: Node) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """Return the Oxigraph form of an rdflib term."""
    if isinstance(term, URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, BNode):
        return ox.BlankNode(str(term))
    if not isinstance(term, Literal):
        raise TypeError(f"{term!r} is not an RDF term")
    if term.language:
        return ox.Literal(str(term), language=term.language)
    datatype = ox.NamedNode(str(term.datatype)) if term.datatype else None
    return ox.Literal(str(term), datatype=datatype)


_XSD_STRING = URIRef("http://www.w3.org/2001/XMLSchema#string")


def _new() -> Graph:
    # SimpleMemory knows no contexts, which we do not need, and is twice as fast without.
    return Graph(store="SimpleMemory", bind_namespaces="none")


def graph_of(triples: Iterable[ox.Triple]) -> Graph:
    """Return an rdflib graph of Oxigraph triples."""
    graph = _new()
    for t in triples:
        graph.add((from_oxigraph(t.subject), from_oxigraph(t.predicate), from_oxigraph(t.object)))
    return graph


def union(*graphs: Graph) -> Graph:
    """Return a new graph with the triples of all graphs."""
    merged = _new()
    for graph in graphs:
        for triple in graph:
            merged.add(triple)
    return merged


def quads(graphs: Graphs) -> list[ox.Quad]:
    """Return the quads of the named graphs, in no particular order."""
    made: list[ox.Quad] = []
    for name, graph in graphs.items():
        room = ox.NamedNode(graph_iri(name))
        for s, p, o in graph:
            subject, predicate = to_oxigraph(s), to_oxigraph(p)
            if isinstance(subject, ox.Literal) or not isinstance(predicate, ox.NamedNode):
                raise TypeError(f"{s!r} {p!r} {o!r} is not an RDF triple")
            made.append(ox.Quad(subject, predicate, to_oxigraph(o), room))
    return made


def store_of(quads: Iterable[ox.Quad]) -> ox.Store:
    """Return an in-memory store to ask queries of."""
    store = ox.Store()
    store.bulk_extend(quads)
    return store


def canonical(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Return the quads sorted, each once, with blank nodes named by what they are.

    Blank nodes must form trees or at least no cycles, as OWL 2 demands of its RDF form.

    :raises ValueError: if blank nodes form a cycle.
    """
    quads = list(quads)
    labels = _labels(quads)
    named = {
        ox.Quad(
            labels[s] if isinstance(s := q.subject, ox.BlankNode) else s,
            q.predicate,
            labels[o] if isinstance(o := q.object, ox.BlankNode) else o,
            q.graph_name,
        )
        for q in quads
    }
    return sorted(named, key=str)


def _labels(quads: Iterable[ox.Quad]) -> dict[ox.BlankNode, ox.BlankNode]:
    """Return a label for each blank node: a digest of its contents and of its place."""
    contents: dict[ox.BlankNode, list[ox.Quad]] = defaultdict(list)
    places: dict[ox.BlankNode, list[ox.Quad]] = defaultdict(list)
    for q in quads:
        if isinstance(q.subject, ox.BlankNode):
            contents[q.subject].append(q)
        if isinstance(q.object, ox.BlankNode):
            places[q.object].append(q)
            contents.setdefault(q.object, [])
    said: dict[ox.BlankNode, str] = {}
    labels: dict[ox.BlankNode, ox.BlankNode] = {}
    open_nodes: set[ox.BlankNode] = set()

    def tell(node: ox.BlankNode) -> str:
        if node not in said:
            if node in open_nodes:
                raise ValueError("Blank nodes form a cycle; they cannot be named")
            open_nodes.add(node)
            said[node] = _digest(
                f"{q.predicate} {tell(o) if isinstance(o := q.object, ox.BlankNode) else o}"
                for q in contents[node]
            )
        return said[node]

    def label(node: ox.BlankNode) -> ox.BlankNode:
        if node not in labels:
            # Where a node hangs tells twins apart: two classes may have equal restrictions.
            where = (
                f"{label(s) if isinstance(s := q.subject, ox.BlankNode) else s} {q.predicate}"
                for q in places[node]
            )
            labels[node] = ox.BlankNode("b" + _digest([tell(node), *sorted(where)])[:20])
        return labels[node]

    for node in contents:
        label(node)
    return labels


def _digest(parts: Iterable[str]) -> str:
    return sha256("\n".join(sorted(parts)).encode("utf-8")).hexdigest()
