"""The form on which a person writes a query, and the query as code for other tools."""

from dataclasses import dataclass

from flask import render_template, request

from service.library import Ref
from service.problems import Problem
from service.release import GRAPHS, graph_iri
from service.site.code import snippets
from service.site.site import site
from service.site.vendor import editor_installed

RESULT_FORMATS = (
    ("csv", "CSV"),
    ("tsv", "TSV"),
    ("json", "JSON"),
    ("xml", "XML"),
    ("turtle", "Turtle, if a graph"),
)
"""What the plain form offers for download, by the name that ``format=`` takes."""

MAX_ROWS = 500
"""Rows on a page; a download has all of them."""

GRAPH_WORDS = {
    "ontology": "schema, terms, hierarchy and the axioms derived from definite statements",
    "relations": "term to term, from every positive statement: hedged ones too, backwards too",
    "claims": "statements, passages, sections and tensions",
    "inferred": "what the reasoner finds in the axioms; nothing hedged is among them",
    "mappings": "links to other vocabularies",
    "questions": "competency questions, which are the examples",
    "about": "descriptions of the dataset and the service",
}

DEFAULT_QUERY = """\
PREFIX cdmo: <https://w3id.org/cdmo/schema/>
SELECT ?subject ?relation ?object ?modality
WHERE {
  ?claim a cdmo:Claim ;
    cdmo:subject ?subject ;
    cdmo:relation ?relation ;
    cdmo:object ?object ;
    cdmo:modality ?modality .
}
ORDER BY ?claim
LIMIT 50"""


@dataclass(frozen=True, slots=True)
class Table:
    """An answer as a page shows it.

    :param rows: values by column; None where a variable is unbound.
    :param total: how many rows the answer has, shown or not.
    :param graph: the answer as text, if it is a graph.
    :param boolean: the answer to ASK, else None.
    """

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Ref | None, ...], ...] = ()
    total: int = 0
    graph: str = ""
    boolean: bool | None = None


def query_form(query: str = "", problem: Problem | None = None, table: Table | None = None) -> str:
    """Return the page on which a person writes a query; it works without JavaScript.

    :param query: what the text field holds.
    :param problem: what was wrong with the last try.
    :param table: the answer, if there is one.
    """
    found = site()
    manifest = found.release.manifest
    examples = found.library.questions
    if found.ours:
        shown = query or DEFAULT_QUERY
        sizes = {g: manifest.graphs.get(graph_iri(g), 0) for g in GRAPHS}
        graphs = [(f"graph:{g}", GRAPH_WORDS[g], n) for g, n in sizes.items()]
    else:
        shown = query or "SELECT * WHERE { ?subject ?property ?object } LIMIT 50"
        graphs = [(iri, "", n) for iri, n in sorted(manifest.graphs.items())]
    return render_template(
        "sparql.html",
        editor=editor_installed(),
        asked=bool(query),
        query=shown,
        problem=problem,
        table=table,
        questions=examples,
        result_formats=RESULT_FORMATS,
        graphs=graphs,
        prefixes=sorted(manifest.prefixes.items()),
        max_rows=MAX_ROWS,
        snippets=snippets(shown, request.host_url + "sparql"),
    )
