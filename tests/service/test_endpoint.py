"""The endpoint without HTTP: the plan of a query (formats, entity tag), and its result."""

from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from dataclasses import replace

import pytest

from service import formats
from service.endpoint import Endpoint
from service.engine.pool import Pool
from service.problems import (
    BadRequest,
    MalformedQuery,
    NotAcceptable,
    QueryTimeout,
    ResultTooLarge,
)
from service.release import Release
from service.settings import Settings
from service.sparql.protocol import Query

from ..system.server import running_endpoint

ASK = Query("ASK {}")
RUNAWAY = Query("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")


@pytest.fixture(scope="module")
def endpoint(small_release: Release) -> Iterator[Endpoint]:
    settings = Settings(engine_workers=2, query_seconds=20)
    with running_endpoint(small_release, settings) as endpoint:
        yield endpoint


def unstarted(release: Release) -> Endpoint:
    return Endpoint(release, Pool(release, Settings()))


# -- plans ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "solutions", "graph"),
    [
        (None, formats.JSON, formats.TURTLE),
        ("*/*", formats.JSON, formats.TURTLE),
        ("text/csv", formats.CSV, None),
        ("application/n-triples", None, formats.N_TRIPLES),
        ("text/csv, text/turtle", formats.CSV, formats.TURTLE),
    ],
)
def test_a_plan_has_a_format_for_each_kind_of_result(
    small_release: Release,
    accept: str | None,
    solutions: formats.Format | None,
    graph: formats.Format | None,
) -> None:
    plan = unstarted(small_release).plan(ASK, accept)
    assert plan.accepted == (solutions, graph)


def test_the_format_parameter_overrides_accept(small_release: Release) -> None:
    plan = unstarted(small_release).plan(ASK._replace(formats=("csv",)), "text/turtle")
    assert plan.accepted == (formats.CSV, None)


def test_several_names_of_one_format_choose_it(small_release: Release) -> None:
    """SPARQLWrapper sends ``format`` twice: a short name, and media types."""
    names = ("json-ld", "application/ld+json", "application/x-json+ld")
    plan = unstarted(small_release).plan(ASK._replace(formats=names), None)
    assert plan.accepted == (None, formats.JSON_LD)


def test_names_of_two_formats_are_refused(small_release: Release) -> None:
    with pytest.raises(BadRequest, match="csv, tsv"):
        unstarted(small_release).plan(ASK._replace(formats=("tsv", "csv")), None)


@pytest.mark.parametrize(("accept", "names"), [("image/png", ()), (None, ("docx",))])
def test_without_an_acceptable_format_there_is_no_plan(
    small_release: Release, accept: str | None, names: tuple[str, ...]
) -> None:
    with pytest.raises(NotAcceptable) as refused:
        unstarted(small_release).plan(ASK._replace(formats=names), accept)
    assert "text/csv" in refused.value.extras["offers"]
    assert "text/turtle" in refused.value.extras["offers"]


def test_the_same_result_has_the_same_tag_and_another_result_another(
    small_release: Release,
) -> None:
    endpoint = unstarted(small_release)
    same = [endpoint.plan(ASK, accept).etag for accept in (None, "*/*")]
    assert same[0] == same[1]
    others = [
        endpoint.plan(Query("ASK { }"), None),
        endpoint.plan(ASK._replace(default_graphs=("http://e/a",)), None),
        endpoint.plan(ASK._replace(named_graphs=("http://e/a",)), None),
        endpoint.plan(ASK, "text/csv"),
        Endpoint(
            replace(small_release, manifest=replace(small_release.manifest, digest="0" * 64)),
            endpoint.pool,
        ).plan(ASK, None),
    ]
    tags = {same[0], *(plan.etag for plan in others)}
    assert len(tags) == 6
    assert all(tag and tag.startswith('W/"') for tag in tags)


def test_a_result_that_may_change_has_no_tag(small_release: Release) -> None:
    plan = unstarted(small_release).plan(Query("SELECT (NOW() AS ?t) {}"), None)
    assert plan.etag is None
    assert ("Cache-Control", "no-store") in plan.validators()


# -- results ----------------------------------------------------------------------------------


def test_another_thread_waits_for_a_whole_result(endpoint: Endpoint) -> None:
    plan = endpoint.plan(ASK, "text/csv")
    result, body = endpoint.wait(endpoint.answer_whole(plan))
    assert (result.kind, result.format, body) == ("boolean", formats.CSV, b"true")
    assert dict(plan.headers(result))["Content-Type"] == "text/csv; charset=utf-8"


def test_another_thread_gets_the_problem_of_a_query(endpoint: Endpoint) -> None:
    with pytest.raises(MalformedQuery):
        endpoint.wait(endpoint.answer_whole(endpoint.plan(Query("SELEC"), None)))


def test_the_timeout_of_a_query_holds(endpoint: Endpoint) -> None:
    plan = endpoint.plan(RUNAWAY._replace(timeout_seconds=0.1), None)
    with pytest.raises(QueryTimeout):
        endpoint.wait(endpoint.answer_whole(plan))


def test_a_caller_may_limit_the_size_of_a_result(endpoint: Endpoint) -> None:
    plan = endpoint.plan(Query("SELECT * { ?s ?p ?o }"), None)
    with pytest.raises(ResultTooLarge):
        endpoint.wait(endpoint.answer_whole(plan, max_bytes=1000))


def test_a_disconnect_cancels_the_query(endpoint: Endpoint) -> None:
    disconnect: Future[None] = Future()
    loop = endpoint.pool.loop
    loop.call_soon_threadsafe(loop.call_later, 0.1, disconnect.set_result, None)
    with pytest.raises(CancelledError):
        endpoint.wait(endpoint.answer_whole(endpoint.plan(RUNAWAY, None)), disconnect)
