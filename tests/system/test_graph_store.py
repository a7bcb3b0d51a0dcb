"""The Graph Store HTTP Protocol, read-only, at the endpoint's address."""

from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pyoxigraph as ox
import pytest
from rdflib import Graph

from service.release import Release, open_store

from .server import Server, running

N_TRIPLES = "application/n-triples"
READERS = {
    N_TRIPLES: ox.RdfFormat.N_TRIPLES,
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/trig": ox.RdfFormat.TRIG,
}


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    with running(small_release.path) as server:
        yield server


def count(body: bytes, rdf_format: ox.RdfFormat) -> int:
    return len({quad.triple for quad in ox.parse(body, rdf_format)})


def test_each_graph_has_its_triples_in_each_format(server: Server, small_release: Release) -> None:
    for graph, size in small_release.manifest.graphs.items():
        for media_type, rdf_format in READERS.items():
            target = "/sparql?" + urlencode({"graph": graph})
            response, body = server.ask("GET", target, Accept=media_type)
            assert response.status == 200, body
            assert response.headers.get_content_type() == media_type
            assert count(body, rdf_format) == size, (graph, media_type)


def test_the_default_graph_is_the_union(server: Server, small_release: Release) -> None:
    triples = {quad.triple for quad in open_store(small_release)}
    for target in ("/sparql?default", "/sparql?default="):
        _, body = server.ask("GET", target, Accept=N_TRIPLES)
        assert count(body, ox.RdfFormat.N_TRIPLES) == len(triples)


def test_head_has_the_fields_of_get(server: Server, small_release: Release) -> None:
    target = "/sparql?graph=" + quote(next(iter(small_release.manifest.graphs)), safe="")
    get, _ = server.ask("GET", target)
    head, body = server.ask("HEAD", target)
    assert (head.status, body) == (200, b"")
    for name in ("Content-Type", "ETag", "Vary", "Cache-Control"):
        assert head.headers[name] == get.headers[name]
    assert server.ask("GET", target, If_None_Match=get.headers["ETag"])[0].status == 304


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/sparql?graph=http%3A%2F%2Fe.org%2Fnone", 404),
        ("HEAD", "/sparql?graph=http%3A%2F%2Fe.org%2Fnone", 404),
        ("GET", "/sparql?graph=relative", 400),
        ("GET", "/sparql?graph=http%3A%2F%2Fe.org%2Fa&query=ASK%7B%7D", 400),
        ("PUT", "/sparql?graph=http%3A%2F%2Fe.org%2Fnone", 405),
        ("DELETE", "/sparql?default", 405),
        ("POST", "/sparql?default", 403),
    ],
)
def test_other_graphs_and_operations_are_refused(
    server: Server, method: str, target: str, status: int
) -> None:
    """The response is never another graph and never the service description."""
    body = b"" if method == "POST" else None
    response, _ = server.ask(method, target, body, Accept=N_TRIPLES, Content_Type="text/turtle")
    assert response.status == status


def test_a_format_for_solutions_is_not_acceptable(server: Server, small_release: Release) -> None:
    target = "/sparql?graph=" + quote(next(iter(small_release.manifest.graphs)), safe="")
    assert server.ask("GET", target, Accept="text/csv")[0].status == 406


def test_rdflib_reads_a_graph_by_its_address(server: Server, small_release: Release) -> None:
    for graph, size in small_release.manifest.graphs.items():
        address = f"{server.url}?{urlencode({'graph': graph})}"
        assert len(Graph().parse(address)) == size
