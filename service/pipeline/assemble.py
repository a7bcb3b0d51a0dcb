"""Write a release: dumps, store, manifest, and the switch to it, all or nothing.

The folder is made beside the others under a temporary name and renamed when it is complete;
then the link ``current`` is replaced. A build that fails leaves everything as it was.
"""

import fcntl
import gzip
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

import pyoxigraph as ox

from service import formats, iris
from service.changes import CHANGES, Edition
from service.names import Names
from service.pipeline import changelog, graphs
from service.pipeline.beside import digest, load_beside
from service.pipeline.loading import Loaded
from service.pipeline.obographs import obographs
from service.pipeline.violations import Violation
from service.problems import ReleaseError, writing
from service.rdf.blank_nodes import canonical
from service.rdf.terms import canonical_double
from service.rdf.turtle import write as to_turtle
from service.rdf.writers import represent
from service.release import (
    GRAPHS,
    MANIFEST,
    MAPPING_SETS,
    Manifest,
    Release,
    graph_iri,
    open_release,
)

_BUILDING = ".building-"

Remarks = Sequence[tuple[str, Violation]]
"""Warnings and waived violations, each with its level."""


def _earlier(dist: Path, version: str) -> Release | None:
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
    """Hold the folder of releases: one build at a time.

    Remove the folders that a killed build left.

    :raises NotWritten: if nothing can be written there.
    """
    with writing(dist):
        dist.mkdir(parents=True, exist_ok=True)
        lock = (dist / ".lock").open("w")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in dist.glob(f"{_BUILDING}*"):
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink()
        yield


def write(
    loaded: Loaded,
    dist: Path,
    *,
    identity: str,
    remarks: Remarks,
    previous: Release | None,
    others: Sequence[Path] = (),
    report: Callable[[str], None] = lambda _: None,
) -> Release:
    """Write the graphs of a release into ``dist`` and make it the current one.

    :param identity: the digest of the sources.
    :param remarks: for ``report.tsv``.
    :param previous: the release to which this one is compared, for ``changes.json``; by default
        the latest one in the folder of an earlier version.
    :param others: files of vocabularies to be loaded beside ours.
    :param report: called with each line of progress.
    :raises NotWritten: if the disk is full; ``dist`` stays as it was.
    """
    version = graphs.header(loaded.store, iris.VERSION_INFO)
    previous = previous or _earlier(dist, version)
    with writing(dist), _new_folder(dist) as folder:
        manifest, quads = _write_files(loaded, folder, identity, remarks, previous)
        if others:
            counts = load_beside(others, folder, quads, report)
            together = sha256(f"{manifest.digest} {digest(others)}".encode()).hexdigest()
            manifest = replace(manifest, digest=together, others=counts)
        (folder / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
        folder.chmod(0o755)
        return _switch(folder, manifest, dist, previous)


@contextmanager
def _new_folder(dist: Path) -> Iterator[Path]:
    """Provide a folder for a release in the making; remove it if it is still there at the end."""
    folder = Path(mkdtemp(prefix=_BUILDING, dir=dist))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_files(
    loaded: Loaded, folder: Path, identity: str, remarks: Remarks, previous: Release | None
) -> tuple[Manifest, list[ox.Quad]]:
    names = loaded.names
    quads = canonical(
        ox.Quad(quad.subject, quad.predicate, canonical_double(quad.object), quad.graph_name)
        for name in GRAPHS
        for quad in loaded.store.quads_for_pattern(None, None, None, graphs.graph(name))
    )
    lines = ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""
    json_ld = ox.serialize(quads, format=ox.RdfFormat.JSON_LD) or b""
    ontology = [q.triple for q in quads if q.graph_name == graphs.graph("ontology")]
    about = [q.triple for q in quads if q.graph_name == graphs.graph("about")]
    files = {
        "dataset.nq.gz": gzip.compress(lines, mtime=0),
        "dataset.jsonld.gz": gzip.compress(json_ld, mtime=0),
        "ontology.ttl": _turtle(ontology, names),
        **{
            f"ontology.{f.extension}": represent(ontology, f, names)
            for f in (formats.RDF_XML, formats.JSON_LD, formats.N_TRIPLES)
        },
        "ontology.obographs.json": obographs(ontology),
        "void.ttl": _turtle(about, names),
        "report.tsv": _report(remarks),
        **{
            f"{MAPPING_SETS}/{path.name}": path.read_bytes()
            for path in loaded.sources.mapping_files
        },
    }
    store = ox.Store(os.fspath(folder / "store"))
    store.bulk_extend(quads)
    store.optimize()
    store.flush()
    counts = Counter(str(q.graph_name) for q in quads)
    manifest = Manifest(
        version=graphs.header(loaded.store, iris.VERSION_INFO),
        title=graphs.header(loaded.store, iris.TITLE),
        modified=graphs.header(loaded.store, iris.MODIFIED),
        digest=sha256(lines).hexdigest(),
        sources_digest=identity,
        prefixes=dict(names.prefixes),
        graphs={graph_iri(name): counts[str(graphs.graph(name))] for name in GRAPHS},
    )
    files[CHANGES] = changelog.history(previous, manifest, store, names)
    del store
    for name, data in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    digests = {name: sha256(data).hexdigest() for name, data in files.items()}
    return replace(manifest, files=digests), quads


def _turtle(triples: list[ox.Triple], names: Names) -> bytes:
    """Return Turtle with the ontology's header first."""
    header = [t for t in triples if t.subject == ox.NamedNode(iris.ONTOLOGY)]
    return to_turtle(header + triples, names.prefixes).encode("utf-8")


def _report(remarks: Remarks) -> bytes:
    """Return the violations that did not stop the build, as a table."""
    rows = ["level\trule\tentity\tmessage"]
    rows += sorted(
        f"{level}\t{v.rule}\t{v.entity}\t{' '.join(v.message.split())}" for level, v in remarks
    )
    return ("\n".join(rows) + "\n").encode("utf-8")


def _switch(folder: Path, manifest: Manifest, dist: Path, previous: Release | None) -> Release:
    """Give the folder its name, point ``current`` at it, and remove older releases.

    The two newest releases stay, the one that was current before, the previous one, and the latest
    of each version.
    """
    target, link = dist / manifest.name, dist / "current"
    kept = {target.resolve(), link.resolve()}
    if previous is not None:
        kept.add(previous.path.resolve())
    if target.exists():
        # The same dataset from other sources: the manifest differs. A reader of the old
        # folder keeps its files open.
        old = dist / f"{folder.name}-old"
        target.rename(old)
        folder.rename(target)
        shutil.rmtree(old)
    else:
        folder.rename(target)
    temporary = dist / f"{folder.name}-link"
    temporary.symlink_to(target.name)
    temporary.replace(link)
    releases = [path for path in dist.glob("*+*") if (path / MANIFEST).is_file()]
    releases.sort(key=lambda path: -path.stat().st_mtime)
    latest = {path.name.partition("+")[0]: path for path in reversed(releases)}
    for path in releases[2:]:
        if path.resolve() not in kept and path not in latest.values():
            shutil.rmtree(path, ignore_errors=True)
    return open_release(target)
