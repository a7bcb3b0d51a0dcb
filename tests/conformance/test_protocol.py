"""W3C SPARQL 1.1 tests: the protocol and the service description."""

import json
from http.client import HTTPResponse
from urllib.parse import urlsplit

import pyoxigraph as ox
import pytest

from ..system.server import Server
from . import manifests
from .conftest import folder, parameters
from .manifests import ProtocolTest, Request

ROOT = folder()
ALL = list(manifests.protocol_tests(ROOT)) if ROOT else []
TESTS = [t for t in ALL if "update" not in str(t)]
UPDATES = [t for t in ALL if "update" in str(t)]
TABULAR = {
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
}
RDF = {"text/turtle", "application/rdf+xml", "application/n-triples"}
SD = "http://www.w3.org/ns/sparql-service-description#"


def send(server: Server, request: Request) -> tuple[HTTPResponse, bytes]:
    """Send a request of a test to the endpoint."""
    query = urlsplit(request.path).query
    target = f"/sparql?{query}" if query else "/sparql"
    headers = {name.replace("-", "_"): value for name, value in request.headers}
    body = None if request.method == "GET" else request.body
    return server.ask(request.method, target, body, **headers)


@pytest.mark.parametrize("test", parameters(TESTS))
def test_protocol(server: Server, test: ProtocolTest) -> None:
    for request in test.requests:
        response, data = send(server, request)
        assert str(response.status)[0] in request.statuses, data
        content_type = response.headers["Content-Type"].partition(";")[0]
        if request.boolean is not None:
            assert json.loads(data)["boolean"] is request.boolean
        if request.format in {"tabular", "boolean"}:
            assert content_type in TABULAR
        if request.format == "RDF":
            assert content_type in RDF


@pytest.mark.parametrize("test", parameters(UPDATES))
def test_updates_are_refused(server: Server, test: ProtocolTest) -> None:
    """The endpoint is read-only: every update is a problem of the client."""
    for request in test.requests:
        is_update = "sparql-update" in str(request.headers) or b"update=" in (
            request.path.encode() + b" " + request.body
        )
        if is_update:  # the others are queries for the update's effect
            assert 400 <= send(server, request)[0].status < 500


def test_service_description(server: Server) -> None:
    """``returns-rdf``, ``has-endpoint-triple`` and ``conforms-to-schema`` of the manifest."""
    response, data = server.ask("GET", "/sparql", Accept="text/turtle")
    assert response.status == 200
    description = ox.Store()
    description.bulk_extend(ox.parse(data, ox.RdfFormat.TURTLE))
    endpoints = [
        q.object for q in description.quads_for_pattern(None, ox.NamedNode(SD + "endpoint"), None)
    ]
    assert endpoints == [ox.NamedNode(server.url)]
    schema = """PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
        ASK { ?service a sd:Service ; sd:endpoint ?e ; sd:supportedLanguage sd:SPARQL11Query ;
                sd:resultFormat ?format ; sd:feature sd:UnionDefaultGraph ;
                sd:defaultDataset ?dataset .
              ?dataset a sd:Dataset ; sd:defaultGraph ?graph . ?graph a sd:Graph .
              FILTER NOT EXISTS { ?dataset sd:namedGraph ?n
                FILTER NOT EXISTS { ?n a sd:NamedGraph ; sd:name ?name } } }"""
    assert bool(description.query(schema))
