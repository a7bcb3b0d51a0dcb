"""The graphs of the real release, and a server of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from rdflib import RDFS, Graph, URIRef

from service.pipeline.shapes import rdflib_graph
from service.release import Release, open_store

from ..system.server import Server, running


@dataclass(frozen=True)
class Whole:
    """Three graphs of a release, read by rdflib."""

    ontology: Graph
    claims: Graph
    inferred: Graph

    def label(self, iri: object) -> str:
        """Return the label of a term, for messages and tables."""
        return str(self.ontology.value(URIRef(str(iri)), RDFS.label) or iri)


@pytest.fixture(scope="session")
def served(real_release: Release) -> Iterator[Server]:
    """A server of the real release."""
    with running(real_release.path) as server:
        yield server


@pytest.fixture(scope="session")
def whole(real_release: Release) -> Whole:
    store = open_store(real_release)
    return Whole(*(rdflib_graph(store, name) for name in ("ontology", "claims", "inferred")))


@pytest.fixture(scope="session")
def turtle(real_release: Release) -> Path:
    """The ontology file of the real release."""
    return real_release.dump("ontology.ttl")


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for ROBOT's output."""
    return tmp_path_factory.mktemp("robot")
