"""Any RDF as a release: for ``cdmo serve --data``, which builds nothing of ours."""

import gzip
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import IO
from urllib.parse import quote

import pyoxigraph as ox

from service.names import BASE
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
        parser = ox.parse(data, rdf, base_iri=base, rename_blank_nodes=True)
        name = ox.NamedNode(graph)
        quads = (
            quad
            if isinstance(quad.graph_name, ox.NamedNode)
            else ox.Quad(quad.subject, quad.predicate, quad.object, name)
            for quad in parser
        )
        ox.serialize(quads, into, ox.RdfFormat.N_QUADS)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None
    except SyntaxError as error:
        raise UsageError(f"{path}:{error.lineno or 1}:{error.offset or 1}: {error.msg}") from None
    for prefix, namespace in parser.prefixes.items():
        prefixes.setdefault(prefix, namespace)
