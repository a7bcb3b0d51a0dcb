"""The SPARQL endpoint over a real socket, as clients use it."""

import contextlib
import csv
import gzip
import io
import json
import socket
import sys
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from http.client import IncompleteRead
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pyoxigraph as ox
import pytest
from rdflib import Graph
from rdflib.compare import isomorphic
from SPARQLWrapper import CSV, JSON, SPARQLWrapper

from service.iris import BASE, ONTOLOGY
from service.library import Library
from service.names import Names
from service.release import GRAPHS, Release, open_store

from .server import Server, connected, read_all, running

ROWS = "SELECT ?n { VALUES ?n { 1 2 3 } }"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
FLOOD = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    with running(small_release.path, query_seconds="2", query_memory_bytes="300000000") as server:
        yield server


# -- protocol --------------------------------------------------------------------------------


def test_get_sends_a_query(server: Server) -> None:
    response, body = server.get(ROWS)
    assert response.status == 200
    assert response.headers["Content-Type"] == "application/sparql-results+json"
    assert len(json.loads(body)["results"]["bindings"]) == 3


@pytest.mark.parametrize("method", ["POST", "QUERY"])
def test_a_body_may_be_a_query(server: Server, method: str) -> None:
    response, body = server.ask(
        method, "/sparql", ROWS.encode(), Content_Type="application/sparql-query"
    )
    assert response.status == 200
    assert len(json.loads(body)["results"]["bindings"]) == 3


def test_a_form_contains_a_query(server: Server) -> None:
    form = urlencode({"query": ROWS}).encode()
    response, _ = server.ask(
        "POST", "/sparql", form, Content_Type="application/x-www-form-urlencoded; charset=UTF-8"
    )
    assert response.status == 200


def test_a_client_that_expects_100_continue_receives_it(server: Server) -> None:
    """RFC 9110 §10.1.1."""
    head = (
        "POST /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n"
        "Content-Type: application/sparql-query\r\nContent-Length: 6\r\n\r\n"
    )
    with connected(server.port) as client:
        client.sendall(head.encode())
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"ASK {}")
        assert read_all(client).startswith(b"HTTP/1.1 200")


def test_options_lists_the_methods(server: Server) -> None:
    response, _ = server.ask("OPTIONS", "/sparql", Origin="http://example.org")
    assert response.status == 204
    assert response.headers["Allow"] == "GET, HEAD, POST, QUERY, OPTIONS"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_a_percent_sign_is_decoded_once(server: Server) -> None:
    _, body = server.get('SELECT ("100%41 + %2B" AS ?x) {}')
    assert json.loads(body)["results"]["bindings"][0]["x"]["value"] == "100%41 + %2B"


# -- formats ---------------------------------------------------------------------------------


def test_every_format_of_solutions_has_the_same_rows(server: Server) -> None:
    _, body = server.get(ROWS, "text/csv")
    assert list(csv.reader(io.StringIO(body.decode()))) == [["n"], ["1"], ["2"], ["3"]]
    _, body = server.get(ROWS, "text/tab-separated-values")
    assert body.split() == [b"?n", b"1", b"2", b"3"]
    _, body = server.get(ROWS, "application/sparql-results+xml")
    assert len(ET.fromstring(body)[1]) == 3


@pytest.mark.parametrize(
    ("media_type", "parser"),
    [
        ("text/turtle", ox.RdfFormat.TURTLE),
        ("application/n-triples", ox.RdfFormat.N_TRIPLES),
        ("application/rdf+xml", ox.RdfFormat.RDF_XML),
        ("application/ld+json", ox.RdfFormat.JSON_LD),
        ("application/trig", ox.RdfFormat.TRIG),
        ("application/n-quads", ox.RdfFormat.N_QUADS),
    ],
)
def test_every_format_of_graphs_has_the_same_triples(
    server: Server, media_type: str, parser: ox.RdfFormat
) -> None:
    query = 'CONSTRUCT { <http://e/s> <http://e/p#q> ?n, "é"@fr } { VALUES ?n { 1 <http://e/o> } }'
    response, body = server.get(query, media_type)
    assert response.headers["Content-Type"].startswith(media_type)
    assert len(list(ox.parse(body, parser))) == 3


def test_a_media_type_that_is_not_offered_is_refused_with_the_offers(server: Server) -> None:
    response, body = server.get(ROWS, "image/png")
    assert response.status == 406
    assert "text/csv" in json.loads(body)["offers"]


def test_a_client_that_accepts_only_pages_is_redirected_to_the_query_page(server: Server) -> None:
    """Somebody follows a link to an answer, for example; programs and browsers accept more."""
    target = "/sparql?" + urlencode({"query": ROWS})
    response, _ = server.ask("GET", target, Accept="text/html")
    assert (response.status, response.headers["Vary"]) == (303, "Accept")
    page, body = server.ask("GET", response.headers["Location"], Accept="text/html")
    assert page.status == 200
    assert b"<table" in body
    for accept in ("text/html, */*;q=0.1", "text/csv", "*/*", "text/html, text/csv"):
        assert server.ask("GET", target, Accept=accept)[0].status == 200, accept
    graph = quote(f"{BASE}graph/claims", safe="")
    assert server.ask("GET", f"/sparql?graph={graph}", Accept="text/html")[0].status == 406
    named = f"{target}&default-graph-uri={graph}"
    assert server.ask("GET", named, Accept="text/html")[0].status == 406
    assert server.ask("GET", f"{target}&format=zip", Accept="text/html")[0].status == 406


def test_the_format_parameter_overrides_accept(server: Server) -> None:
    response, _ = server.get(ROWS, "text/html", format="csv")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"


def test_a_request_without_a_query_gets_the_service_description(server: Server) -> None:
    response, body = server.ask("GET", "/sparql", Accept="text/turtle")
    assert response.status == 200
    graphs = [q for q in ox.parse(body, ox.RdfFormat.TURTLE) if q.predicate.value.endswith("#name")]
    assert len(graphs) == len(GRAPHS)


def test_a_browser_gets_the_query_page(server: Server) -> None:
    response, body = server.ask("GET", "/sparql", Accept="text/html,*/*;q=0.8")
    assert response.headers["Content-Type"].startswith("text/html")
    assert b"<form" in body


# -- caching and compression -----------------------------------------------------------------


def test_a_client_that_has_the_result_gets_304(server: Server) -> None:
    first, _ = server.get(ROWS)
    target = "/sparql?" + urlencode({"query": ROWS})
    second, body = server.ask("GET", target, Accept="*/*", If_None_Match=first.headers["ETag"])
    assert (second.status, body) == (304, b"")
    assert second.headers["ETag"] == first.headers["ETag"]


def test_a_result_that_may_change_is_not_stored(server: Server) -> None:
    response, _ = server.get("SELECT (RAND() AS ?x) {}")
    assert "ETag" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p ?o } LIMIT 200",
        "SELECT * { ?s ?p ?o . ?a ?b ?c } LIMIT 20000",  # long enough to be streamed
    ],
)
def test_a_long_result_is_compressed_for_clients_that_accept_it(server: Server, query: str) -> None:
    target = "/sparql?" + urlencode({"query": query})
    plain, body = server.ask("GET", target)
    compressed, packed = server.ask("GET", target, Accept_Encoding="gzip")
    assert "Content-Encoding" not in plain.headers
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == body
    assert compressed.headers["ETag"] == plain.headers["ETag"]
    assert compressed.headers["ETag"].startswith("W/"), "the same result, in other bytes"


def test_a_result_as_json_ld_is_compressed_too(server: Server) -> None:
    query = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 100"
    target = "/sparql?" + urlencode({"query": query})
    plain, body = server.ask("GET", target, Accept="application/ld+json")
    compressed, packed = server.ask(
        "GET", target, Accept="application/ld+json", Accept_Encoding="gzip"
    )
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed)) == json.loads(body)
    assert "Content-Encoding" not in plain.headers


# -- limits: a part of a result never looks whole --------------------------------------------


def test_a_query_ends_at_its_time_limit(server: Server) -> None:
    response, body = server.get(RUNAWAY, timeout="0.5")
    assert response.status == 503
    problem = json.loads(body)
    assert problem["type"] == "/problems/query-timeout"
    assert problem["limit_seconds"] == 0.5


def test_a_stream_that_fails_breaks(server: Server) -> None:
    with pytest.raises((IncompleteRead, ConnectionResetError)):
        server.get(FLOOD, "text/csv", timeout="1")


def test_a_client_of_http_1_0_gets_a_problem_instead_of_a_part(server: Server) -> None:
    """Without chunks the end of the connection ends the response, so a part would look whole."""
    with connected(server.port) as client:
        target = "/sparql?" + urlencode({"query": FLOOD, "timeout": "1"})
        client.sendall(f"GET {target} HTTP/1.0\r\nAccept: text/csv\r\n\r\n".encode())
        assert read_all(client).startswith(b"HTTP/1.0 503")


def test_the_memory_of_a_query_is_limited(server: Server) -> None:
    response, body = server.get(FLOOD + " ORDER BY ?a ?d ?g")
    assert response.status == 503
    assert json.loads(body)["type"] in {"/problems/query-too-costly", "/problems/query-timeout"}


def test_a_query_is_cancelled_by_its_id(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        target = "/sparql?" + urlencode({"query": FLOOD})
        client.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(1024)
        query_id = head.lower().split(b"x-query-id: ")[1].split(b"\r\n")[0].decode()
        response, _ = server.ask("DELETE", f"/queries/{query_id}")
        assert response.status == 204
        assert not read_all(client).endswith(b"\r\n0\r\n\r\n"), "a part looks whole"
    response, _ = server.ask("DELETE", f"/queries/{query_id}")
    assert response.status == 404


def test_quick_queries_are_answered_during_long_ones(server: Server) -> None:
    threads = [
        threading.Thread(target=server.get, args=(RUNAWAY,), kwargs={"timeout": "1"})
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for number in range(20):  # different queries, so that no kept answer is sent
        response, _ = server.get(f"ASK {{ <http://e/{number}> ?p ?o }}")
        assert response.status == 200
    for thread in threads:
        thread.join()


@pytest.mark.skipif(sys.platform != "linux", reason="counts descriptors in /proc")
def test_a_streamed_result_leaves_no_descriptor_open(server: Server) -> None:
    def descriptors() -> int:
        count = 0
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, IndexError):
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == server.pid:
                    count += len(list((folder / "fd").iterdir()))
        return count

    query = "SELECT * { ?s ?p ?o . ?a ?b ?c } LIMIT %d"
    server.get(query % 3000, "text/csv")
    before = descriptors()
    for number in range(40):
        response, _ = server.get(query % (3001 + number), "text/csv")
        assert response.headers["Transfer-Encoding"] == "chunked"
    assert descriptors() < before + 20


# -- queries reach nothing outside the release -----------------------------------------------


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "service-refused"),
        ("SELECT * { { SELECT * { SERVICE SILENT ?x { ?s ?p ?o } } } }", "service-refused"),
        (r"SELECT * { \u0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "service-refused"),
        ("SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", "graph-refused"),
        ("PREFIX e: <http://e/> SELECT * FROM NAMED e:x { ?s ?p ?o }", "graph-refused"),
        ("INSERT DATA { <http://e/a> <http://e/a> 1 }", "update-refused"),
        ("LOAD <http://127.0.0.1:9/>", "update-refused"),
    ],
)
def test_calls_to_other_services_graphs_and_updates_are_refused(
    server: Server, query: str, slug: str
) -> None:
    response, body = server.get(query)
    assert response.status == 403
    assert json.loads(body)["type"] == f"/problems/{slug}"


@pytest.mark.parametrize(
    "query",
    [
        'SELECT ("SERVICE <http://e/>" AS ?x) {} # SERVICE <http://e/>',
        "PREFIX service: <http://e/SERVICE> SELECT * { ?s service:service <http://e/from> }",
        "SELECT ?SERVICE { VALUES ?SERVICE { 1 } }",
    ],
)
def test_keywords_in_strings_comments_and_names_are_harmless(server: Server, query: str) -> None:
    response, _ = server.get(query)
    assert response.status == 200


def test_a_graph_of_the_release_may_be_named(server: Server) -> None:
    graph = "https://w3id.org/cdmo/graph/claims"
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    _, by_parameter = server.get(query, "text/csv", **{"default-graph-uri": graph})
    _, by_clause = server.get(query.replace("{", f"FROM <{graph}> {{", 1), "text/csv")
    _, union = server.get(query, "text/csv")
    assert by_parameter == by_clause != union


# -- problems --------------------------------------------------------------------------------


def test_a_mistake_has_its_line_and_column(server: Server) -> None:
    response, body = server.get("SELECT ?x ?n\nWHERE { ?x ?p ?o } GROUP BY ?n")
    problem = json.loads(body)
    assert response.status == 400
    assert (problem["line"], problem["column"], problem["token"]) == (1, 8, "?x")
    assert "?x is projected but not grouped" in problem["detail"]


def test_a_prefix_in_the_wrong_case_is_suggested(server: Server) -> None:
    _, body = server.get("SELECT * { chebi:1 ?p ?o }")
    problem = json.loads(body)
    assert (problem["line"], problem["column"]) == (1, 12)
    assert "Did you mean CHEBI:" in problem["hint"]


def test_a_browser_gets_problems_as_pages(server: Server) -> None:
    response, body = server.get("SELEC *", "text/html, */*;q=0.1")
    assert response.status == 400
    assert response.headers["Content-Type"].startswith("text/html")
    assert b"<h1" in body


def test_an_unknown_page_is_a_problem(server: Server) -> None:
    response, body = server.ask("GET", "/nowhere", Accept="application/json")
    assert response.status == 404
    assert json.loads(body)["type"] == "/problems/unknown-resource"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


# -- clients ---------------------------------------------------------------------------------


def test_sparqlwrapper_gets_results(server: Server) -> None:
    client = SPARQLWrapper(server.url)
    client.setQuery(ROWS)
    client.setReturnFormat(JSON)
    result: Any = client.query().convert()
    assert len(result["results"]["bindings"]) == 3
    client.setMethod("POST")
    client.setReturnFormat(CSV)
    result = client.query().convert()
    assert result.split() == [b"n", b"1", b"2", b"3"]


def test_void_has_its_well_known_address(server: Server) -> None:
    response, body = server.ask("GET", "/.well-known/void", Accept="text/turtle")
    assert response.status == 200
    triples = [q.predicate.value for q in ox.parse(body, ox.RdfFormat.TURTLE)]
    assert "http://rdfs.org/ns/void#propertyPartition" in triples


def test_describe_returns_the_triples_of_the_document(
    server: Server, small_release: Release
) -> None:
    library = Library(open_store(small_release), Names(small_release.manifest.prefixes))
    for iri in library.documents:
        if iri == ONTOLOGY:  # its document is the whole ontology
            continue
        _, document = server.ask("GET", f"/doc/{iri.removeprefix(BASE)}.nt")
        response, answer = server.get(f"DESCRIBE <{iri}>", "application/n-triples")
        assert response.status == 200, iri
        graphs = [Graph().parse(data=data, format="nt") for data in (document, answer)]
        assert isomorphic(*graphs), iri
