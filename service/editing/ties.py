"""Which texts of the sources speak of a term, because their block names it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from service import iris
from service.pipeline.blocks import Block
from service.pipeline.loading import Loaded
from service.rdf.terms import text

_ENDS = frozenset({iris.SUBJECT, iris.OBJECT})


class Ties:
    """The terms and claims that the blocks of the sources are about."""

    def __init__(self, loaded: Loaded) -> None:
        self._parts: dict[str, set[str]] = defaultdict(set)
        ends: dict[str, set[str]] = defaultdict(set)
        for document in loaded.documents:
            for t in document.triples:
                if text(t.subject).startswith(iris.CLAIM) and isinstance(t.object, ox.NamedNode):
                    self._parts[text(t.subject)].add(t.object.value)
                    if t.predicate.value in _ENDS:
                        ends[text(t.subject)].add(t.object.value)
        self._neighbours: dict[str, set[str]] = defaultdict(set)
        for pair in ends.values():
            for end in pair:
                self._neighbours[end] |= pair

    def of(self, file: Iterable[Block]) -> Iterator[tuple[Block, set[str]]]:
        """Yield each block of a file with the IRIs that it is about.

        These are its subject and the IRIs that it names, in its blank nodes too; the parts of each
        claim that it names; and the other end of each claim about its subject.
        """
        blocks = list(file)
        values: dict[object, set[object]] = defaultdict(set)
        for block in blocks:
            for t in block.triples:
                values[t.subject].add(t.object)
        for block in blocks:
            nodes: set[object] = {block.subject}
            pending: list[object] = [block.subject]
            while pending:
                more = values[pending.pop()] - nodes
                nodes |= more
                pending += (node for node in more if isinstance(node, ox.BlankNode))
            named = {node.value for node in nodes if isinstance(node, ox.NamedNode)}
            for claim in [iri for iri in named if iri in self._parts]:
                named |= self._parts[claim]
            yield block, named | self._neighbours.get(text(block.subject), set())
