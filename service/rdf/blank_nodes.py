"""Blank node labels that depend on the data alone, so that the same data gives the same bytes."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import pyoxigraph as ox

_SETTLED = "urn:cdmo:node:"
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
    # The labels depend on these triples alone; to canonicalize all takes ten times as long.
    blank = {t for t in triples if not (_named(t.subject) and _named(t.object))}
    quads = canonical(ox.Quad(t.subject, t.predicate, t.object) for t in blank)
    return sorted([*(triples - blank), *(quad.triple for quad in quads)], key=str)


def relabelled(triples: Iterable[ox.Triple], scope: str) -> list[ox.Triple]:
    """Return constructed triples, with labels of new blank nodes that depend on them alone.

    :param scope: keeps these apart from the nodes of other queries. Nodes that :class:`InOrder`
        or this function has labelled stay as they are; the engine's own labels are hexadecimal.
    """
    triples = list(triples)
    if all(_named(t.subject) and _named(t.object) for t in triples):
        return triples
    prefix = "b" + sha256(scope.encode()).hexdigest()[:12]

    def settle(term: Any) -> Any:
        is_known = isinstance(term, ox.BlankNode) and "n" in term.value
        return ox.NamedNode(_SETTLED + term.value) if is_known else term

    def label(term: Any) -> Any:
        if isinstance(term, ox.BlankNode):
            return ox.BlankNode(prefix + term.value.removeprefix("c14"))
        if isinstance(term, ox.NamedNode) and term.value.startswith(_SETTLED):
            return ox.BlankNode(term.value.removeprefix(_SETTLED))
        return term

    settled = (ox.Triple(settle(t.subject), t.predicate, settle(t.object)) for t in triples)
    labelled = canonical_triples(settled)
    return [ox.Triple(label(t.subject), t.predicate, label(t.object)) for t in labelled]


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
