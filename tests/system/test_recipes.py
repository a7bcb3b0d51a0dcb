"""The recipes, run as pasted over the real release; those for browsers have tests in a browser."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service.release import Release

from ..service.site.client import client_of, recipes
from .runtimes import command, javascript, r
from .server import Server, running

RUNTIMES: dict[str, Callable[[str, Path], str]] = {
    "curl": command("/bin/sh"),
    "Python": command(sys.executable),
    "Python, rdflib": command(sys.executable),
    "R": r,
    "JavaScript, Node.js": javascript,
}

PRINTED = {
    "nested_mjs": "Medications",
    "names_py": "CDMO_0000",
    "codes_py": "has exact match",
    "table_py": "medication treats calcinosis dermatomyositis\tMedications",
    "graph_py": "corticosteroid is a kind of anti-inflammatory drug",
    "statements_r": "treats",
    "answer_sh": "medication,statement,",
    "changed_sh": "200",
}
"""A part of each recipe's output."""

MAX_LINES, MAX_FETCHES = 10, 2


@pytest.fixture(scope="module")
def client(real_release: Release) -> FlaskClient:
    return client_of(real_release)


@pytest.fixture(scope="module")
def server(real_release: Release) -> Iterator[Server]:
    with running(real_release.path) as server:
        yield server


def test_a_recipe_is_short(client: FlaskClient) -> None:
    for name, (_, code) in recipes(client, "http://host").items():
        assert len(code.strip().split("\n")) <= MAX_LINES, name
        assert 1 <= code.count("http://host/") <= MAX_FETCHES, name
        assert max(map(len, code.split("\n"))) <= 100, name


@pytest.mark.parametrize("name", PRINTED)
def test_a_recipe_prints_its_result(
    server: Server,
    client: FlaskClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    language, code = recipes(client, f"http://127.0.0.1:{server.port}")[name]
    monkeypatch.chdir(tmp_path)
    run = RUNTIMES[language]
    assert PRINTED[name] in run(code, tmp_path)
    if name == "changed_sh":
        assert "304" in run(code, tmp_path)
        assert "calcinosis dermatomyositis" in (tmp_path / "terms.csv").read_text()


def test_every_recipe_is_run(client: FlaskClient) -> None:
    shown = recipes(client, "http://host")
    in_browser = {n for n, (language, _) in shown.items() if language == "JavaScript, browser"}
    assert shown.keys() == PRINTED.keys() | in_browser
    assert in_browser
