"""The form on which a person writes a query, and the query as code for other tools."""

import json
from dataclasses import dataclass

from flask import render_template, request

from service.describe import Ref
from service.problems import Problem
from service.release import GRAPHS, graph_iri
from service.web.site import site

RESULT_FORMATS = (("json", "JSON"), ("csv", "CSV"), ("tsv", "TSV"), ("xml", "XML"))
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
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX cdmo: <https://w3id.org/cdmo/schema/>
SELECT ?statement ?modality
WHERE {
  ?claim a cdmo:Claim ; rdfs:label ?statement ; cdmo:modality/rdfs:label ?modality
}
LIMIT 20"""


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
    graphs = [(g, GRAPH_WORDS[g], manifest.graphs.get(graph_iri(g), 0)) for g in GRAPHS]
    return render_template(
        "sparql.html",
        query=query or (examples[0].query if examples else DEFAULT_QUERY),
        problem=problem,
        table=table,
        questions=examples,
        result_formats=RESULT_FORMATS,
        graphs=graphs,
        prefixes=sorted(manifest.prefixes.items()),
        max_rows=MAX_ROWS,
        snippets=snippets(query or DEFAULT_QUERY, request.host_url + "sparql"),
    )


def snippets(query: str, address: str) -> list[tuple[str, str]]:
    """Return the query as code for other tools: name and text.

    :param address: of the endpoint, as the reader reaches it.
    """
    quoted = json.dumps(query, ensure_ascii=False)
    shell = "'" + query.replace("'", "'\\''") + "'"
    return [
        ("curl", f"curl -H 'Accept: text/csv' --data-urlencode query={shell} {address}"),
        (
            "Python, SPARQLWrapper",
            "from SPARQLWrapper import JSON, SPARQLWrapper\n\n"
            f'endpoint = SPARQLWrapper("{address}")\n'
            f"endpoint.setQuery({quoted})\nendpoint.setReturnFormat(JSON)\n"
            'for row in endpoint.queryAndConvert()["results"]["bindings"]:\n    print(row)',
        ),
        (
            "Python, rdflib",
            "from rdflib import Graph\n"
            "from rdflib.plugins.stores.sparqlstore import SPARQLStore\n\n"
            f'graph = Graph(SPARQLStore("{address}"))\n'
            f"for row in graph.query({quoted}):\n    print(row)",
        ),
        (
            "R",
            f"library(httr2)\n\nquery <- {quoted}\n"
            f'request("{address}") |> req_headers(Accept = "text/csv") |>\n'
            "  req_body_form(query = query) |> req_perform() |> resp_body_string() |>\n"
            "  textConnection() |> read.csv()",
        ),
        (
            "JavaScript",
            f'const answer = await fetch("{address}", {{\n  method: "POST",\n'
            '  headers: { Accept: "application/sparql-results+json" },\n'
            f"  body: new URLSearchParams({{ query: {quoted} }}),\n}});\n"
            "const rows = (await answer.json()).results.bindings;",
        ),
    ]
