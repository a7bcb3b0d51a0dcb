"""The lists of a release: the things that fit a filter, in the order of their page, as cards.

A page that lists and the same list as data select with :meth:`Lists.select`, so they agree.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from service import iris
from service.cards.cards import object_of
from service.cards.named import NamedValues, vocabulary_of
from service.cards.objects import SORTS
from service.cards.parameters import Filter
from service.library import Claim, Index, Library, MappingRow, Match, Ref, Standing, Term


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a list.

    :param total: how many things there are in the whole list.
    :param iris: the things of the part.
    :param next: the filter of the part that follows; None after the last.
    """

    total: int
    iris: list[str]
    next: Filter | None


class Lists:
    """The lists of a release, and their objects, each written once.

    :param index: returns the index that searches questions.
    """

    def __init__(self, library: Library, index: Callable[[], Index]) -> None:
        self.library = library
        self.named = NamedValues(library)
        self._index = index
        self._cards: dict[tuple[str, str], bytes] = {}

    def part(self, name: str, current: Filter) -> Part:
        """Return the part of a list that a filter asks for."""
        selected = self.select(name, current)
        end = len(selected) if current.limit is None else current.start + current.limit
        following = current.at(end, current.limit) if end < len(selected) else None
        return Part(len(selected), selected[current.start : end], following)

    def card(self, name: str, iri: str) -> bytes:
        """Return a thing of a list as JSON in one line: its card, or its object in others."""
        key = SORTS[name], iri
        if key not in self._cards:
            value = object_of(self.library, iri, SORTS[name])
            self._cards[key] = json.dumps(value, ensure_ascii=False).encode()
        return self._cards[key]

    def select(self, name: str, current: Filter) -> list[str]:
        """Return the IRIs of everything in a list that fits a filter, in the order of pages."""
        return list(_SELECTORS[name](self, current))

    # -- the lists ---------------------------------------------------------------------------

    def terms(self, current: Filter) -> Iterator[str]:
        """Yield the terms that fit, without obsolete ones."""
        for iri, term in self.library.terms.items():
            if not term.obsolete and self.admits(current, term):
                yield iri

    def admits(self, current: Filter, term: Term) -> bool:
        """Tell whether a term fits: itself, its mappings, and one of its statements."""
        iri, vocabulary, kind = term.ref.iri, current["vocabulary"], current["kind"]
        if kind and kind not in term.kinds:
            return False
        if vocabulary and vocabulary not in self.vocabularies(iri):
            return False
        claims = self.library.claims_of_term.get(iri, ())
        narrowed = current["standing"] or current["section"] or current["source"]
        return not narrowed or any(self.is_put(claim, current) for claim in claims)

    def behind(self, current: Filter) -> set[str]:
        """Return the statements of all terms that fit a filter, if they too are put as it says."""
        claims = self.library.claims_of_term
        fitting = (c for iri in self.terms(current) for c in claims.get(iri, ()))
        return {claim.ref.iri for claim in fitting if self.is_put(claim, current)}

    def statements(self, current: Filter) -> Iterator[str]:
        """Yield the statements that fit, in the order of the document."""
        for iri, claim in self.library.claims.items():
            if self._fits(claim, current) and self.is_put(claim, current):
                yield iri

    def _fits(self, claim: Claim, current: Filter) -> bool:
        tests = (
            (_OF_CLAIM[name], value) for name, value in current.values.items() if name in _OF_CLAIM
        )
        return all(value in values_of(self.library, claim) for values_of, value in tests)

    def is_put(self, claim: Claim, current: Filter) -> bool:
        """Tell whether a section, a document, or any, puts a statement as the filter says."""
        standings = self.standings[claim.ref.iri]
        put = standings.get(current["section"] or current["source"])
        is_there = current["source"] in ("", *standings)
        return put is not None and is_there and current["standing"] in ("", put.ref.iri)

    def mappings(self, current: Filter) -> Iterator[str]:
        """Yield the matches that fit, exact ones first; without denied ones."""
        return (row.iri for row in self.mapping_rows(current))

    def mapping_rows(self, current: Filter) -> Iterator[MappingRow]:
        """Yield the matches that fit as rows."""
        library, code = self.library, current["code"]
        for row, match in self._matches:
            vocabulary = vocabulary_of(match.target.curie)
            if (
                current["vocabulary"] in ("", vocabulary)
                and current["predicate"] in ("", match.predicate.iri)
                and current["term"] in ("", row.term.iri)
                and code_fits(row.term, match.target, library.vocabulary_name(vocabulary), code)
            ):
                yield row

    @cached_property
    def _matches(self) -> list[tuple[MappingRow, Match]]:
        matches = [(row, row.match) for row in self.library.mapping_rows if row.match]
        listed = [(row, match) for row, match in matches if not match.negative]
        return sorted(listed, key=lambda x: (x[1].rank[1], x[1].target.label.lower(), x[0].iri))

    def questions(self, current: Filter) -> Iterator[str]:
        """Yield the questions that fit, those of readers first."""
        asked, words = self.library.questions, current["q"]
        hits = self._index().search(words, len(asked), "question").hits if words else ()
        matching = {hit.entry.iri for hit in hits}
        for question in asked:
            keyword, source = current["keywords"], current["source"]
            if (
                source in ("", question.source)
                and (not words or question.ref.iri in matching)
                and (not keyword or keyword in question.keywords)
            ):
                yield question.ref.iri

    def tensions(self, current: Filter) -> Iterator[str]:
        """Yield the tensions that fit, those that mislead first."""
        library, term, section = self.library, current["term"], current["section"]
        source = current["source"]
        shown = list(library.tensions.values())
        if term:
            shown = [*library.tensions_about(term), *library.tensions_below(term)]
        inside = library.tensions_about(section) if section else shown
        for tension in shown:
            kind = tension.kind.ref.iri
            if (
                tension in inside
                and current["tensionKind"] in ("", kind)
                and source in ("", *(ref.iri for ref in tension.sources))
            ):
                yield tension.ref.iri

    def passages(self, current: Filter) -> Iterator[str]:
        """Yield the passages that fit, in the order of the document."""
        section, kind, term = (current[name] for name in ("section", "passageKind", "term"))
        naming = set(self.library.subjects(iris.CDMO + "mentions", term)) if term else ()
        for iri, passage in self.library.passages.items():
            around = [s.ref.iri for s in self.library.around(passage.section)]
            if (
                (not section or section in around)
                and kind in ("", passage.kind.iri)
                and current["source"] in ("", passage.source.iri)
                and (not term or iri in naming)
            ):
                yield iri

    # -- values that filters compare ------------------------------------------------------------

    @cached_property
    def standings(self) -> Mapping[str, Mapping[str, Standing]]:
        """The best standing of each claim by section and document that make it; by "" in all."""
        return {iri: self._put(claim) for iri, claim in self.library.claims.items()}

    def _put(self, claim: Claim) -> dict[str, Standing]:
        best = {"": claim.standing}
        for citation in claim.citations:
            around = [s.ref.iri for s in self.library.around(citation.passage.section)]
            for iri in (*around, citation.passage.source.iri):
                put = citation.standing
                best[iri] = max(best.get(iri, put), put, key=lambda s: s.level)
        return best

    def vocabularies(self, iri: str) -> set[str]:
        """Return the prefixes of the vocabularies to which a term is mapped."""
        return {vocabulary_of(m.target.curie) for m in self.library.matches.get(iri, ())}


def _object(claim: Claim) -> str:
    return claim.object.iri or claim.object.label


_OF_CLAIM: Mapping[str, Callable[[Library, Claim], tuple[str, ...]]] = {
    "subject": lambda library, claim: (claim.subject.iri,),
    "object": lambda library, claim: (_object(claim),),
    "term": lambda library, claim: (claim.subject.iri, _object(claim)),
    "kind": lambda library, claim: library.kinds_of(claim.subject.iri),
    "relation": lambda library, claim: claim.relation.wider,
    "polarity": lambda library, claim: (iris.NEGATIVE if claim.negative else iris.POSITIVE,),
    "narrowed": lambda library, claim: tuple(q.value.iri for q in claim.qualifiers),
}
"""The values that a statement has for a parameter."""

_SELECTORS: Mapping[str, Callable[[Lists, Filter], Iterator[str]]] = {
    "terms": Lists.terms,
    "statements": Lists.statements,
    "mappings": Lists.mappings,
    "questions": Lists.questions,
    "tensions": Lists.tensions,
    "passages": Lists.passages,
}


def code_fits(term: Ref, target: Ref, vocabulary: str, code: str) -> bool:
    """Tell whether a code or a part of a name, as people write it, fits a mapping.

    It may name either term, or its whole vocabulary. People write ``HPO:0012531`` and ``ICD-10``
    where prefixes are ``HP`` and ``ICD10CM``. An empty one fits any mapping.

    :param vocabulary: the name of the target's vocabulary.
    """
    names = (target.curie, target.label, target.iri, term.label, term.curie)
    if any(code.lower() in (name or "").lower() for name in names):
        return True
    alias, _, local = code.lower().replace("-", "").partition(":")
    known = vocabulary.lower().replace("-", "")
    own = (target.curie or "").partition(":")[2].lower().replace("-", "")
    return len(alias) > 2 and alias in known and local in ("", own)
