"""``/sparql`` is the same whether the release's own store or another engine answers.

Each test runs on Fuseki, ``oxigraph serve`` and Virtuoso.
"""

import json
import time
from http.client import IncompleteRead
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from rdflib import BNode, Graph

from service import formats
from service.formats import Format
from service.pipeline import integrity
from service.pipeline.loading import load
from service.release import Release, open_store
from service.sources import locate
from tests.system.server import Server, running, wait_until

from .engines import Engine

pytestmark = pytest.mark.slow

QUESTIONS = {question.name: question for question in integrity.questions(load(locate())[0].store)}
UNANSWERED = {
    name: reason
    for line in (Path(__file__).parent / "virtuoso.tsv").read_text().splitlines()
    for name, reason in [line.split("\t")]
}
"""Questions that Virtuoso does not answer, or answers in another order, with the reason."""
TERM = "https://w3id.org/cdmo/id/CDMO_0000001"
TRIPLES = f"CONSTRUCT {{ <{TERM}> ?p ?o }} WHERE {{ <{TERM}> ?p ?o }}"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
FLOOD = "SELECT ?a ?b ?c ?d ?e { ?a ?b ?c . ?d ?e ?f }"


def problem(body: bytes) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(body)
    return document


# -- the same answers ------------------------------------------------------------------------


def test_the_list_of_exceptions_for_virtuoso_names_questions() -> None:
    assert UNANSWERED.keys() <= QUESTIONS.keys()


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_competency_question_has_the_answer_of_the_default_engine(
    name: str, server: Server, engine: Engine, real_release: Release, request: pytest.FixtureRequest
) -> None:
    if engine.name == "virtuoso" and name in UNANSWERED:
        mark = pytest.mark.xfail(reason=UNANSWERED[name], strict=True)
        request.applymarker(mark)
    response, body = server.get(QUESTIONS[name].query, "text/csv")
    assert response.status == 200, body
    expected = integrity.answer(open_store(real_release), QUESTIONS[name].query)
    assert body.decode().replace("\r", "") == expected.replace("\r", "")


def test_queries_that_virtuoso_answers_wrongly_are_refused_with_the_reason(
    server: Server, engine: Engine
) -> None:
    if engine.name != "virtuoso":
        pytest.skip("of Virtuoso")
    for query, construct in (
        ("SELECT ?c { ?c <http://e.org/p>* ?d }", "property paths"),
        ("ASK { ?s ?p ?o FILTER NOT EXISTS { ?o ?q ?s } }", "EXISTS"),
        ("SELECT ?s { ?s ?p ?o MINUS { ?o ?q ?s } }", "MINUS"),
        ("SELECT ?s { ?s ?p ?o } ORDER BY ?o LIMIT 1", "ORDER BY"),
    ):
        response, body = server.get(query)
        assert response.status == 501
        assert problem(body)["type"] == "/problems/remote-unfit"
        assert construct in problem(body)["construct"]


# -- protocol and formats --------------------------------------------------------------------


def test_the_default_graph_is_the_union_of_the_releases_graphs(
    server: Server, real_release: Release
) -> None:
    """Other graphs in the store are left out."""
    _, body = server.get("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "text/csv")
    union = {quad.triple for quad in open_store(real_release)}
    assert int(body.split()[1]) == len(union)
    _, body = server.get("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }", "text/csv")
    assert {*body.decode().split()[1:]} == {*real_release.manifest.graphs}


@pytest.mark.parametrize("chosen", ["FROM", "default-graph-uri"])
def test_a_query_or_a_request_chooses_graphs(
    server: Server, real_release: Release, chosen: str
) -> None:
    graph = "https://w3id.org/cdmo/graph/stated"
    clause, parameters = (f"FROM <{graph}>", {}) if chosen == "FROM" else ("", {chosen: graph})
    query = f"SELECT (COUNT(*) AS ?n) {clause} WHERE {{ ?s ?p ?o }}"
    _, body = server.get(query, "text/csv", **parameters)
    assert int(body.split()[1]) == real_release.manifest.graphs[graph]


@pytest.mark.parametrize("fmt", formats.SOLUTIONS, ids=lambda fmt: fmt.name)
def test_solutions_and_booleans_come_in_each_format(server: Server, fmt: Format) -> None:
    for query in ("SELECT * { ?s ?p ?o } LIMIT 3", "ASK { ?s ?p ?o }"):
        response, body = server.get(query, fmt.media_type)
        assert response.status == 200, body
        assert response.headers.get_content_type() == fmt.media_type
        if fmt.name in {"json", "xml"}:
            parsed = ox.parse_query_results(body, getattr(ox.QueryResultsFormat, fmt.name.upper()))
            if isinstance(parsed, ox.QueryBoolean):
                assert bool(parsed)
            else:
                assert [v.value for v in parsed.variables] == ["s", "p", "o"]
                assert len([*parsed]) == 3


@pytest.mark.parametrize("fmt", formats.GRAPHS, ids=lambda fmt: fmt.name)
def test_graphs_come_in_each_format(server: Server, real_release: Release, fmt: Format) -> None:
    response, body = server.get(TRIPLES, fmt.media_type)
    assert response.headers.get_content_type() == fmt.media_type, body
    parsed = ox.parse(body, ox.RdfFormat.from_media_type(fmt.media_type))
    store = open_store(real_release)
    expected = {q.triple for q in store.quads_for_pattern(ox.NamedNode(TERM), None, None)}
    assert len({quad.triple for quad in parsed}) == len(expected)


def test_values_are_the_same_as_in_the_release(server: Server, real_release: Release) -> None:
    """Every sort of literal keeps its lexical form, datatype and language."""
    graph = ox.NamedNode("https://w3id.org/cdmo/graph/claims")
    query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}"
    _, body = server.get(query, "application/n-triples")
    expected = {
        q.triple for q in open_store(real_release).quads_for_pattern(None, None, None, graph)
    }
    assert {quad.triple for quad in ox.parse(body, ox.RdfFormat.N_TRIPLES)} == expected


def test_describe_has_the_triples_of_the_document(server: Server) -> None:
    _, body = server.get(f"DESCRIBE <{TERM}>", "text/turtle")
    _, document = server.ask("GET", "/doc/id/CDMO_0000001.ttl")
    assert named(Graph().parse(data=body)) == named(Graph().parse(data=document))


def named(graph: Graph) -> set[tuple[str, ...]]:
    """Return the triples of a graph, with one name for all blank nodes."""
    return {tuple("" if isinstance(t, BNode) else t.n3() for t in triple) for triple in graph}


def test_columns_of_select_all_are_in_the_order_of_the_query(server: Server) -> None:
    _, body = server.get("SELECT * { ?z ?a ?m } LIMIT 1", "text/csv")
    assert body.split()[0] == b"z,a,m"


def test_a_graph_without_triples_is_a_result(server: Server) -> None:
    query = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o . ?s ?p <urn:nowhere> }"
    response, body = server.get(query, "application/n-triples")
    assert (response.status, body) == (200, b"")


# -- refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "status", "slug"),
    [
        ("SELECT ?s WHER { ?s ?p ?o }", 400, "malformed-query"),
        ("DEFINE get:soft 'soft' ASK {}", 400, "malformed-query"),
        ("SELECT (bif:sprintf('%s', 1) AS ?x) {}", 400, "malformed-query"),
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", 403, "update-refused"),
        ("ASK { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", 403, "service-refused"),
        ("ASK FROM <http://127.0.0.1:1/> { ?s ?p ?o }", 403, "graph-refused"),
    ],
)
def test_refused_queries_never_reach_the_engine(
    server: Server, query: str, status: int, slug: str
) -> None:
    response, body = server.get(query)
    assert (response.status, problem(body)["type"]) == (status, f"/problems/{slug}")


# -- limits ----------------------------------------------------------------------------------


def test_a_query_over_its_time_limit_is_stopped(server: Server) -> None:
    response, body = server.get(RUNAWAY, timeout="2")
    assert response.status == 503
    assert problem(body)["type"] == "/problems/query-timeout"


def test_a_stopped_query_does_not_go_on_in_the_engine(server: Server, engine: Engine) -> None:
    if engine.name == "oxigraph":
        pytest.xfail("oxigraph serve has no limit of a query's own: start it with --timeout-s")
    server.get(RUNAWAY, timeout="2")
    assert wait_until(lambda: is_idle(engine), 30)


def is_idle(engine: Engine) -> bool:
    """Tell whether a process uses no processor time for a while."""

    def ticks() -> int:
        fields = Path(f"/proc/{engine.process.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    before = ticks()
    time.sleep(1)
    return ticks() - before < 20


def test_a_result_over_its_size_is_a_problem(engine: Engine, real_release: Release) -> None:
    with running(real_release.path, endpoints=engine.url, max_result_bytes="20000") as small:
        response, body = small.get("SELECT * { ?s ?p ?o }")
        assert response.status == 503
        assert problem(body)["type"] == "/problems/result-too-large"


def test_a_large_result_that_is_stopped_breaks_off_visibly(server: Server) -> None:
    try:
        response, body = server.get(FLOOD, timeout="3")
    except (IncompleteRead, ConnectionError):
        return
    assert response.status == 503, f"{response.status}: {body[:200]!r} … {body[-200:]!r}"


# -- operation -------------------------------------------------------------------------------


def test_readyz_names_the_engine_and_its_release(server: Server, engine: Engine) -> None:
    _, body = server.ask("GET", "/readyz")
    assert body.decode().lower() == f"ok\nengine 1: up, {engine.name}, holds this release\n"


def test_an_answer_has_an_entity_tag_if_the_engine_holds_the_release(server: Server) -> None:
    response, _ = server.get("SELECT * { ?s ?p ?o } LIMIT 1")
    assert response.headers["ETag"]


def test_pages_and_searches_stay_with_the_release(server: Server) -> None:
    for target in (
        "/",
        "/doc/id/CDMO_0000001.json",
        "/search.json?q=CK",
        "/statements.json?limit=1",
    ):
        assert server.ask("GET", target)[0].status == 200
