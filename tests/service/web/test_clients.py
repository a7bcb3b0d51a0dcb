"""Clients that our users hold, over a real socket: rdflib's SPARQLStore, curl, Comunica."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from rdflib import Graph, URIRef, Variable
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from service.release import Release

from .server import Server, running

QUERY = (
    "SELECT ?s { ?s a <http://www.w3.org/2002/07/owl#Class> FILTER(isIRI(?s)) } ORDER BY ?s LIMIT 5"
)
COMUNICA = os.environ.get("COMUNICA") or shutil.which("comunica-sparql")


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    with running(small_release.path) as found:
        yield found


def subjects(server: Server) -> list[str]:
    _, body = server.get(QUERY)
    return [row["s"]["value"] for row in json.loads(body)["results"]["bindings"]]


def test_rdflib_asks_it_as_a_store(server: Server) -> None:
    graph = Graph(SPARQLStore(server.url))
    rows = graph.query(QUERY).bindings
    assert [str(row[Variable("s")]) for row in rows] == subjects(server)
    first = URIRef(subjects(server)[0])
    assert list(graph.predicate_objects(first))


@pytest.mark.parametrize("method", ["--get", "--request POST"])
def test_curl(server: Server, method: str) -> None:
    command = [
        "curl", "--silent", "--show-error", "--fail", "--compressed", *method.split(),
        "--header", "Accept: text/csv", "--data-urlencode", f"query={QUERY}", server.url,
    ]  # fmt: skip
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert found.split() == ["s", *subjects(server)]


@pytest.mark.slow
@pytest.mark.skipif(not COMUNICA, reason="COMUNICA does not name the command comunica-sparql (npm)")
@pytest.mark.parametrize("source", ["sparql@{url}", "{url}"], ids=["told", "found out"])
def test_comunica(server: Server, source: str) -> None:
    """Told that it is an endpoint, and finding it out by the service description."""
    assert COMUNICA
    command = [COMUNICA, source.format(url=server.url), "-q", QUERY, "-t", "application/json"]
    found = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    assert [row["s"] for row in json.loads(found)] == subjects(server)
