"""A query as code for other tools; the code itself is in ``templates/snippets/``."""

import json

from flask import current_app

from service.sparql.references import form

TOOLS = {
    "curl": "curl.txt",
    "Python, SPARQLWrapper": "sparqlwrapper.txt",
    "Python, rdflib": "rdflib.txt",
    "R": "r.txt",
    "JavaScript": "javascript.txt",
}
"""The tools by the names that readers know, each with its template."""


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
