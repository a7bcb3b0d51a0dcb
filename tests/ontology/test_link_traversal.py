"""Comunica answers a question only by following our IRIs: no endpoint, no dump, no other host.

Published IRIs are mapped to a server on this machine, as w3id.org will redirect them.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from service.iris import BASE
from service.release import Release, open_store

from ..system.npm import installed, node
from ..system.server import running

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent / "traversal"
SEED = BASE + "id/CDMO_0000001"
QUESTION = """
PREFIX CDMO: <https://w3id.org/cdmo/id/CDMO_>
PREFIX IAO: <http://purl.obolibrary.org/obo/IAO_>
PREFIX cdmo: <https://w3id.org/cdmo/schema/>
SELECT DISTINCT ?sign ?test ?what WHERE {
  CDMO:0000001 cdmo:hasManifestation ?sign .
  ?sign cdmo:detectedBy ?test .
  ?test IAO:0000115 ?what .
}
"""
"""The tests that detect a manifestation of calcinosis dermatomyositis: three documents deep."""


@pytest.fixture(scope="module")
def comunica(request: pytest.FixtureRequest) -> Path:
    """The folder with Comunica, installed from npm by the lock file, once."""
    folder = installed(HERE, request.config)
    shutil.copy(HERE / "follow.js", folder)
    return folder


@pytest.fixture(scope="module")
def answer(real_release: Release, comunica: Path) -> dict[str, Any]:
    with running(real_release.path) as server:
        host = f"http://127.0.0.1:{server.port}/"
        result = node("follow.js", BASE, host, SEED, cwd=comunica, text=QUESTION)
    assert result.returncode == 0, result.stderr
    followed: dict[str, Any] = json.loads(result.stdout)
    return followed


def rows(real_release: Release) -> set[tuple[str, ...]]:
    solutions = open_store(real_release).query(QUESTION, use_default_graph_as_union=True)
    assert isinstance(solutions, ox.QuerySolutions)
    return {tuple(row[name].value for name in ("sign", "test", "what")) for row in solutions}


def test_following_links_returns_the_rows_of_the_endpoint(
    real_release: Release, answer: dict[str, Any]
) -> None:
    followed = {(row["sign"], row["test"], row["what"]) for row in answer["rows"]}
    assert len(followed) >= 5
    assert followed == rows(real_release)


def test_only_addresses_of_terms_were_followed(answer: dict[str, Any]) -> None:
    assert answer["refused"] == []
    assert SEED in answer["followed"]
    assert all(iri.startswith(BASE + "id/") for iri in answer["followed"])
    assert {row["test"] for row in answer["rows"]} <= set(answer["followed"])
