"""A release: an immutable folder with a manifest, dumps and an on-disk store.

The pipeline writes releases, and the site opens them read-only; this module is all they share.
``dist/current`` points at the latest release, ``dist/<version>+<digest>/``.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from fcntl import LOCK_EX, LOCK_NB, flock
from hashlib import file_digest
from pathlib import Path
from shutil import rmtree
from tempfile import gettempdir, mkdtemp
from typing import TYPE_CHECKING, Any

import pyoxigraph

from service.iris import BASE
from service.problems import ReleaseError

if TYPE_CHECKING:
    from rdflib import Dataset

GRAPHS: tuple[str, ...] = (
    "ontology",
    "stated",
    "qualified",
    "hedged",
    "prospective",
    "claims",
    "inferred",
    "mappings",
    "questions",
    "about",
)
"""Local names of the named graphs of a release, after ``graph:``."""

MAPPING_SETS = "mappings"
"""The folder of the mapping sets as their curators wrote them."""
MANIFEST = "manifest.json"
"""The file that lists the contents of a release; it is written last."""

BESIDE = "beside"
"""The folder of the store with our graphs and other vocabularies, if a release has any."""

_FORMAT = 1
"""The version of the manifest's format; readers refuse any other."""


COUNTED_QUADS = 1_000_000
"""Larger stores are not counted when they are opened: counting would take seconds."""
_TEMPORARY = "cdmo-data-"


def graph_iri(name: str) -> str:
    """Return the IRI of one of :data:`GRAPHS`.

    >>> graph_iri("claims")
    'https://w3id.org/cdmo/graph/claims'
    """
    return f"{BASE}graph/{name}"


@dataclass(frozen=True)
class Manifest:
    """The contents of a release.

    :param version: the ontology's ``owl:versionInfo``.
    :param title: the ontology's ``dcterms:title``.
    :param modified: the day of the release, ``dcterms:modified``, as YYYY-MM-DD; no clock is read.
    :param digest: SHA-256, in hexadecimal, of the dataset's canonical N-Quads: its identity.
    :param sources_digest: SHA-256 over the sources and the code that built it.
    :param prefixes: prefix to namespace IRI, in the order of declaration.
    :param graphs: graph IRI to its number of triples.
    :param files: file name to SHA-256, in hexadecimal, of all files but the stores'.
    :param others: the same as ``graphs``, for graphs of other vocabularies.
    """

    version: str
    title: str
    modified: str
    digest: str
    sources_digest: str
    prefixes: Mapping[str, str] = field(default_factory=dict)
    graphs: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, int] = field(default_factory=dict)

    @property
    def all_graphs(self) -> Mapping[str, int]:
        """All graphs that queries may use, with their numbers of triples."""
        return {**self.graphs, **self.others}

    @property
    def name(self) -> str:
        """The release's folder name, for example ``0.1.0+3f2a9c01b7de``."""
        return f"{self.version}+{self.digest[:12]}"

    def to_json(self) -> str:
        """Return the manifest as JSON, the same bytes for the same values.

        Prefixes keep their order, which decides how CURIEs are written.
        """
        values = {"format": _FORMAT, **asdict(self)}
        values |= {key: dict(sorted(values[key].items())) for key in ("graphs", "files", "others")}
        return json.dumps(values, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Read what :meth:`to_json` wrote.

        :raises ReleaseError: if the text is not such a manifest.
        """
        try:
            values: dict[str, Any] = json.loads(text)
            if values.pop("format") != _FORMAT:
                raise ReleaseError(f"The manifest is not of format {_FORMAT}. Build again.")
            return cls(**values)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ReleaseError(f"The manifest cannot be read: {error}. Build again.") from None


@dataclass(frozen=True)
class Release:
    """A complete release folder."""

    path: Path
    manifest: Manifest

    @property
    def store_path(self) -> Path:
        """The folder of the Oxigraph store with our own graphs."""
        return self.path / "store"

    @property
    def queried_path(self) -> Path:
        """The folder of the store for queries, which includes other vocabularies, if any."""
        return self.path / BESIDE if self.manifest.others else self.store_path

    def dump(self, name: str) -> Path:
        """Return the path of a file of the release, for example ``ontology.ttl``.

        :raises ReleaseError: if the manifest lists no such file.
        """
        if name not in self.manifest.files:
            known = ", ".join(sorted(self.manifest.files))
            raise ReleaseError(f"The release has no file {name!r}. It has: {known}")
        return self.path / name

    def dataset(self) -> "Dataset":
        """Return the release as a read-only rdflib dataset; nothing is copied.

        Its default graph is the union of the named graphs, as at the SPARQL endpoint. Close it
        with ``close()``.

        :raises ReleaseError: if the store cannot be opened.
        """
        # Not at the top: a serving process needs no rdflib.
        from oxrdflib.store import OxigraphStore  # noqa: PLC0415
        from rdflib import Dataset  # noqa: PLC0415

        return Dataset(store=OxigraphStore(store=open_queried(self)), default_union=True)

    def dataset_dump(self) -> Path | None:
        """Return the path of the whole dataset as N-Quads, or None if the release has none."""
        names = ("dataset.nq.gz", "dataset.nq")
        return next((self.path / name for name in names if name in self.manifest.files), None)


def open_release(path: Path) -> Release:
    """Open the release in the folder ``path``.

    Existence of its files is checked, their bytes are not.

    :raises ReleaseError: if it is missing or incomplete.
    """
    folder = path.resolve()
    try:
        manifest = Manifest.from_json((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise ReleaseError(f"{path} is not a release: it has no readable {MANIFEST}") from None
    missing = [name for name in sorted(manifest.files) if not (folder / name).is_file()]
    stores = ("store", BESIDE) if manifest.others else ("store",)
    missing += [f"{name}/" for name in stores if not (folder / name).is_dir()]
    if missing:
        raise ReleaseError(f"The release {path} lacks {', '.join(missing)}. Build again.")
    return Release(folder, manifest)


def damage(release: Release) -> list[str]:
    """Return the parts of a release that differ from its manifest, for example ``ontology.ttl``.

    Files are compared by digest. The store is compared by its number of quads, unless it is
    very large.

    :raises ReleaseError: if the store cannot be opened.
    """
    damaged = []
    for name, digest in release.manifest.files.items():
        with (release.path / name).open("rb") as file:
            if file_digest(file, "sha256").hexdigest() != digest:
                damaged.append(name)
    quads = sum(release.manifest.graphs.values())
    if quads <= COUNTED_QUADS and len(open_store(release)) != quads:
        damaged.append("store/")
    return damaged


def refuse_damaged(release: Release) -> None:
    """Refuse a release that differs from its manifest.

    :raises ReleaseError: if it is damaged.
    """
    try:
        damaged = damage(release)
    except OSError as error:
        raise ReleaseError(f"The release {release.path} cannot be read: {error.strerror}") from None
    if damaged:
        raise ReleaseError(
            f"The release {release.path} is damaged: {', '.join(damaged)} changed after the build."
            " Build again."
        )


def current(dist: Path) -> Release:
    """Open the latest release in the folder of releases.

    :raises ReleaseError: if there is none yet or it is incomplete.
    """
    link = dist / "current"
    if not link.exists():
        raise ReleaseError(f"There is no release in {dist} yet. Run: cdmo build")
    return open_release(link)


def built_from(dist: Path, identity: str, *, exactly: bool = False) -> Release | None:
    """Return the latest release if it was built from the given sources and code, else None.

    :param identity: the identity of the sources, :attr:`service.sources.Sources.identity`.
    :param exactly: whether the recorded identity must be the same; else it may also name a
        predecessor.
    """
    try:
        release = current(dist)
    except ReleaseError:
        return None  # none yet, or damaged
    digest = release.manifest.sources_digest
    same = digest == identity or (not exactly and digest.startswith(f"{identity}-"))
    return release if same else None


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Provide a folder for a release that is gone when its process ends.

    A process that is killed cannot remove its folder; the next one does. A lock, which ends with
    its process, tells which folders are in use.
    """
    for path in Path(gettempdir()).glob(f"{_TEMPORARY}*"):
        with suppress(OSError), (path / ".lock").open("r+") as lock:
            flock(lock, LOCK_EX | LOCK_NB)
            rmtree(path, ignore_errors=True)
    folder = Path(mkdtemp(prefix=_TEMPORARY))
    try:
        with (folder / ".lock").open("w") as lock:
            flock(lock, LOCK_EX)
            yield folder
    finally:
        rmtree(folder, ignore_errors=True)


def open_store(release: Release) -> pyoxigraph.Store:
    """Open the store of our own graphs read-only.

    :raises ReleaseError: if the store cannot be opened.
    """
    return _open(release, release.store_path)


def open_queried(release: Release) -> pyoxigraph.Store:
    """Open the store for queries read-only.

    :raises ReleaseError: if the store cannot be opened.
    """
    return _open(release, release.queried_path)


def _open(release: Release, path: Path) -> pyoxigraph.Store:
    try:
        return pyoxigraph.Store.read_only(os.fspath(path))
    except (OSError, RuntimeError) as error:  # it is missing, or damaged
        raise ReleaseError(f"The store of {release.path} cannot be opened: {error}") from None
