"""The place of a class in the hierarchy."""

from typing import Any

import pyoxigraph as ox

from service import iris
from service.iris import BASE
from service.library import Library, Place, children, describe, inferred, placement
from service.library.hierarchy import MAX_PLACES

BISPHOSPHONATE = BASE + "id/CDMO_0000003"


def tree(places: list[Place]) -> list[Any]:
    """Return places as labels with the trees below them; inferred ones are marked."""
    return [
        (f"{place.ref.label}{' (inferred)' if place.inferred else ''}", tree(place.below))
        if place.below
        else f"{place.ref.label}{' (inferred)' if place.inferred else ''}"
        for place in places
    ]


def test_a_place_skips_parents_that_other_parents_imply(small: Library) -> None:
    """The reasoner also puts alendronate directly below medication."""
    assert tree(placement(small, small.hierarchy, BASE + "id/CDMO_0000004")) == [
        ("intervention", [("medication", [("bisphosphonate", ["alendronate"])])])
    ]


def test_a_class_that_only_the_reasoner_places_has_marked_children(small: Library) -> None:
    [(_, defined)] = inferred(describe(small, BISPHOSPHONATE))
    below = [(ref.label, flag) for ref, flag in children(small, small.hierarchy, defined.iri)]
    assert below == [("bisphosphonate", True)]
    assert tree(placement(small, small.hierarchy, defined.iri)) == [
        ("off-label medication", ["bisphosphonate (inferred)"])
    ]


def test_the_placement_is_a_tree_with_the_class_and_its_children(small: Library) -> None:
    places = placement(small, small.hierarchy, BISPHOSPHONATE)
    assert tree(places) == [
        ("intervention", [("medication", [("bisphosphonate", ["alendronate"])])])
    ]
    assert places[0].below[0].below[0].current


def test_a_cycle_of_subclasses_ends(small: Library) -> None:
    [hen] = placement(small, small.hierarchy, BASE + "id/CDMO_0000010")
    assert (hen.ref.label, hen.current) == ("hen", True)


def test_a_lattice_of_classes_has_a_bound(small: Library) -> None:
    """Each class has two parents, so there are 2 to the power of 40 paths."""
    step = f"<{iris.SUBCLASS}>"
    lines = [
        f"<urn:{s}{n}> {step} <urn:a{n + 1}> , <urn:b{n + 1}> ." for n in range(40) for s in "ab"
    ]
    store = ox.Store()
    store.load(
        "\n".join(lines), ox.RdfFormat.TURTLE, to_graph=ox.NamedNode(iris.GRAPH + "ontology")
    )
    lattice = Library(store, small.names)
    places = placement(lattice, lattice.hierarchy, "urn:a0")
    assert str(places).count("Place(") <= 2 * MAX_PLACES


def test_the_ancestors_of_a_class_are_nearest_first(small: Library) -> None:
    ancestors = small.hierarchy.ancestors(BASE + "id/CDMO_0000004")
    names = [small.ref(iri).label for iri in ancestors]
    assert names.index("bisphosphonate") < names.index("medication") < names.index("intervention")
