"""Text to ranked hits: labels first, then synonyms, beginnings, misspellings, definitions.

The index is small (hundreds of entries) and held in memory; a search looks at every entry.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz.distance import OSA


@dataclass(frozen=True)
class Entry:
    """Something that can be found.

    :param iri: the published IRI.
    :param label: what it is called.
    :param kind: the name of its kind, in words.
    :param path: the site path of its document.
    :param synonyms: other names.
    :param definition: one sentence.
    :param codes: identifiers: its own CURIE and those of mapped terms.
    """

    iri: str
    label: str
    kind: str
    path: str
    synonyms: tuple[str, ...] = ()
    definition: str = ""
    codes: tuple[str, ...] = ()
    _label: str = field(init=False, repr=False, default="")
    _synonyms: tuple[str, ...] = field(init=False, repr=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "_label", fold(self.label))
        object.__setattr__(self, "_synonyms", tuple(fold(s) for s in self.synonyms))


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that was found.

    :param score: higher is better; only the order means anything.
    :param why: what matched: "name", "synonym", "code", "spelling", "definition", ...
    :param matched: the text that matched, if it was not the label.
    """

    entry: Entry
    score: float
    why: str
    matched: str = ""


class Index:
    """A searchable list of entries."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = list(entries)

    def search(self, text: str, limit: int = 50) -> list[Hit]:
        """Return the best hits for what someone typed, best first.

        An exact name comes before an exact synonym or code, then names and synonyms that begin
        so, then those that hold every word, then misspellings, then definitions.
        """
        wanted = fold(text)
        if not wanted:
            return []
        code = text.strip().lower()
        hits = [hit for entry in self.entries if (hit := _match(entry, wanted, code))]
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


def _match(entry: Entry, wanted: str, code: str) -> Hit | None:
    hits = [
        Hit(entry, 950, "code", known)
        for known in entry.codes
        if code in (known.lower(), known.rpartition(":")[2].lower(), entry.iri.lower())
    ]
    if (score := _name_score(wanted, entry._label)) is not None:
        hits.append(Hit(entry, score, "name" if score > SPELLING else "spelling"))
    for shown, name in zip(entry.synonyms, entry._synonyms, strict=True):
        if (score := _name_score(wanted, name)) is not None:
            why = "synonym" if score > SPELLING else "spelling"
            hits.append(Hit(entry, score - SYNONYM_LOSS, why, shown))
    if not hits and len(wanted) > 2:
        words = set(fold(entry.definition).split())
        if all(part in words for part in wanted.split()):
            hits.append(Hit(entry, 100, "definition"))
    return max(hits, key=lambda h: h.score, default=None)


SYNONYM_LOSS = 40
"""How much less a synonym counts than the name; exact synonyms still beat all but exact names."""

SPELLING = 500
"""Scores up to here are guesses at what was meant."""


def _name_score(wanted: str, name: str) -> float | None:
    """Return how well a name fits what was typed (both folded), or None if it does not."""
    words, parts = name.split(), wanted.split()
    length = min(len(name), 60) / 2
    rules: tuple[tuple[Callable[[], bool], float], ...] = (
        (lambda: name == wanted, 1000),
        (lambda: _singular(name) == _singular(wanted), 940),
        (lambda: name.startswith(wanted), 860 - length),
        (lambda: all(any(w.startswith(p) for w in words) for p in parts), 760 - length),
        (lambda: len(wanted) > 3 and wanted in name, 600),
    )
    for fits, score in rules:
        if fits():
            return score
    if len(wanted) > 3 and (edits := _edits(wanted, name, 2)) <= _tolerance(wanted):
        return 500 - 60 * edits
    worst = _loose(parts, words)
    return None if worst is None else 340 - 60 * worst


def _tolerance(text: str) -> int:
    return 1 if len(text) < 8 else 2


def _singular(name: str) -> str:
    return " ".join(w[:-1] if len(w) > 3 and w.endswith("s") else w for w in name.split())


def _loose(parts: list[str], words: list[str]) -> int | None:
    """Return the edits of the worst part if every part is nearly one of the words."""
    worst = 0
    for part in parts:
        limit = 1 if len(part) > 3 else 0
        least = min((_edits(part, word, limit) for word in words), default=9)
        if least > limit:
            return None
        worst = max(worst, least)
    return worst


def _edits(a: str, b: str, limit: int) -> int:
    """Return how many insertions, deletions, changes or swaps of neighbours lead from a to b.

    Anything above ``limit`` is returned as ``limit + 1``.
    """
    return OSA.distance(a, b, score_cutoff=limit)
