"""Each check fires on its bad example and is silent on its good one.

A check is a violation query or a SHACL property shape. Its examples are ``data/<check>.bad.ttl``
and ``data/<check>.good.ttl``. A block of theirs may stand in any graph that the check looks at,
so they are read into the first.
"""

from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDF, SH

from service.build import checks, graphs
from service.build.sources import load, locate
from service.build.vocabulary import SHAPE
from service.release import graph_iri

DATA = Path(__file__).parent / "data"
LOADED, _ = load(locate())
CHECKS = {check.name: check for check in checks.read_checks(LOADED.sources.ontology / "checks")}
SHAPES = {
    str(shape).removeprefix(str(SHAPE))
    for shape in LOADED.graphs["shapes"].subjects(RDF.type, SH.PropertyShape)
}
RULES = sorted(CHECKS.keys() | SHAPES)


def found(rule: str, kind: str) -> list[str]:
    """Return what a check says about one of its examples."""
    path = DATA / f"{rule}.{kind}.ttl"
    if rule in SHAPES:
        data = graphs.graph_of(q.triple for q in ox.parse(path=path))
        violations = checks.run_shapes(LOADED, data)
    else:
        store = ox.Store()
        store.load(path=path, to_graph=ox.NamedNode(graph_iri(CHECKS[rule].graphs[0])))
        violations = checks.ask(CHECKS[rule], store, LOADED)
    return [str(v) for v in violations if v.rule == rule]


@pytest.mark.parametrize("rule", RULES)
def test_a_check_fires_on_what_is_bad(rule: str) -> None:
    assert found(rule, "bad")


@pytest.mark.parametrize("rule", RULES)
def test_a_check_is_silent_on_what_is_good(rule: str) -> None:
    assert found(rule, "good") == []


def test_every_example_has_a_check() -> None:
    examples = {path.name.split(".")[0] for path in DATA.glob("*.ttl")}
    assert examples == set(RULES)


@pytest.mark.parametrize("rule", sorted(CHECKS))
def test_a_query_says_its_rule_why_and_how_to_mend(rule: str) -> None:
    check = CHECKS[rule]
    assert check.rule.endswith(".")
    assert check.why
    assert check.hint


@pytest.mark.parametrize("rule", sorted(SHAPES))
def test_a_shape_says_its_rule_and_how_to_mend(rule: str) -> None:
    shapes = LOADED.graphs["shapes"]
    assert shapes.value(SHAPE[rule], SH.message)
    assert shapes.value(SHAPE[rule], SH.description)
