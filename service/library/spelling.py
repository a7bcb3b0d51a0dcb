"""Texts that differ from a typed one by an edit or two."""

from collections import defaultdict
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST, LONG = 4, 8
"""Letters of a text that may have an edit, and of one that may have two."""

MAX_FOUND = 20
"""Texts of one length that are looked at; more are as good as none."""


class Spellings:
    """Texts by length, since a text with an edit or two is about as long."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts: dict[int, list[str]] = defaultdict(list)
        self._places: dict[int, list[int]] = defaultdict(list)
        for place, text in enumerate(texts):
            self._texts[len(text)].append(text)
            self._places[len(text)].append(place)

    def near(self, typed: str) -> list[tuple[int, int]]:
        """Return places and edits of the texts that differ by an edit or, if long, two.

        An edit is an insertion, a deletion, a change, or a swap of neighbours.
        """
        if len(typed) < SHORTEST:
            return []
        limit = 1 if len(typed) < LONG else 2
        neighbours = []
        for length in range(len(typed) - limit, len(typed) + limit + 1):
            texts = self._texts.get(length, ())
            matches = process.extract(
                typed, texts, scorer=OSA.distance, score_cutoff=limit, limit=MAX_FOUND
            )
            places = self._places.get(length, [])
            neighbours += [(places[at], int(edits)) for _, edits, at in matches]
        return sorted(neighbours, key=lambda pair: pair[1])
