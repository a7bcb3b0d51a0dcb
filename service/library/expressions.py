"""Class expressions of OWL 2 in the store: their parts and their words."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import pyoxigraph as ox

from service import iris
from service.library.data import Ref, ReleaseData
from service.library.other_names import LABELS
from service.rdf.terms import Subject, Term, text
from service.rdf.walk import closure

Expression = ox.NamedNode | ox.BlankNode

INFERRED = ox.NamedNode(iris.INFERRED)
_WORDS = {iris.INTERSECTION_OF: "and", iris.UNION_OF: "or"}
_FILLERS = {
    iris.SOME_VALUES_FROM: "some",
    iris.OWL + "allValuesFrom": "only",
    iris.OWL + "hasValue": "value",
}
_NUMBERS = {
    iris.OWL + name: word
    for word, names in {
        "min": ("minCardinality", "minQualifiedCardinality"),
        "max": ("maxCardinality", "maxQualifiedCardinality"),
        "exactly": ("cardinality", "qualifiedCardinality"),
    }.items()
    for name in names
}

MAX_DEPTH, MAX_WORDS = 12, 300
"""The deepest nesting, and the most names and words, that are read; "…" is the rest."""


@dataclass(frozen=True, slots=True)
class Restriction:
    """The class of individuals with a relation to some instance of another class."""

    relation: str
    filler: Expression


def asserted(store: ox.Store, node: Subject, predicate: str) -> Iterator[Term]:
    """Yield the values of a property that are asserted, not inferred."""
    for quad in store.quads_for_pattern(node, ox.NamedNode(predicate), None, None):
        if quad.graph_name != INFERRED:
            yield quad.object


def members(store: ox.Store, head: Term | None) -> Iterator[Term]:
    """Yield the members of a list, also of one that is its own rest."""

    def rest(cell: Term) -> Iterator[Term]:
        if isinstance(cell, ox.BlankNode):
            yield from asserted(store, cell, iris.REST)

    for cell in (head, *closure(head, rest)) if head else ():
        if isinstance(cell, ox.BlankNode):
            yield from asserted(store, cell, iris.FIRST)


def operands(store: ox.Store, node: Term, operator: str) -> list[Expression]:
    """Return the operands of an intersection or union; none if the node is something else.

    :param operator: ``owl:intersectionOf`` or ``owl:unionOf``.
    """
    lists = asserted(store, node, operator) if isinstance(node, ox.BlankNode) else iter(())
    return [m for m in members(store, next(lists, None)) if isinstance(m, Expression)]


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
    return [manchester(data, node) for node in equivalents]


def manchester(data: ReleaseData, node: Term) -> list[Ref]:
    """Return any value in Manchester syntax: an expression, a list, or a blank node's values."""
    words = list(islice(_manchester(data, node, MAX_DEPTH, outermost=True), MAX_WORDS + 1))
    return words if len(words) <= MAX_WORDS else [*words[:MAX_WORDS], Ref("…", "")]


def _manchester(
    data: ReleaseData, node: Term, depth: int, *, outermost: bool = False
) -> Iterator[Ref]:
    if not isinstance(node, ox.BlankNode):
        yield data.ref_of(node)
        return
    values = data.own_values(node)
    if not depth or not values:
        yield Ref("…", "")
        return
    words = _expression(data, values, depth - 1)
    if words is None:
        yield from _anonymous(data, node, values, depth - 1)
    elif outermost or not values.keys() & _WORDS.keys():
        yield from words
    else:
        yield from (Ref("(", ""), *words, Ref(")", ""))


def _expression(
    data: ReleaseData, values: dict[str, list[Term]], depth: int
) -> Iterator[Ref] | None:
    """Return the words of a class or property expression, or None for any other blank node."""
    for operator, word in _WORDS.items():
        if operator in values:
            return _joined(data, list(members(data.store, values[operator][0])), word, depth)
    for predicate, word in ((iris.COMPLEMENT_OF, "not"), (iris.INVERSE_OF, "inverse")):
        if predicate in values:
            return _after(data, [Ref(word, "")], values[predicate], depth)
    if iris.ONE_OF in values:
        items = list(members(data.store, values[iris.ONE_OF][0]))
        return iter((Ref("{", ""), *_joined(data, items, ",", depth), Ref("}", "")))
    if iris.ON_DATATYPE in values:
        return _facets(data, values, depth)
    return _restricted(data, values, depth) if iris.ON_PROPERTY in values else None


def _joined(data: ReleaseData, items: list[Term], word: str, depth: int) -> Iterator[Ref]:
    for place, item in enumerate(items[:MAX_WORDS]):
        if place:
            yield Ref(word, "")
        yield from _manchester(data, item, depth)


def _after(data: ReleaseData, words: list[Ref], nodes: list[Term], depth: int) -> Iterator[Ref]:
    yield from words
    for node in nodes[:1]:
        yield from _manchester(data, node, depth)


def _restricted(
    data: ReleaseData, values: dict[str, list[Term]], depth: int
) -> Iterator[Ref] | None:
    relation = list(islice(_manchester(data, values[iris.ON_PROPERTY][0], depth), MAX_WORDS))
    for predicate, word in _FILLERS.items():
        if predicate in values:
            return _after(data, [*relation, Ref(word, "")], values[predicate], depth)
    for predicate, word in _NUMBERS.items():
        if predicate in values:
            number = Ref(text(values[predicate][0]), "")
            filler = values.get(iris.OWL + "onClass", []) + values.get(iris.OWL + "onDataRange", [])
            return _after(data, [*relation, Ref(word, ""), number], filler, depth)
    return iter((*relation, Ref("Self", ""))) if iris.OWL + "hasSelf" in values else None


def _facets(data: ReleaseData, values: dict[str, list[Term]], depth: int) -> Iterator[Ref]:
    """Yield a datatype with its facets, such as ``xsd:integer [ minInclusive 5 ]``."""
    yield from _manchester(data, values[iris.ON_DATATYPE][0], depth)
    for facet in members(data.store, next(iter(values.get(iris.WITH_RESTRICTIONS, ())), None)):
        yield from _manchester(data, facet, depth)


def _anonymous(
    data: ReleaseData, node: ox.BlankNode, values: dict[str, list[Term]], depth: int
) -> Iterator[Ref]:
    """Yield a list in brackets, or the name of another blank node, or else its properties."""
    if iris.FIRST in values:
        items = list(members(data.store, node))
        yield from (Ref("(", ""), *_joined(data, items, ",", depth), Ref(")", ""))
        return
    names = [v for p in LABELS for v in values.get(p, ()) if isinstance(v, ox.Literal)]
    if names:
        yield data.ref_of(names[0])
        return
    yield Ref("[", "")
    for place, (predicate, terms) in enumerate(sorted(values.items())):
        if place:
            yield Ref(";", "")
        if predicate != iris.TYPE:
            yield data.ref(predicate)
        yield from _joined(data, terms, ",", depth)
    yield Ref("]", "")
