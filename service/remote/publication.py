"""Publish a release to a store: each graph under a temporary name, then all of them at once.

One SPARQL update copies the temporary graphs to their own names and records in the graph
:data:`~service.remote.replicas.PUBLISHED` which release the store holds. Until then nobody sees a
part of it: each query that the service sends names its graphs, and never a temporary one. (A
dataset for each release would need an operation that only some engines have.) In Fuseki and
Oxigraph an update is one transaction. In other engines the store is marked as changing during the
update, and the service refuses answers from that time.

The same graph records which temporary graphs have arrived, so that an interrupted publication
resumes where it stopped.
"""

import hashlib
import io
from collections.abc import Callable
from tempfile import TemporaryFile
from typing import IO, cast
from urllib.parse import quote

import pyoxigraph as ox

from service.problems import TEMPORARY_FILES, RemoteFault, writing
from service.release import Release, open_queried
from service.remote.replicas import CHANGING, DIGEST, PUBLISHED
from service.remote.store import Store

_ARRIVED = "urn:x-cdmo:arrived"
"""The property of a temporary graph that has arrived: the digest of its bytes."""
_HOLDS = "urn:x-cdmo:holds"
"""The property that links a store to each graph of its release."""
_TEMPORARY = "urn:x-cdmo:passing:"

Report = Callable[[str], None]


def publish(release: Release, store: Store, report: Report) -> bool:
    """Make a store hold a release; return whether the store has changed.

    :param report: is called with a line for each graph.
    :raises RemoteFault: if the store fails. A second call does not send again what has arrived.
    """
    rows = store.select(f"SELECT ?s ?p ?o {{ GRAPH <{PUBLISHED}> {{ ?s ?p ?o }} }}")
    state = {(s, p, o) for s, p, o in rows}
    digest = release.manifest.digest
    graphs = release.manifest.all_graphs
    if (PUBLISHED, DIGEST, digest) in state and _holds(store, release):
        return False
    arrived = {s: o for s, p, o in state if p == _ARRIVED}
    temporary = {graph: f"{_TEMPORARY}{digest[:12]}:{quote(graph, safe='')}" for graph in graphs}
    _forget(store, arrived.keys() - set(temporary.values()))
    for number, (graph, size) in enumerate(graphs.items(), 1):
        name = temporary[graph]
        with writing(TEMPORARY_FILES), TemporaryFile(prefix="cdmo-") as file:
            sent = _write(release, graph, file)
            known = arrived.get(name) == sent and store.size(name) == size
            if not known:
                _send(store, name, file, size, sent)
        again = "is there already" if known else "has arrived"
        report(f"{number}/{len(graphs)} <{graph}>: {size:,} triples: {again}")
    gone = {o for s, p, o in state if p == _HOLDS} - graphs.keys()
    if not store.adapter.switches_at_once:
        store.update(_mark(CHANGING))
    store.update(_switch(release, temporary, gone))
    if not _holds(store, release):
        raise RemoteFault(
            "The store has other numbers of triples than were sent. "
            "Does something else write to it?"
        )
    return True


def _write(release: Release, graph: str, file: IO[bytes]) -> str:
    """Write a graph to a file as N-Triples; return the digest of its bytes."""
    output = _Digesting(file)
    quads = open_queried(release).quads_for_pattern(None, None, None, ox.NamedNode(graph))
    ox.serialize((q.triple for q in quads), cast(IO[bytes], output), ox.RdfFormat.N_TRIPLES)
    return output.digest.hexdigest()


class _Digesting:
    """A writable file that computes the digest of its bytes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


def _send(store: Store, name: str, file: IO[bytes], size: int, digest: str) -> None:
    """Send a graph, check that it arrived whole, and record that."""
    length = file.seek(0, io.SEEK_END)
    file.seek(0)
    store.put(name, file, length)
    if (stored := store.size(name)) != size:
        raise RemoteFault(f"Of {size} triples of <{name}> the store holds {stored}.")
    store.update(
        f"DELETE WHERE {{ GRAPH <{PUBLISHED}> {{ <{name}> <{_ARRIVED}> ?old }} }} ;\n"
        f'INSERT DATA {{ GRAPH <{PUBLISHED}> {{ <{name}> <{_ARRIVED}> "{digest}" }} }}'
    )


def _forget(store: Store, names: set[str]) -> None:
    """Remove temporary graphs that a publication of another release has left."""
    for name in sorted(names):
        store.update(
            f"DROP SILENT GRAPH <{name}> ;\n"
            f"DELETE WHERE {{ GRAPH <{PUBLISHED}> {{ <{name}> <{_ARRIVED}> ?old }} }}"
        )


def _switch(release: Release, temporary: dict[str, str], gone: set[str]) -> str:
    """Return the update that replaces the graphs of the previous release."""
    names = release.manifest.all_graphs
    steps = [f"DROP SILENT GRAPH <{graph}>" for graph in sorted(gone | set(names))]
    for graph in names:
        # Not MOVE: with it, Fuseki's TDB2 (5.6.0) reads what it is writing, and loses triples.
        steps += [
            f"INSERT {{ GRAPH <{graph}> {{ ?s ?p ?o }} }} "
            f"WHERE {{ GRAPH <{temporary[graph]}> {{ ?s ?p ?o }} }}",
            f"DROP SILENT GRAPH <{temporary[graph]}>",
        ]
    steps += [
        f"DELETE {{ GRAPH <{PUBLISHED}> {{ ?s ?p ?o }} }} "
        f"WHERE {{ GRAPH <{PUBLISHED}> {{ ?s ?p ?o FILTER (?p != <{DIGEST}>) }} }}",
        *(
            f"INSERT DATA {{ GRAPH <{PUBLISHED}> {{ <{PUBLISHED}> <{_HOLDS}> <{graph}> }} }}"
            for graph in names
        ),
        _mark(release.manifest.digest),
    ]
    return " ;\n".join(steps)


def _mark(digest: str) -> str:
    """Return the update that records which release a store holds.

    The new digest is inserted before the old one is deleted, so that there always is one.
    """
    return (
        f'INSERT DATA {{ GRAPH <{PUBLISHED}> {{ <{PUBLISHED}> <{DIGEST}> "{digest}" }} }} ;\n'
        f"DELETE {{ GRAPH <{PUBLISHED}> {{ <{PUBLISHED}> <{DIGEST}> ?old }} }} "
        f"WHERE {{ GRAPH <{PUBLISHED}> {{ <{PUBLISHED}> <{DIGEST}> ?old "
        f'FILTER (?old != "{digest}") }} }}'
    )


def _holds(store: Store, release: Release) -> bool:
    """Tell whether each graph has as many triples as it should."""
    graphs = release.manifest.all_graphs
    return all(store.size(graph) == size for graph, size in graphs.items())
