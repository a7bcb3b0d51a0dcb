"""Choose the next free identifier of a term, a claim or a tension.

A number that was released is never given again, even after its block is gone; so the next one
follows the highest in use as long as there is room, and only then fills a gap.
"""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.pipeline import graphs
from service.pipeline.integrity import released_iris
from service.pipeline.loading import Loaded
from service.problems import UsageError
from service.rdf.terms import text

TERM = iris.TERM + "CDMO_"
TENSION = iris.BASE + "tension/"
FIRST, LAST = iris.CDMO + "firstIdentifier", iris.CDMO + "lastIdentifier"
OVERFLOW, DEFINED = iris.CDMO + "named", iris.CDMO + "defined"
"""The origins of terms, which have blocks too: for kinds without room, and for defined classes."""


def block(loaded: Loaded, owner: str) -> range:
    """Return the numbers for the terms of a kind or an origin.

    :raises UsageError: if it has none.
    """
    ends = [
        next(map(text, graphs.values(loaded.store, ox.NamedNode(owner), end)), "")
        for end in (FIRST, LAST)
    ]
    if not all(end.isdecimal() for end in ends):
        raise UsageError(f"{loaded.name(owner)} has no block of identifiers in schema.ttl.")
    return range(int(ends[0]), int(ends[1]) + 1)


def next_term(loaded: Loaded, kind: str) -> str:
    """Return the IRI for a new term of a kind: in its block, or in that of kinds without room."""
    used = _used(loaded, TERM)
    for owner in (kind, OVERFLOW):
        if number := _next(block(loaded, owner), used):
            return f"{TERM}{number:07}"
    raise UsageError(f"There is no identifier left for {loaded.name(kind)}.")


def next_claim(loaded: Loaded, path: Path) -> str:
    """Return the IRI for a new claim of a file: after its other claims, or after all claims.

    A file's claims stand in one hundred as far as it goes; the rest of it is the file's, up to
    the next claim of another.
    """
    used = _used(loaded, iris.CLAIM)
    ours = [n for n in used if loaded.place(f"{iris.CLAIM}{n:07}")[0] == path]
    if ours:
        [(hundred, _)] = Counter(n // 100 for n in ours).most_common(1)
        number = max(n for n in ours if n // 100 == hundred) + 1
        if number // 100 == hundred and number not in used:
            return f"{iris.CLAIM}{number:07}"
        return f"{iris.CLAIM}{max(used) + 1:07}"
    last_hundred = max(used, default=0) // 100
    return f"{iris.CLAIM}{(last_hundred + 1) * 100 if used else 1:07}"


def next_tension(loaded: Loaded) -> str:
    """Return the IRI for a new tension."""
    return f"{TENSION}{max(_used(loaded, TENSION), default=0) + 1:04}"


def _next(numbers: range, used: Iterable[int]) -> int:
    """Return the number after the highest in use, else the first free one, else 0."""
    inside = {n for n in used if n in numbers}
    following = max(inside, default=numbers.start - 1) + 1
    free = (n for n in (following, *numbers) if n in numbers and n not in inside)
    return next(free, 0)


def _used(loaded: Loaded, start: str) -> set[int]:
    """Return the numbers of the IRIs with a beginning that are declared or were released."""
    known = {*loaded.places, *released_iris(loaded)}
    numbers = re.compile(re.escape(start) + r"(\d+)")
    return {int(match[1]) for iri in known if (match := numbers.fullmatch(iri))}
