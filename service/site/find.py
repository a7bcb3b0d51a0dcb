"""Finding: the search with its suggestions, and all terms by name.

Both are of our release or of other people's data.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from service import formats
from service.cards import MAX_WORDS, Filter, as_json, parse_search, search_object
from service.library import Hit
from service.problems import UnknownResource
from service.site import resources
from service.site.addresses import CONTEXT_LINK, host_address
from service.site.browse import statements_of
from service.site.listing import TITLES, facets, one_page, requested
from service.site.site import site

bp = Blueprint("find", __name__)

NOT_HERE = "This server holds other data, which has no such page."

MAX_HITS = 2000
"""Hits that are counted."""

MAX_SUGGESTIONS = 10

AT_ONCE, UNFOLDED = 8, 24
"""Hits of a sort that are shown at once, and others that unfold."""


class Group(NamedTuple):
    """The hits of one sort.

    :param first: those that are shown at once.
    :param rest: those that unfold.
    :param total: how many there are, shown or not.
    """

    name: str
    total: int
    first: list[Hit]
    rest: list[Hit]


@bp.get("/search")
def search() -> str:
    """Show what fits the words of ``q`` by sorts, best first."""
    words = _words()
    if not site().source:
        return resources.search(words)
    results = site().index.search(words, limit=MAX_HITS)
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
        Group(name, len(group), group[:AT_ONCE], group[AT_ONCE:][:UNFOLDED])
        for name, group in sorts.items()
    ]


@bp.get("/suggest")
def suggest() -> Response:
    """Answer with up to ten suggestions for ``q`` as JSON, as someone types."""
    words, data = _words(), site().data
    if site().source:
        hits = site().index.search(words, limit=MAX_SUGGESTIONS).hits
        found = [(hit.entry.iri, hit.matched, hit.entry.kind, hit.entry.note) for hit in hits]
    else:
        terms, _ = site().vocabulary.search(words, MAX_SUGGESTIONS)
        found = [(term.iri, term.text, "", "") for term in terms]
    suggestions = []
    for iri, matched, kind, note in found:
        ref = data.ref(iri)
        prefix = ref.curie.partition(":")[0] if ref.curie else None
        suggestions.append(
            {
                "label": ref.label,
                "kind": kind,
                "path": ref.path,
                "matched": "" if matched == ref.label else matched,
                "note": note,
                "iri": iri,
                "curie": ref.curie,
                "namespace": None if prefix is None else data.names.prefixes[prefix],
            }
        )
    return jsonify(suggestions)


def _words() -> str:
    return request.args.get("q", "").strip()[:MAX_WORDS]


@bp.get("/opensearch.xml")
def opensearch() -> Response:
    """Describe the search to browsers (OpenSearch 1.1).

    :raises UnknownResource: for other people's data, of which the description says nothing.
    """
    if not site().source:
        raise UnknownResource(NOT_HERE)
    body = render_template("opensearch.xml", host=host_address())
    return Response(body, mimetype="application/opensearchdescription+xml")


@bp.get("/terms/", strict_slashes=False)
@bp.get("/terms.<suffix>")
def terms(suffix: str | None = None) -> str | BaseResponse:
    """Show a page of all terms by name, or send them as data.

    A kind of terms has a page of its own. Terms of other people's data are listed elsewhere.
    """
    if not site().source:
        return resources.terms(suffix)
    current = requested("terms", suffix)
    library, lists = site().library, site().lists
    if iri := current["kind"]:
        path = url_for("browse.kind", name=library.kinds[iri].name)
        rest = current.choose("kind", "").at(current.start, current.limit)
        others = urlencode(rest.parameters(lists.named))
        return redirect(f"{path}?{others}" if others else path, 303)
    part, shown = one_page("terms", current)
    fitting = lists.behind(current)
    listed = (library.terms[iri] for iri in part.iris)
    return render_template(
        "all_terms.html",
        terms=[(term, len(fitting & statements_of(library, term))) for term in listed],
        total=len(lists.select("terms", Filter())),
        facets=facets("terms", current, *TITLES),
        **shown,
    )
