"""Any RDF as a release: for ``cdmo serve --data``, which builds nothing of ours."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from itertools import islice
from pathlib import Path
from typing import IO
from urllib.parse import quote

import pyoxigraph as ox

from service import formats
from service.formats import Format
from service.pipeline.graphs import sizes
from service.pipeline.loading import read_prefixes
from service.pipeline.rdf_files import opened, suffix_format
from service.pipeline.rdfxml_reader import RdfXmlReader
from service.problems import UsageError
from service.rdf.blank_nodes import InOrder
from service.rdf.terms import is_iri
from service.release import MANIFEST, Manifest, Release, open_release
from service.sources import locate

DUMP = "dataset.nq"
"""All quads of the files, in the folder of the release."""

_PART = 1_000
"""Quads that are written at once: few enough to stay in the processor's cache."""
_PROGRESS = 1_000_000
_AT = re.compile(r"^Parser error at [^:]*: ")


def graph_of(path: Path) -> str:
    """Return the IRI of the graph that holds a file's triples: ``urn:file:`` and its name."""
    return f"urn:file:{quote(path.name)}"


def load(
    files: Mapping[str, Path],
    folder: Path,
    *,
    may_be_empty: bool = False,
    report: Callable[[str], None] = lambda _: None,
) -> Release:
    """Load RDF files into a new on-disk store, as a release that can be served.

    Triples go to the graph they are given under; quads keep their graph.

    A file is read in parts, as far as its format allows: the memory it needs grows with its
    longest value and its blank nodes. Nothing is fetched, neither contexts nor entities.

    :param files: graph IRI to the file whose triples it will hold.
    :param folder: an empty folder; it becomes the release.
    :param may_be_empty: whether a file without a triple is an empty graph, and not a slip.
    :param report: called with lines of progress.
    :raises UsageError: for a file that cannot be read or parsed, with its line, or that holds
        no triple and may not be empty.
    """
    declared: dict[str, str] = {}
    dump = folder / DUMP
    store = ox.Store(folder / "store")
    with dump.open("wb") as output:
        for graph, path in files.items():
            start = output.tell()
            quads = FileQuads(path, graph, report)
            # In one pass: the store's other threads sort earlier quads while we read on.
            store.bulk_extend(_written(_placed(quads, graph), output))
            declared |= {p: ns for p, ns in quads.prefixes.items() if p not in declared}
            if output.tell() == start and not may_be_empty:
                raise UsageError(f"{path} holds no triple{_why_none(path)}")
    digest = sha256_of(dump).hex()
    store.flush()
    store.optimize()
    counts = dict.fromkeys(files, 0) | sizes(store)
    del store  # a server opens it read-only
    names = ", ".join(sorted(path.name for path in files.values()))
    manifest = Manifest(
        version="data",
        title=names if len(names) <= 120 else f"{len(files)} files",
        modified="",
        digest=digest,
        sources_digest=digest,
        prefixes=_with_common(declared),
        graphs=counts,
        files={DUMP: digest},
    )
    (folder / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
    return open_release(folder)


def _with_common(declared: Mapping[str, str]) -> dict[str, str]:
    """Add the prefixes of ``prefixes.ttl`` to those of files, no second one for a namespace."""
    common = {
        prefix: namespace
        for prefix, namespace in read_prefixes(locate()).prefixes.items()
        if prefix not in declared and namespace not in declared.values()
    }
    return {**declared, **common}


@dataclass
class FileQuads:
    """The quads of a file, read while they are iterated over; triples are in the default graph.

    Its blank nodes are numbered as they come, under labels that no other file has: an answer
    that shows them is the same after the next start, as its ETag says.

    :param graph: the IRI by which the labels differ from those of other files.
    :param report: called with a line of progress after each million of quads.
    :ivar prefixes: those of the file, sorted, once it has been read.
    """

    path: Path
    graph: str
    report: Callable[[str], None] = lambda _: None
    prefixes: Mapping[str, str] = field(default_factory=dict, init=False)

    def __iter__(self) -> Iterator[ox.Quad]:
        """Yield the quads.

        :raises UsageError: for a file that cannot be read or parsed, with its line.
        """
        path, graph = self.path, self.graph
        with opened(path) as (file, rdf_format):
            scope = sha256(graph.encode() + b"\0" + sha256_of(path))
            base = graph if "://" in graph else path.resolve().as_uri()
            quads: RdfXmlReader | ox.QuadParser
            if rdf_format is formats.RDF_XML:
                quads = RdfXmlReader(file, base)
            else:
                media_type = rdf_format.media_type
                quads = ox.parse(file, ox.RdfFormat.from_media_type(media_type), base_iri=base)
            try:
                yield from self._labelled(quads, InOrder(scope.hexdigest()[:16]))
            except SyntaxError as error:
                raise UsageError(_place(path, rdf_format, error)) from None
            except MemoryError as error:
                # The engine's parser holds a statement of 16 MiB at most.
                raise UsageError(f"{path} cannot be read: {error}") from None
        self.prefixes = {p: ns for p, ns in sorted(quads.prefixes.items()) if is_iri(ns)}

    def _labelled(self, quads: Iterable[ox.Quad], labels: InOrder) -> Iterator[ox.Quad]:
        """Yield quads with new labels of blank nodes; most quads have none and stay as they are."""
        node, triple = ox.BlankNode, ox.Triple  # millions of quads pass here
        for number, quad in enumerate(quads, 1):
            kind = type(quad.object)
            if kind is node or kind is triple or type(quad.subject) is node:
                subject, value = labels.term(quad.subject), labels.term(quad.object)
                yield ox.Quad(subject, quad.predicate, value, quad.graph_name)
            else:
                yield quad
            if number % _PROGRESS == 0:
                self.report(f"{self.path.name}: {number:,} triples read …")


def _placed(quads: Iterable[ox.Quad], graph: str) -> Iterator[ox.Quad]:
    """Yield quads in their own named graph or the one given."""
    node, named = ox.NamedNode(graph), ox.NamedNode
    for quad in quads:
        if type(quad.graph_name) is named:
            yield quad
        else:
            yield ox.Quad(quad.subject, quad.predicate, quad.object, node)


def _written(quads: Iterator[ox.Quad], output: IO[bytes]) -> Iterator[ox.Quad]:
    """Write quads as N-Quads, and yield each once it is written."""
    while part := [*islice(quads, _PART)]:
        ox.serialize(part, output, ox.RdfFormat.N_QUADS)
        yield from part


def sha256_of(path: Path) -> bytes:
    """Return the SHA-256 over the bytes of a file.

    :raises UsageError: if it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").digest()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None


def _why_none(path: Path) -> str:
    with opened(path) as (_, rdf_format):
        if rdf_format is not formats.JSON_LD:
            return ""
    return (
        ": it is JSON, but no JSON-LD that says anything. A property needs a @context that gives it"
        " an IRI, and an IRI with a space or another character that none can have is passed over."
    )


def _place(path: Path, rdf_format: Format, error: SyntaxError) -> str:
    """Return a parser's message, with its place as compilers write it, if it knows one."""
    message = _AT.sub("", error.msg)
    if "LoadDocumentCallback" in message:
        message = "a @context is another document, and none is ever fetched; write it into the file"
    if rdf_format is not suffix_format(path):
        message += f" (it does not begin as its suffix says, and was read as {rdf_format.label})"
    place = "".join(f":{number}" for number in (error.lineno, error.offset) if number)
    return f"{path}{place}: {message}"
