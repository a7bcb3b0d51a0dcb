"""Validate by the parts of SHACL Core that our shapes use, without pySHACL's rdflib graphs.

A part that is not covered, or a shape that is not well formed, leaves the validation to pySHACL;
a test compares the results of both.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import pyoxigraph as ox

from service import iris
from service.pipeline import graphs
from service.pipeline.facts import Facts
from service.rdf.terms import Term, text

_SH = iris.SH
_INTEGER = re.compile(r"[+-]?[0-9]+")
_WELL_FORMED: dict[str, Callable[[str], object]] = {
    iris.XSD_INTEGER: _INTEGER.fullmatch,
    iris.XSD_STRING: lambda _: True,
    iris.XSD_BOOLEAN: {"true", "false", "0", "1"}.__contains__,
}
_NO_NUMBERS = {iris.XSD_STRING, iris.RDF + "langString", iris.XSD_BOOLEAN, iris.XSD_DATE}
_KINDS = {
    "IRI": (ox.NamedNode,),
    "Literal": (ox.Literal,),
    "BlankNode": (ox.BlankNode,),
    "IRIOrLiteral": (ox.NamedNode, ox.Literal),
    "BlankNodeOrIRI": (ox.BlankNode, ox.NamedNode),
    "BlankNodeOrLiteral": (ox.BlankNode, ox.Literal),
}
_DESCRIBES = {"message", "description", "name", "order", "severity"}
_OF_NODES = {"targetClass", "targetObjectsOf", "property"}
_SEVERITIES = {"Violation", "Warning", "Info"}


class NotCoveredError(Exception):
    """The shapes use a part of SHACL that is not covered."""


@dataclass(frozen=True, slots=True)
class Result:
    """One validation result (SHACL §3.6.2).

    :param path: if it is a single property.
    :param value: of the path; None where the number of values is wrong.
    """

    shape: Term
    focus: Term
    path: ox.NamedNode | None
    value: Term | None
    is_warning: bool


def results(store: ox.Store, shapes: Iterable[ox.Triple], *names: str) -> list[Result]:
    """Return the results of a validation of graphs by shapes.

    :raises NotCoveredError: if pySHACL has to do it.
    """
    facts = Facts(shapes)
    validation = _Validation(_Data(store, names), facts)
    return [
        result
        for shape, properties in facts.of.items()
        if iris.TYPE in properties or properties.keys() & {_SH + "path", _SH + "property"}
        for result in validation.of_shape(shape)
    ]


class _Data:
    """Graphs as a validation reads them: the values of a property, the members of a class."""

    def __init__(self, store: ox.Store, names: tuple[str, ...]) -> None:
        self._store = store
        self._names = names
        self._values: dict[str, dict[Term, set[Term]]] = {}
        self._members: dict[Term, set[Term]] = {}

    def values(self, predicate: str) -> dict[Term, set[Term]]:
        """Return the values of a property by their subjects."""
        if predicate not in self._values:
            values = self._values[predicate] = defaultdict(set)
            for t in graphs.triples(self._store, *self._names, predicate=predicate):
                values[t.subject].add(t.object)
        return self._values[predicate]

    def members(self, klass: Term) -> set[Term]:
        """Return the instances of a class and of its subclasses (SHACL §1.1)."""
        if klass not in self._members:
            classes, parents = {klass}, self.values(iris.SUBCLASS)
            while more := {c for c, above in parents.items() if above & classes} - classes:
                classes |= more
            of_each = self.values(iris.TYPE).items()
            self._members[klass] = {node for node, types in of_each if types & classes}
        return self._members[klass]


@dataclass(frozen=True)
class _Validation:
    data: _Data
    shapes: Facts

    def of_shape(self, shape: Term) -> Iterator[Result]:
        """Yield the results of a node shape; of a property shape there are none by itself."""
        described = self.shapes.of[shape]
        types = {text(kind) for kind in described.get(iris.TYPE, ())}
        if not isinstance(shape, ox.NamedNode) or not types <= {
            _SH + "NodeShape",
            _SH + "PropertyShape",
        }:
            raise NotCoveredError
        is_property = _SH + "path" in described or _SH + "PropertyShape" in types
        known = {"path", *_CONSTRAINTS} if is_property else _OF_NODES
        words = {name.removeprefix(_SH) for name in described if name.startswith(_SH)}
        if not words <= known | _DESCRIBES:
            raise NotCoveredError
        if is_property:
            return
        focus = {n for c in described.get(_SH + "targetClass", ()) for n in self.data.members(c)}
        for predicate in described.get(_SH + "targetObjectsOf", ()):
            focus |= {v for vs in self.data.values(text(predicate)).values() for v in vs}
        for part in described.get(_SH + "property", ()):
            yield from self._of_property(part, focus)

    def _of_property(self, shape: Term, focus: set[Term]) -> Iterator[Result]:
        described = self.shapes.of.get(shape, {})
        paths = described.get(_SH + "path", ())
        severities = {text(s).removeprefix(_SH) for s in described.get(_SH + "severity", ())}
        if len(paths) != 1 or not isinstance(shape, ox.NamedNode) or not severities <= _SEVERITIES:
            raise NotCoveredError
        path = paths[0] if isinstance(paths[0], ox.NamedNode) else None
        values = self._path(paths[0])
        constraints = [
            (constraint, parameter)
            for name, constraint in _CONSTRAINTS.items()
            for parameter in described.get(_SH + name, ())
        ]
        for node in focus:
            for constraint, parameter in constraints:
                for value in constraint(self, parameter, values(node)):
                    yield Result(shape, node, path, value, severities == {"Warning"})

    def _path(self, path: Term) -> Callable[[Term], set[Term]]:
        """Return the function that follows a path (SHACL §2.3.1) from a node."""
        if isinstance(path, ox.NamedNode):
            values = self.data.values(path.value)
            return lambda node: values.get(node, set())
        described = self.shapes.of.get(path, {})
        if described.keys() == {_SH + "alternativePath"}:
            (alternatives,) = described[_SH + "alternativePath"]
            ways = [self._path(part) for part in self._list(alternatives)]
            return lambda node: {v for way in ways for v in way(node)}
        steps = [self._path(part) for part in self._list(path)]

        def follow(node: Term) -> set[Term]:
            nodes = {node}
            for step in steps:
                nodes = {v for n in nodes for v in step(n)}
            return nodes

        return follow

    def _list(self, head: Term) -> list[Term]:
        members: list[Term] = []
        while text(head) != iris.NIL:
            first, rest = (self.shapes.values(head, p) for p in (iris.FIRST, iris.REST))
            if len(first) != 1 or len(rest) != 1 or len(members) > len(self.shapes.of):
                raise NotCoveredError
            members += first
            head = rest[0]
        if not members:
            raise NotCoveredError
        return members

    # -- constraints: the values that violate one; None for the values as a whole ---------------

    def _min_count(self, count: Term, values: set[Term]) -> Iterable[Term | None]:
        return [None] if len(values) < _number(count) else []

    def _max_count(self, count: Term, values: set[Term]) -> Iterable[Term | None]:
        return [None] if len(values) > _number(count) else []

    def _class(self, klass: Term, values: set[Term]) -> Iterable[Term | None]:
        return values - self.data.members(klass)

    def _node_kind(self, kind: Term, values: set[Term]) -> Iterable[Term | None]:
        kinds = _KINDS[text(kind).removeprefix(_SH)]
        return [v for v in values if not isinstance(v, kinds)]

    def _in(self, members: Term, values: set[Term]) -> Iterable[Term | None]:
        return values.difference(self._list(members))

    def _datatype(self, datatype: Term, values: set[Term]) -> Iterable[Term | None]:
        is_well_formed = _WELL_FORMED.get(text(datatype))
        if is_well_formed is None:
            raise NotCoveredError
        return [
            v
            for v in values
            if not isinstance(v, ox.Literal)
            or v.datatype != datatype
            or not is_well_formed(v.value)
        ]

    def _pattern(self, pattern: Term, values: set[Term]) -> Iterable[Term | None]:
        try:
            search = re.compile(text(pattern)).search
        except re.error:
            raise NotCoveredError from None
        return [v for v in values if isinstance(v, ox.BlankNode) or not search(text(v))]

    def _max_length(self, length: Term, values: set[Term]) -> Iterable[Term | None]:
        most = _number(length)
        return [v for v in values if isinstance(v, ox.BlankNode) or len(text(v)) > most]

    def _min_inclusive(self, least: Term, values: set[Term]) -> Iterable[Term | None]:
        return [v for v in values if not _is_integer(v) or Decimal(text(v)) < _number(least)]


def _is_integer(term: Term) -> bool:
    if isinstance(term, ox.Literal) and term.datatype.value == iris.XSD_INTEGER:
        return _INTEGER.fullmatch(term.value) is not None
    if isinstance(term, ox.Literal) and term.datatype.value not in _NO_NUMBERS:
        raise NotCoveredError  # another number, perhaps
    return False


def _number(term: Term) -> int:
    if not _is_integer(term):
        raise NotCoveredError
    return int(text(term))


_CONSTRAINTS = {
    "minCount": _Validation._min_count,
    "maxCount": _Validation._max_count,
    "class": _Validation._class,
    "nodeKind": _Validation._node_kind,
    "in": _Validation._in,
    "datatype": _Validation._datatype,
    "pattern": _Validation._pattern,
    "maxLength": _Validation._max_length,
    "minInclusive": _Validation._min_inclusive,
}
