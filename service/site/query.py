"""The query page for people: answers as a table with labels and links."""

import json
from typing import Any

from flask import current_app, request

from service import iris
from service.engine import Engine, Job
from service.engine.frames import READING
from service.iris import BASE
from service.library import Library, Ref, describe
from service.problems import Problem
from service.site.browse import bp
from service.site.form import MAX_ROWS, Table, query_form
from service.site.site import site
from service.site.sparql import endpoint
from service.site.wsgi import WHEN_SLOW
from service.sparql.protocol import Query
from service.sparql.tokens import Reading

MAX_BYTES = 8 << 20
"""Largest answer that becomes a page, of which only the first rows are shown."""

SELECT = iris.SELECT


@bp.route("/query", methods=["GET", "POST"])
def query() -> tuple[str, int] | str:
    """Show the form and, if there is a query, its answer or what is wrong with it.

    :raises UnknownResource: if ``question`` names none.
    """
    wanted = request.values.get("query", "").strip()
    if name := request.values.get("question", ""):
        d = describe(site().library, f"{BASE}question/{name}")
        wanted = wanted or d.text(SELECT).strip()
    if not wanted or request.values.get("edit"):
        return query_form(wanted)
    try:
        return query_form(wanted, table=_answer(wanted))
    except Problem as problem:
        return query_form(wanted, problem), problem.status


def _answer(wanted: str) -> Table:
    engine: Engine = current_app.extensions["engine"]
    when_slow = request.environ.get(WHEN_SLOW)
    # It may be long, and is read where that can be ended.
    read = engine.run(Job(wanted, READING), when_slow=when_slow)
    reading = Reading.from_bytes(b"".join(read.body))
    accept = "application/sparql-results+json, text/turtle;q=0.9"
    plan = endpoint().plan(Query(wanted), accept, None, reading)
    job = plan.job._replace(max_bytes=MAX_BYTES)
    data = b"".join(engine.run(job, when_slow=when_slow).body)
    if plan.converted:
        data = endpoint().convert(plan, data, lambda: site().library.store)
    if "graph" in plan.format.kinds:
        return Table(graph=data.decode())
    answer: dict[str, Any] = json.loads(data)
    if "boolean" in answer:
        return Table(boolean=answer["boolean"])
    columns = tuple(answer["head"]["vars"])
    found = answer["results"]["bindings"]
    rows = tuple(
        tuple(_cell(row.get(name), site().library) for name in columns) for row in found[:MAX_ROWS]
    )
    return Table(columns, rows, len(found))


def _cell(value: dict[str, str] | None, library: Library) -> Ref | None:
    if value is None:
        return None
    return library.ref(value["value"]) if value["type"] == "uri" else Ref(value["value"], "")
