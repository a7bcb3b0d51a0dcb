"""Blank node labels that depend on the data alone, so that the same data gives the same bytes."""

from collections.abc import Iterable
from typing import Any

import pyoxigraph as ox

_CANONICAL = ox.CanonicalizationAlgorithm.RDFC_1_0


def canonical(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Return the quads sorted, each once, their blank nodes labelled by RDFC-1.0.

    https://www.w3.org/TR/rdf-canon/. For data that fits in memory.
    """
    dataset = ox.Dataset(quads)
    dataset.canonicalize(_CANONICAL)
    return sorted(dataset, key=str)


def canonical_triples(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Return triples as :func:`canonical` does quads."""
    triples = set(triples)
    # The labels depend on these alone; to canonicalize the others too takes ten times as long.
    blank = {t for t in triples if not (_named(t.subject) and _named(t.object))}
    quads = canonical(ox.Quad(t.subject, t.predicate, t.object) for t in blank)
    return sorted([*(triples - blank), *(quad.triple for quad in quads)], key=str)


def _named(term: Any) -> bool:
    return isinstance(term, ox.NamedNode | ox.Literal)


class InOrder:
    """Blank node labels in the order of appearance, for streams too long for :func:`canonical`.

    :param scope: keeps the nodes of one stream apart from those of another.
    """

    def __init__(self, scope: str = "") -> None:
        self._scope = scope
        self._labels: dict[str, ox.BlankNode] = {}

    def term(self, term: Any) -> Any:
        """Return a term with its blank nodes relabelled."""
        if isinstance(term, ox.BlankNode):
            label = f"b{self._scope}n{len(self._labels)}"
            return self._labels.setdefault(term.value, ox.BlankNode(label))
        if isinstance(term, ox.Triple):
            return ox.Triple(self.term(term.subject), term.predicate, self.term(term.object))
        return term
