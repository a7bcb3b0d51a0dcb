"""Each check fires on its bad example, on nothing but what is meant, and is silent on its good one.

A check is a violation query or a SHACL property shape. Its examples are ``data/<check>.bad.ttl``
and ``data/<check>.good.ttl``. A block of theirs may stand in any graph that the check looks at,
so they are read into the first.

A bad example opens with what is meant: ``# fires on CDMO:0009501``. It is too small to please
all other checks, but so is the good one: what separates the two is the one fault. Where a fault
cannot be without another, the example says so: ``# fires too: hierarchy-cycle``.
"""

from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDF, SH

from service.pipeline import checks, graphs
from service.pipeline.sources import load, locate
from service.pipeline.vocabulary import SHAPE
from service.release import GRAPHS, graph_iri

DATA = Path(__file__).parent / "data"
LOADED, _ = load(locate())
CHECKS = {check.name: check for check in checks.read_checks(LOADED.sources.ontology / "checks")}
SHAPES = {
    str(shape).removeprefix(str(SHAPE))
    for shape in LOADED.graphs["shapes"].subjects(RDF.type, SH.PropertyShape)
}
RULES = sorted(CHECKS.keys() | SHAPES)


@cache
def found(rule: str, kind: str) -> dict[str, set[str]]:
    """Return what all checks say about an example: rule to the entities it fires on."""
    triples = [q.triple for q in ox.parse(path=DATA / f"{rule}.{kind}.ttl")]
    room = CHECKS[rule].graphs[0] if rule in CHECKS else GRAPHS[0]
    store = ox.Store()
    graph = ox.NamedNode(graph_iri(room))
    store.extend(ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples)
    violations = checks.run_shapes(LOADED, graphs.graph_of(triples))
    for check in CHECKS.values():
        violations += checks.ask(check, store, LOADED)
    fired: dict[str, set[str]] = {}
    for violation in violations:
        fired.setdefault(violation.rule, set()).add(violation.entity)
    return fired


def said(rule: str, key: str) -> set[str]:
    """Return the words after a key in the opening comments of a bad example."""
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


def test_a_name_means_one_check() -> None:
    assert not CHECKS.keys() & SHAPES


@pytest.mark.parametrize("rule", RULES)
def test_a_check_fires_on_what_is_bad(rule: str) -> None:
    assert said(rule, "fires on")
    assert found(rule, "bad").get(rule) == said(rule, "fires on")


@pytest.mark.parametrize("rule", RULES)
def test_a_check_is_silent_on_what_is_good(rule: str) -> None:
    assert rule not in found(rule, "good")


@pytest.mark.parametrize("rule", RULES)
def test_the_examples_of_a_check_differ_in_one_fault(rule: str) -> None:
    more = found(rule, "bad").keys() - found(rule, "good").keys()
    assert more == {rule} | said(rule, "fires too:")


@pytest.mark.parametrize("rule", sorted(CHECKS))
def test_a_query_says_its_rule_why_and_how_to_mend(rule: str) -> None:
    check = CHECKS[rule]
    assert check.rule.endswith((".", ","))
    assert check.why
    assert check.hint


@pytest.mark.parametrize("rule", sorted(SHAPES))
def test_a_shape_says_its_rule_and_how_to_mend(rule: str) -> None:
    shapes = LOADED.graphs["shapes"]
    assert shapes.value(SHAPE[rule], SH.message)
    assert shapes.value(SHAPE[rule], SH.description)
