"""The whole ontology, as a release holds it: derived from the claims and classified, once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest
from rdflib import RDFS, Graph, URIRef

from service.build import derive, graphs, reasoning, sources


@dataclass(frozen=True)
class Whole:
    """The graphs of the release that is made of the sources in this checkout."""

    sources: Mapping[str, Graph]
    ontology: Graph
    claims: Graph
    inferred: Graph

    def label(self, iri: object) -> str:
        """Return the label of a term, for messages and tables."""
        return str(self.ontology.value(URIRef(str(iri)), RDFS.label) or iri)


def _whole(loaded: Mapping[str, Graph]) -> Whole:
    """Derive and classify source graphs, as a build does."""
    derived = derive.derive(loaded)
    found = reasoning.classify(derived["ontology"])
    assert found.consistent
    assert not found.unsatisfiable
    return Whole(loaded, derived["ontology"], derived["claims"], found.inferred)


@pytest.fixture(scope="session")
def whole_of() -> Callable[[Mapping[str, Graph]], Whole]:
    """Make another whole, of sources that a test has changed."""
    return _whole


@pytest.fixture(scope="session")
def whole() -> Whole:
    loaded, violations = sources.load(sources.locate())
    assert not violations
    return _whole({name: graphs.union(graph) for name, graph in loaded.graphs.items()})
