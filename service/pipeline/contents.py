"""Digests of the graphs of a release in the making: the keys of remembered queries.

A query has the same result as long as the triples that its patterns can match are the same. So
each graph has a digest for each of its predicates.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256

import pyoxigraph as ox

from service.pipeline import graphs
from service.pipeline.memory import NOTHING, Memory
from service.pipeline.reads import LINKS, reads
from service.release import GRAPHS

_LINKS = frozenset(f"<{iri}>".encode() for iri in LINKS)


class Contents:
    """Digests of graphs, and results of queries remembered by them.

    Blank nodes count by their labels, which :mod:`service.pipeline.turtle_reader` gives by file and
    number.

    :param prefixes: the prefixes that queries may use without declaring them.
    """

    def __init__(self, memory: Memory = NOTHING, prefixes: Mapping[str, str] | None = None) -> None:
        self._memory = memory
        self._prefixes = prefixes or {}
        self._declared = repr(sorted(self._prefixes.items())).encode()
        self._digests: dict[str, dict[bytes, list[bytes]]] = {}
        self._named: dict[str, dict[bytes, frozenset[bytes]]] = {}

    def read(self, store: ox.Store, names: Iterable[str]) -> None:
        """Read graphs of a store; replace their earlier digests."""
        if self._memory.is_nothing:
            return
        for name in names:
            self._digests[name], self._named[name] = {}, {}
            self.add(name, graphs.dump(store, name))

    def add(self, name: str, triples: bytes) -> None:
        """Add the digests of triples that are added to a graph, as N-Triples."""
        digests = self._digests.setdefault(name, {})
        named = self._named.setdefault(name, {})
        for predicate, lines in _by_predicate(triples).items():
            digest = sha256(b"\n".join(sorted(lines))).digest()
            digests[predicate] = [*digests.get(predicate, ()), digest]
            if predicate in _LINKS:
                ends = {line.split(b" ")[n] for line in lines for n in (0, 2)}
                named[predicate] = named.get(predicate, frozenset()) | ends

    def copy(self) -> "Contents":
        """Return a copy, for another copy of the store."""
        other = Contents(self._memory, self._prefixes)
        other._digests = {name: dict(digests) for name, digests in self._digests.items()}
        other._named = {name: dict(named) for name, named in self._named.items()}
        return other

    def _key(self, query: str, default: Iterable[str], named: Iterable[str] = GRAPHS) -> bytes:
        """Return a digest of everything on which the result of a query depends.

        :param default: the graphs whose union is the default graph.
        :param named: the graphs that it can name.
        :return: empty if the query is volatile.
        """
        read = reads(query, self._prefixes)
        if read.is_volatile:
            return b""
        digest = sha256(query.encode() + self._declared)
        names = [*default, "", *(named if read.names_graphs else ())]
        known = {f"<{iri}>".encode() for iri in read.predicates or ()}
        links = {f"<{iri}>".encode() for iri in read.links}
        for name in names:
            known.update(*(self._named.get(name, {}).get(link, ()) for link in links))
        for name in names:
            digests = self._digests.get(name, {})
            digest.update(f"\n{name} {bool(digests)}".encode())
            for predicate in sorted(digests if read.predicates is None else digests.keys() & known):
                digest.update(b"\n" + predicate + b" " + b" ".join(digests[predicate]))
        return digest.digest()

    def result(
        self,
        kind: str,
        compute: Callable[[], bytes],
        query: str,
        default: Iterable[str],
        named: Iterable[str] = GRAPHS,
    ) -> bytes:
        """Return the result of a query, as ``compute`` makes it, remembered by its digest.

        :param kind: of the result; each kind has a form of its own.
        """
        if self._memory.is_nothing or not (key := self._key(query, default, named)):
            return compute()
        return self._memory.value(kind, [key], compute)


def _by_predicate(triples: bytes) -> dict[bytes, list[bytes]]:
    """Return the lines of N-Triples with each predicate."""
    lines: dict[bytes, list[bytes]] = defaultdict(list)
    for line in triples.splitlines():
        lines[line.split(b" ", 2)[1]].append(line)
    return lines
