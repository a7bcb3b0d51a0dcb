"""Our validation of shapes has the results of pySHACL."""

import random
from pathlib import Path

import pyoxigraph as ox
import pytest

from service import iris
from service.pipeline import graphs, shapes
from service.pipeline.loading import WRITTEN, Loaded, load
from service.pipeline.quick_shapes import NotCoveredError, Result, results
from service.rdf.terms import Term
from service.sources import Sources, locate

EXAMPLES = Path(__file__).parents[2] / "ontology" / "data"
LITERALS = [
    ox.Literal("x"),
    ox.Literal("x", language="en"),
    ox.Literal("two\n"),
    ox.Literal(-1),
    ox.Literal(True),
    ox.Literal("3rd", datatype=ox.NamedNode(iris.XSD_INTEGER)),
    ox.Literal("maybe", datatype=ox.NamedNode(iris.XSD_BOOLEAN)),
]


@pytest.fixture(scope="module")
def loaded(tiny_sources: Sources) -> Loaded:
    return load(tiny_sources)[0]


def both(store: ox.Store, loaded: Loaded, *names: str) -> tuple[set[Result], set[Result]]:
    triples = graphs.triples(loaded.store, "shapes")
    quick = set(results(store, triples, *names))
    return quick, shapes.reference_results(store, names, loaded.store)


def test_bad_examples_have_the_results_of_pyshacl() -> None:
    loaded = load(locate())[0]
    store = ox.Store()
    for path in EXAMPLES.glob("*.bad.ttl"):
        graphs.add(
            store, "claims", [q.triple for q in ox.parse(path=path, rename_blank_nodes=True)]
        )
    quick, reference = both(store, loaded, "claims")
    assert quick == reference
    assert len({result.shape for result in quick}) > 40


@pytest.mark.parametrize("seed", range(12))
def test_random_damage_has_the_results_of_pyshacl(loaded: Loaded, seed: int) -> None:
    chance = random.Random(seed)
    store = graphs.copy(loaded.store)
    quads = sorted(
        store.quads_for_pattern(None, None, None, graphs.graph("claims")),
        key=lambda q: (str(q.predicate), len(str(q)), str(q.object)),
    )
    objects: list[Term] = [q.object for q in quads]
    for quad in chance.sample(quads, 40):
        if chance.random() < 0.6:
            store.remove(quad)
        if chance.random() < 0.6:
            value = chance.choice([*LITERALS, *chance.sample(objects, 7)])
            store.add(ox.Quad(quad.subject, quad.predicate, value, quad.graph_name))
    quick, reference = both(store, loaded, *WRITTEN)
    assert quick == reference
    assert quick


def test_a_shape_beyond_ours_is_validated_by_pyshacl(tiny: Sources) -> None:
    (tiny.ontology / "shapes" / "closed.ttl").write_text(f"""\
@prefix sh: <{iris.SH}> .
@prefix shape: <{iris.SHAPE}> .
@prefix cdmo: <{iris.CDMO}> .
shape:closed a sh:NodeShape ; sh:targetClass cdmo:Tension ; sh:property shape:never .
shape:never a sh:PropertyShape ; sh:path cdmo:tensionKind ; sh:hasValue cdmo:None ;
    sh:message "No tension has this kind."@en .
""")
    loaded = load(tiny)[0]
    with pytest.raises(NotCoveredError):
        results(loaded.store, graphs.triples(loaded.store, "shapes"), *WRITTEN)
    assert "never" in {v.rule for v in shapes.validate(loaded.store, WRITTEN, loaded)}
