"""The query page: answers as a table with labels and links."""

import json
from typing import Any

from flask import Blueprint, current_app, request

from service import iris
from service.endpoint import DISCONNECT_KEY, Endpoint
from service.formats import Format
from service.library import Ref, ReleaseData, describe
from service.problems import Problem
from service.site.addresses import iri_at
from service.site.query.form import MAX_ROWS, Table, query_form
from service.site.site import site
from service.sparql.protocol import Query

bp = Blueprint("query", __name__)

ACCEPT = "application/sparql-results+json, text/turtle;q=0.9"
MAX_BYTES = 8 << 20
"""Largest result that becomes a page, of which only the first rows are shown."""


@bp.route("/query", methods=["GET", "POST"])
def query() -> tuple[str, int] | str:
    """Show the form and, if there is a query, its result or the problem with it.

    :raises UnknownResource: if ``question`` names none.
    """
    text = request.values.get("query", "").strip()
    if name := request.values.get("question", ""):
        question = describe(site().library, iri_at(f"/question/{name}"))
        text = text or question.text(iris.SELECT).strip()
    if not text or request.values.get("edit"):
        return query_form(text)
    try:
        return query_form(text, table=_table(_answer(text), site().data))
    except Problem as problem:
        return query_form(text, problem), problem.status


def _answer(query: str) -> tuple[Format, bytes]:
    """Run a query; return the format of its result, JSON or Turtle, and its bytes.

    :raises Problem: if the query is refused or fails.
    """
    endpoint: Endpoint = current_app.extensions["endpoint"]
    plan = endpoint.plan(Query(query), ACCEPT)
    disconnect = request.environ.get("asgi.scope", {}).get(DISCONNECT_KEY)
    answer = endpoint.answer_whole(plan, MAX_BYTES, request.remote_addr or "")
    result, data = endpoint.wait(answer, disconnect)
    return result.format, data


def _table(answer: tuple[Format, bytes], library: ReleaseData) -> Table:
    """Return the first rows of a result, or all of a graph, as the page shows it."""
    result_format, data = answer
    if "graph" in result_format.kinds:
        return Table(graph=data.decode())
    result: dict[str, Any] = json.loads(data)
    if "boolean" in result:
        return Table(boolean=result["boolean"])
    columns = tuple(result["head"]["vars"])
    solutions = result["results"]["bindings"]
    rows = (tuple(_cell(row.get(c), library) for c in columns) for row in solutions[:MAX_ROWS])
    return Table(columns, tuple(rows), len(solutions))


def _cell(value: dict[str, str] | None, library: ReleaseData) -> Ref | None:
    if value is None:
        return None
    return library.ref(value["value"]) if value["type"] == "uri" else Ref(value["value"], "")
