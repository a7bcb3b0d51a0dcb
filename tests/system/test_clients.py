"""Our users' clients over a real socket: rdflib's SPARQLStore, curl, owlready2, Comunica, PyLD."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import owlready2
import pytest
from pyld import jsonld
from rdflib import Graph, URIRef, Variable
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from service.release import Release

from .npm import installed, node
from .server import Server, running

CLASSES = (
    "SELECT ?s { ?s a <http://www.w3.org/2002/07/owl#Class> FILTER(isIRI(?s)) } ORDER BY ?s LIMIT 5"
)
JOIN = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?class ?label ?above WHERE {
  ?class a <http://www.w3.org/2002/07/owl#Class> ; rdfs:label ?label .
  OPTIONAL { ?class rdfs:subClassOf/rdfs:label ?above }
  FILTER(LANG(?label) = "en")
} ORDER BY ?class ?label ?above LIMIT 20
"""
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    with running(small_release.path) as server:
        yield server


def classes(server: Server) -> list[str]:
    _, body = server.get(CLASSES)
    return [row["s"]["value"] for row in json.loads(body)["results"]["bindings"]]


def rows(result: dict[str, Any]) -> list[list[tuple[str, str]]]:
    """Return the rows of a result, each cell with its name."""
    return [
        sorted((name, cell["value"]) for name, cell in row.items())
        for row in result["results"]["bindings"]
    ]


def test_rdflib_uses_the_endpoint_as_a_store(server: Server) -> None:
    graph = Graph(SPARQLStore(server.url))
    bindings = graph.query(CLASSES).bindings
    assert [str(row[Variable("s")]) for row in bindings] == classes(server)
    assert list(graph.predicate_objects(URIRef(classes(server)[0])))


@pytest.mark.parametrize("method", ["--get", "--request POST"])
def test_curl_gets_csv(server: Server, method: str) -> None:
    command = [
        "curl", "--silent", "--show-error", "--fail", "--compressed", *method.split(),
        "--header", "Accept: text/csv", "--data-urlencode", f"query={CLASSES}", server.url,
    ]  # fmt: skip
    csv = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert csv.split() == ["s", *classes(server)]


@pytest.mark.parametrize("suffix", ["", ".owl", ".rdf"])
def test_owlready2_loads_the_ontology_by_its_address(server: Server, suffix: str) -> None:
    """The library sends no ``Accept``, reads no Turtle, and tries suffixes after a failure."""
    address = server.url.replace("sparql", f"ontology{suffix}")
    world = owlready2.World()
    ontology = world.get_ontology(address).load()
    assert ontology.base_iri.startswith("https://w3id.org/cdmo/ontology")
    document = Graph().parse(server.url.replace("sparql", "doc/ontology.rdf"))
    assert len(world.graph) >= len(document)


@pytest.fixture(scope="module")
def comunica(request: pytest.FixtureRequest) -> Path:
    """The folder with Comunica, installed from npm by the lock file, once."""
    return installed(HERE / "comunica", request.config)


@pytest.mark.slow
@pytest.mark.parametrize("source", ["sparql@{url}", "{url}"], ids=["named", "discovered"])
@pytest.mark.parametrize("query", [CLASSES, JOIN], ids=["classes", "join"])
def test_comunica_gets_the_same_rows(
    server: Server, comunica: Path, source: str, query: str
) -> None:
    """Its source is named as an endpoint, or discovered through the service description."""
    command = "node_modules/@comunica/query-sparql/bin/query.js"
    address = source.format(url=server.url)
    options = ("-q", query, "-t", "application/sparql-results+json")
    result = node(command, address, *options, cwd=comunica)
    assert result.returncode == 0, result.stderr
    comunica_rows = rows(json.loads(result.stdout))
    assert len(comunica_rows) >= 3
    assert comunica_rows == rows(json.loads(server.get(query, "application/json")[1]))


@pytest.mark.parametrize(
    "path",
    ["/id/CDMO_0000001", "/doc/id/CDMO_0000001.json", "/doc/id/CDMO_0000001.jsonld", "/terms.json"],
)
def test_pyld_reads_json_by_its_address(server: Server, path: str) -> None:
    pytest.importorskip("requests")
    quads = jsonld.to_rdf(f"http://127.0.0.1:{server.port}{path}")["@default"]
    assert "https://w3id.org/cdmo/id/CDMO_0000001" in {q["subject"]["value"] for q in quads}
