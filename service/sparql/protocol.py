"""SPARQL 1.1 Protocol: parse the parts of an HTTP request into a :class:`Query`.

A request of the Graph Store HTTP Protocol that reads a graph is parsed too: clients that know only
one address, such as Jena's ``RDFConnection``, send both there.

Parsing is a pure function of bytes, the same for every server. Nothing is decoded twice.
"""

import math
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl

from service.problems import BadRequest, UnsupportedMediaType, UpdateRefused

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"

METHODS = ("GET", "HEAD", "POST", "QUERY", "OPTIONS")
"""The methods of the endpoint."""

MAX_PARAMETERS = 1000
"""The most parameters of one request; parsing them delays all other requests."""

ACCEPTED = (QUERY, FORM)
"""Media types of a request body."""

_NUMBER = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`]*")
_CHARSET = re.compile(r"(?:^|;)\s*charset\s*=\s*\"?([^\";\s]*)")
WHOLE_GRAPH = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
"""The query whose result is the whole graph."""

_REFUSED = "This endpoint answers queries only; updates are never carried out."


class Query(NamedTuple):
    """A query operation (SPARQL 1.1 Protocol §2.1).

    :param text: the query; None if the request has none (it asks for the service description).
    :param default_graphs: IRIs of ``default-graph-uri``. If there are any, or named graphs, the
        request and not the query chooses the dataset (§2.1.4).
    :param named_graphs: IRIs of ``named-graph-uri``.
    :param timeout_seconds: the client's own time limit, or None.
    :param formats: the names that ``format=`` gives; some clients give several for one format.
    :param graph: IRI of the graph to return whole (Graph Store HTTP Protocol §5.2), "" for the
        default graph; None if the client sent a query.
    """

    text: str | None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    timeout_seconds: float | None = None
    formats: tuple[str, ...] = ()
    graph: str | None = None


def parse(
    method: str,
    query_string: bytes,
    content_type: str | None,
    body: bytes,
    content_encoding: str | None = None,
) -> Query:
    """Return the query operation in a request.

    :param method: GET, HEAD, POST or QUERY; GET and HEAD have no body.
    :param query_string: the request target's, still percent-encoded.
    :param content_type: the value of the ``Content-Type`` field, or None.
    :param body: the bytes of the request's content.
    :param content_encoding: the value of the ``Content-Encoding`` field, or None.
    :raises BadRequest: for a missing or doubled parameter or broken encoding (§2.1.1-2.1.4).
    :raises UnsupportedMediaType: for a body that is no query.
    :raises UpdateRefused: for an update operation (§2.2); this endpoint only answers queries.
    """
    parameters = _parameters(query_string, "The request target")
    if method in {"GET", "HEAD"}:
        return _query(parameters)
    if "graph" in parameters or "default" in parameters:
        raise UpdateRefused("Graphs can be read here, by GET; they are never changed.")
    media_type = _check_content(content_type, content_encoding)
    if media_type == FORM:
        for name, values in _parameters(body, "The form").items():
            parameters.setdefault(name, []).extend(values)
    else:
        try:
            text = body.decode()
        except UnicodeDecodeError as error:
            raise _not_utf8("The query", error) from None
        parameters.setdefault("query", []).append(_text(text, "The query"))
    query = _query(parameters)
    if query.text is None:
        raise BadRequest("The form has no parameter 'query'. Add one.", parameter="query")
    return query


def _check_content(content_type: str | None, content_encoding: str | None) -> str:
    """Return the media type of the request's content, in lower case."""
    media_type, _, parameters = (content_type or "").lower().partition(";")
    media_type = media_type.strip()
    charset = _CHARSET.search(parameters)
    if (content_encoding or "identity").strip().lower() != "identity":
        raise UnsupportedMediaType(
            f"A request's content is not compressed here, not even by {content_encoding}.",
            accepts=list(ACCEPTED),
        )
    if media_type == UPDATE:
        raise UpdateRefused(_REFUSED)
    if media_type not in ACCEPTED:
        fault = f"not {media_type}" if media_type else "and the request names no media type"
        raise UnsupportedMediaType(
            f"A query is sent as {QUERY} or as {FORM}, {fault}. Set Content-Type.",
            accepts=list(ACCEPTED),
        )
    if charset and charset[1] not in {"", "utf-8", "utf8", "us-ascii"}:
        raise UnsupportedMediaType(
            f"Queries are UTF-8 (SPARQL 1.1 Protocol §2.1.3), not {charset[1]}.",
            accepts=list(ACCEPTED),
        )
    return media_type


def _query(parameters: Mapping[str, list[str]]) -> Query:
    if "update" in parameters:
        raise UpdateRefused(_REFUSED)
    text, timeout = (_one(parameters, name) for name in ("query", "timeout"))
    # SPARQLWrapper sends a short name and media types, separated by commas.
    names = ",".join(parameters.get("format", ())).split(",")
    graph = _whole_graph(parameters)
    if graph is not None:
        if text is not None:
            raise BadRequest(
                "'graph' and 'default' ask for a whole graph, without a query. "
                "With one, choose graphs by default-graph-uri and named-graph-uri.",
                parameter="graph",
            )
        text = WHOLE_GRAPH
    default_graphs = _graphs(parameters, "default-graph-uri")
    named_graphs = _graphs(parameters, "named-graph-uri")
    if (text is None or graph is not None) and (default_graphs or named_graphs):
        raise BadRequest(
            "The request names graphs but has no parameter 'query'.", parameter="query"
        )
    if graph:
        default_graphs = (graph,)
    named = tuple(filter(None, names))
    return Query(text, default_graphs, named_graphs, _seconds(timeout), named, graph)


def _whole_graph(parameters: Mapping[str, list[str]]) -> str | None:
    """Return the IRI of ``graph``, "" for ``default``, None if the request has neither."""
    graph = _one(parameters, "graph")
    if graph is None:
        return "" if "default" in parameters else None
    if "default" in parameters:
        raise BadRequest(
            "A request asks for 'graph' or for 'default', not both.", parameter="graph"
        )
    if not _graphs(parameters, "graph"):
        raise BadRequest("'graph' is empty. Give the IRI of a graph.", parameter="graph")
    return graph


def _one(parameters: Mapping[str, list[str]], name: str) -> str | None:
    values = parameters.get(name)
    if values is None:
        return None
    if len(values) > 1:
        raise BadRequest(
            f"The parameter {name!r} is given {len(values)} times. Give it once.", parameter=name
        )
    return values[0]


def _graphs(parameters: Mapping[str, list[str]], name: str) -> tuple[str, ...]:
    # An empty field names no graph: forms such as Virtuoso's send it.
    iris = tuple(filter(None, parameters.get(name, ())))
    for iri in iris:
        if not _IRI.fullmatch(iri):
            raise BadRequest(f"{name} must be an absolute IRI, not {iri[:200]!r}.", parameter=name)
    return iris


def _seconds(text: str | None) -> float | None:
    text = (text or "").strip()
    if not text:
        return None
    seconds = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(seconds) or seconds <= 0:
        raise BadRequest(
            f"timeout is a number of seconds greater than 0, not {text[:80]!r}.",
            parameter="timeout",
        )
    return seconds


def _parameters(encoded: bytes, where: str) -> dict[str, list[str]]:
    """Decode ``application/x-www-form-urlencoded`` bytes, once."""
    parameters: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(encoded.decode(), True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except UnicodeDecodeError as error:
        raise _not_utf8(where, error) from None
    except ValueError:
        raise BadRequest(f"{where} has more than {MAX_PARAMETERS} parameters.") from None
    for name, value in pairs:
        parameters.setdefault(name, []).append(_text(value, f"{name!r} in {where}"))
    return parameters


def _not_utf8(where: str, error: UnicodeDecodeError) -> BadRequest:
    byte = error.object[error.start]
    return BadRequest(f"{where} is not UTF-8: it has a byte 0x{byte:02X}.", byte=error.start)


def _text(text: str, where: str) -> str:
    if "\x00" in text:
        raise BadRequest(f"{where} holds a null character.")
    return text.removeprefix("\ufeff")
