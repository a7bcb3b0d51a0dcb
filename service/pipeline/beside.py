"""Other vocabularies beside ours, whole, in named graphs of their own.

They go into a second store, with a copy of ours: queries ask that one, while pages, lists and
search read ours alone, so that no term of another vocabulary is ever taken for one of ours.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.pipeline.foreign import FileQuads, graph_of, sha256_of
from service.pipeline.graphs import size
from service.problems import UsageError
from service.release import BESIDE

HEADERS = {iris.OWL + "Ontology", iris.SKOS + "ConceptScheme"}
"""The classes of resources that describe a vocabulary as a whole."""
_LOOK_AHEAD = 2000
"""Triples of a file among which its header is looked for; files begin with it."""


def digest(paths: Sequence[Path]) -> str:
    """Return a SHA-256, in hexadecimal, of the bytes of files; of none it is empty."""
    return sha256(b"".join(map(sha256_of, paths))).hexdigest() if paths else ""


def load_beside(
    paths: Sequence[Path], folder: Path, ours: Iterable[ox.Quad], report: Callable[[str], None]
) -> Mapping[str, int]:
    """Load vocabularies and a copy of our quads into the store ``beside`` of a release.

    The graph of a vocabulary has the IRI of its ontology or scheme, if the file names one, else
    an IRI made of the file's name. Files are read as streams, except for OBO, which is read whole.

    :param folder: the folder of the release.
    :return: graph IRI to its number of triples.
    :raises UsageError: for a file that cannot be read, or if two have one graph.
    """
    store = ox.Store(folder / BESIDE)
    store.bulk_extend(ours)
    counts: dict[str, int] = {}
    for path in paths:
        report(f"Loading {path.name} …")
        quads = iter(FileQuads(path, graph_of(path), report))
        first = list(islice(quads, _LOOK_AHEAD))
        if not first:
            raise UsageError(f"{path} holds no triple")
        graph = _header(first) or graph_of(path)
        if graph in counts or graph.startswith(iris.BASE):
            raise UsageError(f"{path}: there is a graph <{graph}> already")
        store.bulk_extend(_placed(chain(first, quads), ox.NamedNode(graph)))
        counts[graph] = size(store, ox.NamedNode(graph))
        report(f"  {counts[graph]:,} triples in <{graph}>")
    report("Putting the store in order …")
    store.optimize()
    store.flush()
    return counts


def _placed(quads: Iterable[ox.Quad], graph: ox.NamedNode) -> Iterator[ox.Quad]:
    """Yield quads, moved to one graph."""
    return (ox.Quad(quad.subject, quad.predicate, quad.object, graph) for quad in quads)


def _header(quads: Iterable[ox.Quad]) -> str | None:
    """Return the IRI of the vocabulary that quads describe as a whole, if there is one."""
    headers = {
        quad.subject.value
        for quad in quads
        if quad.predicate.value == iris.TYPE
        and isinstance(quad.subject, ox.NamedNode)
        and isinstance(quad.object, ox.NamedNode)
        and quad.object.value in HEADERS
    }
    return headers.pop() if len(headers) == 1 else None
