"""The form on which a person writes a query; it works without JavaScript."""

from dataclasses import dataclass

from flask import render_template

from service import formats, iris
from service.library import Ref
from service.problems import Problem
from service.release import GRAPHS, graph_iri
from service.site.addresses import host_address
from service.site.query.emptiness import hints
from service.site.query.snippets import snippets
from service.site.query.vendor import editor_installed, engine_installed
from service.site.site import Site, site

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
    if site.source:
        graphs = [(name, graph_iri(name)) for name in GRAPHS]
        words = {iri: site.library.display(iri, iris.GLOSS) for _, iri in graphs}
        ours = [(f"graph:{name}", words[iri], sizes.get(iri, 0)) for name, iri in graphs]
        beside = site.release.manifest.others if others else {}
        return ours + [(f"<{iri}>", "another vocabulary", size) for iri, size in beside.items()]
    return [(iri, "", size) for iri, size in sorted(sizes.items())]
