"""Words as a search compares them: folded, in the singular, in one spelling, without noise."""

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

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
"""Words that say in which form or on what occasion, not what."""

_SAME = {line[1]: line[2] for line in _LINES if line[0] == "same"}
_ENDINGS = [(line[1], line[2]) for line in _LINES if line[0] == "ending"]
_SPELLINGS = [(re.compile(line[1]), line[2]) for line in _LINES if line[0] == "spelling"]

LONG = 5
"""Letters from which on a word has a British and an American spelling."""


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
