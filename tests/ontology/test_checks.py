"""Each check fires on its bad example and is silent on its good one.

The examples are ``data/<check>.bad.ttl`` and ``data/<check>.good.ttl``. A block of theirs may
stand in any graph that the check looks at, so they are read into the first.
"""

from pathlib import Path

import pyoxigraph as ox
import pytest

from service.build import checks
from service.build.sources import locate
from service.names import Names
from service.release import graph_iri

DATA = Path(__file__).parent / "data"
SOURCES = locate().ontology
PREFIXES = dict(Names.load(SOURCES / "prefixes.ttl").prefixes)
CHECKS = {check.name: check for check in checks.read_checks(SOURCES / "checks")}
EXAMPLES = sorted(path.name.removesuffix(".bad.ttl") for path in DATA.glob("*.bad.ttl"))


def found(name: str, kind: str) -> int:
    """Return how many rows a check selects in one of its examples."""
    check = CHECKS[name]
    room = ox.NamedNode(graph_iri(check.graphs[0]))
    store = ox.Store()
    store.load(path=DATA / f"{name}.{kind}.ttl", to_graph=room)
    rows = store.query(check.query, prefixes=PREFIXES, default_graph=[room])
    assert isinstance(rows, ox.QuerySolutions)
    return len(list(rows))


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_check_fires_on_what_is_bad(name: str) -> None:
    assert found(name, "bad")


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_check_is_silent_on_what_is_good(name: str) -> None:
    assert not found(name, "good")


def test_examples_come_in_pairs() -> None:
    assert {path.name.removesuffix(".good.ttl") for path in DATA.glob("*.good.ttl")} == set(
        EXAMPLES
    )
