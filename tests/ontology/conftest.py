"""The release that the sources in this checkout make, built once, and its graphs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox
import pytest
from rdflib import RDFS, Graph, URIRef

from service.pipeline import build, derive, graphs, reasoning, sources
from service.release import Release, graph_iri, open_store

from ..service.site.server import Server, running


@dataclass(frozen=True)
class Whole:
    """The graphs of a release that say what there is and what follows."""

    ontology: Graph
    claims: Graph
    inferred: Graph

    def label(self, iri: object) -> str:
        """Return the label of a term, for messages and tables."""
        return str(self.ontology.value(URIRef(str(iri)), RDFS.label) or iri)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return build(sources.locate(), tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def served(built: Release) -> Iterator[Server]:
    """A server of that release."""
    with running(built.path) as server:
        yield server


@pytest.fixture(scope="session")
def whole(built: Release) -> Whole:
    store = open_store(built)

    def graph(name: str) -> Graph:
        room = ox.NamedNode(graph_iri(name))
        return graphs.graph_of(q.triple for q in store.quads_for_pattern(None, None, None, room))

    return Whole(graph("ontology"), graph("claims"), graph("inferred"))


@pytest.fixture(scope="session")
def source_graphs() -> Mapping[str, Graph]:
    """The sources as editors write them, for tests that change one and look what follows."""
    loaded, violations = sources.load(sources.locate())
    assert not violations
    return loaded.graphs


@pytest.fixture(scope="session")
def whole_of() -> Callable[[Mapping[str, Graph]], Whole]:
    """Derive and classify source graphs, as a build does."""

    def make(loaded: Mapping[str, Graph]) -> Whole:
        derived = derive.derive(loaded)
        found = reasoning.classify(derived["ontology"])
        return Whole(derived["ontology"], derived["claims"], found.inferred)

    return make
