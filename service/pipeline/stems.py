"""Words of English prose without their endings, so that forms of one word compare equal."""

import re
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")

_WORDS = """
    a an and are as at be by for from in into is it its not of on or other that the their to which
    with
"""
_UNTELLING = frozenset(_WORDS.split())
"""Words that do not distinguish a name from another."""

_LIST = """
    ication ization atory ational ation ition ance ence tion sion ing ment ness edly ated ating able
    ible ally ity ive ate ier ed ly al ic or er y e
"""
_ENDINGS = tuple(_LIST.split())
"""Endings of derived and inflected forms, longer ones before those that end them."""

SHORTEST, SHORT = 4, 3
"""The fewest letters that stay of a word; SHORT before an ending of verbs."""

_OF_VERBS = ("ing", "ed", "e")


def stems(text: str) -> list[str]:
    """Return the stems of the words of a text, in order.

    >>> stems("Modifying the patient’s biopsies")
    ['modif', 'the', 'patient', 'biops']
    """
    return [stem(word) for word in _WORD.findall(text)]


def telling_stems(name: str) -> frozenset[str]:
    """Return the stems of the words that distinguish a name; all if none does.

    >>> sorted(telling_stems("impairment of movement"))
    ['impair', 'mov']
    """
    words = _WORD.findall(name)
    telling = [word for word in words if word.casefold() not in _UNTELLING]
    return frozenset(map(stem, telling or words))


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Return a word in lower case without the endings of inflection and derivation.

    It is cruder than a linguist's stem: it only has to make forms of one word equal.

    >>> {stem(word) for word in ("calcification", "Calcifications", "calcify")}
    {'calcif'}
    """
    word = word.casefold().replace("’", "'").removesuffix("'s")
    if len(word) > SHORTEST and word.endswith("ies"):
        word = word[:-3] + "y"
    elif len(word) > SHORT and word.endswith("s") and word[-2] not in "su":
        word = word[:-1]
    for _ in range(2):
        fitting = (e for e in _ENDINGS if word.endswith(e) and len(word) - len(e) >= _left(e))
        word = word.removesuffix(next(fitting, ""))
    if len(word) > SHORT and word[-1] == word[-2]:
        word = word[:-1]
    return word if len(word) <= SHORT else word.rstrip("ei")


def _left(ending: str) -> int:
    return SHORT if ending in _OF_VERBS else SHORTEST
