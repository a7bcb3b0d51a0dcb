"""The terms of a release, their hierarchy, and the place of each in it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pyoxigraph as ox

from service import iris
from service.library.data import Ref, ReleaseData, Row
from service.library.schema import Schema
from service.rdf.terms import text
from service.rdf.walk import closure

MAX_PLACES = 100
"""The most places with others below them: in a lattice they double with every level."""

Steps = Mapping[str, Mapping[str, bool]]
"""Child to parent, or parent to child; true if only the reasoner says so."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term.

    :param kinds: the IRIs of the kinds that it falls under, in the order of pages.
    :param origin: how it came into the ontology, or "" if that is not recorded.
    """

    ref: Ref
    definition: str
    kinds: tuple[str, ...]
    obsolete: bool
    origin: str = ""

    @property
    def is_ours(self) -> bool:
        """Whether it only groups terms of the document, which does not name it."""
        return self.origin in (iris.FORMED, iris.DEFINED)


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The hierarchy of classes.

    :param parents: the direct parents of each class, asserted and inferred.
    :param places: the parents below which a page shows each class: the asserted ones, or those
        of the reasoner for a class that has no other, such as a defined one.
    :param children: the direct children of each class in either sense, in the order of labels.
    """

    parents: Steps
    places: Steps
    children: Steps

    def ancestors(self, iri: str) -> tuple[str, ...]:
        """Return all ancestors of a class, the nearest first."""
        return tuple(closure(iri, lambda child: self.parents.get(child, ())))

    def kinds(self, iri: str) -> tuple[str, ...]:
        """Return everything below a class, the nearest first."""
        return tuple(k for k in closure(iri, lambda c: self.children.get(c, ())) if k != iri)


class Terms(Schema):
    """The terms of an opened release."""

    @cached_property
    def terms(self) -> Mapping[str, Term]:
        """Every term by IRI, in the order of labels."""
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in self.select("terms"):
            rows[row["term"]].append(row)
        terms = []
        for iri, (one, *_) in rows.items():
            above = {row["kind"] for row in rows[iri]}
            kinds = tuple(kind for kind in self.kinds if kind in above)
            obsolete = one["deprecated"] == "true"
            terms.append(Term(self.ref(iri), one["definition"], kinds, obsolete, one["origin"]))
        terms.sort(key=lambda t: (t.ref.label.lower(), t.ref.iri))
        return {t.ref.iri: t for t in terms}

    def terms_of(self, kind: str) -> list[Term]:
        """Return the terms of a kind, without the obsolete ones."""
        return [t for t in self.terms.values() if kind in t.kinds and not t.obsolete]

    def kinds_of(self, iri: str) -> tuple[str, ...]:
        """Return the kinds of a term, in the order of pages; none for other resources."""
        term = self.terms.get(iri)
        return term.kinds if term else ()

    @cached_property
    def aspects(self) -> Mapping[str, list[Ref]]:
        """The terms for a changed, graded or partial form of each term, in the order of labels."""
        aspects: dict[str, list[Ref]] = defaultdict(list)
        aspect_of = ox.NamedNode(iris.ASPECT_OF)
        for quad in self.store.quads_for_pattern(None, aspect_of, None, None):
            aspects[text(quad.object)].append(self.ref(text(quad.subject)))
        return {iri: sorted(refs) for iri, refs in aspects.items()}

    def forms(self, iri: str) -> list[str]:
        """Return the changed or partial forms of a term that are of its own kind: a use of a drug.

        Statements about them are in part about the term too.
        """
        kinds, aspects = self.kinds_of(iri), self.aspects.get(iri, ())
        return [ref.iri for ref in aspects if self.kinds_of(ref.iri) == kinds != ()]

    @cached_property
    def hierarchy(self) -> Hierarchy:
        """The hierarchy of classes."""
        steps: dict[str, dict[str, bool]] = defaultdict(dict)
        for row in self.select("hierarchy"):
            step, parent = steps[row["child"]], row["parent"]
            step[parent] = step.get(parent, True) and row["graph"] == iris.INFERRED
        asserted = {
            child: {parent: False for parent, inferred in step.items() if not inferred}
            for child, step in steps.items()
        }
        parents = _direct(steps)
        places = {
            **parents,
            **{child: above for child, above in _direct(asserted).items() if above},
        }
        below: dict[str, dict[str, bool]] = defaultdict(dict)
        for child, above in (*parents.items(), *places.items()):
            for parent, inferred in above.items():
                below[parent][child] = inferred
        children = {
            parent: dict(sorted(classes.items(), key=lambda item: self.ref(item[0]).label.lower()))
            for parent, classes in below.items()
        }
        return Hierarchy(parents, places, children)


def _direct(steps: Steps) -> dict[str, dict[str, bool]]:
    """Return the steps from child to parent without those that other steps of the child imply."""
    ancestors: dict[str, set[str]] = defaultdict(set)
    for iri in steps:
        ancestors[iri] = set(closure(iri, lambda child: steps.get(child, ())))

    def implied(parent: str, parents: Iterable[str]) -> bool:
        others = [other for other in parents if other != parent]
        return any(parent in ancestors[o] and o not in ancestors[parent] for o in others)

    return {
        child: {p: inferred for p, inferred in parents.items() if not implied(p, parents)}
        for child, parents in steps.items()
    }


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
        """Yield the place and those of every class below it in the tree."""
        yield self
        for place in self.below:
            yield from place.walk()


def children(data: ReleaseData, hierarchy: Hierarchy, iri: str) -> list[tuple[Ref, bool]]:
    """Return the direct children; the flag marks those that only the reasoner placed here."""
    below = hierarchy.children.get(iri, {})
    return [(data.ref(child), inferred) for child, inferred in below.items()]


def placement(data: ReleaseData, hierarchy: Hierarchy, iri: str) -> list[Place]:
    """Return a class below its ancestors, and its children below it, as trees.

    Where the class has several places, the first one shows its children. Parents that the
    reasoner adds to asserted ones have no place: see :func:`service.library.inferred`.
    """
    places = hierarchy.places
    line = {iri, *closure(iri, lambda child: places.get(child, ()))}
    shown: list[str] = []

    def place(ref: Ref, above: tuple[str, ...] = (), *, inferred: bool = False) -> Place:
        node = Place(ref, inferred, ref.iri == iri)
        if len(shown) < MAX_PLACES and not (node.current and iri in shown):
            shown.append(ref.iri)
            below = children(data, hierarchy, ref.iri)
            if not node.current:
                on_the_way = [c for c in below if c[0].iri in line and ref.iri in places[c[0].iri]]
                below = sorted(on_the_way, key=lambda c: c[1])
            node.below = [
                place(child, (*above, ref.iri), inferred=flag)
                for child, flag in below
                if child.iri not in above
            ]
        return node

    roots = [data.ref(node) for node in line if not places.get(node)] or [data.ref(iri)]
    return [place(root) for root in sorted(roots)]
