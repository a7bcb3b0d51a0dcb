"""What the graphs of a release in the making hold, by digests: the keys of remembered queries.

A query has the same result where the triples are the same that its patterns can match. So each
graph has a digest for each of its predicates.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256

import pyoxigraph as ox

from service.pipeline import graphs
from service.pipeline.memory import NOTHING, Memory
from service.pipeline.reads import Reads, reads
from service.release import GRAPHS


class Contents:
    """Digests of graphs, and results of queries remembered by them.

    Blank nodes count by their labels, which :mod:`service.pipeline.turtle_reader` gives by file and
    number.

    :param prefixes: those that queries may use without declaring them.
    """

    def __init__(self, memory: Memory = NOTHING, prefixes: Mapping[str, str] | None = None) -> None:
        self._memory = memory
        self._prefixes = prefixes or {}
        self._declared = repr(sorted(self._prefixes.items())).encode()
        self._digests: dict[str, dict[bytes, list[bytes]]] = {}

    def read(self, store: ox.Store, names: Iterable[str]) -> None:
        """Read graphs of a store, in the place of what has been known of them."""
        if self._memory.is_nothing:
            return
        for name in names:
            triples = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=graphs.graph(name))
            self._digests[name] = {p: [d] for p, d in _by_predicate(triples or b"").items()}

    def add(self, name: str, triples: bytes) -> None:
        """Note what is added to a graph, as N-Triples."""
        held = self._digests.setdefault(name, {})
        for predicate, digest in _by_predicate(triples).items():
            held[predicate] = [*held.get(predicate, ()), digest]

    def copy(self) -> "Contents":
        """Return the same, for another copy of the store."""
        other = Contents(self._memory, self._prefixes)
        other._digests = {name: dict(held) for name, held in self._digests.items()}
        return other

    def _key(self, query: str, default: Iterable[str], named: Iterable[str] = GRAPHS) -> bytes:
        """Return a digest of all that the result of a query follows from; empty if it passes.

        :param default: the graphs whose union is the default graph.
        :param named: the graphs that it can name.
        """
        read = self._reads(query)
        if read.is_passing:
            return b""
        digest = sha256(query.encode() + self._declared)
        for name in (*default, "", *(named if read.names_graphs else ())):
            held = self._digests.get(name, {})
            digest.update(f"\n{name} {bool(held)}".encode())
            known = read.predicates
            asked = held if known is None else (f"<{iri}>".encode() for iri in known)
            for predicate in sorted(held.keys() & asked):
                digest.update(b"\n" + predicate + b" " + b" ".join(held[predicate]))
        return digest.digest()

    def _reads(self, query: str) -> Reads:
        def compute() -> bytes:
            found = reads(query, self._prefixes)
            predicates = None if found.predicates is None else sorted(found.predicates)
            return json.dumps([predicates, found.names_graphs, found.is_passing]).encode()

        data = self._memory.value("reads", [self._declared, query.encode()], compute)
        predicates, names_graphs, is_passing = json.loads(data)
        known = None if predicates is None else frozenset(predicates)
        return Reads(known, names_graphs, is_passing)

    def result(
        self,
        kind: str,
        compute: Callable[[], bytes],
        query: str,
        default: Iterable[str],
        named: Iterable[str] = GRAPHS,
    ) -> bytes:
        """Return the result of a query, as ``compute`` makes it, remembered by what it reads.

        :param kind: of the result; others have other forms.
        """
        if self._memory.is_nothing or not (key := self._key(query, default, named)):
            return compute()
        return self._memory.value(kind, [key], compute)


def _by_predicate(triples: bytes) -> dict[bytes, bytes]:
    """Return the digest of the N-Triples with each predicate."""
    lines: dict[bytes, list[bytes]] = defaultdict(list)
    for line in triples.splitlines():
        lines[line.split(b" ", 2)[1]].append(line)
    return {p: sha256(b"\n".join(sorted(group))).digest() for p, group in lines.items()}
