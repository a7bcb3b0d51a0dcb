"""The engine: queries end when they must, and nobody else notices."""

import asyncio
import contextlib
import importlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.engine import AsyncEngine, Engine, Host, Job, Limits
from service.problems import (
    EngineFault,
    MalformedQuery,
    Problem,
    QueryTimeout,
    QueryTooCostly,
    QueueFull,
    ResultTooLarge,
    ServiceRefused,
    UnsupportedFunction,
)
from service.release import Release
from service.settings import Settings

SETTINGS = Settings(
    query_seconds=1.0, query_memory_bytes=150_000_000, max_result_bytes=3_000_000, max_waiting=2
)
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
FLOOD = "SELECT * { ?a ?b ?c . ?d ?e ?f }"


@pytest.fixture(scope="module")
def host(small_release: Release) -> Iterator[Host]:
    with Host(small_release.store_path, SETTINGS) as found:
        yield found


def _workers(host: Host) -> set[int]:
    children = Path(f"/proc/{host.pid}/task/{host.pid}/children")
    return {int(pid) for pid in children.read_text().split()}


@pytest.fixture
def engine(host: Host) -> Iterator[Engine]:
    found = Engine(host.address, Limits.of(SETTINGS))
    yield found
    found.close()


def test_an_answer_comes_whole(engine: Engine) -> None:
    assert b"".join(engine.run(Job("ASK {}", "json")).body) == b'{"head":{},"boolean":true}'


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("SELEC", MalformedQuery),
        (RUNAWAY, QueryTimeout),
        (FLOOD + " ORDER BY ?c ?f ?a", Problem),
        ("ASK { FILTER(" + "(" * 100_000 + "1" + ")" * 100_000 + ") }", QueryTooCostly),
        ("SELECT (<http://e/f>(1) AS ?x) {}", UnsupportedFunction),
        ("SELECT * { SERVICE <http://127.0.0.1:8099/> { ?s ?p ?o } }", ServiceRefused),
    ],
)
def test_a_failure_has_its_name_and_the_next_query_works(
    engine: Engine, query: str, problem: type[Problem]
) -> None:
    with pytest.raises(problem):
        b"".join(engine.run(Job(query, "json")).body)
    assert b"true" in b"".join(engine.run(Job("ASK {}", "json")).body)


def test_a_result_over_its_limit_is_an_error_not_a_part(engine: Engine) -> None:
    with pytest.raises(ResultTooLarge):
        b"".join(engine.run(Job(FLOOD, "csv")).body)


def test_the_clients_own_limit_is_kept(engine: Engine) -> None:
    begun = time.monotonic()
    with pytest.raises(QueryTimeout) as caught:
        engine.run(Job(RUNAWAY, "json", seconds=0.3))
    assert caught.value.extras["limit_seconds"] == 0.3
    assert time.monotonic() - begun < SETTINGS.query_seconds


def test_waiting_is_bounded(host: Host) -> None:
    """More long queries than may run: the rest is told to come back, at once."""
    limits = Limits(1.0, 150_000_000, 3_000_000, light=1, long=1, waiting=1)

    async def crowd() -> list[object]:
        engine = AsyncEngine(host.address, limits)
        jobs = [engine.run(Job(RUNAWAY, "json")) for _ in range(5)]
        found = await asyncio.gather(*jobs, return_exceptions=True)
        engine.close()
        return list(found)

    kinds = [type(outcome) for outcome in asyncio.run(crowd())]
    assert kinds.count(QueryTimeout) == 1
    assert kinds.count(QueueFull) == 4


async def _value(engine: AsyncEngine, number: int) -> str:
    result = await engine.run(Job(f"SELECT ({number} AS ?n) {{}}", "csv"))
    assert result.complete
    return result.first.decode().split()[1]


async def _warm_up(engine: AsyncEngine) -> None:
    """Let there be one worker, known to be quick."""
    for number in range(30):
        await _value(engine, number)


def test_quick_queries_share_a_worker_and_each_has_its_own_answer(host: Host) -> None:
    async def crowd() -> None:
        engine = AsyncEngine(host.address, Limits.of(Settings(engine_workers=8)))
        await _warm_up(engine)
        before = _workers(host)
        for start in range(0, 100, 10):
            numbers = range(start, start + 10)
            found = await asyncio.gather(*(_value(engine, n) for n in numbers))
            assert found == [str(n) for n in numbers]
        assert len(_workers(host) - before) < 9
        engine.close()

    asyncio.run(crowd())


@pytest.mark.parametrize("head", [RUNAWAY, "SELECT * { ?a ?b ?c . ?d ?e ?f }"])
def test_nobody_waits_behind_a_slow_query_or_a_slow_reader(host: Host, head: str) -> None:
    """All are sent to the one worker there is; what waits there is then sent elsewhere."""
    limits = Limits(30.0, 150_000_000, 100_000_000, light=4, long=4, waiting=64)

    async def crowd() -> None:
        engine = AsyncEngine(host.address, limits)
        await _warm_up(engine)
        slow = asyncio.ensure_future(engine.run(Job(head, "csv")))
        await asyncio.sleep(0)
        found = await asyncio.wait_for(asyncio.gather(*(_value(engine, n) for n in range(3))), 10)
        assert found == ["0", "1", "2"]
        if head == RUNAWAY:
            assert not slow.done()
        slow.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            (await slow).close()
        engine.close()

    asyncio.run(crowd())


def test_what_waits_behind_a_query_whose_worker_dies_is_answered(host: Host) -> None:
    async def crowd() -> None:
        engine = AsyncEngine(host.address, Limits.of(Settings(engine_workers=2)))
        before = _workers(host)
        await _warm_up(engine)
        (worker,) = _workers(host) - before
        os.kill(worker, signal.SIGSTOP)
        asked = [asyncio.ensure_future(_value(engine, n)) for n in range(4)]
        await asyncio.sleep(0)
        os.kill(worker, signal.SIGKILL)
        answers = asyncio.gather(*asked, return_exceptions=True)
        first, *others = await asyncio.wait_for(answers, 10)
        assert isinstance(first, QueryTooCostly)
        assert others == ["1", "2", "3"]
        engine.close()

    asyncio.run(crowd())


def test_a_query_that_nobody_waits_for_leaves_its_place(host: Host) -> None:
    """Those that were cancelled while they waited, ran, or stood behind another."""

    async def crowd() -> None:
        limits = Limits(30.0, 150_000_000, 3_000_000, light=1, long=1, waiting=8)
        engine = AsyncEngine(host.address, limits)
        await _warm_up(engine)
        asked = [asyncio.ensure_future(engine.run(Job(RUNAWAY, "csv"))) for _ in range(6)]
        await asyncio.sleep(0.02)
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        found = await asyncio.wait_for(asyncio.gather(*(_value(engine, n) for n in range(5))), 10)
        assert found == [str(n) for n in range(5)]
        engine.close()

    asyncio.run(crowd())


def test_a_host_that_dies_is_replaced(small_release: Release) -> None:
    with Host(small_release.store_path, SETTINGS) as host:
        engine = Engine(host.address, Limits.of(SETTINGS))
        engine.run(Job("ASK {}", "json"))
        assert host.pid
        os.kill(host.pid, signal.SIGKILL)
        for _ in range(100):
            try:
                answer = engine.run(Job("ASK {}", "json"))
                break
            except (EngineFault, QueueFull):
                time.sleep(0.05)
        assert b"true" in b"".join(answer.body)
        engine.close()


def _loops() -> list[Any]:
    loops: list[Any] = [asyncio.new_event_loop]
    with contextlib.suppress(ImportError):  # the server takes it if it is installed
        loops.append(importlib.import_module("uvloop").new_event_loop)
    return loops


@pytest.mark.parametrize("make_loop", _loops())
def test_workers_that_are_killed_leave_nobody_waiting(host: Host, make_loop: Any) -> None:
    async def ask(engine: AsyncEngine, end: float) -> int:
        answered = 0
        while time.monotonic() < end:
            with contextlib.suppress(Problem):
                (await asyncio.wait_for(engine.run(Job("ASK {}", "json")), 10)).close()
            answered += 1
            await asyncio.sleep(0)
        return answered

    async def storm() -> None:
        engine = AsyncEngine(host.address, Limits.of(SETTINGS))
        end = time.monotonic() + 2
        asked = [asyncio.ensure_future(ask(engine, end)) for _ in range(4)]
        while time.monotonic() < end:
            for pid in _workers(host):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(0.01)
        assert min(await asyncio.gather(*asked)) > 1
        engine.close()

    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(storm())


def test_a_query_that_no_worker_has_taken_does_not_lower_its_asker(host: Host) -> None:
    """Priority is set by process id, and 0 would be our own."""

    async def ask() -> None:
        engine = AsyncEngine(host.address, Limits.of(SETTINGS))
        before = os.getpriority(os.PRIO_PROCESS, 0)
        os.kill(host.pid, signal.SIGSTOP)
        try:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(engine.run(Job("ASK {}", "json")), 0.5)
        finally:
            os.kill(host.pid, signal.SIGCONT)
        assert os.getpriority(os.PRIO_PROCESS, 0) == before
        engine.close()

    asyncio.run(ask())


def test_nothing_is_left_behind(small_release: Release) -> None:
    with Host(small_release.store_path, SETTINGS) as host:
        address, pid = host.address, host.pid
    assert not address.exists()
    assert not Path(f"/proc/{pid}").exists()
