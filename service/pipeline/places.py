"""Find the line and column of a statement in the sources, for violations to name."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from service import iris
from service.pipeline.statements import Statement
from service.pipeline.turtle_reader import Document
from service.pipeline.violations import Place, Related
from service.rdf.terms import Term

Placed = tuple[Place, tuple[Related, ...]]
"""A place, and places that explain it."""

ADDING = ("display.ttl", "waivers.ttl", "evidence-waivers.ttl", "hedges.ttl", "prefixes.ttl")
"""Files whose blocks add to a block elsewhere; messages show that one."""


_IN_LISTS = (iris.FIRST, iris.REST)


class _Found(NamedTuple):
    document: Document
    statement: Statement

    def place(self, at: int) -> Place:
        return Place(self.document.path, *self.document.statements.line_and_column(at))


@dataclass(frozen=True)
class Places:
    """The statements of all files.

    Files are read for places only when the first violation asks, and only those with its subject.
    """

    documents: Sequence[Document]

    @cached_property
    def _holders(self) -> Mapping[Term, list[Document]]:
        """The files with triples of each subject, in the order in which they are read."""
        holders: dict[Term, dict[int, Document]] = defaultdict(dict)
        for document in self.documents:
            for triple in document.triples:
                holders[triple.subject][id(document)] = document
        return {subject: list(documents.values()) for subject, documents in holders.items()}

    def of(
        self, subject: Term, predicate: Term | None = None, value: Term | None = None
    ) -> Placed | None:
        """Return the place of a statement, which may stand in a blank node of the subject.

        Without a statement of the value, it is the last one with the predicate: of two where one
        should be, the later. Without the predicate, it is the last block of the subject.

        :param subject: an IRI or a blank node.
        :return: None if no Turtle file has the subject.
        """
        own, parts = self._statements(subject)
        if value is not None:
            matches = _matching(own, predicate, value) or _matching(parts, predicate, value)
            if matches:
                return matches[-1].place(matches[-1].statement.value), ()
        if predicate is not None:
            matches = _matching(own, predicate)
            if not matches and value is not None:
                matches = _matching(parts, predicate)
            if matches:
                return _place_of(matches)
            # Where only such a file has the predicate, the missing statement belongs there.
            beside = [
                f for f in own if f.document.path.name in ADDING and f.document.uses(predicate)
            ]
            if beside and not any(f.document.uses(predicate) for f in own if f not in beside):
                return beside[-1].place(beside[-1].statement.block), ()
        return _block_of(own)

    def holding(self, node: Term) -> Place | None:
        """Return the place of the statement that holds a blank node, as a value or in a list.

        :return: None if no other node's statement holds it.
        """
        reached = [node]
        for each in reached:
            for document in self.documents:
                for statement in document.statements.of_object(each):
                    subject, predicate, _ = statement.triple
                    if predicate.value not in _IN_LISTS:
                        return _Found(document, statement).place(statement.predicate)
                    if subject not in reached:
                        reached.append(subject)
        return None

    def _statements(self, subject: Term) -> tuple[list[_Found], list[_Found]]:
        """Return the statements of a subject, and those inside its blank nodes."""
        own: list[_Found] = []
        parts: list[_Found] = []
        for document in self._holders.get(subject, ()):
            for statement in document.statements.of(subject):
                is_own = statement.triple.subject == subject
                (own if is_own else parts).append(_Found(document, statement))
        return own, parts


def _matching(
    matches: list[_Found], predicate: Term | None, value: Term | None = None
) -> list[_Found]:
    return [
        f
        for f in matches
        if predicate in (None, f.statement.triple.predicate)
        and value in (None, f.statement.triple.object)
    ]


def _place_of(matches: list[_Found]) -> Placed:
    """Return the place of the predicate of the last statement, and that of the first."""
    places = list(dict.fromkeys(f.place(f.statement.predicate) for f in matches))
    related = [Related(places[0], "the first of them")] if len(places) > 1 else []
    return places[-1], tuple(related)


def _block_of(matches: list[_Found]) -> Placed | None:
    """Return the place of the last block."""
    places = list(dict.fromkeys(f.place(f.statement.block) for f in matches))
    declaring = [place for place in places if place.file and place.file.name not in ADDING]
    places = declaring or places[:1]
    if not places:
        return None
    related = [Related(places[0], "the first block")] if len(places) > 1 else []
    return places[-1], tuple(related)
