"""Passages: found by their number or by their words, and silent until a claim cites them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from service import iris
from service.editing.edits import Edits
from service.editing.lookup import Lookup
from service.pipeline import graphs
from service.pipeline.loading import Loaded
from service.pipeline.passages import digest
from service.problems import EditRefused, UsageError
from service.rdf.terms import text, triple

MOST = 6
"""The most candidates that a message shows."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A passage of the sources.

    :param section: the IRI of its section, which lies in its chapter.
    :param words: its text, if the document is at hand.
    """

    iri: str
    source: str
    order: int
    chapter: str
    silent: bool
    words: str = ""
    section: str = ""


@dataclass
class Passages:
    """The passages of the sources, with the texts of the documents at hand.

    :param documents: the texts of documents; a digest tells the source of each.
    :raises UsageError: if a document is none of the sources.
    """

    loaded: Loaded
    documents: Sequence[str] = ()
    recorded: dict[str, Recorded] = field(default_factory=dict)

    def __post_init__(self) -> None:
        texts = dict(map(self._source_of, self.documents))
        parents = {
            text(t.subject): text(t.object)
            for t in graphs.triples(self.loaded.store, "claims", predicate=iris.PART_OF)
        }
        query = """
            SELECT ?passage ?source ?order ?section ?start ?end ?reason WHERE {
              ?passage a cdmo:Passage ; oa:hasSource ?source ; cdmo:order ?order ;
                cdmo:section ?section ; oa:hasSelector ?selector .
              ?selector oa:start ?start ; oa:end ?end .
              OPTIONAL { ?passage cdmo:assertsNothing ?reason }
            }"""
        for row in graphs.select(self.loaded.store, query, "claims"):
            passage, source, order, section, start, end, reason = map(text, row)
            chapter = section
            while (above := parents.get(chapter, source)) != source:
                chapter = above
            words = texts.get(source, "")[int(start) : int(end)]
            self.recorded[passage] = Recorded(
                passage, source, int(order), chapter, bool(reason), words, section
            )

    def _source_of(self, document: str) -> tuple[str, str]:
        digests = graphs.triples(self.loaded.store, "claims", predicate=iris.SHA256)
        for t in digests:
            if text(t.object) == digest(document) and text(t.subject).startswith(_SOURCE):
                return text(t.subject), document
        message = (
            "The document is none of the sources: no cdmo:sha256 in claims/sources.ttl is its."
        )
        raise UsageError(f"{message} Run: cdmo verify-source FILE")

    def find(self, name: str) -> Recorded:
        """Return a passage by CURIE, local name or number, or by words of its text.

        :raises UsageError: if there is none, or several; it shows those that may be meant.
        """
        iri = self.loaded.names.iri(name) or iris.BASE + "passage/" + name
        if passage := self.recorded.get(iri):
            return passage
        if name.isdecimal():
            numbered = [p for p in self.recorded.values() if p.order == int(name)]
            if len(numbered) == 1:
                return numbered[0]
            return self._fail(f"{len(numbered)} passages have the number {name}.", numbered)
        if not any(p.words for p in self.recorded.values()):
            message = f"There is no passage '{name}'. To find one by its words, give the document"
            raise UsageError(f"{message}: --source FILE")
        candidates = self.containing(name)
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            return self._fail(f"{len(candidates)} passages have these words.", candidates)
        return self._fail(f"No passage has the words '{name}'.", self._nearest(name))

    def containing(self, words: str) -> list[Recorded]:
        """Return the passages whose text has these words in a row, or else in any order."""
        wanted = _words(words)
        in_a_row = [p for p in self._in_order() if f" {' '.join(wanted)} " in _line(p.words)]
        exact = [p for p in in_a_row if _words(p.words) == wanted]
        return exact or in_a_row or [p for p in self._in_order() if {*wanted} <= {*_words(p.words)}]

    def _nearest(self, words: str) -> list[Recorded]:
        wanted = set(_words(words))
        shares = [(len(wanted & {*_words(p.words)}), p) for p in self._in_order()]
        near = [pair for pair in shares if pair[0] * 2 >= len(wanted) > 0]
        return [p for _, p in sorted(near, key=lambda pair: -pair[0])]

    def _in_order(self) -> list[Recorded]:
        return sorted(self.recorded.values(), key=lambda p: (p.source, p.order))

    def _fail(self, message: str, candidates: list[Recorded]) -> Recorded:
        shown = [f"\n  {self.loaded.name(p.iri)}  {p.words}".rstrip() for p in candidates[:MOST]]
        more = f"\n  and {len(candidates) - MOST} more" if len(candidates) > MOST else ""
        hint = " Those that may be meant:" if shown else ""
        raise UsageError(message + hint + "".join(shown) + more)


_SOURCE = iris.BASE + "source/"


def _words(words: str) -> list[str]:
    return re.findall(r"\w+", words.casefold())


def _line(words: str) -> str:
    return f" {' '.join(_words(words))} "


# -- passages that assert nothing ------------------------------------------------------------------


def silence(edits: Edits, lookup: Lookup, passage: Recorded, reason: str) -> None:
    """Write why a passage asserts nothing, in the place of an earlier reason.

    :param reason: a name of one of the reasons.
    :raises UsageError: if there is no such reason.
    :raises EditRefused: if a claim cites the passage.
    """
    value = lookup.value(reason, iris.CDMO + "Reason")
    query = f"SELECT ?claim WHERE {{ ?claim cdmo:citation/cdmo:passage <{passage.iri}> }}"
    rows = graphs.select(edits.loaded.store, query, "claims")
    if claims := ", ".join(sorted(edits.loaded.name(row[0]) for row in rows)):
        raise EditRefused(f"{edits.loaded.name(passage.iri)} is cited by {claims}.")
    _write(edits, passage, [triple(passage.iri, iris.ASSERTS_NOTHING, value)])


def give_voice(edits: Edits, passage: Recorded) -> None:
    """Take from a passage the reason why it asserts nothing: now it does."""
    if passage.silent:
        _write(edits, passage, [])


def _write(edits: Edits, passage: Recorded, reasons: list[ox.Triple]) -> None:
    path, block = edits.block(passage.iri)
    kept = [t for t in block.triples if t.predicate.value != iris.ASSERTS_NOTHING]
    edits.replace(path, block.subject, [*kept, *reasons])
