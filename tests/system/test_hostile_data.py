"""Hostile data over sockets: every format has the same triples, or is a 406 with the reason."""

import json
import re
from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from service import formats, iris
from service.pipeline.foreign import graph_of, load

from .server import Server, running

TERM = "https://w3id.org/cdmo/id/CDMO_"
DATA = f"""\
PREFIX : <http://e/#>
PREFIX doi: <https://doi.org/>
PREFIX id: <http://e/id/>
PREFIX label: <http://e/label/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
:plain a <http://e/class/12> ; :p <doi:10.1/x> , id:a , "x"@en-GB , "a\\rb" , label:b .
:plain label:q "q" .
:controls :p "a\\u000Bb" .
:digits <http://e/p/12> "a property without a name" .
:spoken :p "x"@ar--rtl .
:quoting :p <<( :a :b :c )>> .
:comma :p <http://e/a,b> , "a,b" .
:nested :p [ :q "outer" ; :r [ :s "inner" ] ] .
<{TERM}1> rdfs:label "a\\u000Bb" .
<{TERM}2> rdfs:label "spoken"@ar--rtl .
<{TERM}3> rdfs:seeAlso <<( :a :b :c )>> .
"""
MANY = "".join(f"<http://many/{n}> <http://e/p> 'value number {n}' .\n" for n in range(5000))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("hostile")
    file = folder / "a.ttl"
    file.write_text(DATA + MANY)
    release = folder / "release"
    release.mkdir()
    with running(load({graph_of(file): file}, release).path) as server:
        yield server


def refusal(server: Server, query: str, media_type: str) -> str:
    """Return the reason for a refusal; no part of the result may be sent."""
    response, body = server.get(query, media_type)
    assert response.status == 406, body[:500]
    problem = json.loads(body)
    assert "text/turtle" in problem["offers"] or "text/csv" in problem["offers"]
    return str(problem["detail"])


def triples(server: Server, query: str, fmt: formats.Format) -> ox.Dataset:
    response, body = server.get(query, fmt.media_type)
    assert response.status == 200, body
    parsed = ox.parse(body, ox.RdfFormat.from_media_type(fmt.media_type))
    dataset = ox.Dataset(ox.Quad(*quad.triple) for quad in parsed)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


@pytest.mark.parametrize("form", ["DESCRIBE <{0}>", "CONSTRUCT WHERE {{ <{0}> ?p ?o }}"])
@pytest.mark.parametrize(
    ("name", "fmt", "reason"),
    [
        ("controls", formats.RDF_XML, r'control characters: "a\u000Bb"'),
        ("digits", formats.RDF_XML, "does not end in a name: <http://e/p/12>"),
        ("spoken", formats.RDF_XML, 'the direction of a text: "x"@ar--rtl'),
        ("quoting", formats.RDF_XML, "triple terms: <http://e/#a> <http://e/#b>"),
        ("spoken", formats.JSON_LD, 'the direction of a text: "x"@ar--rtl'),
        ("quoting", formats.JSON_LD, "triple terms: <http://e/#a> <http://e/#b>"),
    ],
)
def test_a_term_that_a_format_cannot_hold_is_refused_and_named(
    server: Server, form: str, name: str, fmt: formats.Format, reason: str
) -> None:
    detail = refusal(server, form.format(f"http://e/#{name}"), fmt.media_type)
    assert detail.startswith(f"{fmt.label} cannot hold ")
    assert reason in detail


@pytest.mark.parametrize("name", ["plain", "comma", "nested"])
@pytest.mark.parametrize("form", ["DESCRIBE <{0}>", "CONSTRUCT WHERE {{ <{0}> ?p ?o }}"])
def test_every_format_holds_the_same_triples(server: Server, form: str, name: str) -> None:
    query = form.format(f"http://e/#{name}")
    graphs = [triples(server, query, fmt) for fmt in formats.GRAPHS]
    assert len(graphs[0]) > 0
    assert all(graph == graphs[0] for graph in graphs)


def test_a_long_result_is_refused_before_any_of_it_is_sent(server: Server) -> None:
    query = """CONSTRUCT { ?s ?p ?o . ?s <http://e/q> ?text } WHERE { ?s ?p ?o
        FILTER(STRSTARTS(STR(?s), "http://many/"))
        BIND(IF(?s = <http://many/4999>, "\\u000B", "") AS ?text) } ORDER BY ?o"""
    assert "control characters" in refusal(server, query, "application/rdf+xml")
    rows = query.replace("CONSTRUCT { ?s ?p ?o . ?s <http://e/q> ?text }", "SELECT ?s ?text")
    assert "control characters" in refusal(server, rows, "application/sparql-results+xml")
    untagged = query.replace('"\\u000B"', f'STRDT("x", <{iris.RDF}langString>)')
    for fmt in formats.GRAPHS:
        response, body = server.get(untagged, fmt.media_type)
        assert response.status == 406
        assert b"No format of RDF can hold" in body


def test_a_long_rdf_xml_result_comes_whole(server: Server) -> None:
    query = 'CONSTRUCT { ?s ?p ?o } { ?s ?p ?o FILTER(STRSTARTS(STR(?s), "http://many/")) }'
    assert len(triples(server, query, formats.RDF_XML)) == 5000


def test_documents_are_refused_too(server: Server) -> None:
    for name, suffix, status in [
        ("1", "rdf", 406), ("1", "jsonld", 200), ("1", "ttl", 200), ("1", "html", 200),
        ("2", "rdf", 406), ("2", "jsonld", 406), ("2", "nt", 200), ("2", "html", 200),
        ("3", "rdf", 406), ("3", "jsonld", 406), ("3", "nt", 200), ("3", "html", 200),
    ]:  # fmt: skip
        response, body = server.ask("GET", f"/doc/id/CDMO_{name}.{suffix}", Accept="*/*")
        assert response.status == status, (name, suffix, body)
        assert status == 200 or b"cannot hold" in body


def test_a_blank_node_is_described_by_its_triples(server: Server) -> None:
    outer = triples(server, "DESCRIBE ?x { ?x <http://e/#q> 'outer' }", formats.TURTLE)
    assert len(outer) == 3
    inner = triples(server, "DESCRIBE ?x { ?x <http://e/#s> 'inner' }", formats.N_TRIPLES)
    assert len(inner) == 1


def test_an_iri_with_a_comma_is_one_value_of_csv(server: Server) -> None:
    _, body = server.get("SELECT ?o { <http://e/#comma> ?p ?o } ORDER BY ?o", "text/csv")
    assert body == b'o\r\n"http://e/a,b"\r\n"a,b"\r\n'


# -- language tags: RDF 1.1 Concepts §3.3 -----------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "matches"),
    [
        ('?o = "x"@en-GB', True),
        ('?o = "x"@EN-gb', True),
        ('sameTerm(?o, "x"@en-Gb)', True),
        ('LANGMATCHES(LANG(?o), "en-GB")', True),
        ('LANGMATCHES(LANG(?o), "EN")', True),
        ('LANG(?o) = "en-gb"', True),
        ('LANG(?o) = LCASE("en-GB")', True),
        ('LANG(?o) = "en-GB"', False),
    ],
)
def test_tags_are_the_same_in_any_case_and_lang_is_lower_case(
    server: Server, condition: str, matches: bool
) -> None:
    query = f"ASK {{ <http://e/#plain> ?p ?o FILTER({condition}) }}"
    _, body = server.get(query, "application/sparql-results+json")
    assert json.loads(body)["boolean"] is matches


@pytest.mark.parametrize("tag", ["en-GB", "en-gb", "EN-GB"])
def test_a_pattern_finds_text_by_its_tag_in_any_case(server: Server, tag: str) -> None:
    _, body = server.get(f'SELECT ?s {{ ?s ?p "x"@{tag} }}', "text/csv")
    assert body == b"s\r\nhttp://e/#plain\r\n"


def test_every_format_writes_tags_in_lower_case(server: Server) -> None:
    for fmt in formats.GRAPHS:
        _, body = server.get("DESCRIBE <http://e/#plain>", fmt.media_type)
        assert re.search(rb"en-gb", body)
        assert b"en-GB" not in body
    for fmt in (formats.JSON, formats.XML, formats.TSV):
        _, body = server.get("SELECT ?o { <http://e/#plain> ?p ?o }", fmt.media_type)
        assert b"en-gb" in body
