"""Passages with their text, and the other passages of a document that they lean on.

A bullet leans on the sentence that opens its list, a pronoun on the sentence before it, an answer
on its question, and every passage on the headings of its section.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from service.pipeline import graphs
from service.pipeline.loading import Loaded
from service.pipeline.passages import digest
from service.rdf.terms import text as text_of

_POINTING = re.compile(
    r"\b(it|its|they|them|their|these|this|those|that|such|he|she|his|her)\b", re.IGNORECASE
)
_IN_LIST = frozenset(["ListItem", "TableRow"])


@dataclass(frozen=True, slots=True)
class Placed:
    """A passage whose text stands where the sources record it.

    :param kind: local name of its kind, for example ``ListItem``.
    :param section: the IRI of its section.
    """

    iri: str
    text: str
    kind: str
    section: str

    @property
    def opens(self) -> bool:
        """Whether it opens a list, or is the heading of one."""
        return self.kind == "Heading" or self.text.endswith(":")


@dataclass(frozen=True)
class Document:
    """One source document: its passages in order, and the passages that each of them leans on.

    :param passages: the passages whose text stands where it is recorded, in order.
    :param parents: the section or document around each section.
    :param headings: the passage that is the heading of each section.
    """

    passages: list[Placed]
    parents: Mapping[str, str]
    headings: Mapping[str, str]

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each passage by IRI, counted from 0."""
        return {passage.iri: place for place, passage in enumerate(self.passages)}

    def near(self, iri: str) -> list[Placed]:
        """Return the passages from which a passage takes over words.

        They are the opening of its list, the items of a list that it opens, the sentence that its
        pronoun points to, and the question that it answers.
        """
        at = self.places[iri]
        passage = self.passages[at]
        near = list(self._opening(at))
        if passage.opens:
            near += self._opened(at)
        if _POINTING.search(passage.text):
            near += self.passages[max(at - 1, 0) : at]
            if near and _POINTING.search(near[-1].text):
                near += self.passages[max(at - 2, 0) : max(at - 1, 0)]
        if passage.kind == "Answer":
            near += [p for p in self.passages[:at] if p.kind == "QuestionPassage"][-1:]
        return near

    def above(self, iri: str) -> list[Placed]:
        """Return the headings of the sections around a passage, the nearest first."""
        section, above = self.passages[self.places[iri]].section, []
        while section in self.parents:
            heading = self.places.get(self.headings.get(section, ""))
            above += [] if heading is None else [self.passages[heading]]
            section = self.parents[section]
        return above

    def _opening(self, at: int) -> Iterator[Placed]:
        """Yield the opening of the list of an item, a row or the heading of a part."""
        passage = self.passages[at]
        before = reversed(self.passages[:at])
        if passage.kind in _IN_LIST:
            for other in before:
                if other.kind not in _IN_LIST or other.opens:
                    yield other
                    return
        elif passage.kind == "Heading":
            parent = self.parents.get(passage.section)
            openers = (p for p in before if p.section == parent and p.text.endswith(":"))
            yield from list(openers)[:1]

    def _opened(self, at: int) -> Iterator[Placed]:
        """Yield the items and rows of a list, or the headings of the parts that follow."""
        passage, after = self.passages[at], self.passages[at + 1 :]
        for other in after:
            if other.kind not in _IN_LIST:
                break
            yield other
        if after and after[0].kind == "Heading":
            for other in after:
                is_part = self.parents.get(other.section) == passage.section
                if other.kind == "Heading" and is_part:
                    yield other


def read_documents(loaded: Loaded, texts: Mapping[str, str]) -> list[Document]:
    """Return the documents at hand, without the passages that stand elsewhere now.

    :param texts: the whole text of each document, by the IRI of its source.
    """
    query = """
        SELECT ?passage ?source ?start ?end ?sha256 ?kind ?section
        WHERE {
          ?passage oa:hasSource ?source ; cdmo:sha256 ?sha256 ; cdmo:kind ?kind ;
            cdmo:section ?section ; oa:hasSelector ?selector .
          ?selector oa:start ?start ; oa:end ?end .
          FILTER(ISNUMERIC(?start) && ISNUMERIC(?end))
        }
        ORDER BY ?source ?start"""
    passages: dict[str, list[Placed]] = {source: [] for source in texts}
    for row in graphs.select(loaded.store, query, "claims"):
        iri, source, start, end, sha256, kind, section = map(text_of, row)
        text = texts.get(source, "")[int(start) : int(end)]
        if text and digest(text) == sha256:
            kind = kind.rpartition("/")[2]
            passages[source].append(Placed(iri, text.strip(), kind, section))
    parents = _pairs(loaded, "SELECT ?s ?o WHERE { ?s a cdmo:Section ; cdmo:partOf ?o }")
    headings = _pairs(loaded, "SELECT ?s ?o WHERE { ?s a cdmo:Section ; cdmo:heading ?o }")
    return [Document(placed, parents, headings) for placed in passages.values()]


def _pairs(loaded: Loaded, query: str) -> dict[str, str]:
    rows = graphs.select(loaded.store, query, "claims")
    return {text_of(row[0]): text_of(row[1]) for row in rows}
