"""An engine's response becomes a whole result or a problem, never a part that looks whole."""

import asyncio
import gzip
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from service import formats
from service.endpoint import Endpoint
from service.engine.pool import Formats
from service.problems import Problem
from service.release import Release
from service.settings import Settings
from service.sparql.protocol import Query
from tests.system.server import running_endpoint

from .fake_engine import (
    JSON,
    UNMARKED,
    XML,
    FakeEngine,
    chunked,
    fake_engine,
    marked,
    response,
)

ROW = b'{"s": {"type": "literal", "value": "v"}}'
BEGIN = b'{"head": {"vars": ["s"]}, "results": {"bindings": ['
RESULT = BEGIN + ROW + b"]}}"
LARGE = BEGIN + b",".join([ROW.replace(b'"v"', b'"%s"' % (b"v" * 100))] * 20_000)
TRIPLE = b"<http://e.org/s> <http://e.org/p> <http://e.org/o> .\n"
CANCELLED = b"\n##  Query cancelled due to timeout during execution   ##\n"
N_TRIPLES = "application/n-triples"
VIRTUOSO = "Server: Virtuoso/07.20.3229 (Linux) x86_64-pc-linux-gnu"

SELECT = "SELECT ?s { ?s ?p ?o }"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


class Asker:
    """Our endpoint in front of one engine or two."""

    def __init__(self, endpoint: Endpoint, *engines: FakeEngine) -> None:
        self.endpoint = endpoint
        self.engines = engines

    def ask(self, text: str, seconds: float | None = None) -> bytes:
        """Return the result of a query in CSV or N-Triples."""

        async def run() -> bytes:
            accepted = Formats(formats.CSV, formats.N_TRIPLES)
            query = Query(text, timeout_seconds=seconds)
            result = await self.endpoint.pool.run(query, accepted)
            try:
                return await result.whole()
            finally:
                result.close()

        return self.endpoint.wait(run())


@contextmanager
def asker(release: Release, *engines: FakeEngine) -> Iterator[Asker]:
    urls = ",".join(engine.url for engine in engines)
    with running_endpoint(release, Settings(endpoints=urls)) as endpoint:
        yield Asker(endpoint, *engines)


@pytest.fixture(scope="module")
def started(small_release: Release) -> Iterator[tuple[Asker, Asker]]:
    with (
        fake_engine() as one,
        fake_engine() as first,
        fake_engine() as second,
        asker(small_release, one) as alone,
        asker(small_release, first, second) as pair,
    ):
        yield alone, pair


@pytest.fixture
def alone(started: tuple[Asker, Asker]) -> Asker:
    for engine in started[0].engines:
        engine.reset()
    return started[0]


@pytest.fixture
def pair(started: tuple[Asker, Asker]) -> Asker:
    for engine in started[1].engines:
        engine.reset()
    return started[1]


# -- whole results ---------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [response(RESULT), chunked(RESULT[:9], RESULT[9:])])
def test_a_whole_result_is_passed_on(alone: Asker, sent: bytes) -> None:
    alone.engines[0].script = [sent]
    assert alone.ask(SELECT) == b"s\r\nv\r\n"


def test_a_whole_graph_is_passed_on(alone: Asker) -> None:
    alone.engines[0].script = [response(TRIPLE, N_TRIPLES)]
    assert alone.ask(CONSTRUCT) == TRIPLE


def test_a_query_is_sent_with_the_graphs_of_the_release_and_a_base(
    alone: Asker, small_release: Release
) -> None:
    alone.engines[0].script = [response(RESULT)]
    alone.ask(SELECT)
    asked = alone.engines[0].asked[0]
    graphs = sorted(small_release.manifest.all_graphs)
    assert asked["default-graph-uri"] == asked["named-graph-uri"] == graphs
    assert asked["query"] == [f"BASE <https://w3id.org/cdmo/> {SELECT}"]
    assert "timeout" not in asked, "an engine that is not known has no such parameter"


@pytest.mark.parametrize(
    ("before", "sent"),
    [
        ("BASE <https://e.org/> ", "BASE <https://e.org/> "),
        ("BASE <e/> ", "BASE <https://w3id.org/cdmo/> BASE <e/> "),
        ("PREFIX b: <base:> ", "BASE <https://w3id.org/cdmo/> PREFIX b: <base:> "),
    ],
)
def test_a_query_with_a_base_of_its_own_keeps_it(alone: Asker, before: str, sent: str) -> None:
    """Virtuoso accepts only one."""
    engine = alone.engines[0]
    engine.script = [response(RESULT)]
    alone.ask(before + SELECT)
    assert engine.asked[0]["query"] == [sent + SELECT]


def test_the_time_limit_is_sent_to_an_engine_that_has_one(small_release: Release) -> None:
    with fake_engine() as fuseki:
        fuseki.health = response(UNMARKED, XML, "200 OK", "Fuseki-Request-Id: 7")
        fuseki.script = [response(RESULT)]
        with asker(small_release, fuseki) as known:
            known.ask(SELECT, seconds=3)
    assert fuseki.asked[0]["timeout"] == ["3"]


def test_a_malformed_query_is_not_sent(alone: Asker) -> None:
    with pytest.raises(Problem) as caught:
        alone.ask("SELECT ?s WHERE { ")
    assert caught.value.slug == "malformed-query"
    assert not alone.engines[0].asked


# -- parts, wrong results and failures -------------------------------------------------------

FAULTS = {
    "nothing": b"",
    "no HTTP": b"hello\r\n\r\n",
    "an error": response(b"oops", "text/plain", "500 Internal Server Error"),
    "a redirect": response(b"", JSON, "302 Found", "Location: http://127.0.0.1:1/"),
    "another media type": response(RESULT, "text/html"),
    "a body that is none": response(b"<html>", JSON),
    "compression": response(gzip.compress(RESULT), JSON, "200 OK", "Content-Encoding: gzip"),
    "no end": response(RESULT, framed=False),
    "a cut body": response(RESULT)[:-10],
    "a cut chunk": chunked(RESULT)[:-15],
    "no last chunk": chunked(RESULT, end=b""),
    "a cut document": response(RESULT[:-3]),
    "a message in place of the rest": chunked(BEGIN + ROW + CANCELLED),
    "something after the end": response(RESULT + b"{}"),
    "another kind": response(b'{"head": {}, "boolean": true}'),
    "other variables": response(RESULT.replace(b'"s"', b'"t"')),
    "a value that is none": response(RESULT.replace(b"literal", b"thing")),
    "an IRI that is none": response(RESULT.replace(b"literal", b"uri")),
}


@pytest.mark.parametrize("name", FAULTS)
def test_an_incomplete_or_wrong_result_is_a_problem(alone: Asker, name: str) -> None:
    alone.engines[0].script = [FAULTS[name]]
    with pytest.raises(Problem) as caught:
        alone.ask(SELECT)
    assert (caught.value.slug, caught.value.status) == ("remote-fault", 502)
    assert str(alone.engines[0].port) not in caught.value.detail, (
        "clients do not see where engines are"
    )


GRAPH_FAULTS = {
    "a line that is cut": response(TRIPLE + TRIPLE[:30], N_TRIPLES),
    "a last line that may be cut": response(TRIPLE + TRIPLE[:-1], N_TRIPLES),
    "a message in place of the rest": chunked(TRIPLE, CANCELLED, media_type=N_TRIPLES),
    "no last chunk": chunked(TRIPLE, media_type=N_TRIPLES, end=b""),
    "no N-Triples": response(b"@prefix : <x> .\n", N_TRIPLES),
}


@pytest.mark.parametrize("name", GRAPH_FAULTS)
def test_an_incomplete_or_wrong_graph_is_a_problem(alone: Asker, name: str) -> None:
    alone.engines[0].script = [GRAPH_FAULTS[name]]
    with pytest.raises(Problem) as caught:
        alone.ask(CONSTRUCT)
    assert caught.value.slug == "remote-fault"


@pytest.mark.parametrize("field", ["X-SQL-State: S1TAT", "X-SPARQL-MaxRows: 10000"])
def test_a_partial_result_of_virtuoso_is_a_problem(small_release: Release, field: str) -> None:
    with fake_engine() as virtuoso:
        virtuoso.health = response(UNMARKED, XML, "200 OK", VIRTUOSO)
        body = UNMARKED.replace(b'"digest"', b'"s"')
        virtuoso.script = [response(body, XML, "200 OK", VIRTUOSO, field)]
        with asker(small_release, virtuoso) as known, pytest.raises(Problem) as caught:
            known.ask(SELECT)
    assert caught.value.slug == "remote-fault"


def test_the_comment_of_virtuoso_for_an_empty_graph_is_an_empty_graph(
    small_release: Release,
) -> None:
    with fake_engine() as virtuoso:
        virtuoso.health = response(UNMARKED, XML, "200 OK", VIRTUOSO)
        virtuoso.script = [response(b"# Empty NT\n", N_TRIPLES, "200 OK", VIRTUOSO)]
        with asker(small_release, virtuoso) as known:
            assert known.ask(CONSTRUCT) == b""


def test_a_silent_engine_is_left_at_the_time_limit(alone: Asker) -> None:
    engine = alone.engines[0]
    engine.script, engine.stays_silent = [b""], True
    with pytest.raises(Problem) as caught:
        alone.ask(SELECT, seconds=1)
    assert caught.value.slug == "query-timeout"
    assert engine.left.wait(10)


@pytest.mark.parametrize("size", [100, 20_000])
def test_an_engine_that_stalls_within_a_result_is_left_at_the_time_limit(
    alone: Asker, size: int
) -> None:
    """A pause alone is no fault: an engine may look for a row until the time limit."""
    engine = alone.engines[0]
    engine.script, engine.stays_silent = [chunked(BEGIN + b",".join([ROW] * size), end=b"")], True
    with pytest.raises(Problem) as caught:
        alone.ask(SELECT, seconds=1)
    assert caught.value.slug == "query-timeout"
    assert engine.left.wait(10)


def test_a_cancelled_query_closes_the_connection_to_the_engine(alone: Asker) -> None:
    engine = alone.engines[0]
    engine.script, engine.stays_silent = [b""], True

    async def run() -> None:
        accepted = Formats(formats.CSV, None)
        asking = asyncio.create_task(alone.endpoint.pool.run(Query(SELECT), accepted))
        while not engine.asked:
            await asyncio.sleep(0.02)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    alone.endpoint.wait(run())
    assert engine.left.wait(10)


# -- several engines -------------------------------------------------------------------------


@pytest.mark.parametrize("name", FAULTS)
def test_another_engine_is_asked_if_one_fails(pair: Asker, name: str) -> None:
    first, second = pair.engines
    first.script, second.script = [FAULTS[name]], [response(RESULT)]
    assert pair.ask(SELECT) == b"s\r\nv\r\n"


def test_a_short_result_that_breaks_off_is_fetched_from_another_engine(pair: Asker) -> None:
    first, second = pair.engines
    first.script = [chunked(BEGIN + b",".join([ROW] * 100), end=b"")]
    second.script = [response(RESULT)]
    assert pair.ask(SELECT) == b"s\r\nv\r\n"


def test_a_long_result_that_breaks_off_breaks_off_for_the_client(pair: Asker) -> None:
    """A part has been sent; another engine cannot continue it."""
    first, second = pair.engines
    first.script, second.script = [chunked(LARGE, end=b"")], [response(LARGE + b"]}}")]
    with pytest.raises(Problem) as caught:
        pair.ask(SELECT)
    assert caught.value.slug == "remote-fault"
    assert not second.asked


def test_another_engine_is_asked_if_one_stands_still(pair: Asker) -> None:
    first, second = pair.engines
    first.stands_still, second.script = True, [response(RESULT)]
    retries = pair.endpoint.pool.replicas.retries
    assert pair.ask(SELECT) == b"s\r\nv\r\n"
    assert pair.endpoint.pool.replicas.retries in {retries, retries + 1}, "a check may be sooner"


def test_an_engine_that_is_down_is_not_asked(small_release: Release) -> None:
    with fake_engine() as engine:
        engine.script = [response(RESULT)]
        with asker(small_release, FakeEngine(1), engine) as some:
            assert some.endpoint.pool.replicas.report()[0] == "engine 1: down"
            assert [replica.number for replica in some.endpoint.pool.replicas.in_order()] == [2]
            assert some.ask(SELECT) == b"s\r\nv\r\n"


def test_an_engine_with_another_release_is_asked_last(small_release: Release) -> None:
    with fake_engine() as other, fake_engine() as same:
        other.health = response(marked("0" * 64), XML)
        same.health = response(marked(small_release.manifest.digest), XML)
        with asker(small_release, other, same) as some:
            replicas = some.endpoint.pool.replicas
            assert [replica.number for replica in replicas.in_order()] == [2]
            assert replicas.hold_the_release
        with asker(small_release, other) as some:
            assert not some.endpoint.pool.replicas.hold_the_release
            assert some.endpoint.plan(Query(SELECT), None).etag is None
