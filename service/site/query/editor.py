"""Data for the query editor: names to complete, labels for results, examples, code.

The code for other tools is in ``templates/snippets/``; all else comes from the release.
"""

import json
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request

from service.library import Ref
from service.problems import BadRequest
from service.site.addresses import host_address, is_iri
from service.site.query.emptiness import hints
from service.site.site import Site, site
from service.sparql.references import form

bp = Blueprint("editor", __name__)

MAX_NAMES = 5_000
"""IRIs that are named in one answer."""

TOOLS = {
    "curl": "curl.txt",
    "Python, SPARQLWrapper": "sparqlwrapper.txt",
    "Python, rdflib": "rdflib.txt",
    "R": "r.txt",
    "JavaScript": "javascript.txt",
}
"""The tools by the names that readers know, each with its template."""


@bp.get("/query/vocabulary")
def vocabulary() -> Response:
    """Answer with the names that complete a query: prefixes, terms, classes and relations.

    Each name is ``[CURIE, label, kind, role, synonyms, uses]``; its role is ``term``, ``class``,
    ``relation`` or ``thing``.
    """
    return jsonify(_vocabulary(site()))


def _vocabulary(site: Site) -> dict[str, Any]:
    library = site.library
    names: dict[str, list[Any]] = {}

    def add(ref: Ref, kind: str, role: str, synonyms: Iterable[str] = (), uses: int = 0) -> None:
        if ref.curie and ref.iri not in names:
            names[ref.iri] = [ref.curie, ref.label, kind, role, list(synonyms), uses]

    uses = {
        (row["resource"], row["role"]): int(row["uses"])
        for row in library.select("vocabulary_uses")
    }
    for entry in site.index.entries:
        if entry.kind == "relation":
            count = uses.get((entry.iri, "relation"), 0)
            add(library.ref(entry.iri), "relation", "relation", uses=count)
        elif entry.kind not in {"question", "statement", "tension"}:
            role = "thing" if entry.kind in {"standing", "section"} else "term"
            add(library.ref(entry.iri), entry.kind, role, entry.synonyms)
    for (iri, role), count in sorted(uses.items(), key=lambda use: (-use[1], use[0])):
        kind = "property" if role == "relation" else "class"
        add(library.ref(iri), kind, role, uses=count)
    return {"prefixes": dict(sorted(library.names.prefixes.items())), "names": [*names.values()]}


@bp.get("/query/examples")
def examples() -> Response:
    """Answer with every competency question: name, label, plain words, query."""
    questions = site().library.questions
    return jsonify(
        [
            {"name": q.name, "label": q.ref.label, "comment": q.comment, "query": q.query}
            for q in questions
        ]
    )


@bp.post("/query/names")
def names() -> Response:
    """Answer with label, CURIE and path of each IRI in the JSON array that was sent.

    :raises BadRequest: if the body is no JSON array of IRIs.
    """
    library = site().library
    refs = [library.ref(iri) for iri in _iris(request.get_data())]
    return jsonify({ref.iri: [ref.label, ref.curie, ref.path] for ref in refs})


def _iris(body: bytes) -> list[str]:
    """Return the IRIs in a JSON array, each once, up to :data:`MAX_NAMES`."""
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):  # a parser goes one call deeper for each bracket
        raise BadRequest("The body is no JSON.") from None
    if not isinstance(values, list):
        raise BadRequest("The body is no JSON array of IRIs.")
    for value in values[:MAX_NAMES]:
        if not isinstance(value, str) or not is_iri(value):
            raise BadRequest("The array holds something else than absolute IRIs.")
    return list(dict.fromkeys(values[:MAX_NAMES]))


@bp.post("/query/hints")
def why_empty() -> str:
    """Answer with what may have kept the query in the field ``query`` from finding anything."""
    return render_template(
        "_hints.html", hints=hints(request.form.get("query", ""), site().library)
    )


@bp.post("/query/code")
def code() -> Response:
    """Answer with the query in the form field ``query`` as code for other tools."""
    return jsonify(snippets(request.form.get("query", ""), host_address() + "sparql"))


def snippets(query: str, address: str) -> list[tuple[str, str]]:
    """Return the query as code: pairs of the tool's name and the text to paste.

    The code fits the kind of result that the query form has.

    :param address: of the endpoint, as the reader reaches it.
    """
    query_form = form(query)
    values = {
        "address": address,
        "graph": query_form in {"CONSTRUCT", "DESCRIBE"},
        "boolean": query_form == "ASK",
        "shell": query.replace("'", "'\\''"),
        "python": _python(query),
        "r": _r(query),
        "javascript": query.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${"),
    }
    template = current_app.jinja_env.get_template
    return [(tool, template(f"snippets/{name}").render(values)) for tool, name in TOOLS.items()]


def _python(text: str) -> str:
    r"""Return a Python literal, over several lines where that is safe.

    >>> print(_python('ASK { ?s ?p "x" }'))
    '''
    ASK { ?s ?p "x" }
    '''
    """
    if "\\" in text or "'''" in text:
        return json.dumps(text, ensure_ascii=False)
    return f"'''\n{text}\n'''"


def _r(text: str) -> str:
    """Return an R raw string (R 4.0 or newer); its dashes outnumber those in the text."""
    dashes = ""
    while f'){dashes}"' in text:
        dashes += "-"
    return f'r"{dashes}({text}){dashes}"'
