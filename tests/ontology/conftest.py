"""The graphs of the real release, and a server of it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from rdflib import RDFS, Graph, URIRef

from service.pipeline.shapes import rdflib_graph
from service.release import Release, open_store

from ..system.server import Server, running


@dataclass(frozen=True)
class Whole:
    """Three graphs of a release, as rdflib reads them."""

    ontology: Graph
    claims: Graph
    inferred: Graph

    def label(self, iri: object) -> str:
        """Return the label of a term, for messages and tables."""
        return str(self.ontology.value(URIRef(str(iri)), RDFS.label) or iri)


@pytest.fixture(scope="session")
def served(built: Release) -> Iterator[Server]:
    """A server of that release."""
    with running(built.path) as server:
        yield server


@pytest.fixture(scope="session")
def whole(built: Release) -> Whole:
    store = open_store(built)
    return Whole(*(rdflib_graph(store, name) for name in ("ontology", "claims", "inferred")))
