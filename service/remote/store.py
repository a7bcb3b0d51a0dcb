"""A remote store: queries, updates, and the Graph Store Protocol (SPARQL 1.1)."""

from dataclasses import dataclass
from typing import IO
from urllib.parse import quote

import pyoxigraph as ox

from service import formats
from service.problems import RemoteFault
from service.remote.adapters import Adapter, of_response
from service.remote.connection import SHOWN_BYTES, Reply, post_form, send, shown

SECONDS = 600
"""Time that a store may take to load or move a graph."""
_SOLUTIONS = formats.XML.media_type
_ADVICE = {401: " Give a name and password in the address.", 403: " May it be written to?"}


@dataclass(frozen=True, slots=True)
class Store:
    """A store's addresses for reading and writing."""

    adapter: Adapter
    query_url: str
    update_url: str
    graphs_url: str

    def select(self, query: str) -> list[list[str]]:
        """Return the values of a query's rows."""
        body = _done(
            post_form(self.query_url, [("query", query)], _SOLUTIONS, SECONDS), "answer a query"
        )
        try:
            rows = ox.parse_query_results(body, ox.QueryResultsFormat.XML)
            assert isinstance(rows, ox.QuerySolutions)
            return [[str(term.value) for term in row] for row in rows]
        except SyntaxError as error:
            raise RemoteFault(f"The store's answer cannot be read: {error}") from None

    def size(self, graph: str) -> int:
        """Return the number of triples in a graph."""
        rows = self.select(f"SELECT (COUNT(*) AS ?size) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")
        return int(rows[0][0])

    def update(self, text: str) -> None:
        """Carry out an update."""
        _done(post_form(self.update_url, [("update", text)], "*/*", SECONDS), "carry out an update")

    def put(self, graph: str, file: IO[bytes], size: int) -> None:
        """Replace a graph by the N-Triples in a file (Graph Store HTTP Protocol §5.3).

        :param size: the file's size in bytes: Virtuoso accepts no chunks.
        """
        url = f"{self.graphs_url}?{self.adapter.graph_parameter}={quote(graph, safe='')}"
        fields = {"Content-Type": formats.N_TRIPLES.media_type, "Content-Length": str(size)}
        _done(send("PUT", url, file, fields, seconds=SECONDS), f"load <{graph}>")


def _done(reply: Reply, what: str) -> bytes:
    """Return the body of a response, if it reports success."""
    try:
        body = reply.read()
    finally:
        reply.close()
    if reply.status not in {200, 201, 204}:
        text = " ".join(body[:SHOWN_BYTES].decode(errors="replace").split())
        advice = _ADVICE.get(reply.status, "")
        raise RemoteFault(f"The store does not {what}: {reply.status} {text}{advice}")
    return body


def find_store(url: str, update_url: str = "", graphs_url: str = "") -> Store:
    """Return the store at the address of a dataset; its response tells which engine it is.

    :param update_url: the address for updates, if the engine has no adapter.
    :param graphs_url: the address of the Graph Store Protocol, likewise.
    :raises RemoteFault: if nothing there answers a query.
    """
    url = url.rstrip("/")
    for query_url in (url, f"{url}/query", f"{url}/sparql"):
        reply = post_form(query_url, [("query", "ASK {}")], f"{_SOLUTIONS}, */*;q=0.1", 30)
        reply.close()
        if reply.status == 200:
            adapter = of_response(reply.fields)
            dataset = query_url.removesuffix(adapter.query_path)
            return Store(
                adapter,
                dataset + adapter.query_path,
                update_url or dataset + adapter.update_path,
                graphs_url or dataset + adapter.graphs_path,
            )
    raise RemoteFault(f"Nothing at {shown(url)} answers a query: status {reply.status}.")
