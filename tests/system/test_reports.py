"""Faults that users of other services reported: none of them happens here.

Each case names the report as ``owner/repository#number`` at GitHub.
"""

import csv
import io
import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest

from service.release import Release

from .server import Server, running

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
SELECT = "SELECT ?s { ?s ?p ?o } LIMIT 1"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 1"

RDF_FIRST = (
    "application/n-triples;q=0.9, application/rdf+xml;q=0.8, text/turtle;q=0.8, "
    "application/rdf+thrift, application/sparql-results+xml;q=0.6, text/csv;q=0.5, "
    "application/sparql-results+json;q=0.7"
)
SESAME = "text/boolean, application/sparql-results+xml;q=0.8, application/xml;q=0.8"


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    with running(small_release.path) as server:
        yield server


@pytest.mark.parametrize(
    ("report", "query", "accept", "expected"),
    [
        (
            "CLARIAH/grlc#58",
            SELECT,
            "application/json;q=1.0, application/sparql-results+json;q=0.8, */*;q=0.1",
            "application/sparql-results+json",
        ),
        (
            "vemonet/rdflib-endpoint#24",
            CONSTRUCT,
            "application/sparql-results+xml, application/rdf+xml",
            "application/rdf+xml",
        ),
        (
            "zazuko/vscode-sparql-notebook#56",
            CONSTRUCT,
            "application/sparql-results+json,text/turtle",
            "text/turtle",
        ),
        ("openlink/virtuoso-opensource#1321", SELECT, RDF_FIRST, "application/sparql-results+json"),
        ("openlink/virtuoso-opensource#1321", CONSTRUCT, RDF_FIRST, "application/n-triples"),
        ("openlink/virtuoso-opensource#214", "ASK {}", SESAME, "application/sparql-results+xml"),
        ("HHS/meshrdf#149", CONSTRUCT, "application/rdf+xml", "application/rdf+xml"),
        (
            "pyvandenbussche/lov#23",
            SELECT,
            "application/sparql-results+json;q=0.9, text/html;q=0.1",
            "application/sparql-results+json",
        ),
    ],
)
def test_accept_with_several_types_chooses_by_the_kind_of_the_result(
    server: Server, report: str, query: str, accept: str, expected: str
) -> None:
    response, body = server.get(query, accept)
    assert response.status == 200, (report, body)
    assert response.headers.get_content_type() == expected, report


@pytest.mark.parametrize("accept", ["text/tab-separated-values", "application/sparql-results+xml"])
def test_a_format_parameter_overrides_any_accept_field(server: Server, accept: str) -> None:
    """openlink/virtuoso-opensource#715."""
    response, _ = server.get(SELECT, accept, format="tsv")
    assert response.headers.get_content_type() == "text/tab-separated-values"


def test_unknown_parameters_are_ignored(server: Server) -> None:
    """oxigraph/oxigraph#87, RDFLib/sparqlwrapper#82: the client sends parameters of all servers."""
    response, _ = server.get(SELECT, format="json", output="json", results="json", debug="on")
    assert response.status == 200


@pytest.mark.parametrize("header", ["queryid", "content-type, traceparent", "x-anything"])
def test_a_preflight_for_a_direct_post_passes(server: Server, header: str) -> None:
    """Sophox/sophox#35, aws/graph-explorer#393."""
    response, _ = server.ask(
        "OPTIONS",
        "/sparql",
        Origin="https://e.org",
        Access_Control_Request_Method="POST",
        Access_Control_Request_Headers=header,
    )
    assert response.status == 204
    assert "*" in response.headers["Access-Control-Allow-Headers"].split(", ")
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("report", "content_type"),
    [
        ("ad-freiburg/qlever#816", f"{FORM}; charset=utf-8"),
        ("dracor-org/dracor-api#56", f"{FORM}; charset=UTF-8"),
        ("frmichel/sparql-micro-service#20", f"{FORM};charset=utf-8"),
        ("ad-freiburg/qlever#816", f"{QUERY}; charset=utf-8"),
    ],
)
def test_a_content_type_may_have_parameters(server: Server, report: str, content_type: str) -> None:
    body = SELECT if content_type.startswith(QUERY) else urlencode({"query": SELECT})
    response, _ = server.ask("POST", "/sparql", body.encode(), Content_Type=content_type)
    assert response.status == 200, report


def values(body: bytes) -> list[Any]:
    return [row["x"]["value"] for row in json.loads(body)["results"]["bindings"]]


@pytest.mark.parametrize(
    ("report", "text"),
    [
        ("ad-freiburg/qlever#1493", "a && b & c = d"),
        ("ad-freiburg/qlever#1518", "a + b"),
        ("apache/jena#1745", "1+1"),
        ("blazegraph/database#224", "Curaçao, Ξένος, 漢字, 🦴"),
        ("spaziocodice/SolRDF#64", "a#b?c=d;e"),
        ("netwerk-digitaal-erfgoed/network-of-terms#772", "België %C3%AB"),
    ],
)
def test_every_way_to_send_a_query_keeps_its_characters(
    server: Server, report: str, text: str
) -> None:
    query = f'SELECT ?x {{ BIND("{text}" AS ?x) FILTER(true && true) }}'
    form = urlencode({"query": query})
    plain = quote(query, safe="")
    for body, content_type in ((query.encode(), QUERY), (form.encode(), FORM)):
        answer = server.ask("POST", "/sparql", body, Content_Type=content_type, Accept="*/*")[1]
        assert values(answer) == [text], report
    for target in (form, f"query={plain}"):
        assert values(server.ask("GET", f"/sparql?{target}", Accept="*/*")[1]) == [text], report
    # The address of the query page is the query's permalink.
    page = server.ask("GET", f"/query?{form}", Accept="text/html")[1].decode()
    shown = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert shown
    assert unescape(shown[1]).strip() == query, report


def test_percent_signs_in_a_name_are_kept(server: Server) -> None:
    """RDFLib/rdflib#1957, ontop/ontop#71: ``%20`` in a name does not become a space."""
    query = "PREFIX : <http://e.org/> SELECT ?x { VALUES ?x { :a%20b :Cote%20D%27Ivoire } }"
    names = ["http://e.org/a%20b", "http://e.org/Cote%20D%27Ivoire"]
    assert values(server.get(query)[1]) == names


def test_every_json_result_has_a_head(server: Server) -> None:
    """ad-freiburg/qlever#634."""
    for query in (SELECT, "ASK {}", "SELECT ?x { FILTER(false) }"):
        assert "head" in json.loads(server.get(query, "application/json")[1])


@pytest.mark.parametrize("character", ["&", "<", ">", '"', "'", "]]>", "\t", "\n"])
def test_markup_characters_in_values_are_escaped(server: Server, character: str) -> None:
    """AKSW/OntoWiki#226, RDFLib/rdflib#783."""
    text = f"a{character}b"
    literal = str(ox.Literal(text))
    query = f"SELECT ?x {{ BIND({literal} AS ?x) }}"
    tree = ElementTree.fromstring(server.get(query, "application/sparql-results+xml")[1])
    assert [e.text for e in tree.iter() if e.tag.endswith("}literal")] == [text]
    assert values(server.get(query)[1]) == [text]
    iri = "http://e.org/?a=1&b=2"
    tree = ElementTree.fromstring(
        server.get(f"SELECT (<{iri}> AS ?x) {{}}", "application/sparql-results+xml")[1]
    )
    assert [e.text for e in tree.iter() if e.tag.endswith("}uri")] == [iri]


@pytest.mark.parametrize(
    "target", ["/sparql", f"/sparql?query={quote(SELECT)}", "/", "/sparql?default"]
)
def test_head_tells_whether_the_service_is_up(server: Server, target: str) -> None:
    """RDFLib/prez#54: a client sends HEAD before it asks."""
    response, body = server.ask("HEAD", target, Accept="*/*")
    assert (response.status, body) == (200, b"")


def test_the_endpoint_without_a_query_describes_itself(server: Server) -> None:
    """comunica/comunica#1558, globalbioticinteractions/globalbioticinteractions#17."""
    response, body = server.ask("GET", "/sparql", Accept="text/turtle")
    assert response.status == 200
    assert b"sparql-service-description#" in body


def test_an_address_with_a_fragment_or_a_plus_sign_names_its_resource(server: Server) -> None:
    """w3c-cg/dpv#32, dbpedia/extraction-framework#475: "+" in a path does not become a space."""
    response, body = server.ask("GET", "/id/a+b", Accept="application/json")
    assert response.status == 404
    assert json.loads(body)["iri"].endswith("/id/a+b")


RAPPER = (
    "application/rdf+xml, text/rdf;q=0.6, application/n-triples, text/plain;q=0.1, text/turtle, "
    "text/n3;q=0.3, application/xml;q=0.3, text/html;q=0.2, application/xhtml+xml;q=0.8, */*;q=0.1"
)
LDFLEX = (
    "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,"
    "application/n-triples;q=0.8,text/turtle;q=0.5,*/*;q=0.1"
)


@pytest.mark.parametrize(
    ("report", "accept", "expected"),
    [
        ("zazukoians/trifid-ld#25", RAPPER, "text/turtle"),
        ("assemblee-virtuelle/semapps#98", LDFLEX, "application/ld+json"),
        ("LinkedDataFragments/Server.Java#54", LDFLEX, "application/ld+json"),
        ("openlink/virtuoso-opensource#264", "text/rdf+n3", "text/turtle"),
        ("openlink/virtuoso-opensource#264", "application/n-triples", "application/n-triples"),
        ("w3c/dxwg#1215", "application/ld+json", "application/ld+json"),
    ],
)
def test_a_client_of_linked_data_gets_rdf(
    server: Server, report: str, accept: str, expected: str
) -> None:
    response, _ = server.ask("GET", "/doc/id/CDMO_0000001", Accept=accept)
    assert response.headers.get_content_type() == expected, report


def test_a_graph_that_does_not_exist_is_not_found(server: Server) -> None:
    """BrightstarDB/BrightstarDB#282."""
    response, _ = server.ask("GET", "/sparql?graph=http%3A%2F%2Fe.org%2Fnone", Accept="*/*")
    assert response.status == 404


def test_tables_escape_characters_that_would_end_a_cell(server: Server) -> None:
    """ad-freiburg/qlever#912 and #3055, ontop/ontop#939, eclipse-rdf4j/rdf4j#5256."""
    text = 'a"b\tc\rd\ne,f'
    query = f"SELECT ?x ?y {{ VALUES (?x ?y) {{ ({ox.Literal(text)} UNDEF) (UNDEF 'g') }} }}"
    csv_text = server.get(query, "text/csv")[1].decode()
    rows = list(csv.reader(io.StringIO(csv_text, newline="")))
    assert rows == [["x", "y"], [text, ""], ["", "g"]]
    lines = server.get(query, "text/tab-separated-values")[1].decode().split("\n")
    assert lines[0] == "?x\t?y"
    cell, empty = lines[1].split("\t")
    assert empty == ""
    assert ox.parse(f"<a:a> <a:a> {cell} .", ox.RdfFormat.TURTLE).__next__().object == ox.Literal(
        text
    )
    assert lines[2] == '\t"g"'
    assert "\r" not in lines[1]
