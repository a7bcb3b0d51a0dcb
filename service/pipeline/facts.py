"""Triples by subject and property, for readers of a few properties of many subjects."""

from collections.abc import Iterable

import pyoxigraph as ox

from service import iris
from service.rdf.terms import Term

LOGICAL = frozenset(
    {
        *(iris.TYPE, iris.SUBCLASS, iris.EQUIVALENT_CLASS, iris.DISJOINT_WITH),
        *(iris.SUBPROPERTY, iris.INVERSE_OF, iris.DOMAIN, iris.RANGE),
        iris.OWL + "propertyChainAxiom",
    }
)
"""Properties of axioms; the others annotate."""


class Facts:
    """The values of each subject and property, in the order of the triples.

    :ivar of: the values by subject and property.
    """

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self.of: dict[Term, dict[str, list[Term]]] = {}
        for t in triples:
            properties = self.of.setdefault(t.subject, {})
            properties.setdefault(t.predicate.value, []).append(t.object)

    def values(self, subject: Term, predicate: str) -> list[Term]:
        """Return the values of a property."""
        return self.of.get(subject, {}).get(predicate, [])

    def value(self, subject: Term, predicate: str) -> Term | None:
        """Return the first value of a property, if there is one."""
        return next(iter(self.values(subject, predicate)), None)

    def members(self, subject: Term, predicate: str) -> list[Term]:
        """Return the members of the list that is the value of a property."""
        members: list[Term] = []
        cell, seen = self.value(subject, predicate), set[Term]()
        while cell is not None and cell not in seen:
            seen.add(cell)
            members += self.values(cell, iris.FIRST)[:1]
            cell = self.value(cell, iris.REST)
        return members
