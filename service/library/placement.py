"""The place of a class in the hierarchy, as a tree for its page."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from service.library.data import Ref
from service.library.hierarchy import Hierarchy
from service.rdf.walk import closure

MAX_PLACES = 100
"""After so many, a place shows nothing below it: in a lattice they double with every level."""


@dataclass(slots=True)
class Place:
    """A class in a tree.

    :param inferred: whether only the reasoner put it below the class above.
    :param current: whether it is the class whose place it is.
    :param more: how many classes are directly below it that the tree does not show.
    """

    ref: Ref
    inferred: bool = False
    current: bool = False
    below: "list[Place]" = field(default_factory=list)
    more: int = 0

    def walk(self) -> "Iterator[Place]":
        """Yield it and every class below it in the tree."""
        yield self
        for place in self.below:
            yield from place.walk()


class Placed(Protocol):
    """What has a hierarchy of named terms."""

    @property
    def hierarchy(self) -> Hierarchy:
        """The hierarchy."""

    def ref(self, iri: str) -> Ref:
        """Return how to name and link a term."""


def children(library: Placed, iri: str) -> list[tuple[Ref, bool]]:
    """Return the direct children; the flag marks those that only the reasoner placed here."""
    below = library.hierarchy.children.get(iri, {})
    return [(library.ref(child), inferred) for child, inferred in below.items()]


def placement(library: Placed, iri: str) -> list[Place]:
    """Return a class below its ancestors, and its children below it, as trees.

    Where the class has several places, the first one shows its children. Parents that the
    reasoner adds to asserted ones have no place: see :func:`service.library.inferred`.
    """
    places = library.hierarchy.places
    line = {iri, *closure(iri, lambda child: places.get(child, ()))}
    shown: list[str] = []

    def place(ref: Ref, above: tuple[str, ...] = (), *, inferred: bool = False) -> Place:
        node = Place(ref, inferred, ref.iri == iri)
        if len(shown) < MAX_PLACES and not (node.current and iri in shown):
            shown.append(ref.iri)
            below = children(library, ref.iri)
            if not node.current:
                on_the_way = [c for c in below if c[0].iri in line and ref.iri in places[c[0].iri]]
                below = sorted(on_the_way, key=lambda c: c[1])
            node.below = [
                place(child, (*above, ref.iri), inferred=flag)
                for child, flag in below
                if child.iri not in above
            ]
        return node

    roots = [library.ref(node) for node in line if not places.get(node)] or [library.ref(iri)]
    return [place(root) for root in sorted(roots)]
