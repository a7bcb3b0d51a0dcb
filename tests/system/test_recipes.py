"""The recipes, run as pasted over the real release; those for browsers have tests in a browser."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from service.endpoint import Endpoint
from service.engine.pool import Pool
from service.release import Release
from service.settings import Settings
from service.site.application import create_app
from service.site.recipes import RECIPES, Recipe, code

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
def app(real_release: Release) -> Flask:
    endpoint = Endpoint(real_release, Pool(real_release, Settings()))  # it is never started
    return create_app(Settings(), real_release, endpoint)


@pytest.fixture(scope="module")
def server(real_release: Release) -> Iterator[Server]:
    with running(real_release.path) as server:
        yield server


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_a_recipe_is_short(app: Flask, recipe: Recipe) -> None:
    with app.app_context():
        text = code(recipe, "http://host")
    assert len(text.strip().split("\n")) <= MAX_LINES
    assert 1 <= text.count("http://host/") <= MAX_FETCHES
    assert max(map(len, text.split("\n"))) <= 100


@pytest.mark.parametrize("name", PRINTED)
def test_a_recipe_prints_its_result(
    server: Server, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    [recipe] = [recipe for recipe in RECIPES if recipe.name == name]
    monkeypatch.chdir(tmp_path)
    with app.app_context():
        text = code(recipe, f"http://127.0.0.1:{server.port}")
    run = RUNTIMES[recipe.language]
    assert PRINTED[name] in run(text, tmp_path)
    if name == "changed_sh":
        assert "304" in run(text, tmp_path)
        assert "calcinosis dermatomyositis" in (tmp_path / "terms.csv").read_text()


def test_every_recipe_is_run() -> None:
    in_browser = {recipe.name for recipe in RECIPES if recipe.language == "JavaScript, browser"}
    assert {recipe.name for recipe in RECIPES} == PRINTED.keys() | in_browser
