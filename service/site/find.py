"""Search: the page of hits, suggestions, and the description for browsers."""

from flask import Blueprint, Response, jsonify, render_template, request

from service.library import Hit
from service.site.addresses import host_address
from service.site.site import site

bp = Blueprint("find", __name__)

MAX_WORDS = 200
"""Characters of a search that count."""


@bp.get("/search")
def search() -> str:
    """Show what fits the words of ``q``, best first."""
    words, hits = _search(limit=50)
    return render_template("search.html", searched=words, hits=hits)


@bp.get("/suggest")
def suggest() -> Response:
    """Answer with up to ten suggestions for ``q`` as JSON, as someone types."""
    names = site().library.names
    suggestions = []
    for hit in _search(limit=10)[1]:
        entry, curie = hit.entry, names.curie(hit.entry.iri)
        suggestions.append(
            {
                "label": entry.label,
                "kind": entry.kind,
                "path": entry.path,
                "matched": hit.matched,
                "iri": entry.iri,
                "curie": curie,
                "namespace": names.prefixes[curie.partition(":")[0]] if curie else None,
            }
        )
    return jsonify(suggestions)


def _search(limit: int) -> tuple[str, list[Hit]]:
    words = request.args.get("q", "").strip()[:MAX_WORDS]
    return words, site().index.search(words, limit=limit)


@bp.get("/opensearch.xml")
def opensearch() -> Response:
    """Describe the search to browsers (OpenSearch 1.1)."""
    body = render_template("opensearch.xml", host=host_address())
    return Response(body, mimetype="application/opensearchdescription+xml")
