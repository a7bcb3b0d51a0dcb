"""A search as plain JSON: its parameters and its hits."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from service.cards.cards import kind_labels, thing
from service.cards.descriptions import Object
from service.library import Hit, Index, Library
from service.problems import BadRequest

MAX_WORDS = 200
"""The most characters of a search that count."""

KINDS = ("term", "statement", "question", "tension", "section", "model", "all")
"""The sorts of resources to search for; ``model``: relations and standings."""

DEFAULT_HITS, MAX_HITS = 10, 100

NAMED = frozenset({"name", "synonym", "word", "mapped", "near", "code", "initials", "spelling"})
"""The reasons for a hit that come from a single name of it."""


class Search(NamedTuple):
    """The parameters of a search.

    :param kind: one of :data:`KINDS`.
    """

    words: str
    kind: str = "term"
    limit: int = DEFAULT_HITS


def parse_search(parameters: Mapping[str, str]) -> Search:
    """Read ``q``, ``kind`` and ``limit``.

    :raises BadRequest: if a parameter or its value is not known; it names the field.
    """
    known = ("q", "kind", "limit")
    for name in parameters:
        if name not in known:
            raise BadRequest(
                f"A search has no parameter {name[:50]!r}.", field=name[:50], known=known
            )
    kind = parameters.get("kind") or "term"
    if kind not in KINDS:
        raise BadRequest(f"A search has no kind {kind[:50]!r}.", field="kind", known=KINDS)
    limit = parse_limit(parameters.get("limit") or str(DEFAULT_HITS))
    return Search(parameters.get("q", "").strip()[:MAX_WORDS], kind, limit)


def parse_limit(text: str) -> int:
    """Read how many hits are wanted.

    :raises BadRequest: if it is no number from 1 to :data:`MAX_HITS`.
    """
    if not (text.isascii() and text.isdecimal() and len(text) < 5 and 0 < int(text) <= MAX_HITS):
        raise BadRequest(f"limit is a whole number from 1 to {MAX_HITS}.", field="limit")
    return int(text)


def search_object(library: Library, index: Index, search: Search) -> Object:
    """Return the hits of a search: the best first, each with the reason for it."""
    group = "" if search.kind == "all" else search.kind
    results = index.search(search.words, search.limit, group)
    items = [hit_object(library, hit, match=hit == results.accepted) for hit in results.hits]
    return {"q": search.words, "items": items}


def hit_object(library: Library, hit: Hit, *, match: bool) -> Object:
    """Return a hit: the thing with its definition, how well it fits, and why.

    :param match: whether a careful curator would accept it unseen.
    """
    entry = hit.entry
    is_term = entry.iri in library.terms
    kinds = kind_labels(library, entry.iri) if is_term else [entry.kind]
    matched: dict[str, Any] = {"matched": hit.matched or entry.label} if hit.why in NAMED else {}
    definition = {"definition": entry.definition} if entry.definition else {}
    return {
        **thing(library, entry.iri),
        "kind": kinds,
        **definition,
        "score": score(hit),
        "why": hit.why,
        **matched,
        "namedIn": list(hit.where),
        "match": match,
    }


def score(hit: Hit) -> float:
    """Return how well a hit fits, from 0 to 100; only the order of two scores means anything."""
    return round(min(100.0, max(0.0, hit.score / 10)), 1)
