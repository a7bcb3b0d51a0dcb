"""A release in little, opened: the real schema and ``tests/data/small.trig``."""

from hashlib import sha256
from pathlib import Path

import pyoxigraph as ox
import pytest

from service.library import Library
from service.names import Names
from service.release import GRAPHS, MANIFEST, Manifest, Release, graph_iri, open_release

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def small_release(tmp_path_factory: pytest.TempPathFactory, small: Library) -> Release:
    """The same on disk, as the build would leave it."""
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
    """Every sort of resource, and the awkward ones."""
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
