"""A release in little, opened: the real schema and ``tests/data/small.trig``."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from service.describe import Library
from service.names import Names
from service.release import graph_iri

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def small() -> Library:
    """Every sort of resource, and the awkward ones."""
    store = ox.Store()
    for module in ("schema", "relations"):
        store.bulk_load(
            path=ROOT / "ontology" / "modules" / f"{module}.ttl",
            to_graph=ox.NamedNode(graph_iri("ontology")),
        )
    store.bulk_load(path=ROOT / "tests" / "data" / "small.trig")
    return Library(store, Names.load(ROOT / "ontology" / "prefixes.ttl"))
