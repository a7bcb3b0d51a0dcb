"""Any RDF as a release: for ``cdmo serve --data``, which builds nothing of ours."""

import gzip
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox

from service.names import BASE
from service.problems import UsageError
from service.release import MANIFEST, Manifest, Release, open_release

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
    store = ox.Store(folder / "store")
    prefixes = dict(COMMON_PREFIXES)
    digest = sha256()
    for graph, path in files.items():
        digest.update(graph.encode())
        digest.update(_load(store, path, graph, prefixes))
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
        digest=digest.hexdigest(),
        sources_digest=digest.hexdigest(),
        prefixes=prefixes,
        graphs=graphs,
    )
    (folder / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
    return open_release(folder)


def _load(store: ox.Store, path: Path, graph: str, prefixes: dict[str, str]) -> bytes:
    """Load one file and return the digest of its bytes."""
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
        into = ox.NamedNode(graph)
        store.bulk_extend(
            quad
            if isinstance(quad.graph_name, ox.NamedNode)
            else ox.Quad(quad.subject, quad.predicate, quad.object, into)
            for quad in parser
        )
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None
    except SyntaxError as error:
        raise UsageError(f"{path}:{error.lineno or 1}:{error.offset or 1}: {error.msg}") from None
    for prefix, namespace in parser.prefixes.items():
        prefixes.setdefault(prefix, namespace)
    return sha256(data).digest()
