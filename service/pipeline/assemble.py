"""Write a release: dumps, store, manifest, and the switch to it, all or nothing.

The folder is made beside the others under a passing name and renamed when it is whole; then the
link ``current`` is replaced. A build that fails leaves everything as it was.
"""

import fcntl
import gzip
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

import pyoxigraph as ox
from rdflib import DCTERMS, OWL, URIRef

from service import formats
from service.changes import CHANGES, Edition
from service.names import ONTOLOGY, Names
from service.pipeline import changelog, graphs
from service.pipeline.format import write as to_turtle
from service.pipeline.graphs import Graphs
from service.pipeline.violations import Violation
from service.problems import ReleaseError
from service.rdf.writers import represent
from service.release import MANIFEST, Manifest, Release, graph_iri, open_release

_KEPT = 2
"""Releases that stay: the current one and the one before; the earlier version stays beside them."""


@dataclass(frozen=True)
class Parts:
    """What a release is made of.

    :param graphs: local name of each named graph to its triples.
    :param remarks: warnings and waived violations, for ``report.tsv``.
    :param previous: the release to which this one is compared, for ``changes.json``.
    """

    graphs: Graphs
    prefixes: Mapping[str, str]
    sources_digest: str
    remarks: Sequence[tuple[str, Violation]]
    previous: Release | None = None

    @property
    def version(self) -> str:
        """The version in the ontology's header."""
        found = self.graphs["ontology"].value(URIRef(ONTOLOGY), OWL.versionInfo)
        return str(found or "")


def earlier(dist: Path, version: str) -> Release | None:
    """Return the latest release in ``dist`` of the latest version before ``version``, if any."""
    number = Edition(version, "", "").number
    releases = []
    for path in dist.glob("*+*"):
        before = Edition(path.name.partition("+")[0], "", "").number
        if before < number and (path / MANIFEST).is_file():
            releases.append((before, path.stat().st_mtime, path))
    for _, _, path in sorted(releases, reverse=True):
        try:
            return open_release(path)
        except ReleaseError:
            continue  # damaged: as if it were not there
    return None


@contextmanager
def locked(dist: Path) -> Iterator[None]:
    """Hold the folder of releases: one build at a time."""
    dist.mkdir(parents=True, exist_ok=True)
    with (dist / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write(parts: Parts, dist: Path) -> Release:
    """Write a release into ``dist`` and make it the current one."""
    quads = graphs.canonical(graphs.quads(parts.graphs))
    folder = Path(mkdtemp(prefix=".building-", dir=dist))
    try:
        manifest = _write_files(parts, quads, folder)
        folder.chmod(0o755)
        before = {parts.previous.path.resolve()} if parts.previous else set()
        return _switch(folder, manifest, dist, before)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_files(parts: Parts, quads: list[ox.Quad], folder: Path) -> Manifest:
    lines = _nquads(quads)
    ontology = [
        ox.Triple(q.subject, q.predicate, q.object)
        for q in quads
        if q.graph_name == ox.NamedNode(graph_iri("ontology"))
    ]
    about = [
        ox.Triple(q.subject, q.predicate, q.object)
        for q in quads
        if q.graph_name == ox.NamedNode(graph_iri("about"))
    ]
    files = {
        "dataset.nq.gz": _zip(lines),
        "dataset.jsonld.gz": _zip(ox.serialize(quads, format=ox.RdfFormat.JSON_LD) or b""),
        "ontology.ttl": _turtle(ontology, parts.prefixes),
        "ontology.rdf": _other(ontology, ox.RdfFormat.RDF_XML, parts.prefixes),
        "ontology.jsonld": represent(ontology, formats.JSON_LD, Names(parts.prefixes)),
        "ontology.nt": _other(ontology, ox.RdfFormat.N_TRIPLES, {}),
        "void.ttl": _turtle(about, parts.prefixes),
        "report.tsv": _report(parts.remarks),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    store = ox.Store(os.fspath(folder / "store"))
    store.bulk_extend(quads)
    store.optimize()
    store.flush()
    header = {p: str(o) for p, o in parts.graphs["ontology"].predicate_objects(URIRef(ONTOLOGY))}
    counts = Counter(q.graph_name.value for q in quads if isinstance(q.graph_name, ox.NamedNode))
    manifest = Manifest(
        version=header[OWL.versionInfo],
        title=header[DCTERMS.title],
        modified=header[DCTERMS.modified],
        digest=sha256(lines).hexdigest(),
        sources_digest=parts.sources_digest,
        prefixes=dict(parts.prefixes),
        graphs={graph_iri(name): counts[graph_iri(name)] for name in parts.graphs},
        files={name: sha256(data).hexdigest() for name, data in files.items()},
    )
    changes = changelog.history(parts.previous, manifest, store, parts.prefixes)
    del store
    (folder / CHANGES).write_bytes(changes)
    manifest = replace(manifest, files={**manifest.files, CHANGES: sha256(changes).hexdigest()})
    (folder / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
    return manifest


def _nquads(quads: list[ox.Quad]) -> bytes:
    return ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""


def _zip(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _turtle(triples: list[ox.Triple], prefixes: Mapping[str, str]) -> bytes:
    """Return Turtle with the ontology's header first."""
    header = ox.NamedNode(ONTOLOGY)
    first = [t for t in triples if t.subject == header]
    return to_turtle(first + triples, prefixes).encode("utf-8")


def _other(triples: list[ox.Triple], kind: ox.RdfFormat, prefixes: Mapping[str, str]) -> bytes:
    return ox.serialize(triples, format=kind, prefixes=dict(prefixes)) or b""


def _report(remarks: Sequence[tuple[str, Violation]]) -> bytes:
    """Return what the checks said that did not stop the build, as a table."""
    rows = ["level\trule\tentity\tmessage"]
    rows += sorted(
        f"{level}\t{v.rule}\t{v.entity}\t{' '.join(v.message.split())}" for level, v in remarks
    )
    return ("\n".join(rows) + "\n").encode("utf-8")


def _switch(folder: Path, manifest: Manifest, dist: Path, kept: set[Path]) -> Release:
    """Give the folder its name, point ``current`` at it, and remove releases that are too old.

    :param kept: releases that stay however old they are.
    """
    target, link = dist / manifest.name, dist / "current"
    before = link.resolve() if link.is_symlink() else None
    if target.exists():
        # The same dataset from other sources: the manifest differs. Whoever reads the old
        # folder keeps its open files.
        old = dist / f"{folder.name}-old"
        target.rename(old)
        folder.rename(target)
        shutil.rmtree(old)
    else:
        folder.rename(target)
    passing = dist / f"{folder.name}-link"
    passing.symlink_to(target.name)
    passing.replace(link)
    _remove_old(dist, {target.resolve(), before}, kept)
    return open_release(target)


def _remove_old(dist: Path, kept: set[Path | None], beside: set[Path]) -> None:
    releases = [
        path
        for p in dist.glob("*+*")
        if (p / MANIFEST).is_file() and (path := p.resolve()) not in beside
    ]
    spare = sorted(
        (p for p in releases if p not in kept), key=lambda p: p.stat().st_mtime, reverse=True
    )
    room = _KEPT - len({p for p in kept if p in releases})
    for path in spare[max(room, 0) :]:
        shutil.rmtree(path, ignore_errors=True)
