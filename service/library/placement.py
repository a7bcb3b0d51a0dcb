"""The place of a described class in the hierarchy, as a tree for its page."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from service.library.data import Ref
from service.library.description import Description

MAX_LINEAGES = 6
"""How many ways down to a class a page shows."""


@dataclass(slots=True)
class Place:
    """A class in a tree.

    :param inferred: whether only the reasoner put it below the class above.
    :param current: whether it is the described class.
    """

    ref: Ref
    inferred: bool = False
    current: bool = False
    below: "list[Place]" = field(default_factory=list)


def lineages(d: Description) -> list[list[tuple[Ref, bool]]]:
    """Return paths from a root down to the class; the flag marks a step only the reasoner made.

    Parents that the reasoner adds to asserted ones are no part of them: see
    :func:`service.library.statements.inferred`.
    """
    paths: list[list[tuple[Ref, bool]]] = []

    def climb(iri: str, below: list[tuple[str, bool]]) -> None:
        on_path = {child for child, _ in below}
        parents = d.library.hierarchy.places.get(iri, {})
        upward = [(parent, flag) for parent, flag in parents.items() if parent not in on_path]
        if not upward:
            paths.append([(d.library.ref(child), flag) for child, flag in below])
        for parent, inferred in upward:
            climb(parent, [(parent, inferred), *below])

    climb(d.iri, [(d.iri, False)])
    paths.sort(key=lambda path: ([flag for _, flag in path], [ref.label for ref, _ in path]))
    return [path for path in paths if len(path) > 1][:MAX_LINEAGES]


def children(d: Description) -> list[tuple[Ref, bool]]:
    """Return the direct children; the flag marks those that only the reasoner placed here."""
    below = d.library.hierarchy.children.get(d.iri, {})
    return [(d.library.ref(child), inferred) for child, inferred in below.items()]


def placement(d: Description) -> list[Place]:
    """Return the lineages of a class, and its children, merged into trees."""
    roots: list[Place] = []
    for path in lineages(d) or [[(d.ref, False)]]:
        level, inferred = roots, False
        for ref, flag in path:
            place = next((place for place in level if place.ref.iri == ref.iri), None)
            if place is None:
                place = Place(ref, inferred, ref.iri == d.iri)
                level.append(place)
            level, inferred = place.below, flag
    current = next(place for place in _all(roots) if place.current)
    current.below.extend(Place(ref, inferred) for ref, inferred in children(d))
    return roots


def _all(places: list[Place]) -> Iterator[Place]:
    for place in places:
        yield place
        yield from _all(place.below)
