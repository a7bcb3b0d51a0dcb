"""A query as code for other tools, as readable as the tool's language allows."""

import json


def snippets(query: str, address: str) -> list[tuple[str, str]]:
    """Return the query as code: pairs of the tool's name and the text to paste.

    :param address: of the endpoint, as the reader reaches it.
    """
    python = _python(query)
    return [
        (
            "curl",
            f"curl -H 'Accept: text/csv' {address} \\\n  --data-urlencode query='{_shell(query)}'",
        ),
        (
            "Python, SPARQLWrapper",
            "from SPARQLWrapper import JSON, POST, SPARQLWrapper\n\n"
            f'endpoint = SPARQLWrapper("{address}", returnFormat=JSON)\n'
            "endpoint.setMethod(POST)\n"
            f"endpoint.setQuery({python})\n"
            'for row in endpoint.queryAndConvert()["results"]["bindings"]:\n'
            '    print({name: cell["value"] for name, cell in row.items()})',
        ),
        (
            "Python, rdflib",
            "from rdflib import Graph\n"
            "from rdflib.plugins.stores.sparqlstore import SPARQLStore\n\n"
            f'graph = Graph(SPARQLStore("{address}"))\n'
            f"for row in graph.query({python}):\n    print(row)",
        ),
        (
            "R",
            f"library(httr2)\n\nquery <- {_r(query)}\n"
            f'request("{address}") |>\n  req_headers(Accept = "text/csv") |>\n'
            "  req_body_form(query = query) |>\n  req_perform() |>\n"
            "  resp_body_string() |>\n  textConnection() |>\n  read.csv()",
        ),
        (
            "JavaScript",
            f"const query = {_javascript(query)};\n"
            f'const answer = await fetch("{address}", {{\n  method: "POST",\n'
            '  headers: { Accept: "application/sparql-results+json" },\n'
            "  body: new URLSearchParams({ query }),\n});\n"
            "console.table((await answer.json()).results.bindings);",
        ),
    ]


def _shell(text: str) -> str:
    return text.replace("'", "'\\''")


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


def _javascript(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
    return f"`{escaped}`"
