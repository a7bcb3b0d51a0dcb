"""Text to ranked hits: names, other names, beginnings, all words, misspellings, other text.

The index holds each word once, with the entries that have it, so a search compares what was typed
with some thousand words, and then only with the entries that can fit.
"""

import math
import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

CODE, EXACT, SINGULAR, BEGINNING, WORDS, PART, SPELLING, SENTENCE, LOOSE, TEXT, SOME = (
    950, 1000, 940, 860, 760, 600, 500, 420, 340, 150, 90,
)  # fmt: skip
"""Scores by how an entry fits. LOOSE is all words, some of them misspelt; TEXT is all words
anywhere in it; SOME and less is some of the words."""

WHOLE_NAME = 1.5
"""How much more an entry weighs whose whole name is among the words, if only some words fit."""

EDIT_LOSS = 60
"""How much each edit from a misspelling to a name costs."""

MAX_TYPED = 24
"""Words of a search that count."""

_STOP_WORDS = """
    a about against an and any are as at be by can do does for from has have how i in is it its me
    my of on or say says should that the their there these they this to was what when where which
    who why will with you your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words that do not tell one entry from another; they count only where nothing else is typed."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name by which an entry is found.

    :param why: whose name it is: "synonym" (the article's or ours), "code", "mapped" (another
        vocabulary's for the same), "near" (another vocabulary's for something near), "word" (one
        that readers try), "keyword".
    :param where: the vocabularies that call it so.
    """

    text: str
    why: str
    where: str = ""


LOSSES: Mapping[str, int] = {
    "name": 0, "synonym": 40, "word": 45, "mapped": 50, "near": 250, "keyword": 500,
}  # fmt: skip
"""How much less each sort of name counts than the label."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource that a search can find.

    :param kind: the name of its kind, in words.
    :param path: the site path of its document.
    :param names: what it is called apart from its label.
    :param definition: what it is.
    :param text: more words, which are searched, like the definition, after all names.
    :param group: the sort of hits among which it is shown, such as "term".
    :param sentence: whether the label is a sentence, in which a word is found anywhere alike.
    :param weight: what decides between entries that fit alike; the higher comes first.
    :param loss: what is taken off its scores, so that others come first.
    :param note: what a list of hits says about it, such as how firmly a statement is put.
    """

    iri: str
    label: str
    kind: str
    path: str
    names: tuple[Name, ...] = ()
    definition: str = ""
    text: str = ""
    group: str = "term"
    sentence: bool = False
    weight: int = 0
    loss: int = 0
    note: str = ""

    @property
    def synonyms(self) -> list[str]:
        """Its other names, without those of other vocabularies."""
        return [name.text for name in self.names if name.why == "synonym"]


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that fits a search.

    :param score: higher is better; only the order means anything.
    :param why: what matched: "name", a sort of :class:`Name`, "spelling", "text" or "some".
    :param matched: the text that matched, if it is not the label.
    :param where: the vocabularies that call the entry so.
    """

    entry: Entry
    score: float
    why: str
    matched: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """What a search finds, the best first.

    :param partial: whether nothing has all of the words, so that these hits have some of them.
    :param unknown: the typed words that nothing has.
    """

    hits: tuple[Hit, ...] = ()
    partial: bool = False
    unknown: tuple[str, ...] = ()


class _Named(NamedTuple):
    """A name in the index.

    :param at: the place of its entry.
    :param name: None for the label.
    """

    at: int
    folded: str
    name: Name | None


class _Best:
    """The best hit of each entry so far.

    :param words: how many words were typed.
    """

    def __init__(self, entries: list[Entry], words: int) -> None:
        self.entries = entries
        self.words = words
        self.hits: dict[int, Hit] = {}

    def offer(self, at: int, score: float, why: str, name: Name | None = None) -> None:
        entry = self.entries[at]
        known, score = self.hits.get(at), score - entry.loss
        if known is None or score > known.score:
            matched, where = (name.text, name.where) if name else ("", "")
            self.hits[at] = Hit(entry, score, why, matched, where)

    def offer_name(self, named: _Named, score: float, *, guessed: bool = False) -> None:
        sort = named.name.why if named.name else "name"
        if self.entries[named.at].sentence and not named.name and score < SINGULAR:
            share = min(1, self.words / len(named.folded.split()))
            score = min(score, SENTENCE) + 5 * round(4 * share)
        why = "spelling" if guessed else sort
        self.offer(named.at, score - LOSSES[sort], why, named.name)

    def ranked(self) -> list[Hit]:
        return sorted(
            self.hits.values(),
            key=lambda h: (
                -h.score,
                -h.entry.weight,
                len(h.entry.label),
                h.entry.label,
                h.entry.iri,
            ),
        )


class Index:
    """A searchable list of entries."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = list(entries)
        self._codes: dict[str, list[tuple[int, Name | None]]] = defaultdict(list)
        self._names: list[_Named] = []
        self._naming: dict[str, set[int]] = defaultdict(set)  # the names that have a stem
        self._having: dict[str, set[int]] = defaultdict(set)  # the entries that have it anywhere
        for at, entry in enumerate(self.entries):
            self._add(at, entry)
        self._whole = [named.folded for named in self._names]
        self._stems = sorted(self._having)

    def _add(self, at: int, entry: Entry) -> None:
        self._codes[entry.iri.lower()].append((at, None))
        for name in (None, *entry.names):
            text = name.text if name else entry.label
            if name and name.why == "code":
                code, local = text.lower(), text.rpartition(":")[2].lower()
                for one in {code, local} if re.search(r"\d", local) else {code}:
                    self._codes[one].append((at, name))
                continue
            folded = fold(text)
            for word in folded.split():
                self._naming[stem(word)].add(len(self._names))
                self._having[stem(word)].add(at)
            self._names.append(_Named(at, folded, name))
        for word in fold(f"{entry.definition} {entry.text}").split():
            self._having[stem(word)].add(at)

    def search(self, text: str, limit: int = 50) -> Results:
        """Return the best hits for a typed text, best first.

        An exact name comes before an exact synonym or code, then names that begin with the text,
        then those that have every word, then sentences, misspellings and other text. Only if
        nothing has every word, what has some of them is returned.
        """
        typed = " ".join(fold(text).split()[:MAX_TYPED])
        best = _Best(self.entries, len(typed.split()))
        for at, name in self._codes.get(text.strip().lower(), ()):
            best.offer(at, CODE, "code", name)
        if not typed:
            return Results(tuple(best.ranked()[:limit]))
        words = [word for word in typed.split() if word not in STOP_WORDS] or typed.split()
        stems = {word: self._beginning(word) for word in words}
        guessed = not all(stems.values())
        stems = {word: found or self._similar(word) for word, found in stems.items()}
        for place in _in_all(self._naming, stems.values()):
            named = self._names[place]
            best.offer_name(named, _score(typed, named.folded, guessed=guessed), guessed=guessed)
        self._offer_whole(best, typed)
        for at in _in_all(self._having, stems.values()):
            best.offer(at, TEXT / 2 if guessed else TEXT, "spelling" if guessed else "text")
        if best.hits:
            if all(hit.entry.sentence for hit in best.hits.values()):
                for at in self._named_within(stems):
                    best.offer(at, SOME, "some")
            return Results(tuple(best.ranked()[:limit]))
        self._offer_some(best, stems)
        unknown = tuple(word for word, found in stems.items() if not found)
        return Results(tuple(best.ranked()[:limit]), bool(best.hits), unknown)

    def _beginning(self, word: str) -> set[str]:
        """Return the stems that a typed word is, or begins."""
        stems = {stem(word)} & self._having.keys()
        start = bisect_left(self._stems, word)
        while len(word) > 1 and start < len(self._stems) and self._stems[start].startswith(word):
            stems.add(self._stems[start])
            start += 1
        return stems

    def _similar(self, word: str) -> set[str]:
        """Return the stems that differ least from a typed word: by an edit or, if long, two."""
        near = _near(stem(word), self._stems) if len(stem(word)) > 4 else []
        least = min((edits for _, edits in near), default=0)
        return {self._stems[place] for place, edits in near if edits == least}

    def _offer_whole(self, best: _Best, typed: str) -> None:
        """Offer the names that hold all that was typed, or differ from it by an edit or two."""
        if len(typed) > 3:
            for place, edits in _near(typed, self._whole):
                score = SPELLING - EDIT_LOSS * edits
                best.offer_name(self._names[place], score, guessed=True)
            for place, name in enumerate(self._whole):
                if typed in name:
                    best.offer_name(self._names[place], PART)

    def _named_within(self, words: Mapping[str, set[str]]) -> set[int]:
        """Return the places of entries that have a whole name among the typed words."""
        known = {stem(word) for word in words}
        named = (self._names[place] for place in _in_any(self._naming, known))
        return {one.at for one in named if known.issuperset(map(stem, one.folded.split()))}

    def _offer_some(self, best: _Best, words: Mapping[str, set[str]]) -> None:
        """Offer what has some of the words: first what has the rarest, and whole names."""
        weights: dict[int, float] = defaultdict(float)
        for word, found in words.items():
            places = _in_any(self._having, {stem(word)} & found or found)
            for at in places:
                weights[at] += math.log(1 + len(self.entries) / len(places))
        for at in self._named_within(words):
            weights[at] *= WHOLE_NAME
        most = max(weights.values(), default=1)
        for at, weight in weights.items():
            best.offer(at, SOME * weight / most, "some")


def _in_any(places: Mapping[str, set[int]], stems: Iterable[str]) -> set[int]:
    return set().union(*(places[s] for s in stems if s in places))


def _in_all(places: Mapping[str, set[int]], words: Iterable[set[str]]) -> set[int]:
    """Return the places that have a stem of every word."""
    return set.intersection(*(_in_any(places, stems) for stems in words))


def _near(typed: str, names: list[str]) -> list[tuple[int, int]]:
    """Return places and edits of the names that differ from what was typed by an edit or two.

    An edit is an insertion, a deletion, a change, or a swap of neighbours.
    """
    if len(typed) < 4:
        return []
    limit = 1 if len(typed) < 8 else 2
    matches = process.extract(typed, names, scorer=OSA.distance, score_cutoff=limit, limit=20)
    return [(place, int(edits)) for _, edits, place in matches]


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Return text without case, accents, punctuation and double spaces.

    >>> fold("X-Ray  (Röntgen)")
    'x ray rontgen'
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", plain))


def stem(word: str) -> str:
    """Return a word without the ending of a plural.

    >>> [stem(word) for word in ("tests", "biopsies", "illness", "as")]
    ['test', 'biopsy', 'illness', 'as']
    """
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] not in "su" else word


def _score(typed: str, name: str, *, guessed: bool) -> float:
    """Return how well a name that has every typed word fits; both are folded."""
    length = min(len(name), 60) / 2
    if name == typed:
        return EXACT
    if list(map(stem, name.split())) == list(map(stem, typed.split())):
        return SINGULAR
    if guessed:
        return LOOSE - length
    return (BEGINNING if name.startswith(typed) else WORDS) - length
