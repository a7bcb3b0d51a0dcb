"""Text to ranked hits: labels first, then synonyms, beginnings, misspellings, definitions.

The index is small (hundreds of entries) and held in memory; a search looks at every entry.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from service.library.data import Ref
from service.library.library import Library

CODE, EXACT, SINGULAR, BEGINNING, WORDS, PART, SPELLING, LOOSE, DEFINITION = (
    950, 1000, 940, 860, 760, 600, 500, 340, 100,
)  # fmt: skip
"""Scores by how an entry fits; those from SPELLING down are guesses."""

SYNONYM_LOSS = 40
"""How much less a synonym counts than the name; exact synonyms still beat all but exact names."""

EDIT_LOSS = 60
"""How much each edit from a misspelling to a name costs."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource that a search can find.

    :param kind: the name of its kind, in words.
    :param path: the site path of its document.
    :param synonyms: other names.
    :param codes: identifiers: its own CURIE and those of mapped terms.
    """

    iri: str
    label: str
    kind: str
    path: str
    synonyms: tuple[str, ...] = ()
    definition: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that fits a search.

    :param score: higher is better; only the order means anything.
    :param why: what matched: "name", "synonym", "code", "spelling" or "definition".
    :param matched: the text that matched, if it is not the label.
    """

    entry: Entry
    score: float
    why: str
    matched: str = ""


class Index:
    """A searchable list of entries."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = list(entries)
        self._names = [[fold(name) for name in (e.label, *e.synonyms)] for e in self.entries]

    def search(self, text: str, limit: int = 50) -> list[Hit]:
        """Return the best hits for a typed text, best first.

        An exact name comes before an exact synonym or code, then names and synonyms that begin
        with the text, then those that have every word, then misspellings, then definitions.
        """
        folded = fold(text)
        if not folded:
            return []
        code = text.strip().lower()
        matches = (
            _match(e, n, folded, code) for e, n in zip(self.entries, self._names, strict=True)
        )
        hits = [hit for hit in matches if hit]
        hits.sort(key=lambda h: (-h.score, len(h.entry.label), h.entry.label, h.entry.iri))
        return hits[:limit]


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Return text without case, accents, punctuation and double spaces.

    >>> fold("X-Ray  (Röntgen)")
    'x ray rontgen'
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", plain))


def _match(entry: Entry, names: list[str], typed: str, code: str) -> Hit | None:
    """Return the best hit of an entry.

    :param names: the folded label, then the folded synonyms.
    :param typed: the folded text; ``code`` is the text in lower case.
    """
    hits = [
        Hit(entry, CODE, "code", known)
        for known in entry.codes
        if code in (known.lower(), known.rpartition(":")[2].lower(), entry.iri.lower())
    ]
    for name, synonym in zip(names, ("", *entry.synonyms), strict=True):
        if (score := _score(typed, name)) is not None:
            why = "spelling" if score <= SPELLING else "synonym" if synonym else "name"
            hits.append(Hit(entry, score - (SYNONYM_LOSS if synonym else 0), why, synonym))
    if not hits and len(typed) > 2 and set(typed.split()) <= set(fold(entry.definition).split()):
        hits.append(Hit(entry, DEFINITION, "definition"))
    return max(hits, key=lambda hit: hit.score, default=None)


def _score(typed: str, name: str) -> float | None:
    """Return how well a name fits what was typed, or None if it does not; both are folded."""
    words, parts = name.split(), typed.split()
    length = min(len(name), 60) / 2
    if name == typed:
        return EXACT
    if _singular(name) == _singular(typed):
        return SINGULAR
    if name.startswith(typed):
        return BEGINNING - length
    if all(any(word.startswith(part) for word in words) for part in parts):
        return WORDS - length
    return PART if len(typed) > 3 and typed in name else _guess(typed, name)


def _guess(typed: str, name: str) -> float | None:
    """Return how well a name fits a misspelling: edits of the whole, or of the worst word.

    An edit is an insertion, a deletion, a change, or a swap of neighbours.
    """
    limit = 1 if len(typed) < 8 else 2
    if len(typed) > 3 and (edits := OSA.distance(typed, name, score_cutoff=limit)) <= limit:
        return SPELLING - EDIT_LOSS * edits
    words, worst = name.split(), 0
    for part in typed.split():
        limit = 1 if len(part) > 3 else 0
        edits = min((OSA.distance(part, word, score_cutoff=limit) for word in words), default=2)
        if edits > limit:
            return None
        worst = max(worst, edits)
    return LOOSE - EDIT_LOSS * worst


def _singular(name: str) -> str:
    return " ".join(w[:-1] if len(w) > 3 and w.endswith("s") else w for w in name.split())


def search_entries(library: Library) -> Iterator[Entry]:
    """Yield an entry for every term, relation, standing, section, question and tension."""
    synonyms: dict[str, list[str]] = defaultdict(list)
    for row in library.select("synonyms"):
        synonyms[row["term"]].append(row["synonym"])
    for iri, term in library.terms.items():
        kind = library.kinds[term.kinds[0]].ref.label if term.kinds else "term"
        kind = "obsolete term" if term.obsolete else kind
        codes = [match.target.curie or match.target.iri for match in library.matches.get(iri, ())]
        yield from _entry(term.ref, kind, term.definition, synonyms[iri], codes)
    for relation in library.relations.values():
        yield from _entry(relation.ref, "relation", relation.definition)
    for standing in library.standings.values():
        yield from _entry(standing.ref, "standing", standing.definition)
    for section in library.sections.values():
        yield from _entry(section.ref, "section")
    for question in library.questions:
        yield from _entry(question.ref, "question")
    for tension in library.tensions.values():
        yield from _entry(tension.ref, "tension")


def _entry(
    ref: Ref,
    kind: str,
    definition: str = "",
    synonyms: Iterable[str] = (),
    codes: Iterable[str] = (),
) -> Iterator[Entry]:
    """Yield the entry of a resource, if it has a document."""
    if ref.path:
        codes, synonyms = (ref.curie or "", *codes), tuple(dict.fromkeys(synonyms))
        yield Entry(ref.iri, ref.label, kind, ref.path, synonyms, definition, codes)
