"""Other vocabularies beside ours, whole, in named graphs of their own.

They go into a second store, with a copy of ours: queries ask that one, while pages, lists and
search read ours alone, so that no term of another vocabulary is ever taken for one of ours.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import file_digest, sha256
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pyoxigraph as ox

from service import iris
from service.pipeline.foreign import graph_of, sizes, write_quads
from service.problems import UsageError
from service.release import BESIDE

HEADERS = {iris.OWL + "Ontology", iris.SKOS + "ConceptScheme"}
"""The classes of resources that describe a vocabulary as a whole."""
_LOOK_AHEAD = 2000
"""Triples of a file among which its header is looked for; files begin with it."""


def digest(paths: Sequence[Path]) -> str:
    """Return the SHA-256, in hexadecimal, over the bytes of files; of none it is empty."""
    total = sha256()
    for path in paths:
        try:
            with path.open("rb") as file:
                total.update(file_digest(file, "sha256").digest())
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None
    return total.hexdigest() if paths else ""


def load_beside(
    paths: Sequence[Path], folder: Path, ours: Iterable[ox.Quad], report: Callable[[str], None]
) -> Mapping[str, int]:
    """Load vocabularies and a copy of our quads into the store ``beside`` of a release.

    The graph of a vocabulary has the IRI of its ontology or scheme, if the file names one, else
    one made of the file's name. A file is read as a stream, but for OBO, which is read whole.

    :param folder: of the release.
    :return: graph IRI to its number of triples.
    :raises UsageError: for a file that cannot be read, or if two have one graph.
    """
    store = ox.Store(folder / BESIDE)
    store.bulk_extend(ours)
    counts: dict[str, int] = {}
    with TemporaryDirectory(prefix=".passing-", dir=folder) as passing:
        for path in paths:
            report(f"Loading {path.name} …")
            dump = Path(passing) / "quads.nq"
            with dump.open("wb") as output:
                write_quads(path, graph_of(path), output)
            graph = _header(dump) or graph_of(path)
            if graph in counts or graph.startswith(iris.BASE):
                raise UsageError(f"{path}: there is a graph <{graph}> already")
            node = ox.NamedNode(graph)
            quads = ox.parse(path=dump, format=ox.RdfFormat.N_QUADS, lenient=True)
            store.bulk_extend(ox.Quad(q.subject, q.predicate, q.object, node) for q in quads)
            counts[graph] = sizes(store).get(graph, 0)
            if not counts[graph]:
                raise UsageError(f"{path} holds no triple")
            report(f"  {counts[graph]:,} triples in <{graph}>")
    store.optimize()
    store.flush()
    return counts


def _header(dump: Path) -> str | None:
    """Return the IRI of the vocabulary that a file describes as a whole, if there is one."""
    quads = ox.parse(path=dump, format=ox.RdfFormat.N_QUADS, lenient=True)
    headers = {
        quad.subject.value
        for quad in islice(quads, _LOOK_AHEAD)
        if quad.predicate.value == iris.TYPE
        and isinstance(quad.subject, ox.NamedNode)
        and isinstance(quad.object, ox.NamedNode)
        and quad.object.value in HEADERS
    }
    return headers.pop() if len(headers) == 1 else None
