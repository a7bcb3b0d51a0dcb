"""The peculiarities of engines: an :class:`Adapter` for each, and one for all others.

An adapter holds facts and small decisions; :mod:`service.remote.replies` and
:mod:`service.remote.store` do the work. Each fact was observed at the version named.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPMessage

from service import formats
from service.formats import Format, Kind
from service.sparql.tokens import Token, tokens

Parameters = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Adapter:
    """The peculiarities of one engine.

    :param name: its name for operators.
    :param is_engine: recognises it by the header fields of a response.
    :param limit: returns the parameters that set a query's time limit in seconds.
    :param prologue: text to send before each query.
    :param asked: the format to request for each kind of result, if not the default.
    :param ask_is_row: whether the result of ASK is a row with 1 or 0.
    :param mended: a mistake in its results, and the correct bytes.
    :param empty_graph: its N-Triples for a graph without triples.
    :param switches_at_once: whether an update is one transaction.
    :param partial: returns why a result is only a part, from its header fields; "" if it is whole.
    :param is_timeout: tells whether the body of a failure reports the time limit.
    :param unanswered: returns why a query must not be sent, from its text; "" if it may.
    :param query_path, update_path, graphs_path: paths to append to the dataset's address.
    :param graph_parameter: the parameter of the Graph Store Protocol that names a graph.
    """

    name: str
    is_engine: Callable[[HTTPMessage], bool]
    limit: Callable[[float], Parameters] = lambda seconds: ()
    prologue: str = ""
    asked: Mapping[Kind, Format] | None = None
    ask_is_row: bool = False
    mended: tuple[bytes, bytes] | None = None
    empty_graph: bytes = b""
    switches_at_once: bool = True
    partial: Callable[[HTTPMessage], str] = lambda fields: ""
    is_timeout: Callable[[bytes], bool] = lambda body: False
    unanswered: Callable[[str], str] = lambda text: ""
    query_path: str = ""
    update_path: str = ""
    graphs_path: str = ""
    graph_parameter: str = "graph"

    def format_for(self, kind: Kind) -> Format:
        """Return the format to request for a kind of result.

        By default JSON, since the end of a document shows whether it is whole, and N-Triples,
        which stream and can hold every term.
        """
        default = formats.N_TRIPLES if kind == "graph" else formats.JSON
        return (self.asked or {}).get(kind, default)


def _server(beginning: str) -> Callable[[HTTPMessage], bool]:
    """Return a function that tests the beginning of the field ``Server``."""
    return lambda fields: (fields.get("Server") or "").startswith(beginning)


FUSEKI = Adapter(
    "Fuseki",
    # Its field Server is off by default.
    lambda fields: "Fuseki-Request-Id" in fields,
    # 5.6.0 documents a field Timeout too, which it does not read. Seconds.
    lambda seconds: (("timeout", f"{seconds:g}"),),
    is_timeout=lambda body: body.startswith(b"Query timed out"),
    query_path="/query",
    update_path="/update",
    graphs_path="/data",
)
"""Apache Jena Fuseki (5.6.0).

A result that is cut at the time limit is still valid HTTP with status 200; lines that begin with
``##`` stand in place of the rest. They are no JSON, and comments in N-Triples, see ``replies``.
"""

OXIGRAPH = Adapter(
    "Oxigraph",
    _server("Oxigraph"),
    # A query cannot set a limit; `oxigraph serve --timeout-s` sets one for all.
    is_timeout=lambda body: b"cancelled" in body or b"timeout" in body,
    query_path="/query",
    update_path="/update",
    graphs_path="/store",
)
"""``oxigraph serve`` (0.5.13)."""


def _is_partial(fields: HTTPMessage) -> str:
    if state := fields.get("X-SQL-State"):
        return f"{state}: {fields.get('X-SQL-Message', '')}"
    if rows := fields.get("X-SPARQL-MaxRows"):
        return f"only the first {rows} rows; raise ResultSetMaxRows in virtuoso.ini"
    return ""


def _is_step(token: Token) -> bool:
    """Tell whether a token may end a step of a property path."""
    return token.kind in {"name", "iri"} or token.text in {")", "a"}


def _wrongly_answered(text: str) -> str:
    """Return why Virtuoso would silently give a wrong answer to a query; "" if it would not."""
    before = Token("sign", "{", 0)
    sorts = False
    for token in tokens(text):
        adjoins = before.start + len(before.text) == token.start
        if token.text in {"*", "+", "?"} and adjoins and _is_step(before):
            return "property paths with *, + or ?"
        if token.keyword == "EXISTS":
            return "EXISTS and NOT EXISTS"
        if token.keyword == "MINUS":  # where a variable of both sides is unbound
            return "MINUS"
        sorts |= token.keyword == "ORDER"
        if sorts and token.keyword in {"LIMIT", "OFFSET"}:  # long strings come in another order
            return "ORDER BY and then LIMIT or OFFSET"
        before = token
    return ""


VIRTUOSO = Adapter(
    "Virtuoso",
    _server("Virtuoso"),
    lambda seconds: (("timeout", f"{max(seconds * 1000, 1000):.0f}"),),  # it ignores less
    'define sql:describe-mode "CBD" ',
    # In its JSON booleans are 1 and 0.
    {"solutions": formats.XML, "boolean": formats.XML},
    ask_is_row=True,
    mended=(b"<bnode>nodeID://", b"<bnode>"),
    empty_graph=b"# Empty NT\n",
    switches_at_once=False,
    partial=_is_partial,
    is_timeout=lambda body: b"S1T00" in body or b"42000 Error The estimated execution" in body,
    unanswered=_wrongly_answered,
    graphs_path="-graph-crud",
    graph_parameter="graph-uri",
)
"""Virtuoso open source (7.2.5, the version in Debian 12).

The address of its dataset is its endpoint's, ``…/sparql``.
"""

OTHER = Adapter("SPARQL 1.1", lambda fields: True)
"""Any other engine; one address serves all operations, as with Fuseki and RDF4J."""

ADAPTERS = (FUSEKI, OXIGRAPH, VIRTUOSO, OTHER)


def of_response(fields: HTTPMessage) -> Adapter:
    """Return the adapter of the engine that sent a response."""
    return next(adapter for adapter in ADAPTERS if adapter.is_engine(fields))


def by_name(name: str) -> Adapter:
    """Return the adapter with a name; :data:`OTHER` if there is none."""
    return next((adapter for adapter in ADAPTERS if adapter.name == name), OTHER)
