"""Gather the triples that describe one resource.

The rule is that of a concise bounded description made useful to a reader: what is said of the
resource, with the blank nodes and fragments that belong to it; whole, the claims, tensions,
mappings and axioms that are about it; in brief, without their citations, the claims that name it
as their object; the one step up and down in its hierarchy; and a label for everything mentioned.

A claim that the resource only narrows is about something else and is not part of it: a disease
may be the context of hundreds.
"""

from collections.abc import Iterator

import pyoxigraph as ox

from service import iris

Quads = dict[ox.Triple, set[str]]
"""Triples, each with the graphs that hold it."""

Node = ox.NamedNode | ox.BlankNode | ox.Triple
"""What can be the subject of a triple."""

ABOUT = frozenset(
    {
        iris.SUBJECT,
        iris.STATED_IN,
        iris.CONCERNS,
        iris.ANNOTATED_SOURCE,
        iris.DERIVED_FROM,
        iris.REPLACED_BY,
        iris.SSSOM + "subject_id",
    }
)
"""Who points at the resource with one of these is described whole."""

STEP = frozenset(
    {iris.SUBCLASS, iris.SUBPROPERTY, iris.PART_OF, iris.SECTION, iris.INVERSE_OF, iris.BROADER}
)
"""Who points at the resource with one of these is named only."""

WHERE_SAID = frozenset({iris.CITATION, iris.STATED_IN, iris.EVIDENCE})
"""What a claim told in brief leaves to its own document."""


def gather(store: ox.Store, iri: str) -> Quads:
    """Return the triples that describe ``iri``; none if the store does not know it."""
    found: Quads = {}
    resource = ox.NamedNode(iri)
    _whole(store, resource, found)
    for quad in store.quads_for_pattern(None, None, resource, None):
        predicate = quad.predicate.value
        if predicate in ABOUT:
            _whole(store, quad.subject, found)
        elif predicate in STEP and isinstance(quad.subject, ox.NamedNode):
            _add(found, quad)
        elif predicate == iris.OBJECT:
            for said in store.quads_for_pattern(quad.subject, None, None, None):
                if said.predicate.value not in WHERE_SAID:
                    _add(found, said)
    for quad in _ancestry(store, resource):
        _add(found, quad)
    _labels(store, found)
    return found


def _add(found: Quads, quad: ox.Quad) -> None:
    graph = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
    found.setdefault(ox.Triple(quad.subject, quad.predicate, quad.object), set()).add(graph)


def _whole(store: ox.Store, node: Node, found: Quads) -> None:
    """Add what is said of ``node``, of its fragments and of the blank nodes below it."""
    todo: list[Node] = [node]
    seen: set[Node] = {node}
    prefix = f"{node.value}#" if isinstance(node, ox.NamedNode) else "\0"
    while todo:
        for quad in store.quads_for_pattern(todo.pop(), None, None, None):
            _add(found, quad)
            other = quad.object
            if isinstance(other, ox.Literal) or other in seen:
                continue
            if isinstance(other, ox.BlankNode) or str(other).startswith(f"<{prefix}"):
                seen.add(other)
                todo.append(other)


def _ancestry(store: ox.Store, node: ox.NamedNode) -> Iterator[ox.Quad]:
    """Yield the named steps from ``node`` up to the roots; a cycle is walked once."""
    todo, seen = [node], {node}
    while todo:
        for quad in store.quads_for_pattern(todo.pop(), ox.NamedNode(iris.SUBCLASS), None, None):
            parent = quad.object
            if isinstance(parent, ox.NamedNode) and parent.value != iris.THING:
                yield quad
                if parent not in seen:
                    seen.add(parent)
                    todo.append(parent)


def _labels(store: ox.Store, found: Quads) -> None:
    """Add a label for every IRI that the triples mention."""
    mentioned = {
        node
        for triple in found
        for node in (triple.subject, triple.predicate, triple.object)
        if isinstance(node, ox.NamedNode)
    }
    for node in mentioned:
        for quad in store.quads_for_pattern(node, ox.NamedNode(iris.LABEL), None, None):
            _add(found, quad)
