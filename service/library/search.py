"""Text to ranked hits: names, other names, beginnings, all words, misspellings, other text.

The index holds each word once, with the entries that have it, so a search compares what was typed
with some thousand words, and then only with the entries that can fit.
"""

import math
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from heapq import nlargest, nsmallest
from itertools import accumulate, islice
from typing import NamedTuple

from service.library.entries import Entry, Hit, Name, Results
from service.library.words import Spellings, fold, meant, stem, telling, without_noise

CODE, EXACT, SINGULAR, JOINED, ARRANGED, MEANT, BEGINNING, WORDS, INITIALS, PART = (
    950, 1000, 940, 930, 920, 900, 860, 760, 700, 600,
)  # fmt: skip
SPELLING, ACROSS, SENTENCE, LOOSE, TEXT, SOME = 500, 430, 420, 340, 150, 90
"""Scores by how an entry fits.

SINGULAR is the same words except plurals and spellings; JOINED, the same letters; ARRANGED, the
same words in any order; MEANT, the same with abbreviations written out; ACROSS, words of several
names. LOOSE is all words, some of them misspelt; TEXT is all words anywhere in it; SOME and less is
some of the words.
"""

SURE = (EXACT, SINGULAR, JOINED, ARRANGED)
"""The fits of an entry that a careful curator would accept unseen, if no other fits so well."""

NEAR_LOSS = 100
"""Points that the code of a resource loses if it is not just the same."""

NOISE_LOSS = 100
"""Points that an entry loses if it has the typed words only without their noise."""

WHOLE_NAME = 1.5
"""The factor for an entry whose whole name is among the words, if only some words fit."""

EDIT_LOSS = 60
"""Points that each edit from a misspelling to a name costs."""

MAX_TYPED = 24
"""The most words of a search that count."""

MAX_STEMS, MAX_OFFERED, MAX_PARTS = 500, 2000, 500
"""Words that a typed one begins, names that have the words, and names that hold the text, which are
looked at. With more, a reader types further."""


LOSSES: Mapping[str, int] = {
    "name": 0, "synonym": 40, "word": 45, "mapped": 50, "near": 250, "keyword": 500,
}  # fmt: skip
"""Points that each sort of name counts less than the label."""


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
    :param group: the only sort of entries that count; "" for all.
    """

    def __init__(self, entries: list[Entry], words: int, group: str) -> None:
        self.entries = entries
        self.words = words
        self.group = group
        self.hits: dict[int, Hit] = {}

    def offer(
        self, at: int, score: float, why: str, name: Name | None = None, sure: int = 0
    ) -> None:
        entry = self.entries[at]
        if self.group and entry.group != self.group:
            return
        known, score = self.hits.get(at), score - entry.loss
        sure = 0 if entry.retired else max(sure, known.sure if known else 0)
        if known is None or score > known.score:
            matched, where = (name.text, name.where) if name else ("", ())
            self.hits[at] = Hit(entry, score, why, matched, where, sure)
        elif sure > known.sure:
            self.hits[at] = replace(known, sure=sure)

    def offer_name(self, named: _Named, score: float, why: str = "", sure: int = 0) -> None:
        sort = named.name.why if named.name else "name"
        if self.entries[named.at].sentence and not named.name and score < BEGINNING + 1:
            share = min(1, self.words / len(named.folded.split()))
            score = min(score, SENTENCE) + 5 * round(4 * share)
        self.offer(named.at, score - LOSSES[sort], why or sort, named.name, sure)

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
        self._forms: dict[tuple[int, str], list[int]] = defaultdict(list)
        self._naming: dict[str, set[int]] = defaultdict(set)  # the names that have a stem
        self._calling: dict[str, set[int]] = defaultdict(set)  # the entries with it in a name
        self._having: dict[str, set[int]] = defaultdict(set)  # the entries that have it anywhere
        named = [one for at, entry in enumerate(self.entries) for one in self._read(at, entry)]
        # In the order of length, since of many names that fit alike the shortest fit best.
        for one in sorted(named, key=lambda one: len(one.folded)):
            self._add(one)
        self._whole = "\n".join(named.folded for named in self._names)
        self._starts = list(accumulate((len(n.folded) + 1 for n in self._names), initial=0))
        self._stems = sorted(self._having)
        self._near_stems = Spellings(self._stems)
        self._near_names = Spellings(named.folded for named in self._names)

    def _read(self, at: int, entry: Entry) -> Iterator[_Named]:
        """Yield the names of an entry; keep its codes, and the words of its other text."""
        self._codes[entry.iri.lower()].append((at, None))
        yield _Named(at, fold(entry.label), None)
        for name in entry.names:
            if name.why == "code":
                for code in _spellings_of_code(name.text):
                    self._codes[code].append((at, name))
            else:
                yield _Named(at, fold(name.text), name)
        for word in fold(f"{entry.definition} {entry.text}").split():
            self._having[stem(word)].add(at)

    def _add(self, named: _Named) -> None:
        place = len(self._names)
        for word in named.folded.split():
            for key in {stem(word), meant(word)}:
                self._naming[key].add(place)
                self._calling[key].add(named.at)
                self._having[key].add(named.at)
        for tier, form in _forms(named.folded):
            self._forms[tier, form].append(place)
        if initials := _initials(named.folded):
            self._forms[INITIALS, initials].append(place)
        self._names.append(named)

    def search(self, text: str, limit: int = 50, group: str = "") -> Results:
        """Return the best hits for a typed text, best first.

        An exact name comes before an exact synonym or code, then names that begin with the text,
        then those that have every word, then sentences, misspellings and other text. Entries with
        some of the words are returned only if none has every word.

        :param group: the only sort of entries that is looked for, such as "term".
        """
        typed = " ".join(fold(text).split()[:MAX_TYPED])
        best = _Best(self.entries, len(typed.split()), group)
        for at, name in self._codes.get(text.strip().lower(), ()):
            exact = name is None or name.exact
            best.offer(at, CODE if exact else CODE - NEAR_LOSS, "code", name, 2 if exact else 0)
        if not typed:
            return _results(best, limit)
        self._offer_forms(best, typed)
        words = telling(typed.split())
        stems = {word: self._beginning(word) for word in words}
        guessed = not all(stems.values())
        if not guessed:
            self._offer_words(best, typed, stems)
        self._offer_whole(best, typed)
        if not any(hit.score > ACROSS for hit in best.hits.values()):
            self._offer_without_noise(best, words)
        if guessed:
            stems = {word: near or self._similar(word) for word, near in stems.items()}
            self._offer_words(best, typed, stems, "spelling")
        why, least = ("spelling", TEXT / 2) if guessed else ("text", TEXT)
        for at in _in_all(self._having, stems.values()):
            best.offer(at, least, why)
        if best.hits:
            if all(hit.entry.sentence for hit in best.hits.values()):
                for at in self._named_within(words):
                    best.offer(at, SOME, "some")
            return _results(best, limit)
        self._offer_some(best, stems)
        unknown = tuple(word for word, near in stems.items() if not near)
        return _results(best, limit, partial=bool(best.hits), unknown=unknown)

    def _beginning(self, word: str) -> set[str]:
        """Return the stems that equal a typed word, that it stands for, or that it begins."""
        first, last = (bisect_left(self._stems, end) for end in (word, word + "\U0010ffff"))
        begun = self._stems[first:last] if len(word) > 1 else []
        if len(begun) > MAX_STEMS:
            begun = nlargest(MAX_STEMS, begun, key=lambda one: len(self._having[one]))
        return {*begun, *({stem(word), meant(word)} & self._having.keys())}

    def _similar(self, word: str) -> set[str]:
        """Return the stems that differ least from a typed word: by an edit or, if long, two."""
        near = self._near_stems.near(stem(word)) if len(stem(word)) > 4 else []
        return {self._stems[place] for place, edits in near if edits == near[0][1]}

    def _offer_forms(self, best: _Best, typed: str, loss: int = 0) -> None:
        """Offer the names equal to the typed text apart from differences that do not matter."""
        for tier, form in _forms(typed):
            for place in self._forms.get((tier, form), ()):
                named = self._names[place]
                exact = tier in SURE and not loss and (named.name is None or named.name.exact)
                sure = 0 if not exact else 3 if tier == EXACT and named.name is None else 2
                if tier in (JOINED, ARRANGED):
                    sure = min(sure, 1)
                best.offer_name(named, tier - loss, "", sure)
        for place in self._forms.get((INITIALS, stem(typed)), ()):
            best.offer_name(self._names[place], INITIALS - loss, "initials")

    def _offer_words(
        self, best: _Best, typed: str, stems: Mapping[str, set[str]], why: str = ""
    ) -> None:
        """Offer the names that have each of some words, and the entries whose names have them."""
        for place in _in_all(self._naming, stems.values()):
            named = self._names[place]
            length = min(len(named.folded), 60) / 2
            tier = BEGINNING if named.folded.startswith(typed) else WORDS
            if why:
                whole = len(telling(named.folded.split())) == len(stems)
                tier, length = (ACROSS, length / 6) if whole else (LOOSE, length)
            best.offer_name(named, tier - length, why)
        if not why and len(stems) > 1:
            for at in _in_all(self._calling, stems.values()):
                best.offer(at, ACROSS if not self.entries[at].sentence else TEXT, "words")

    def _offer_without_noise(self, best: _Best, words: list[str]) -> None:
        """Offer the names with the words, except for words of form or occasion."""
        kept = without_noise(words)
        if kept and kept != words:
            typed = " ".join(kept)
            self._offer_forms(best, typed, NOISE_LOSS)
            stems = {word: self._beginning(word) for word in kept}
            if all(stems.values()) and len(typed) > 2:
                for place in _in_all(self._naming, stems.values()):
                    best.offer_name(self._names[place], ACROSS)
            for place, edits in self._near_names.near(typed):
                best.offer_name(self._names[place], ACROSS - 20 * edits, "spelling")

    def _offer_whole(self, best: _Best, typed: str) -> None:
        """Offer the names that contain the typed text, or differ from it by an edit or two."""
        if not any(hit.score > PART for hit in best.hits.values()):
            for place, edits in self._near_names.near(typed):
                best.offer_name(self._names[place], SPELLING - EDIT_LOSS * edits, "spelling")
        if len(typed) > 3:
            for place in self._holding(typed):
                best.offer_name(self._names[place], PART)

    def _holding(self, typed: str) -> Iterator[int]:
        """Yield the places of names that have a typed text somewhere in them."""
        places = self._whole.find(typed)
        for _ in range(MAX_PARTS):
            if places < 0:
                return
            place = bisect_right(self._starts, places) - 1
            yield place
            places = self._whole.find(typed, self._starts[place + 1])

    def _named_within(self, words: list[str]) -> set[int]:
        """Return the places of entries that have a whole name among the typed words."""
        runs = (words[i:j] for i in range(len(words)) for j in range(i + 1, len(words) + 1))
        forms = (" ".join(sorted(map(stem, run))) for run in runs)
        places = {place for form in forms for place in self._forms.get((ARRANGED, form), ())}
        return {self._names[place].at for place in nsmallest(MAX_OFFERED, places)}

    def _offer_some(self, best: _Best, words: Mapping[str, set[str]]) -> None:
        """Offer entries with some of the words: first those with the rarest, and whole names."""
        having = [
            places
            for word, entries in words.items()
            if (places := _in_any(self._having, {stem(word)} & entries or entries))
        ]
        some: set[int] = set()
        for places in sorted(having, key=len):
            some.update(islice(places, max(0, MAX_OFFERED - len(some))))
        weights = {
            at: sum(math.log(1 + len(self.entries) / len(p)) for p in having if at in p)
            for at in some
        }
        for at in self._named_within([*words]):
            weights[at] = weights.get(at, 0) * WHOLE_NAME
        most = max(weights.values(), default=1)
        for at, weight in weights.items():
            best.offer(at, SOME * weight / most, "some")


def _in_any(places: Mapping[str, set[int]], stems: Iterable[str]) -> set[int]:
    return set().union(*(places[s] for s in stems if s in places))


def _in_all(places: Mapping[str, set[int]], words: Iterable[set[str]]) -> list[int]:
    """Return the first places that have a stem of every word."""
    each = [[places[s] for s in stems if s in places] for stems in words]
    rarest, *others = sorted(each, key=lambda sets: sum(map(len, sets)))
    candidates = set().union(*rarest)
    for sets in others:
        candidates = set().union(*(candidates & one for one in sets))
    return nsmallest(MAX_OFFERED, candidates)


def _results(
    best: _Best, limit: int, *, partial: bool = False, unknown: tuple[str, ...] = ()
) -> Results:
    ranked = best.ranked()
    surest = max((hit.sure for hit in ranked), default=0)
    sure = [hit for hit in ranked if surest and hit.sure == surest]
    accepted = sure[0] if len(sure) == 1 else None
    return Results(tuple(ranked[:limit]), partial, unknown, accepted)


def _forms(folded: str) -> list[tuple[int, str]]:
    """Return the forms of a text, each with the score of names that have the same form."""
    words = folded.split()
    stems = list(map(stem, words))
    arranged = sorted(map(stem, telling(words)))
    return [
        (EXACT, folded),
        (SINGULAR, " ".join(stems)),
        (JOINED, "".join(stems)),
        (ARRANGED, " ".join(arranged)),
        (MEANT, " ".join(sorted(map(meant, telling(words))))),
    ]


def _initials(folded: str) -> str:
    """Return the first letters of a name of three to six words, or ""."""
    words = folded.split()
    return "".join(word[0] for word in words) if 3 <= len(words) <= 6 else ""


def _spellings_of_code(code: str) -> set[str]:
    """Return how people write a CURIE or an IRI: also with an underscore, or its local part."""
    prefix, _, local = code.lower().rpartition(":")
    spellings = {code.lower()}
    if re.search(r"\d", local):
        spellings |= {local, f"{prefix}_{local}"}
    return spellings
