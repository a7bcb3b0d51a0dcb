"""Send a query to another engine, and read or refuse its result.

This runs in a worker, which can be killed: so a query has the same limits wherever it is
evaluated, a client that leaves ends the connection, and a bad result harms no other query. The
query has been parsed before, so an engine sees only SPARQL 1.1; its result is parsed and written
anew, so nothing passes through unread.
"""

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

import pyoxigraph as ox

from service import formats
from service.formats import Format, Kind
from service.problems import Problem, QueryTimeout, RemoteFault, RemoteUnfit
from service.remote.adapters import Adapter, by_name
from service.remote.connection import SHOWN_BYTES, Replica, Reply, post_form
from service.remote.replicas import CHANGING, check
from service.sparql.tokens import tokens

Results = ox.QuerySolutions | ox.QueryBoolean | Iterator[ox.Triple]

_ABSOLUTE = re.compile("<[A-Za-z][A-Za-z0-9+.-]*:")
_ENGINE = {formats.JSON: ox.QueryResultsFormat.JSON, formats.XML: ox.QueryResultsFormat.XML}


@dataclass(frozen=True, slots=True)
class Question:
    """A query, and the shape that its result must have.

    :param base: the base IRI.
    :param variables: the variables of its solutions, in order.
    :param default_graphs: with ``named_graphs`` the dataset; empty if the query names its own.
    """

    text: str
    base: str
    kind: Kind
    variables: tuple[str, ...]
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    seconds: float


def ask(replica: Replica, question: Question, *, has_others: bool = False) -> Results:
    """Have an engine evaluate a query; its results are read lazily.

    Reading them raises RemoteFault if they break off or do not fit the query.

    :param has_others: whether another engine can be asked if this one hangs.
    :raises RemoteUnfit: if the engine is known to answer such a query wrongly.
    :raises QueryTimeout: if the engine stops at its time limit.
    :raises RemoteFault: if the engine fails, or its response is no result of the query.
    """
    adapter = by_name(replica.engine)
    if construct := adapter.unanswered(question.text):
        raise RemoteUnfit(
            f"The engine behind this endpoint ({adapter.name}) answers queries with {construct} "
            "wrongly, so it is not asked. Write the query without them.",
            construct=construct,
        )
    fmt = adapter.format_for(question.kind)
    reply = post_form(
        replica.url,
        [
            ("query", adapter.prologue + _with_base(question)),
            *(("default-graph-uri", graph) for graph in question.default_graphs),
            *(("named-graph-uri", graph) for graph in question.named_graphs),
            *adapter.limit(question.seconds),
        ],
        fmt.media_type,
        question.seconds + 1,
        name=replica.name,
        is_up=(lambda: check(replica.url).state == "up") if has_others else None,
    )
    _check(reply, adapter, fmt, replica, question.seconds)
    if question.kind == "graph":
        return _triples(_Lines(reply, adapter, replica), replica)
    results = _solutions(_Source(reply, adapter, replica), adapter, fmt, replica)
    _check_shape(results, question, replica)
    return results


def _with_base(question: Question) -> str:
    """Return a query with its base, unless it begins with one: Virtuoso accepts only one."""
    first, second, *_ = islice(tokens(question.text), 2)
    if first.keyword == "BASE" and _ABSOLUTE.match(second.text):
        return question.text
    return f"BASE <{question.base}> {question.text}"


def _check(reply: Reply, adapter: Adapter, fmt: Format, replica: Replica, seconds: float) -> None:
    """Refuse a response whose status or header fields show that it is no whole result."""
    if reply.status != 200:
        body = b""
        with suppress(RemoteFault):
            body = reply.read(SHOWN_BYTES)
        reply.close()
        if adapter.is_timeout(body):
            raise _timeout(seconds)
        text = " ".join(body.decode(errors="replace").split())
        raise RemoteFault(f"{replica.name} answers with status {reply.status}: {text}")
    if reason := adapter.partial(reply.fields):
        reply.close()
        if "timeout" in reason:
            raise _timeout(seconds)
        raise RemoteFault(f"The result of {replica.name} is a part: {reason}.")
    if reply.media_type not in (fmt.media_type, *fmt.aliases):
        reply.close()
        raise RemoteFault(
            f"{replica.name} was asked for {fmt.media_type} and sends {reply.media_type}."
        )
    reply.check_framing()


def _timeout(seconds: float) -> QueryTimeout:
    return QueryTimeout(
        f"The query was stopped after {seconds:g} s. Ask for less at a time "
        "(LIMIT, fewer OPTIONALs, no unbound property paths).",
        limit_seconds=seconds,
    )


def _solutions(
    source: "_Source", adapter: Adapter, fmt: Format, replica: Replica
) -> ox.QuerySolutions | ox.QueryBoolean:
    file: io.BytesIO | _Source = source
    if adapter.mended:
        file = io.BytesIO(
            b"".join(iter(lambda: source.read(1 << 16), b"")).replace(*adapter.mended)
        )
    try:
        results = ox.parse_query_results(file, _ENGINE[fmt])  # type: ignore[arg-type]
        if adapter.ask_is_row and isinstance(results, ox.QuerySolutions):
            results = _boolean(results)
    except (SyntaxError, ValueError) as error:
        raise unreadable(replica, error) from None
    return results


def _boolean(rows: ox.QuerySolutions) -> ox.QuerySolutions | ox.QueryBoolean:
    """Return the boolean that Virtuoso writes as a row."""
    if [variable.value for variable in rows.variables] != ["__ASK_RETVAL"]:
        return rows
    value = "true" if any(row[0].value == "1" for row in rows) else "false"
    text = f'{{"head": {{}}, "boolean": {value}}}'
    return ox.parse_query_results(text, ox.QueryResultsFormat.JSON)


def _check_shape(
    results: ox.QuerySolutions | ox.QueryBoolean, question: Question, replica: Replica
) -> None:
    """Refuse a result whose kind or variables differ from the query's."""
    variables: tuple[str, ...] = ()
    kind: Kind = "boolean"
    if isinstance(results, ox.QuerySolutions):
        kind, variables = "solutions", tuple(v.value for v in results.variables)
    if (kind, variables) != (question.kind, question.variables):
        described = f"{kind} {', '.join(variables)}".strip()
        raise RemoteFault(f"{replica.name} sends another result than was asked for: {described}.")


def _triples(lines: "_Lines", replica: Replica) -> Iterator[ox.Triple]:
    try:
        for quad in ox.parse(lines, ox.RdfFormat.N_TRIPLES):  # type: ignore[arg-type]
            yield quad.triple
    except (SyntaxError, ValueError) as error:
        raise unreadable(replica, error) from None


def unreadable(replica: Replica, error: Exception) -> Problem:
    """Return the problem of a result that ends early or is not in its format."""
    reason = str(error).partition("\n")[0][:SHOWN_BYTES]
    return RemoteFault(f"The result of {replica.name} breaks off or cannot be read: {reason}.")


class _Source:
    """The body of a response, as a file."""

    def __init__(self, reply: Reply, adapter: Adapter, replica: Replica) -> None:
        self._reply = reply
        self._adapter = adapter
        self._replica = replica

    def read(self, size: int = -1) -> bytes:
        data = self._reply.read(size if size >= 0 else None)
        if not data and not self._adapter.switches_at_once:
            self._check_release()
        return data

    def _check_release(self) -> None:
        """Refuse a result if the engine got another release meanwhile, part by part."""
        known = self._replica.digest
        if known and (known == CHANGING or check(self._replica.url).digest != known):
            raise RemoteFault(
                f"{self._replica.name} is being given another release. Try again in a while."
            )


class _Lines(_Source):
    """N-Triples without comments: a comment is how an engine says that it stopped early."""

    def __init__(self, reply: Reply, adapter: Adapter, replica: Replica) -> None:
        super().__init__(reply, adapter, replica)
        self._last = b"\n"

    def read(self, size: int = -1) -> bytes:
        data = super().read(size)
        if data and data == self._adapter.empty_graph:
            data = super().read(size)
        if b"\n#" in self._last + data:
            raise RemoteFault(f"The result of {self._replica.name} has a comment; it is a part.")
        if not data and self._last != b"\n":
            raise RemoteFault(f"The result of {self._replica.name} ends in the midst of a line.")
        self._last = data[-1:] or self._last
        return data
