"""Engines that hold the real release, each started once, and our server in front of each."""

from collections.abc import Callable, Iterator

import pytest

from service.release import Release
from service.remote.publication import publish
from service.remote.store import find_store
from tests.system.server import Server
from tests.system.server import running as serving

from . import engines
from .engines import Engine


@pytest.fixture(scope="session", params=sorted(engines.STARTERS))
def engine(
    request: pytest.FixtureRequest, real_release: Release, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    with engines.running(request.param, tmp_path_factory.mktemp("engine") / "e") as engine:
        publish(real_release, find_store(engine.dataset), lambda line: None)
        yield engine


@pytest.fixture(scope="session")
def server(engine: Engine, real_release: Release) -> Iterator[Server]:
    with serving(real_release.path, endpoints=engine.url, query_seconds="20") as server:
        yield server


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Engine]]:
    """Return a function that starts an engine with an empty store, for one test."""
    started: list[Engine] = []

    def start(name: str) -> Engine:
        folder = tmp_path_factory.mktemp("engine") / name
        engine = engines.STARTERS[name](folder)
        started.append(engine)
        engines.await_answers(engine, folder)
        return engine

    yield start
    for engine in started:
        engines.stop(engine.process)
