"""The place of a class among the others."""

from collections.abc import Callable

from service.iris import BASE
from service.library import Description, Library, Place, children, inferred, lineages, placement

Describe = Callable[[str], Description]

BISPHOSPHONATE = "id/CDMO_0000003"


def labels(d: Description) -> list[list[str]]:
    return [[ref.label for ref, _ in path] for path in lineages(d)]


def tree(places: list[Place]) -> list[object]:
    """Return places as labels, each with the tree below it; inferred ones have a mark."""
    return [
        (f"{place.ref.label}{' (inferred)' if place.inferred else ''}", tree(place.below))
        if place.below
        else f"{place.ref.label}{' (inferred)' if place.inferred else ''}"
        for place in places
    ]


def test_a_lineage_leads_from_a_root_to_the_class(described: Describe) -> None:
    assert labels(described(BISPHOSPHONATE)) == [["intervention", "medication", "bisphosphonate"]]


def test_a_lineage_skips_parents_that_other_parents_imply(described: Describe) -> None:
    """The reasoner also puts alendronate directly below medication."""
    assert labels(described("id/CDMO_0000004")) == [
        ["intervention", "medication", "bisphosphonate", "alendronate"]
    ]


def test_a_class_that_only_the_reasoner_places_has_marked_children(described: Describe) -> None:
    [(_, defined)] = inferred(described(BISPHOSPHONATE))
    d = described(defined.iri.removeprefix(BASE))
    assert [(ref.label, flag) for ref, flag in children(d)] == [("bisphosphonate", True)]
    assert tree(placement(d)) == [("off-label medication", ["bisphosphonate (inferred)"])]


def test_the_placement_is_a_tree_with_the_class_and_its_children(described: Describe) -> None:
    places = placement(described(BISPHOSPHONATE))
    assert tree(places) == [
        ("intervention", [("medication", [("bisphosphonate", ["alendronate"])])])
    ]
    assert places[0].below[0].below[0].current


def test_a_cycle_of_subclasses_ends(described: Describe) -> None:
    d = described("id/CDMO_0000010")
    assert all(path[-1] == "hen" for path in labels(d))
    assert placement(d)


def test_the_ancestors_of_a_class_are_nearest_first(small: Library) -> None:
    ancestors = small.hierarchy.ancestors(BASE + "id/CDMO_0000004")
    names = [small.ref(iri).label for iri in ancestors]
    assert names.index("bisphosphonate") < names.index("medication") < names.index("intervention")
