"""Each check fires on its bad example, only on the expected entities, and not on its good example.

A check is a violation query or a SHACL property shape. Its examples are ``data/<check>.bad.ttl``
and ``data/<check>.good.ttl``. They are read into the first graph of the check.

A bad example begins with the expected entities: ``# fires on CDMO:0009501``. Both examples are too
small to pass all other checks; they differ only in the one fault. If a fault always causes
another one, the example says so: ``# fires too: hierarchy-cycle``.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from service import iris
from service.pipeline import checks, graphs, shapes
from service.pipeline.loading import load
from service.rdf.terms import text
from service.release import GRAPHS
from service.sources import locate

DATA = Path(__file__).parent / "data"
LOADED, _ = load(locate())
CHECKS = {checks.name_of(check): check for check in checks.read_checks(LOADED)}
SHAPES = {
    text(row["shape"]).removeprefix(iris.SHAPE): row
    for row in graphs.select(
        LOADED.store,
        """
        SELECT ?shape ?message ?description
        WHERE {
          ?shape a sh:PropertyShape .
          OPTIONAL { ?shape sh:message ?message }
          OPTIONAL { ?shape sh:description ?description }
        }""",
        "shapes",
    )
}
RULES = sorted(CHECKS.keys() | SHAPES.keys())


@cache
def fired(rule: str, kind: str) -> dict[str, set[str]]:
    """Run all checks and shapes on an example; return rule to the entities that it fires on."""
    triples = [quad.triple for quad in ox.parse(path=DATA / f"{rule}.{kind}.ttl")]
    graph = (*CHECKS[rule].names("graphs"), GRAPHS[0])[0] if rule in CHECKS else GRAPHS[0]
    example = replace(LOADED, store=ox.Store())
    graphs.add(example.store, graph, triples)
    violations = shapes.validate(example.store, [graph], LOADED)
    for check in CHECKS.values():
        violations += checks.run_check(check, example)
    entities: dict[str, set[str]] = {}
    for violation in violations:
        entities.setdefault(violation.rule, set()).add(violation.entity)
    return entities


def words_after(rule: str, key: str) -> set[str]:
    """Return the words after a key in the first comments of a bad example."""
    lines = (DATA / f"{rule}.bad.ttl").read_text("utf-8").splitlines()
    start = f"# {key} "
    return {
        word.strip()
        for line in lines
        if line.startswith(start)
        for word in line.removeprefix(start).split(",")
    }


def test_every_check_has_its_two_examples() -> None:
    examples = {path.name for path in DATA.glob("*.ttl")}
    assert examples == {f"{rule}.{kind}.ttl" for rule in RULES for kind in ("bad", "good")}


def test_no_two_checks_share_a_name() -> None:
    assert not CHECKS.keys() & SHAPES.keys()


@pytest.mark.parametrize("rule", RULES)
def test_a_check_fires_on_its_bad_example(rule: str) -> None:
    assert words_after(rule, "fires on")
    assert fired(rule, "bad").get(rule) == words_after(rule, "fires on")


@pytest.mark.parametrize("rule", RULES)
def test_a_check_does_not_fire_on_its_good_example(rule: str) -> None:
    assert rule not in fired(rule, "good")


@pytest.mark.parametrize("rule", RULES)
def test_the_examples_of_a_check_differ_in_one_fault(rule: str) -> None:
    more = fired(rule, "bad").keys() - fired(rule, "good").keys()
    assert more == {rule} | words_after(rule, "fires too:")


@pytest.mark.parametrize("rule", sorted(CHECKS))
def test_a_query_begins_with_its_rule(rule: str) -> None:
    """Its reason and its remedy are checked when the query is read."""
    assert CHECKS[rule].rule.endswith((".", ","))


@pytest.mark.parametrize("rule", sorted(SHAPES))
def test_a_shape_has_a_message_and_a_way_to_mend_it(rule: str) -> None:
    assert text(SHAPES[rule]["message"])
    assert text(SHAPES[rule]["description"])
