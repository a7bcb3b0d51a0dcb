"""The worlds of the tests, tiny, small, real and two; README.md says when to use which.

*tiny* is a whole project: an invented document, its ontology and mapping set under ``data/tiny/``,
built with the real schema, relations, prefixes, checks and shapes. *small* is a release without a
build: ``data/small.trig`` with every sort of resource, and awkward ones. *real* is the release of
this checkout's sources, and *two* adds a second document to them.
"""

import re
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pyoxigraph as ox
import pytest

from service.library import Library
from service.names import Names
from service.pipeline import build
from service.pipeline.format import format_sources
from service.pipeline.loading import read_prefixes
from service.release import GRAPHS, MANIFEST, Manifest, Release, graph_iri, open_release, open_store
from service.sources import Sources, locate
from tests import second
from tests.first_version import first_header

ROOT = Path(__file__).parents[1]
TINY = ROOT / "tests" / "data" / "tiny"
SHARED = (
    "prefixes.ttl",
    "ontology.ttl",
    "dataset.ttl",
    "display.ttl",
    "modules/schema.ttl",
    "modules/relations.ttl",
    "shapes",
    "checks",
    "rules",
)

REAL_ONLY = ("*waivers.ttl", "term-outside-block-violation.rq")
"""Files for the real ontology only: the tiny one assigns identifiers in its own way."""


def pytest_configure() -> None:
    """Treat SIGTERM as Ctrl-C, so that fixtures are torn down and servers end."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


# -- tiny: a whole project --------------------------------------------------------------------


def copy_tiny(folder: Path) -> Sources:
    """Lay out the sources of the tiny ontology in a folder."""
    shutil.copytree(TINY, folder, dirs_exist_ok=True)
    for name in SHARED:
        origin, target = ROOT / "ontology" / name, folder / "ontology" / name
        if origin.is_dir():
            shutil.copytree(origin, target, ignore=shutil.ignore_patterns(*REAL_ONLY))
        else:
            shutil.copy(origin, target)
    first_header(folder / "ontology")
    _drop_other_display_words(folder / "ontology" / "display.ttl")
    return Sources(folder / "ontology", folder / "mappings")


def _drop_other_display_words(display: Path) -> None:
    """Remove display words for terms and questions that the tiny ontology lacks."""
    blocks = display.read_text("utf-8").split("\n\n")
    names = re.compile(r"^(CDMO:|question:|CDMO_)", re.MULTILINE)
    display.write_text("\n\n".join(b for b in blocks if not names.search(b)) + "\n", "utf-8")


@pytest.fixture
def tiny(tmp_path: Path, tiny_sources: Sources) -> Sources:
    """A copy of the tiny sources, which the test may change."""
    folder = tmp_path / "tiny"
    shutil.copytree(tiny_sources.ontology.parent, folder)
    return Sources(folder / "ontology", folder / "mappings")


@pytest.fixture(scope="session")
def tiny_text() -> str:
    """The document of the tiny ontology."""
    return (TINY / "document.txt").read_bytes().decode("utf-8")


@pytest.fixture(scope="session")
def tiny_sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """The tiny sources with derived comments, for tests that do not change them."""
    sources = copy_tiny(tmp_path_factory.mktemp("tiny"))
    format_sources(sources.turtle_files, read_prefixes(sources).prefixes, sources=sources)
    return sources


@pytest.fixture(scope="session")
def release(tiny_sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The release of the tiny ontology, built once."""
    return build(tiny_sources, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def editions(tmp_path_factory: pytest.TempPathFactory) -> "Editions":
    """Two versions of the tiny ontology; the second renames a term and retires another."""
    folder = tmp_path_factory.mktemp("editions")
    sources = copy_tiny(folder / "tiny")
    first = build(sources, folder / "dist")
    raise_version(sources, "0.1.0", "0.2.0")
    terms = sources.ontology / "modules" / "terms.ttl"
    claims = sources.ontology / "claims" / "claims.ttl"
    mappings = sources.mappings / "hp.sssom.tsv"
    _replace(terms, 'rdfs:label "green spot"@en', 'rdfs:label "emerald spot"@en')
    _replace(mappings, "\tgreen spot\t", "\temerald spot\t")
    _replace(terms, "that marks the skin green", "that dyes the skin green")
    _replace(claims, "cdmo:frequency cdmo:someCases", "cdmo:frequency cdmo:usual")
    _replace_block(terms, "CDMO:0000101 a owl:Class", "\n\n", RETIRED_ITCH)
    _replace_block(claims, "claim:0000005 a", "claim:0000006 a", "")
    _replace_block(mappings, "CDMO:0000101\t", "CDMO:0000200\t", "")
    return Editions(sources, first, build(sources, folder / "dist"))


@dataclass(frozen=True)
class Editions:
    """Two versions of the tiny ontology in one folder of releases.

    :param sources: the sources of the second version.
    """

    sources: Sources
    first: Release
    second: Release


RETIRED_ITCH = """\
CDMO:0000101 a owl:Class ;
    rdfs:label "obsolete itch"@en ;
    dcterms:contributor cdmo:maintainers ;
    dcterms:created "2026-11-22"^^xsd:date ;
    IAO:0100001 CDMO:0000100 ;
    owl:deprecated true ."""


def raise_version(sources: Sources, old: str, new: str) -> None:
    """Raise the version in sources."""
    header = sources.ontology / "ontology.ttl"
    _replace(header, f'versionInfo "{old}"', f'versionInfo "{new}"')
    _replace(header, f"versionIRI <https://w3id.org/cdmo/ontology/{old}>", _version_iri(new))


def _version_iri(version: str) -> str:
    return f"versionIRI <https://w3id.org/cdmo/ontology/{version}>"


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def _replace_block(path: Path, start: str, end: str, new: str) -> None:
    """Replace the text from ``start`` up to the next ``end``."""
    text = path.read_text(encoding="utf-8")
    begin = text.index(start)
    path.write_text(text[:begin] + new + text[text.index(end, begin) :], encoding="utf-8")


@pytest.fixture
def edit(tiny: Sources) -> Callable[[str, str, str], Path]:
    """Replace some text in a file of the tiny sources; the text must be there."""

    def edit_file(name: str, old: str, new: str) -> Path:
        path = tiny.ontology.parent / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        return path

    return edit_file


# -- real: the sources of this checkout -------------------------------------------------------


@pytest.fixture(scope="session")
def real_release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The release of the real sources, built once."""
    return build(locate(), tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def real_library(real_release: Release) -> Library:
    """The library of the real release."""
    return Library(open_store(real_release), Names(real_release.manifest.prefixes))


# -- two documents: the real sources and one more ---------------------------------------------


@pytest.fixture(scope="session")
def two_sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """The real sources with the document of ``data/second/``, for tests that do not change them."""
    return second.lay_out(tmp_path_factory.mktemp("two"))


@pytest.fixture(scope="session")
def second_text() -> str:
    """The second document of ``two_sources``."""
    return second.DOCUMENT.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def two_release(two_sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The release of two documents, built once."""
    return build(two_sources, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def two_library(two_release: Release) -> Library:
    """The library of the release of two documents."""
    return Library(open_store(two_release), Names(two_release.manifest.prefixes))


# -- small: every sort of resource and the awkward ones, without a build ----------------------


@pytest.fixture(scope="session")
def small_release(tmp_path_factory: pytest.TempPathFactory, small: Library) -> Release:
    """The small release on disk."""
    path = tmp_path_factory.mktemp("release")
    store = ox.Store(path / "store")
    store.bulk_extend(small.store)
    store.flush()
    del store
    dump = b"<https://w3id.org/cdmo/ontology> a <http://www.w3.org/2002/07/owl#Ontology> .\n"
    (path / "ontology.ttl").write_bytes(dump)
    graphs = {graph_iri(g): _size(small, g) for g in GRAPHS}
    files = {"ontology.ttl": sha256(dump).hexdigest()}
    manifest = Manifest(
        version="0.0.1",
        title="A small ontology",
        modified="2026-11-22",
        digest=sha256(b"small").hexdigest(),
        sources_digest=sha256(b"sources").hexdigest(),
        prefixes=small.names.prefixes,
        graphs=graphs,
        files=files,
    )
    (path / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
    return open_release(path)


def _size(library: Library, graph: str) -> int:
    return len(
        list(library.store.quads_for_pattern(None, None, None, ox.NamedNode(graph_iri(graph))))
    )


@pytest.fixture(scope="session")
def small() -> Library:
    """The library of the small release."""
    store = ox.Store()
    for module in ("schema", "relations"):
        store.bulk_load(
            path=ROOT / "ontology" / "modules" / f"{module}.ttl",
            to_graph=ox.NamedNode(graph_iri("ontology")),
        )
    display = ROOT / "ontology" / "display.ttl"
    store.bulk_load(path=display, to_graph=ox.NamedNode(graph_iri("about")))
    store.bulk_load(path=ROOT / "tests" / "data" / "small.trig")
    return Library(store, Names.load(ROOT / "ontology" / "prefixes.ttl"))
