"""The query page: a form that works without JavaScript, and answers as a table with links."""

import json
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, render_template, request

from service import formats, iris
from service.endpoint import DISCONNECT_KEY, Endpoint
from service.formats import Format
from service.library import Ref, ReleaseData, describe
from service.problems import Problem
from service.release import GRAPHS, graph_iri
from service.site.addresses import host_address, iri_at
from service.site.query.editor import snippets
from service.site.query.emptiness import hints
from service.site.query.vendor import editor_installed, engine_installed
from service.site.site import Site, site
from service.sparql.protocol import Query

bp = Blueprint("query", __name__)

ACCEPT = f"{formats.JSON.media_type}, {formats.TURTLE.media_type};q=0.9"
MAX_BYTES = 8 << 20
"""Largest result that becomes a page, of which only the first rows are shown."""

DOWNLOADS = (formats.CSV, formats.TSV, formats.JSON, formats.XML, formats.TURTLE)
"""The formats of results that the plain form offers."""

MAX_ROWS = 500
"""Rows on a page; a download has all of them."""

MAX_SNIPPET = 10_000
"""Characters of a query that is shown as code too; a longer one would be repeated many times."""


@dataclass(frozen=True, slots=True)
class Table:
    """A result as a page shows it.

    :param rows: values by column; None where a variable is unbound.
    :param total: how many rows the result has, shown or not.
    :param graph: the result as text, if it is a graph.
    :param boolean: the result of ASK, else None.
    """

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Ref | None, ...], ...] = ()
    total: int = 0
    graph: str = ""
    boolean: bool | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the query found nothing."""
        return not (self.total or self.graph.strip() or self.boolean)


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


def query_form(
    query: str = "",
    problem: Problem | None = None,
    table: Table | None = None,
    *,
    exported: bool = False,
) -> str:
    """Return the query page.

    :param query: the content of the text field.
    :param problem: what was wrong with the query.
    :param table: its result, if there is one.
    :param exported: whether queries are answered in the browser, of the dataset that is downloaded.
    """
    manifest = site().release.manifest
    shown = query or render_template("snippets/first_query.txt")
    brief = len(shown) <= MAX_SNIPPET
    return render_template(
        "exported/query.html" if exported else "sparql.html",
        editor=editor_installed() and (engine_installed() or not exported),
        asked=bool(query),
        query=shown,
        problem=problem,
        table=table,
        hints=hints(query, site().library) if table and table.is_empty else [],
        questions=site().library.questions,
        result_formats=DOWNLOADS,
        graphs=_graphs(site(), others=not exported),
        prefixes=sorted(manifest.prefixes.items()),
        max_rows=MAX_ROWS,
        snippets=snippets(shown, host_address() + "sparql") if brief else [],
    )


def _graphs(site: Site, *, others: bool) -> list[tuple[str, str, int]]:
    """Return name, description and number of triples of each graph.

    :param others: whether other vocabularies beside ours are among them.
    """
    sizes = site.release.manifest.all_graphs
    if not site.source:
        return [(iri, "", size) for iri, size in sorted(sizes.items())]
    ours = [
        (f"graph:{name}", site.library.display(iri, iris.GLOSS), sizes.get(iri, 0))
        for name, iri in ((name, graph_iri(name)) for name in GRAPHS)
    ]
    beside = site.release.manifest.others if others else {}
    return ours + [(f"<{iri}>", "another vocabulary", size) for iri, size in beside.items()]
