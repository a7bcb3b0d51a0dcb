"""Gather the triples that describe one resource.

The rule is a concise bounded description made useful to a reader. It has the triples of the
resource, with its blank nodes and fragments; the claims, tensions, mappings and axioms about it,
whole; the claims that have it as their object, without their citations; one step up and down in its
hierarchy, and all ancestors; and a label for every IRI that is mentioned.

A claim that the resource only narrows is about something else and is no part of the description:
a disease may be the context of hundreds of claims.

Nothing but pyoxigraph is needed here, so that a worker of the engine can answer DESCRIBE.
"""

from collections.abc import Iterator
from itertools import islice

import pyoxigraph as ox

from service import iris
from service.rdf.terms import Subject, canonical_triple
from service.rdf.walk import closure

Quads = dict[ox.Triple, set[str]]
"""Triples, each with the IRIs of the graphs that hold it."""


def _nodes(*names: str) -> tuple[ox.NamedNode, ...]:
    return tuple(ox.NamedNode(name) for name in names)


ABOUT = _nodes(
    iris.SUBJECT,
    iris.STATED_IN,
    iris.CONCERNS,
    iris.ANNOTATED_SOURCE,
    iris.DERIVED_FROM,
    iris.REPLACED_BY,
    iris.SSSOM_SUBJECT,
)
"""Nodes that point at the resource with one of these properties are described whole."""

STEP = _nodes(
    iris.SUBCLASS, iris.SUBPROPERTY, iris.PART_OF, iris.SECTION, iris.INVERSE_OF, iris.BROADER
)
"""Nodes that point at the resource with one of these properties are only named."""

_COUNTS = [
    "believedCount",
    "firmestCitation",
    "mostCautiousCitation",
    "plainCount",
    "possibleCount",
    "underResearchCount",
]

NOT_IN_BRIEF = frozenset(
    _nodes(iris.CITATION, iris.STATED_IN, iris.EVIDENCE, *(iris.CDMO + name for name in _COUNTS))
)
"""The properties of a claim that are left to its own description."""

OBJECT, SUBCLASS, LABEL, THING = _nodes(iris.OBJECT, iris.SUBCLASS, iris.LABEL, iris.THING)


def gather(
    store: ox.Store, resource: str | ox.NamedNode | ox.BlankNode, most_below: int | None = None
) -> Quads:
    """Return the triples that describe a resource; none if the store does not have it.

    :param resource: an IRI, or a node of the store.
    :param most_below: how many nodes one step down are named by each property; None for all.
    """
    node = ox.NamedNode(resource) if isinstance(resource, str) else resource
    quads: Quads = {}
    read: set[Subject] = set()  # nodes whose own triples, with their labels, are among the quads

    def parents(child: Subject) -> Iterator[ox.NamedNode]:
        for quad in store.quads_for_pattern(child, SUBCLASS, None, None):
            if isinstance(quad.object, ox.NamedNode) and quad.object != THING:
                _add(quads, quad)
                yield quad.object

    _add_whole(store, node, quads, read)
    for predicate in ABOUT:
        for quad in store.quads_for_pattern(None, predicate, node, None):
            _add_whole(store, quad.subject, quads, read)
    for quad in store.quads_for_pattern(None, OBJECT, node, None):
        if quad.subject not in read:
            read.add(quad.subject)
            for part in store.quads_for_pattern(quad.subject, None, None, None):
                if part.predicate not in NOT_IN_BRIEF:
                    _add(quads, part)
    for predicate in STEP:
        for quad in islice(store.quads_for_pattern(None, predicate, node, None), most_below):
            if isinstance(quad.subject, ox.NamedNode):
                _add(quads, quad)
    for _ in closure(node, parents):
        pass  # the steps add their quads
    mentioned = {term for triple in quads for term in triple if isinstance(term, ox.NamedNode)}
    for named in mentioned - read:
        for quad in store.quads_for_pattern(named, LABEL, None, None):
            _add(quads, quad)
    return quads


def _add(quads: Quads, quad: ox.Quad) -> None:
    graph = quad.graph_name
    graphs = quads.setdefault(canonical_triple(quad.triple), set())
    graphs.add(graph.value if isinstance(graph, ox.NamedNode) else "")


def _add_whole(store: ox.Store, node: Subject, quads: Quads, read: set[Subject]) -> None:
    """Add the triples of a node, of its fragments and of the blank nodes below it."""
    fragments = f"{node.value}#" if isinstance(node, ox.NamedNode) else None

    def parts(subject: Subject) -> Iterator[Subject]:
        if subject in read:
            return
        read.add(subject)
        for quad in store.quads_for_pattern(subject, None, None, None):
            _add(quads, quad)
            part = quad.object
            if isinstance(part, ox.BlankNode) or (
                fragments and isinstance(part, ox.NamedNode) and part.value.startswith(fragments)
            ):
                yield part

    for _ in closure(node, parts):
        pass  # the steps add their quads
