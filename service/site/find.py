"""Search: the page of hits, suggestions, and the description for browsers."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from flask import Blueprint, Response, jsonify, render_template, request

from service import formats
from service.cards import MAX_WORDS, as_json, parse_search, search_object
from service.library import Hit, Results
from service.problems import UnknownResource
from service.site import resources
from service.site.addresses import CONTEXT_LINK, host_address
from service.site.site import site

bp = Blueprint("find", __name__)

GROUPS = {
    "term": "Terms",
    "statement": "Statements",
    "question": "Questions",
    "tension": "Where the article disagrees with itself",
    "section": "Sections of the article",
    "model": "Words of this site",
}
"""The headings of the sorts of hits; the sort of the best hit stands first."""

NOT_HERE = "This server holds other data, which has no such page."

MAX_HITS = 2000
"""Hits that are counted."""

AT_ONCE, UNFOLDED = 8, 24
"""Hits of a sort that are shown at once, and others that unfold."""


class Group(NamedTuple):
    """The hits of one sort.

    :param first: those that are shown at once.
    :param rest: those that unfold.
    :param total: how many there are, shown or not.
    """

    name: str
    heading: str
    total: int
    first: list[Hit]
    rest: list[Hit]


@bp.get("/search")
def search() -> str:
    """Show what fits the words of ``q`` by sorts, best first."""
    if not site().source:
        return resources.search(_words())
    words, results = _search(limit=MAX_HITS)
    return render_template(
        "search.html",
        searched=words,
        results=results,
        groups=_groups(results.hits),
        claims=site().library.claims,
    )


@bp.get("/search.json")
def search_json() -> Response:
    """Answer with what fits the words of ``q`` as JSON, best first: terms, or another ``kind``.

    :raises BadRequest: if a parameter is not known.
    :raises UnknownResource: for other people's data, which has no kinds of ours.
    """
    if not site().source:
        raise UnknownResource(NOT_HERE)
    result = search_object(site().library, site().index, parse_search(request.args))
    body = as_json(result, site().release.manifest)
    return Response(body, mimetype=formats.CARD.media_type, headers={"Link": CONTEXT_LINK})


def _groups(hits: Iterable[Hit]) -> list[Group]:
    """Return the hits by sorts, in the order of the best hit of each."""
    sorts: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        sorts[hit.entry.group].append(hit)
    return [
        Group(name, GROUPS[name], len(group), group[:AT_ONCE], group[AT_ONCE:][:UNFOLDED])
        for name, group in sorts.items()
    ]


@bp.get("/suggest")
def suggest() -> Response:
    """Answer with up to ten suggestions for ``q`` as JSON, as someone types."""
    if not site().source:
        return jsonify(resources.suggestions(_words()))
    names = site().library.names
    suggestions = []
    for hit in _search(limit=10)[1].hits:
        entry, curie = hit.entry, names.curie(hit.entry.iri)
        suggestions.append(
            {
                "label": entry.label,
                "kind": entry.kind,
                "path": entry.path,
                "matched": hit.matched,
                "note": entry.note,
                "iri": entry.iri,
                "curie": curie,
                "namespace": names.prefixes[curie.partition(":")[0]] if curie else None,
            }
        )
    return jsonify(suggestions)


def _words() -> str:
    return request.args.get("q", "").strip()[:MAX_WORDS]


def _search(limit: int) -> tuple[str, Results]:
    words = _words()
    return words, site().index.search(words, limit=limit)


@bp.get("/opensearch.xml")
def opensearch() -> Response:
    """Describe the search to browsers (OpenSearch 1.1).

    :raises UnknownResource: for other people's data, of which the description says nothing.
    """
    if not site().source:
        raise UnknownResource(NOT_HERE)
    body = render_template("opensearch.xml", host=host_address())
    return Response(body, mimetype="application/opensearchdescription+xml")
