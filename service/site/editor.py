"""What the query editor asks for: names to complete, labels for results, examples, code.

All of it is made from the release; nothing is looked up elsewhere.
"""

import json
from collections.abc import Iterable
from typing import Any

import pyoxigraph as ox
from flask import Response, jsonify, request

from service.library import Ref
from service.rdf.terms import text
from service.site.browse import bp
from service.site.code import snippets
from service.site.site import Site, site

MAX_NAMES = 5_000
"""IRIs that are named in one answer."""


@bp.get("/query/vocabulary")
def vocabulary() -> Response:
    """Answer with all that a query may name, for completion: prefixes and named things.

    Each name is ``[CURIE, label, kind, role, synonyms, uses]``; its role is ``term``, ``class``,
    ``relation`` or ``thing``.
    """
    found = site()
    body = found.body("/query/vocabulary", "json", lambda: _json(_vocabulary(found)))
    return Response(body, mimetype="application/json")


def _vocabulary(found: Site) -> dict[str, Any]:
    library = found.library
    names: dict[str, list[Any]] = {}

    def add(ref: Ref, kind: str, role: str, synonyms: Iterable[str] = (), uses: int = 0) -> None:
        if ref.curie and ref.iri not in names:
            names[ref.iri] = [ref.curie, ref.label, kind, role, list(synonyms), uses]

    uses: dict[tuple[str, str], int] = {}
    for row in library.select("web_vocabulary"):
        if isinstance(row["thing"], ox.NamedNode):
            uses[text(row["thing"]), text(row["role"])] = int(text(row["uses"]))
    for entry in found.index.entries:
        if entry.kind == "relation":
            used = uses.get((entry.iri, "relation"), 0)
            add(library.ref(entry.iri), "relation", "relation", uses=used)
        elif entry.kind not in {"question", "tension"}:
            role = "thing" if entry.kind in {"modality", "section"} else "term"
            add(library.ref(entry.iri), entry.kind, role, entry.synonyms)
    for (iri, role), count in sorted(uses.items(), key=lambda use: -use[1]):
        kind = "property" if role == "relation" else "class"
        add(library.ref(iri), kind, role, uses=count)
    return {"prefixes": dict(sorted(library.names.prefixes.items())), "names": [*names.values()]}


@bp.get("/query/examples")
def examples() -> Response:
    """Answer with every competency question: name, label, plain words, query."""
    found = site()

    def make() -> bytes:
        return _json(
            [
                {"name": q.name, "label": q.ref.label, "comment": q.comment, "query": q.query}
                for q in found.library.questions
            ]
        )

    return Response(found.body("/query/examples", "json", make), mimetype="application/json")


@bp.post("/query/names")
def names() -> Response:
    """Answer with label, CURIE and path of each IRI in the JSON array that was sent."""
    wanted = request.get_json(silent=True)
    library = site().library
    iris = [i for i in wanted if isinstance(i, str)] if isinstance(wanted, list) else []
    refs = [library.ref(iri) for iri in dict.fromkeys(iris[:MAX_NAMES])]
    return jsonify({ref.iri: [ref.label, ref.curie, ref.path] for ref in refs})


@bp.post("/query/code")
def code() -> Response:
    """Answer with the query in the form field ``query`` as code for other tools."""
    return jsonify(snippets(request.form.get("query", ""), request.host_url + "sparql"))


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
