"""Any RDF as a release: for ``cdmo serve --data``, which builds nothing of ours."""

import gzip
import re
import zlib
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import pyoxigraph as ox

from service.iris import BASE
from service.problems import UsageError
from service.release import MANIFEST, Manifest, Release, open_release

DUMP = "dataset.nq"
"""All quads of the files, in the folder of the release."""

SUFFIXES = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".json": ox.RdfFormat.JSON_LD,
}
"""File suffixes and what they promise; each may end in ``.gz`` too."""

_AT = re.compile(r"^Parser error at [^:]*: ")

COMMON_PREFIXES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "void": "http://rdfs.org/ns/void#",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "oa": "http://www.w3.org/ns/oa#",
    "sh": "http://www.w3.org/ns/shacl#",
    "schema": "https://schema.org/",
    "sssom": "https://w3id.org/sssom/",
    "vann": "http://purl.org/vocab/vann/",
    "IAO": "http://purl.obolibrary.org/obo/IAO_",
    "oboInOwl": "http://www.geneontology.org/formats/oboInOwl#",
    "CDMO": f"{BASE}id/CDMO_",
    "cdmo": f"{BASE}schema/",
    **{name: f"{BASE}{name}/" for name in ("claim", "graph", "passage", "source", "tension")},
}
"""Prefixes beside those that the files declare."""


def graph_of(path: Path) -> str:
    """Return the IRI of the graph that holds a file's triples: ``urn:file:`` and its name."""
    return f"urn:file:{quote(path.name)}"


def load(files: Mapping[str, Path], folder: Path) -> Release:
    """Load RDF files into a new on-disk store, as a release that can be served.

    Triples go to the graph they are given under; quads keep their graph.

    :param files: graph IRI to the file whose triples it will hold.
    :param folder: an empty folder; it becomes the release.
    :raises UsageError: for a file that cannot be read or parsed; it names line and column.
    """
    prefixes = dict(COMMON_PREFIXES)
    dump = folder / DUMP
    with dump.open("wb") as into:
        for graph, path in files.items():
            _parse(path, graph, into, prefixes)
    digest = sha256(dump.read_bytes()).hexdigest()
    store = ox.Store(folder / "store")
    store.bulk_extend(ox.parse(path=dump, format=ox.RdfFormat.N_QUADS, lenient=True))
    store.flush()
    store.optimize()
    graphs = dict.fromkeys(files, 0) | {
        name.value: sum(1 for _ in store.quads_for_pattern(None, None, None, name))
        for name in sorted(store.named_graphs(), key=str)
        if isinstance(name, ox.NamedNode)
    }
    del store  # the host opens it read-only
    names = ", ".join(sorted(path.name for path in files.values()))
    manifest = Manifest(
        version="data",
        title=names if len(names) <= 120 else f"{len(files)} files",
        modified="",
        digest=digest,
        sources_digest=digest,
        prefixes=prefixes,
        graphs=graphs,
        files={DUMP: digest},
    )
    (folder / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
    return open_release(folder)


def _place(path: Path, error: SyntaxError) -> str:
    """Return what a parser says, with its place as compilers write it, if it knows one."""
    said = _AT.sub("", error.msg)
    if "LoadDocumentCallback" in said:
        said = "a @context is another document, and none is ever fetched; write it into the file"
    place = f":{error.lineno}:{error.offset or 1}" if error.lineno else ""
    return f"{path}{place}: {said}"


class _Labels:
    """New labels for the blank nodes of one file, the same whenever the same file is read.

    Each file has its own, so that no two files share a node. They are numbered as they come; an
    answer that shows them is the same after the next start, as its strong ETag says.

    :param scope: what the file alone has.
    """

    def __init__(self, scope: str) -> None:
        self._scope = scope
        self._known: dict[str, ox.BlankNode] = {}

    def quad(self, quad: ox.Quad, graph: str) -> ox.Quad:
        """Return a quad with new labels, in its own graph or the one given."""
        s, p, o, g = quad
        if not isinstance(g, ox.NamedNode):
            g = ox.NamedNode(graph)
        elif not isinstance(s, ox.BlankNode) and isinstance(o, ox.NamedNode | ox.Literal):
            return quad
        return ox.Quad(self._term(s), p, self._term(o), g)

    def _term(self, term: Any) -> Any:
        if isinstance(term, ox.BlankNode):
            found = self._known.get(term.value)
            if found is None:
                found = ox.BlankNode(f"b{self._scope}n{len(self._known)}")
                self._known[term.value] = found
            return found
        if isinstance(term, ox.Triple):
            s, p, o = term
            return ox.Triple(self._term(s), p, self._term(o))
        return term


def _parse(path: Path, graph: str, into: IO[bytes], prefixes: dict[str, str]) -> None:
    """Write the quads of one file as N-Quads, and add its prefixes."""
    plain = path.with_suffix("") if path.suffix == ".gz" else path
    rdf = SUFFIXES.get(plain.suffix.lower())
    if rdf is None:
        known = " ".join(SUFFIXES)
        raise UsageError(f"{path}: the suffix is not that of an RDF file. Known: {known}")
    try:
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
        base = graph if "://" in graph else path.resolve().as_uri()
        parser = ox.parse(data, rdf, base_iri=base)
        labels = _Labels(sha256(graph.encode() + b"\0" + data).hexdigest()[:16])
        ox.serialize((labels.quad(quad, graph) for quad in parser), into, ox.RdfFormat.N_QUADS)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None
    except (EOFError, zlib.error) as error:
        raise UsageError(f"{path} cannot be unpacked: {error}") from None
    except SyntaxError as error:
        raise UsageError(_place(path, error)) from None
    for prefix, namespace in parser.prefixes.items():
        prefixes.setdefault(prefix, namespace)
