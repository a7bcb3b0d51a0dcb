"""Words as a search compares them: folded, in the singular, in one spelling, misspelt."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

from rapidfuzz import process
from rapidfuzz.distance import OSA

_STOP_WORDS = """
    a about against an and any are as at be by can do does for from has have how i in is it its me
    my of on or say says should that the their there these they this to was what when where which
    who why will with you your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words that do not tell one entry from another; they count only where nothing else is typed."""

_LINES = [
    line.split("\t")
    for line in (files("service.library") / "words.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
NOISE = frozenset(line[1] for line in _LINES if line[0] == "noise")
"""Words of form or occasion, which do not tell things apart."""

_SAME = {line[1]: line[2] for line in _LINES if line[0] == "same"}
_ENDINGS = [(line[1], line[2]) for line in _LINES if line[0] == "ending"]
_SPELLINGS = [(re.compile(line[1]), line[2]) for line in _LINES if line[0] == "spelling"]

LONG = 5
"""Letters from which on a word has a British and an American spelling."""

SHORTEST, TWO_EDITS = 4, 8
"""The fewest letters of a text that may have an edit, and of one that may have two."""

MAX_FOUND = 20
"""Texts of one length that are looked at; more are as good as none."""


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Return text without case, accents, punctuation and double spaces.

    Letters and digits are words apart.

    >>> fold("X-Ray  (Röntgen)"), fold("Anti-Jo1")
    ('x ray rontgen', 'anti jo 1')
    """
    plain = text.casefold()
    if not plain.isascii():
        parts = unicodedata.normalize("NFKD", plain)
        plain = "".join(c for c in parts if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W\d_]+|\d+", plain))


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Return a folded word without the ending of a plural, in American spelling.

    >>> [stem(word) for word in ("tests", "biopsies", "illness", "as", "tumours", "oedema")]
    ['test', 'biopsy', 'illness', 'as', 'tumor', 'edema']
    """
    if len(word) > 4 and word.endswith("ies"):
        word = word[:-3] + "y"
    elif len(word) > 3 and word.endswith("s") and word[-2] not in "su":
        word = word[:-1]
    if len(word) >= LONG:
        for british, american in _SPELLINGS:
            word = british.sub(american, word)
    return word


def meant(word: str) -> str:
    """Return the stem of the word that an abbreviation, an adjective or a record stands for.

    >>> meant("ab"), meant("muscular"), meant("skins"), meant("electromyogram")
    ('antibody', 'muscle', 'skin', 'electromyography')
    """
    if same := _SAME.get(word) or _SAME.get(stem(word)):
        return same
    for ending, other in _ENDINGS:
        if len(word) > LONG + len(ending) and stem(word).endswith(ending):
            return stem(word).removesuffix(ending) + other
    return stem(word)


def telling(words: list[str]) -> list[str]:
    """Return the words that tell one thing from another; all of them if none does."""
    return [word for word in words if word not in STOP_WORDS] or words


def without_noise(words: list[str]) -> list[str]:
    """Return words without numbers and those that say in which form or on what occasion."""
    return [w for w in words if not (stem(w) in NOISE or w in NOISE or w.isdecimal())]


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
        limit = 1 if len(typed) < TWO_EDITS else 2
        neighbours = []
        for length in range(len(typed) - limit, len(typed) + limit + 1):
            texts = self._texts.get(length, ())
            matches = process.extract(
                typed, texts, scorer=OSA.distance, score_cutoff=limit, limit=MAX_FOUND
            )
            places = self._places.get(length, [])
            neighbours += [(places[at], int(edits)) for _, edits, at in matches]
        return sorted(neighbours, key=lambda pair: pair[1])
