"""The place of a class in the hierarchy, as a tree for its page."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from service.library.data import Ref
from service.library.library import Library

MAX_LINEAGES = 6
"""How many ways down to a class a page shows."""

MAX_PATHS = 1000
"""How many ways are compared; in a lattice of classes they double with every level."""


@dataclass(slots=True)
class Place:
    """A class in a tree.

    :param inferred: whether only the reasoner put it below the class above.
    :param current: whether it is the class whose place it is.
    """

    ref: Ref
    inferred: bool = False
    current: bool = False
    below: "list[Place]" = field(default_factory=list)


def lineages(library: Library, iri: str) -> list[list[tuple[Ref, bool]]]:
    """Return paths from a root down to a class; the flag marks a step only the reasoner made.

    Parents that the reasoner adds to asserted ones are no part of them: see
    :func:`service.library.inferred`.
    """
    paths = [
        [(library.ref(step), inferred) for step, inferred in path]
        for path in islice(_paths(library, ((iri, False),)), MAX_PATHS)
        if len(path) > 1
    ]
    paths.sort(key=lambda path: ([flag for _, flag in path], [ref.label for ref, _ in path]))
    return paths[:MAX_LINEAGES]


def _paths(
    library: Library, path: tuple[tuple[str, bool], ...]
) -> Iterator[tuple[tuple[str, bool], ...]]:
    """Yield the paths from a root that end with a path; a cycle is not gone through again."""
    parents = library.hierarchy.places.get(path[0][0], {}).items()
    upward = [step for step in parents if step[0] not in {iri for iri, _ in path}]
    if not upward:
        yield path
    for step in upward:
        yield from _paths(library, (step, *path))


def children(library: Library, iri: str) -> list[tuple[Ref, bool]]:
    """Return the direct children; the flag marks those that only the reasoner placed here."""
    below = library.hierarchy.children.get(iri, {})
    return [(library.ref(child), inferred) for child, inferred in below.items()]


def placement(library: Library, iri: str) -> list[Place]:
    """Return the lineages of a class, and its children, merged into trees."""
    roots: list[Place] = []
    for path in lineages(library, iri) or [[(library.ref(iri), False)]]:
        level, inferred = roots, False
        for ref, flag in path:
            place = next((place for place in level if place.ref.iri == ref.iri), None)
            if place is None:
                place = Place(ref, inferred, ref.iri == iri)
                level.append(place)
            level, inferred = place.below, flag
    current = next(place for place in _all(roots) if place.current)
    current.below.extend(Place(ref, inferred) for ref, inferred in children(library, iri))
    return roots


def _all(places: list[Place]) -> Iterator[Place]:
    for place in places:
        yield place
        yield from _all(place.below)
