"""What is particular to an engine: one :class:`Adapter` each, and one for all others.

An adapter holds facts and small decisions; :mod:`service.remote.replies` and
:mod:`service.remote.store` do the work. Each fact was seen at the version that is named.
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
    """One sort of engine.

    :param name: for operators.
    :param is_engine: tells it by the header fields of its responses.
    :param limit: the parameters by which a query carries a time limit, from seconds.
    :param prologue: before each query.
    :param asked: the format that each kind of result is asked for.
    :param ask_is_row: whether the result of ASK is a row with 1 or 0.
    :param mended: a mistake in its results, and what stands there instead.
    :param empty_graph: what stands in N-Triples for a graph without triples.
    :param switches_at_once: whether nobody sees a part of what an update changes.
    :param partial: the reason why a result is a part, from its header fields; "" if it is whole.
    :param is_timeout: whether a response of a failure, by its body, means the time limit.
    :param unanswered: why a query is not sent, from its text; "" if it is.
    :param query_path, update_path, graphs_path: the addresses below that of the dataset.
    :param graph_parameter: names a graph in an address of the Graph Store Protocol.
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
        """Return the format that a kind of result is asked for.

        JSON, since the end of a document shows whether it is whole, and N-Triples, which stream
        and have a form for every term.
        """
        default = formats.N_TRIPLES if kind == "graph" else formats.JSON
        return (self.asked or {}).get(kind, default)


def _server(beginning: str) -> Callable[[HTTPMessage], bool]:
    """Return a test of the field ``Server``."""
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

A result that its time limit cuts ends well as HTTP, with status 200: lines that begin with ``##``
stand where the rest would. That is no JSON, and a comment in N-Triples, see ``replies``.
"""

OXIGRAPH = Adapter(
    "Oxigraph",
    _server("Oxigraph"),
    # No limit of a query's own; one for all by `oxigraph serve --timeout-s`.
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
    """Return why Virtuoso would answer a query wrongly, without saying so; "" if it would not."""
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
    lambda seconds: (("timeout", f"{max(seconds * 1000, 1000):.0f}"),),  # less is not read
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
"""Virtuoso open source (7.2.5): it was the most that Debian 12 has.

The address of its dataset is that of its endpoint, ``…/sparql``.
"""

OTHER = Adapter("SPARQL 1.1", lambda fields: True)
"""Any other engine; its addresses are all the same (as Fuseki's are, and those of RDF4J)."""

ADAPTERS = (FUSEKI, OXIGRAPH, VIRTUOSO, OTHER)


def of_response(fields: HTTPMessage) -> Adapter:
    """Return the adapter of the engine that sent a response."""
    return next(adapter for adapter in ADAPTERS if adapter.is_engine(fields))


def by_name(name: str) -> Adapter:
    """Return the adapter with a name; :data:`OTHER` if there is none."""
    return next((adapter for adapter in ADAPTERS if adapter.name == name), OTHER)
