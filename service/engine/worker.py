"""A worker: one process, one socket, one query at a time.

The host forks it with the store open. At a query's time limit a timer of the kernel kills the
process, since an Oxigraph query cannot be interrupted.
"""

import contextlib
import os
import resource
import signal
import socket
import struct
import sys
import time
from collections.abc import Iterable
from multiprocessing.connection import Connection
from typing import IO, Any, cast

import pyoxigraph as ox

from service import formats, iris
from service.engine import messages, outcomes
from service.engine.evaluation import Results, evaluate, name_columns, shape
from service.engine.messages import PART_BYTES, Request
from service.formats import Format, Kind
from service.names import Names
from service.problems import (
    EngineFault,
    NotAcceptable,
    Problem,
    RemoteFault,
    ServiceFailed,
    ServiceRefused,
)
from service.rdf import writers
from service.rdf.blank_nodes import canonical_triples
from service.rdf.gather import gather
from service.rdf.solutions import write_solutions
from service.rdf.terms import canonical_triple
from service.remote.replies import Question, ask, unreadable
from service.sparql import hints
from service.sparql.policy import Policy
from service.sparql.references import References, declared_prefixes, form, references
from service.sparql.tokens import unescape

SMALL_BYTES, SMALL_SECONDS = 1 << 12, 0.02
"""A part of a result is sent before it is full once it has this size and this time has passed."""
HELD_BYTES = 1 << 20
"""Bytes of a replica's result that are held back: if it fails by then, another one is asked."""
STALL_SECONDS = 60
"""A worker ends if its pool reads nothing for this time."""
GROWTH_BYTES = 16 << 20
"""A worker that has grown by more ends after its query, so that its memory is freed."""
_RSS_UNIT = 1024 if sys.platform == "linux" else 1

_NO_GRAPH = ox.NamedNode("urn:x-none:")


def serve(
    connection: socket.socket, store: ox.Store, policy: Policy, names: Names, *, plans: bool
) -> None:
    """Answer queries on a socket until it closes.

    :param names: the known prefixes, for hints and for writing graphs.
    :param plans: as for :func:`evaluate`.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    connection.setsockopt(
        socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", STALL_SECONDS, 0)
    )
    pool = Connection(connection.detach())
    pool.send_bytes(b"%d" % os.getpid())
    ceiling = _peak_bytes() + GROWTH_BYTES
    with contextlib.suppress(EOFError, OSError, DisconnectedError):
        while True:
            request = Request.unpack(pool.recv_bytes())
            signal.setitimer(signal.ITIMER_REAL, request.seconds)
            output = Output(pool, request.max_bytes)
            try:
                Evaluation(store, policy, names, request, output).run(plans=plans)
                ends = _peak_bytes() > ceiling
                output.finish(ends)
                if ends:
                    return
            except Problem as problem:
                signal.setitimer(signal.ITIMER_REAL, 0)
                pool.send_bytes(messages.PROBLEM + messages.pack_problem(problem))


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT


class DisconnectedError(Exception):
    """The pool has closed the socket, or has stopped reading."""


class Output:
    """A file for the engine to write a result to; its content goes to the pool in messages."""

    def __init__(self, pool: Connection, max_bytes: int) -> None:
        self._pool = pool
        self._max_bytes = max_bytes
        self._left = max_bytes
        self._buffer = bytearray()
        self._head = b""
        self._sent = self._held = False
        self._least = self._retries = 0
        self._start = self._last = time.monotonic()

    def begin(self, kind: Kind, fmt: Format) -> None:
        """Announce the kind of the result and its format."""
        self._head = f"{kind} {fmt.name}".encode()

    def hold(self) -> None:
        """Send nothing before the result is complete: its format may fail to hold a later term."""
        self._held = True

    def hold_first(self, size: int) -> None:
        """Send nothing before the result has this size or is complete."""
        self._least = size

    def start_anew(self) -> bool:
        """Discard what was written, unless some was sent already; return whether none was."""
        if not self._sent:
            self._retries += 1
            self._buffer.clear()
            self._left = self._max_bytes
        return not self._sent

    def write(self, data: Any) -> int:
        """Append bytes from the engine.

        :raises ResultTooLarge: if the result is over its limit.
        """
        self._left -= len(data)
        if self._left < 0:
            raise outcomes.too_large(self._max_bytes)
        self._buffer += data
        size = len(self._buffer)
        late = size >= SMALL_BYTES and time.monotonic() - self._last > SMALL_SECONDS
        if not self._held and size >= self._least and (size >= PART_BYTES or late):
            self._send()
        return len(data)

    def flush(self) -> None:
        """Do nothing: small parts are collected on purpose."""

    def finish(self, ends: bool) -> None:
        """Send the rest of the result and its end.

        :param ends: whether the worker ends after this result.
        """
        seconds = time.monotonic() - self._start
        outcome = messages.OUTCOME.pack(seconds, ends, min(self._retries, 255))
        signal.setitimer(signal.ITIMER_REAL, 0)
        if self._sent or len(self._buffer) > PART_BYTES:
            self._send()
            self._send_all(messages.END + outcome)
        else:
            parts = (messages.WHOLE, outcome, self._head, b"\n", self._buffer)
            self._send_all(b"".join(parts))

    def _send(self) -> None:
        # Stop the query's timer while the pool is read slowly: that time is not the query's.
        left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
        if not self._sent:
            self._send_all(messages.HEAD + self._head)
            self._sent = True
        view = memoryview(self._buffer)
        for start in range(0, len(view), PART_BYTES):
            self._send_all(messages.DATA + view[start : start + PART_BYTES])
        self._buffer = bytearray()
        self._least = 0
        self._last = time.monotonic()
        if left:
            signal.setitimer(signal.ITIMER_REAL, left)

    def _send_all(self, data: bytes) -> None:
        try:
            self._pool.send_bytes(data)
        except OSError as error:
            raise DisconnectedError from error


class Evaluation:
    """The evaluation of one query."""

    def __init__(
        self, store: ox.Store, policy: Policy, names: Names, request: Request, output: Output
    ) -> None:
        self.store = store
        self.policy = policy
        self.names = names
        self.request = request
        self.output = output
        self.text = unescape(request.text)

    def run(self, *, plans: bool) -> None:
        """Evaluate the query and write its result in the format for its kind.

        :param plans: as for :func:`serve`.
        :raises Problem: if the query is refused, malformed, or fails.
        """
        request = self.request
        reached = references(self.text, iris.BASE)
        protocol_graphs = (*request.default_graphs, *request.named_graphs)
        self.policy.check(reached, protocol_graphs)
        has_dataset = bool(protocol_graphs or reached.default_graphs or reached.named_graphs)
        dataset: dict[str, Any] = {"use_default_graph_as_union": not has_dataset}
        if protocol_graphs:
            # For an empty default graph, name a graph that holds nothing.
            default = [ox.NamedNode(g) for g in request.default_graphs]
            named = [ox.NamedNode(g) for g in request.named_graphs]
            dataset = {"default_graph": default or [_NO_GRAPH], "named_graphs": named}
        try:
            try:
                if request.replicas:
                    question = self._question(named_by_query=bool(has_dataset))
                else:
                    results = evaluate(
                        self.store, self.text, plans=plans, base_iri=iris.BASE, **dataset
                    )
            except SyntaxError as error:
                raise hints.explain(self.text, str(error), self.names.prefixes) from None
            if request.replicas:
                self._ask(question, as_documents=not has_dataset)
            else:
                self._write(results, as_documents=not has_dataset)
        except MemoryError:
            raise EngineFault("The engine ran out of memory.") from None
        except (OSError, RuntimeError, ValueError, SyntaxError) as error:
            raise _failure(error, reached) from None

    def _question(self, *, named_by_query: bool) -> Question:
        """Return the question for a replica.

        :param named_by_query: whether the query or the request chooses the dataset.
        :raises SyntaxError, RuntimeError: as :func:`evaluate`.
        """
        request = self.request
        text = name_columns(self.text, iris.BASE)
        kind, variables = shape(text, iris.BASE)
        graphs = request.default_graphs, request.named_graphs
        if any(graphs):
            graphs = graphs[0] or (_NO_GRAPH.value,), graphs[1]
        elif not named_by_query:
            graphs = tuple(sorted(self.policy.graphs)), tuple(sorted(self.policy.graphs))
        return Question(text, iris.BASE, kind, variables, *graphs, request.seconds)

    def _ask(self, question: Question, *, as_documents: bool) -> None:
        """Have a replica evaluate the query; if it fails before anything was sent, ask the next.

        :raises RemoteFault: if all of them fail.
        """
        last: Problem | None = None
        replicas = self.request.replicas
        # Ask a single one twice: a balancer may choose another engine the second time.
        for replica in replicas if len(replicas) > 1 else replicas * 2:
            self.output.hold_first(HELD_BYTES)
            try:
                results = ask(replica, question, has_others=len(replicas) > 1)
                self._write(results, as_documents=as_documents)
            except (SyntaxError, ValueError) as error:
                last = unreadable(replica, error)
            except RemoteFault as fault:
                last = fault
            else:
                return
            if not self.output.start_anew():
                break
        assert last
        raise last

    def _write(self, results: Results | Iterable[ox.Triple], *, as_documents: bool) -> None:
        """Write a result.

        :param as_documents: whether a DESCRIBE returns the descriptions that documents have.
        """
        output = cast(IO[bytes], self.output)
        if not isinstance(results, ox.QuerySolutions | ox.QueryBoolean):
            fmt = self._format("graph", self.request.graph_format, formats.GRAPHS)
            # Only STRDT makes literals that no format can hold, see rdf.refusals.
            if fmt is formats.RDF_XML or "strdt" in self.text.lower():
                self.output.hold()
            triples: Any = map(canonical_triple, results)
            if as_documents and form(self.text) == "DESCRIBE":
                triples = self._described(triples)
            declared = declared_prefixes(self.text)
            triples, used = writers.look_ahead(triples, fmt, self.names.declaring(declared))
            names = Names({**declared, **used})
            writers.write(triples, output, fmt, names)
        else:
            kind: Kind = "boolean" if isinstance(results, ox.QueryBoolean) else "solutions"
            fmt = self._format(kind, self.request.solutions_format, formats.SOLUTIONS)
            if fmt is formats.XML:
                self.output.hold()
            write_solutions(results, output, fmt)

    def _format(self, kind: Kind, name: str | None, offers: tuple[Format, ...]) -> Format:
        fmt = formats.by_name(name, offers) if name else None
        if fmt is None:
            media_types = [offer.media_type for offer in offers]
            raise NotAcceptable(
                f"The result is of the kind {kind!r} and comes as {', '.join(media_types)}; "
                "the request accepts none of them.",
                offers=media_types,
            )
        self.output.begin(kind, fmt)
        return fmt

    def _described(self, results: Iterable[ox.Triple]) -> list[ox.Triple]:
        """Return the descriptions of the resources that a DESCRIBE names, as documents have them.

        They are the subjects of the engine's own answer, without the blank nodes that are objects
        in it.
        """
        triples = dict.fromkeys(results)
        subjects = {t.subject for t in triples}
        parts = {t.object for t in triples if isinstance(t.object, ox.BlankNode)}
        if self.request.replicas:  # it renames the blank nodes of the release
            triples.clear()
        for node in sorted(subjects - parts, key=str):
            if not isinstance(node, ox.Triple):
                triples.update(dict.fromkeys(gather(self.store, node)))
        return canonical_triples(triples)


def _failure(error: Exception, reached: References) -> Problem:
    """Return the problem of an evaluation that fails."""
    if reached.services:
        return ServiceFailed(
            "Another endpoint that the query asks did not answer, or not as it should. "
            "Ask it yourself, or use SERVICE SILENT."
        )
    if isinstance(error, PermissionError):  # from the sandbox: the policy missed the call
        return ServiceRefused("The query calls another endpoint; that is not allowed.")
    message = str(error)
    return EngineFault(f"The engine could not answer: {message}")
