"""The query page: answers as a table with labels and links."""

import json
from typing import Any

from flask import Blueprint, current_app, request

from service import iris
from service.engine import Engine, Job
from service.engine.frames import READING
from service.formats import Format
from service.library import Library, Ref, describe
from service.problems import Problem
from service.site.addresses import iri_at
from service.site.query.form import MAX_ROWS, Table, query_form
from service.site.site import site
from service.site.sparql import endpoint
from service.site.wsgi import WHEN_SLOW
from service.sparql.protocol import Query
from service.sparql.tokens import Reading

bp = Blueprint("query", __name__)

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
        return query_form(text, table=_table(_answer(text), site().library))
    except Problem as problem:
        return query_form(text, problem), problem.status


def _answer(query: str) -> tuple[Format, bytes]:
    """Run a query; return the format of its result, JSON or Turtle, and its bytes.

    :raises Problem: if the query is refused or fails.
    """
    engine: Engine = current_app.extensions["engine"]
    when_slow = request.environ.get(WHEN_SLOW)
    # It may be long, and is read where that can be ended.
    read = engine.run(Job(query, READING), when_slow=when_slow)
    reading = Reading.from_bytes(b"".join(read.body))
    accept = "application/sparql-results+json, text/turtle;q=0.9"
    plan = endpoint().plan(Query(query), accept, None, reading)
    job = plan.job._replace(max_bytes=MAX_BYTES)
    data = b"".join(engine.run(job, when_slow=when_slow).body)
    if plan.converted:
        data = endpoint().convert(plan, data, lambda: site().library.store)
    return plan.format, data


def _table(answer: tuple[Format, bytes], library: Library) -> Table:
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


def _cell(value: dict[str, str] | None, library: Library) -> Ref | None:
    if value is None:
        return None
    return library.ref(value["value"]) if value["type"] == "uri" else Ref(value["value"], "")
