"""The pool: queries end at their limits, and disturb no other query."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from service import formats, iris
from service.engine import pool as pool_module
from service.engine.pool import TURNS, Formats, Pool
from service.pipeline.foreign import load
from service.problems import (
    EngineFault,
    MalformedQuery,
    NotAcceptable,
    Problem,
    QueryCancelled,
    QueryTimeout,
    QueryTooCostly,
    QueueFull,
    ResultTooLarge,
    ServiceRefused,
)
from service.release import Release
from service.settings import Settings
from service.sparql.protocol import Query

SETTINGS = Settings(
    query_seconds=1.0, query_memory_bytes=150_000_000, max_result_bytes=3_000_000, max_waiting=2
)
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
FLOOD = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
JSON = Formats(formats.JSON, formats.TURTLE)
CSV = Formats(formats.CSV, formats.N_TRIPLES)
TSV = Formats(formats.TSV, formats.N_TRIPLES)  # the fastest writer, since it is the engine's own

Test = Callable[[Pool], Awaitable[None]]


@contextlib.asynccontextmanager
async def running(release: Release, settings: Settings = SETTINGS) -> AsyncIterator[Pool]:
    pool = Pool(release, settings)
    await pool.start()
    try:
        yield pool
    finally:
        await pool.close()


def run(release: Release, test: Test, settings: Settings = SETTINGS) -> None:
    """Run a test on a new pool, in an event loop of its own."""

    async def main() -> None:
        async with running(release, settings) as pool:
            await test(pool)

    asyncio.run(main())


async def ask(pool: Pool, text: str, accepted: Formats = JSON, **more: Any) -> bytes:
    """Return the whole result of a query."""
    result = await pool.run(Query(text, **more), accepted)
    try:
        return await result.whole()
    finally:
        result.close()


async def value(pool: Pool, number: int) -> str:
    return (await ask(pool, f"SELECT ({number} AS ?n) {{}}", CSV)).decode().split()[1]


def workers(pool: Pool) -> set[int]:
    children = Path(f"/proc/{pool.host_pid}/task/{pool.host_pid}/children")
    return {int(pid) for pid in children.read_text().split()}


# -- the kind of the result chooses the format ----------------------------------------------------


@pytest.mark.parametrize(
    ("query", "kind", "name"),
    [
        ("ASK {}", "boolean", "json"),
        ("SELECT * {} LIMIT 1", "solutions", "json"),
        ("CONSTRUCT { <s:s> <p:p> 1 } {}", "graph", "turtle"),
        ("DESCRIBE <s:s>", "graph", "turtle"),
        ("#SELECT\nASK{}", "boolean", "json"),
    ],
)
def test_the_kind_of_the_result_chooses_the_format(
    small_release: Release, query: str, kind: str, name: str
) -> None:
    async def test(pool: Pool) -> None:
        result = await pool.run(Query(query), JSON)
        await result.whole()
        assert (result.kind, result.format.name) == (kind, name)
        result.close()

    run(small_release, test)


@pytest.mark.parametrize("form", ["CONSTRUCT { <e:a> <e:p> ?n }", "DESCRIBE ?s"])
def test_a_double_in_a_graph_has_its_canonical_form(tmp_path: Path, form: str) -> None:
    """The engine keeps the value only, and would write 0.8."""
    (tmp_path / "a.nt").write_text(f'<e:a> <e:p> "0.8"^^<{iris.XSD_DOUBLE}> .')
    (tmp_path / "release").mkdir()
    release = load({"e:g": tmp_path / "a.nt"}, tmp_path / "release")

    async def test(pool: Pool) -> None:
        graph = await ask(pool, f"{form} {{ ?s <e:p> ?n }}", Formats(None, formats.N_TRIPLES))
        assert graph.decode() == f'<e:a> <e:p> "8.0E-1"^^<{iris.XSD_DOUBLE}> .\n'

    run(release, test)


@pytest.mark.parametrize(
    ("query", "accepted"),
    [("ASK {}", Formats(None, formats.TURTLE)), ("DESCRIBE <s:s>", Formats(formats.JSON, None))],
)
def test_a_result_of_a_kind_that_is_not_accepted_is_refused(
    small_release: Release, query: str, accepted: Formats
) -> None:
    async def test(pool: Pool) -> None:
        with pytest.raises(NotAcceptable) as refused:
            await ask(pool, query, accepted)
        assert refused.value.extras["offers"]

    run(small_release, test)


# -- failures -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("SELEC", MalformedQuery),
        (RUNAWAY, QueryTimeout),
        (FLOOD + " ORDER BY ?c ?f ?a", Problem),
        ("ASK { FILTER(" + "!" * 600_000 + "true) }", QueryTooCostly),
        ("ASK { FILTER(" + "(" * 100_000 + "1" + ")" * 100_000 + ") }", MalformedQuery),
        ("SELECT * { SERVICE <http://127.0.0.1:8099/> { ?s ?p ?o } }", ServiceRefused),
    ],
    ids=["malformed", "runaway", "sorting", "stack", "brackets", "service"],
)
def test_a_failure_has_its_problem_and_the_next_query_works(
    small_release: Release, query: str, problem: type[Problem]
) -> None:
    async def test(pool: Pool) -> None:
        with pytest.raises(problem):
            await ask(pool, query)
        assert await ask(pool, "ASK {}") == b'{"head":{},"boolean":true}'

    run(small_release, test)


def test_a_result_over_its_limit_is_an_error_not_a_part(small_release: Release) -> None:
    async def test(pool: Pool) -> None:
        with pytest.raises(ResultTooLarge):
            await ask(pool, FLOOD, CSV)

    run(small_release, test)


def test_the_limit_of_the_client_holds_if_it_is_smaller(small_release: Release) -> None:
    async def test(pool: Pool) -> None:
        begun = time.monotonic()
        with pytest.raises(QueryTimeout) as caught:
            await ask(pool, RUNAWAY, timeout_seconds=0.3)
        assert caught.value.extras["limit_seconds"] == 0.3
        assert time.monotonic() - begun < SETTINGS.query_seconds
        with pytest.raises(QueryTimeout):
            await ask(pool, RUNAWAY, timeout_seconds=1e-9)

    run(small_release, test)


def test_the_memory_of_all_queries_together_is_limited(small_release: Release) -> None:
    settings = Settings(engine_memory_bytes=40_000_000, query_seconds=20)

    async def test(pool: Pool) -> None:
        with pytest.raises(QueryTooCostly) as caught:
            await ask(pool, "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f")
        assert caught.value.extras["limit_bytes"] == 40_000_000

    run(small_release, test, settings)


# -- places ---------------------------------------------------------------------------------------


def test_quick_queries_find_a_place_while_long_ones_run(small_release: Release) -> None:
    """Long queries keep half of the places; beyond that one of them ends if another query waits."""
    settings = Settings(engine_workers=4, query_seconds=4)

    async def test(pool: Pool) -> None:
        long = [asyncio.ensure_future(ask(pool, RUNAWAY)) for _ in range(5)]
        await asyncio.sleep(1)
        for number in range(20):
            assert await asyncio.wait_for(value(pool, number), 10) == str(number)
        outcomes = await asyncio.gather(*long, return_exceptions=True)
        kinds = [type(outcome) for outcome in outcomes]
        assert kinds.count(QueryTimeout) >= 2
        assert kinds.count(QueryTimeout) + kinds.count(QueueFull) == 5
        assert QueueFull in kinds

    run(small_release, test, settings)


def test_the_queue_has_a_bound(small_release: Release) -> None:
    settings = Settings(engine_workers=1, max_waiting=1, query_seconds=1)

    async def test(pool: Pool) -> None:
        queries = [asyncio.ensure_future(ask(pool, RUNAWAY)) for _ in range(5)]
        outcomes = await asyncio.gather(*queries, return_exceptions=True)
        kinds = [type(outcome) for outcome in outcomes]
        assert kinds.count(QueueFull) == 3
        assert kinds.count(QueryTimeout) == 2

    run(small_release, test, settings)


def test_a_query_that_waits_too_long_is_refused(small_release: Release) -> None:
    settings = Settings(engine_workers=1, waiting_seconds=0.2, query_seconds=2)

    async def test(pool: Pool) -> None:
        first = asyncio.ensure_future(ask(pool, RUNAWAY))
        await asyncio.sleep(0.05)
        with pytest.raises(QueueFull):
            await ask(pool, "ASK {}")
        with pytest.raises(QueryTimeout):
            await first

    run(small_release, test, settings)


def test_each_of_many_queries_has_its_own_result(small_release: Release) -> None:
    settings = Settings(engine_workers=4, max_waiting=200)

    async def test(pool: Pool) -> None:
        values = await asyncio.gather(*(value(pool, n) for n in range(100)))
        assert values == [str(n) for n in range(100)]
        assert len(workers(pool)) <= 4

    run(small_release, test, settings)


def test_quick_queries_that_come_together_share_few_workers(
    small_release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "SLOW_SECONDS", 60)  # however slow this machine is

    async def test(pool: Pool) -> None:
        for _ in range(4):
            await asyncio.gather(*(value(pool, n) for n in range(16)))
        assert len(workers(pool)) <= TURNS

    run(small_release, test)


def test_slow_queries_give_their_turns_to_others(small_release: Release) -> None:
    async def test(pool: Pool) -> None:
        slow = [asyncio.create_task(ask(pool, RUNAWAY)) for _ in range(2 * TURNS)]
        while len(workers(pool)) < len(slow):  # they run at once
            await asyncio.sleep(0.02)
        assert await value(pool, 7) == "7"
        assert not any(task.done() for task in slow)
        for task in slow:
            task.cancel()
        await asyncio.wait(slow)

    run(small_release, test, replace(SETTINGS, query_seconds=30.0, engine_workers=4 * TURNS))


def test_a_cancelled_query_frees_its_place(small_release: Release) -> None:
    """Running or waiting, cancelled through its task or by its id."""
    settings = Settings(engine_workers=2, query_seconds=60)

    async def test(pool: Pool) -> None:
        running = [asyncio.ensure_future(pool.run(Query(RUNAWAY), JSON)) for _ in range(6)]
        await asyncio.sleep(0.1)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        values = await asyncio.wait_for(asyncio.gather(*(value(pool, n) for n in range(5))), 10)
        assert values == [str(n) for n in range(5)]
        result = await pool.run(Query(FLOOD), CSV)
        assert pool.cancel(result.query_id)
        with pytest.raises(QueryCancelled):
            await result.whole()
        result.close()
        assert not pool.cancel(result.query_id)

    run(small_release, test, settings)


def test_queries_whose_clients_leave_harm_no_other_query(small_release: Release) -> None:
    """Workers are killed, reaped and forked at the same time, and descriptors are reused."""
    settings = Settings(engine_workers=8, max_waiting=100)

    async def leave(pool: Pool) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.01):
                await ask(pool, RUNAWAY)

    async def test(pool: Pool) -> None:
        host = pool.host_pid
        for _ in range(20):
            left = [leave(pool) for _ in range(4)]
            values = await asyncio.gather(*(value(pool, n) for n in range(4)), *left)
            assert values[:4] == ["0", "1", "2", "3"]
        assert pool.host_pid == host

    run(small_release, test, settings)


def test_a_slow_reader_holds_no_worker(small_release: Release) -> None:
    """The engine writes its whole result to a file, which is removed with the result."""
    settings = Settings(engine_workers=2)

    async def test(pool: Pool) -> None:
        results = [await pool.run(Query(f"{FLOOD} LIMIT 15000 #{n}"), TSV) for n in range(5)]
        async with asyncio.timeout(20):
            while not all(result.complete for result in results):
                await asyncio.sleep(0.02)
        assert await value(pool, 1) == "1"
        sizes = {len(await result.whole()) for result in results}
        assert len(sizes) == 1
        assert sizes.pop() > 1_500_000
        for result in results:
            result.close()
        assert pool.figures().spool_bytes_left == settings.spool_bytes

    run(small_release, test, settings)


def test_without_disk_space_a_worker_waits_for_its_reader(small_release: Release) -> None:
    settings = Settings(engine_workers=2, spool_bytes=0, query_seconds=1)

    async def test(pool: Pool) -> None:
        result = await pool.run(Query(f"{FLOOD} LIMIT 30000"), TSV)
        await asyncio.sleep(2)  # a slow reader uses none of the query's time
        assert not result.complete
        assert len(await result.whole()) > 3_000_000
        result.close()

    run(small_release, test, settings)


# -- processes that die, stop, or cannot start -----------------------------------------------------


def test_a_host_that_dies_is_replaced(small_release: Release) -> None:
    """It is killed twice, the second time while its successor opens the store."""

    async def test(pool: Pool) -> None:
        for _ in range(3):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pool.host_pid, signal.SIGKILL)
            await asyncio.sleep(0.3)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with contextlib.suppress(EngineFault, QueueFull):
                assert b"true" in await ask(pool, "ASK {}")
                return
            await asyncio.sleep(0.1)
        raise AssertionError("no host was started again")

    run(small_release, test)


def test_a_query_fails_with_its_host(small_release: Release) -> None:
    async def test(pool: Pool) -> None:
        query = asyncio.ensure_future(ask(pool, RUNAWAY))
        await asyncio.sleep(0.2)
        os.kill(pool.host_pid, signal.SIGKILL)
        with pytest.raises(EngineFault):
            await asyncio.wait_for(query, 5)

    run(small_release, test)


def test_killed_workers_leave_no_query_waiting(small_release: Release) -> None:
    async def client(pool: Pool, end: float) -> int:
        count = 0
        while time.monotonic() < end:
            with contextlib.suppress(Problem):
                await asyncio.wait_for(ask(pool, "ASK {}"), 10)
            count += 1
            await asyncio.sleep(0)
        return count

    async def test(pool: Pool) -> None:
        end = time.monotonic() + 2
        clients = [asyncio.ensure_future(client(pool, end)) for _ in range(4)]
        while time.monotonic() < end:
            for pid in workers(pool):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(0.01)
        assert min(await asyncio.gather(*clients)) > 1

    run(small_release, test)


@pytest.mark.parametrize("stopped", ["worker", "host"])
def test_a_stopped_process_costs_no_more_than_the_time_limit(
    small_release: Release, stopped: str
) -> None:
    """The kernel's timer does not run in a stopped worker, but the pool has its own deadline."""

    async def test(pool: Pool) -> None:
        if stopped == "worker":
            await ask(pool, "ASK {}")
            pids = workers(pool)
        else:
            pids = {pool.host_pid}
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(QueryTimeout):
                await asyncio.wait_for(ask(pool, "ASK {}"), 5)
        finally:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        assert b"true" in await ask(pool, "ASK {}")

    run(small_release, test)


def test_a_store_that_cannot_be_opened_is_reported_at_the_start(
    small_release: Release, tmp_path: Path
) -> None:
    broken = Release(tmp_path, small_release.manifest)

    async def main() -> None:
        pool = Pool(broken, SETTINGS)
        with pytest.raises(EngineFault):
            await pool.start()
        await pool.close()

    asyncio.run(main())


def test_a_closed_pool_leaves_no_process(small_release: Release) -> None:
    async def main() -> int:
        async with running(small_release) as pool:
            await ask(pool, "ASK {}")
            return pool.host_pid

    assert not Path(f"/proc/{asyncio.run(main())}").exists()
