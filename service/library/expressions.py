"""Class expressions of OWL 2 in the store: what they consist of, and how they read."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from service import iris
from service.library.data import Ref, ReleaseData
from service.rdf.terms import Subject, Term
from service.rdf.walk import closure

Expression = ox.NamedNode | ox.BlankNode

INFERRED = ox.NamedNode(iris.INFERRED)
_WORDS = {iris.INTERSECTION_OF: "and", iris.UNION_OF: "or"}


@dataclass(frozen=True, slots=True)
class Restriction:
    """The class of what stands in a relation to some instance of another class."""

    relation: str
    filler: Expression


def asserted(store: ox.Store, node: Subject, predicate: str) -> Iterator[Term]:
    """Yield the values of a property that are asserted, not inferred."""
    for quad in store.quads_for_pattern(node, ox.NamedNode(predicate), None, None):
        if quad.graph_name != INFERRED:
            yield quad.object


def operands(store: ox.Store, node: Term, operator: str) -> list[Expression]:
    """Return the operands of an intersection or union; none if the node is something else.

    :param operator: ``owl:intersectionOf`` or ``owl:unionOf``.
    """

    def rest(cell: Term) -> Iterator[Term]:
        if isinstance(cell, ox.BlankNode):
            yield from asserted(store, cell, iris.REST)

    lists = asserted(store, node, operator) if isinstance(node, ox.BlankNode) else iter(())
    first = next(lists, None)
    cells = [first, *closure(first, rest)] if first else []
    return [
        member
        for cell in cells
        if isinstance(cell, ox.BlankNode)
        for member in asserted(store, cell, iris.FIRST)
        if isinstance(member, Expression)
    ]


def restriction(store: ox.Store, node: Term) -> Restriction | None:
    """Return an existential restriction (OWL 2 §8.2.1), or None if the node is no such class."""
    if not isinstance(node, ox.BlankNode):
        return None
    relations = list(asserted(store, node, iris.ON_PROPERTY))
    fillers = list(asserted(store, node, iris.SOME_VALUES_FROM))
    match relations, fillers:
        case [ox.NamedNode() as relation], [ox.NamedNode() | ox.BlankNode() as filler]:
            return Restriction(relation.value, filler)
    return None


def definitions_of(data: ReleaseData, iri: str) -> list[list[Ref]]:
    """Return the logical definitions of a class in Manchester syntax (OWL 2 Manchester §2.4).

    A definition is a list of names and words; words such as "and" and "some", and brackets, are
    references without an IRI.
    """
    equivalents = asserted(data.store, ox.NamedNode(iri), iris.EQUIVALENT_CLASS)
    return [_manchester(data, node, outermost=True) for node in equivalents]


def _manchester(data: ReleaseData, node: Term, *, outermost: bool = False) -> list[Ref]:
    if not isinstance(node, ox.BlankNode):
        return [data.ref(node.value)] if isinstance(node, ox.NamedNode) else []
    for operator, word in _WORDS.items():
        if parts := operands(data.store, node, operator):
            words = _manchester(data, parts[0])
            for part in parts[1:]:
                words += [Ref(word, ""), *_manchester(data, part)]
            return words if outermost else [Ref("(", ""), *words, Ref(")", "")]
    if some := restriction(data.store, node):
        filler = _manchester(data, some.filler)
        return [data.ref(some.relation), Ref("some", ""), *filler]
    return [Ref("…", "")]
