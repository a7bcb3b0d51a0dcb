"""A query worker: one process, one connection, one query at a time.

It is forked from the host, which holds the opened store. Nothing in it needs to be careful of
time: a timer of the kernel ends the process, since an Oxigraph query cannot be interrupted.
"""

import contextlib
import json
import os
import re
import resource
import signal
import socket
import struct
import sys
import time
from collections.abc import Iterator, Mapping
from typing import IO, Any, cast

import pyoxigraph as ox

from service.compression import SMALL_BYTES, Compressor, compressor
from service.engine import frames
from service.engine.frames import Request
from service.engine.slots import Slots
from service.names import BASE
from service.sparql import hints, tokens

SOLUTION_WRITERS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
GRAPH_WRITERS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "trig": ox.RdfFormat.TRIG,
    "nquads": ox.RdfFormat.N_QUADS,
}

WITH_PREFIXES = frozenset({"turtle", "trig", "rdfxml"})

CHUNK_BYTES = 1 << 16
EARLY_BYTES = 1 << 12
EARLY_SECONDS = 0.002
"""So soon a smaller part is sent, the first one; who waits for it sees that something comes."""
LATER_SECONDS = 0.05
"""So long after another part a smaller one is sent."""
STALL_SECONDS = 60
GROWTH_BYTES = 16 << 20
_RSS_UNIT = 1024 if sys.platform == "linux" else 1


class TooLargeError(Exception):
    """The result is over its limit."""


class UnwritableError(Exception):
    """A value cannot be written in the format asked for."""


_NOT_IN_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
"""XML 1.0 §2.2; the engine writes such characters as they are."""


class Output:
    """Where the engine writes a result; sends it in frames as it comes."""

    def __init__(self, connection: socket.socket, request: Request) -> None:
        self._connection = connection
        self._left = request.max_bytes
        self._coding = request.coding
        self._xml = request.writer in {"xml", "rdfxml"}
        self._zip: Compressor | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self._begun = False
        self._start = self._before = time.monotonic()

    def write(self, data: Any) -> int:
        """Take what the engine wrote.

        :raises TooLargeError: if the result is over its limit.
        :raises UnwritableError: if it would not be the format that it is said to be.
        """
        if self._xml and _NOT_IN_XML.search(data):
            raise UnwritableError
        self._left -= len(data)
        if self._left < 0:
            raise TooLargeError
        part = self._zip.compress(data) if self._zip else data
        if part:
            self._parts.append(part)
            self._size += len(part)
        if self._coding and not self._zip and self._size > SMALL_BYTES:
            self._zip = compressor(self._coding)
            self._parts = [self._zip.compress(b"".join(self._parts))]
            self._size = len(self._parts[0])
        patience = LATER_SECONDS if self._begun else EARLY_SECONDS
        if self._size >= CHUNK_BYTES or (
            self._size >= EARLY_BYTES and time.monotonic() - self._before > patience
        ):
            self._send(frames.frame(frames.DATA, b"".join(self._parts)))
            self._parts, self._size, self._begun = [], 0, True
            self._before = time.monotonic()
        return len(data)

    def flush(self) -> None:
        """Do nothing: what is kept back is kept on purpose."""

    def finish(self, last: bool) -> None:
        """Send what is left and say that the answer is complete.

        :param last: whether the worker leaves after this answer.
        """
        if self._zip:
            self._parts.append(self._zip.flush())
        zipped = self._zip is not None
        end = frames.OUTCOME.pack(time.monotonic() - self._start, last, zipped)
        body = b"".join(self._parts)
        signal.setitimer(signal.ITIMER_REAL, 0)
        if not self._begun:
            self._connection.sendall(frames.frame(frames.WHOLE, end + body))
            return
        data = frames.frame(frames.DATA, body) if body else b""
        self._connection.sendall(data + frames.frame(frames.END, end))

    def _send(self, data: bytes) -> None:
        # The time a client takes to read is not the query's: its clock stands still meanwhile.
        left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
        self._connection.sendall(data)
        if left:
            signal.setitimer(signal.ITIMER_REAL, left)


def work(
    connection: socket.socket,
    store: ox.Store,
    slots: Slots,
    index: int,
    prefixes: Mapping[str, str],
) -> None:
    """Answer queries on a connection until it closes.

    :param connection: to one client; closing it ends this worker.
    :param prefixes: that are known here, for suggestions.
    :param index: this worker's place in the table.
    """
    pid = os.getpid()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    connection.setsockopt(
        socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", STALL_SECONDS, 0)
    )
    connection.sendall(frames.frame(frames.HELLO, frames.PLACE.pack(index, pid)))
    ceiling = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT + GROWTH_BYTES
    last = False
    for count, payload in enumerate(_requests(connection), 1):
        if count <= slots.recalled(index):
            connection.sendall(frames.frame(frames.PASSED))
            continue
        request = Request.unpack(payload)
        slots.take(index, request.query_id.encode(), pid)
        signal.setitimer(signal.ITIMER_REAL, request.seconds)
        try:
            output = Output(connection, request)
            _evaluate(store, request, output)
            last = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT > ceiling
            output.finish(last)
        except SyntaxError as error:
            _explain(connection, request.text, str(error), prefixes)
        except (
            TooLargeError,
            UnwritableError,
            MemoryError,
            RuntimeError,
            ValueError,
            OSError,
        ) as error:
            if isinstance(error, BlockingIOError | BrokenPipeError | ConnectionResetError):
                return  # the client stopped reading or went away
            _problem(connection, problem=type(error).__name__, message=str(error))
        slots.take(index, b"", pid)
        if last:
            return  # so that what this query took goes back to the system


def _evaluate(store: ox.Store, request: Request, output: Output) -> None:
    if request.writer == frames.READING:
        output.write(tokens.read(request.text, BASE).to_bytes())
        return
    dataset: dict[str, Any] = {}
    if request.default_graphs or request.named_graphs:
        # With neither in the default graph, "no graph" must be said by one that holds nothing.
        default = [ox.NamedNode(g) for g in request.default_graphs]
        dataset["default_graph"] = default or [ox.NamedNode("urn:x-none:")]
        dataset["named_graphs"] = [ox.NamedNode(g) for g in request.named_graphs]
    else:
        dataset["use_default_graph_as_union"] = not request.own_dataset
    results = store.query(request.text, base_iri=BASE, **dataset)
    writers = GRAPH_WRITERS if isinstance(results, ox.QueryTriples) else SOLUTION_WRITERS
    if request.writer not in writers:
        raise SyntaxError("error at 1:1: expected a SELECT, ASK, CONSTRUCT or DESCRIBE")
    if isinstance(results, ox.QueryTriples):
        into, writer = cast(IO[bytes], output), GRAPH_WRITERS[request.writer]
        if request.prefixes and request.writer in WITH_PREFIXES:
            ox.serialize(results, into, writer, prefixes=dict(request.prefixes))
        else:
            results.serialize(into, writer)
    else:
        results.serialize(cast(IO[bytes], output), SOLUTION_WRITERS[request.writer])


def _explain(
    connection: socket.socket, text: str, message: str, prefixes: Mapping[str, str]
) -> None:
    found = hints.explain(text, message, prefixes)
    _problem(connection, problem="syntax", message=found.detail, extras=found.extras)


def _problem(connection: socket.socket, **facts: Any) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)
    with contextlib.suppress(OSError):
        connection.sendall(frames.frame(frames.PROBLEM, json.dumps(facts).encode()))


def _requests(connection: socket.socket) -> Iterator[bytes]:
    """Yield the payloads of requests until the client closes."""
    buffer = b""
    while True:
        while len(buffer) < frames.LENGTH.size or (
            len(buffer) < frames.LENGTH.size + frames.LENGTH.unpack_from(buffer)[0]
        ):
            data = connection.recv(1 << 15)
            if not data:
                return
            buffer += data
        end = frames.LENGTH.size + frames.LENGTH.unpack_from(buffer)[0]
        yield buffer[frames.LENGTH.size : end]
        buffer = buffer[end:]
