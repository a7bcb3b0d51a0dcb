"""Diagrams of the schema: how kinds of terms, and the parts of a claim, are joined.

What is drawn is counted in the release, so a diagram shows what a query will return.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.library import Library, Ref
from service.rdf.terms import text
from service.site.ellipse import WIDTH, Ellipse, Point

ELLIPSE = Ellipse(height=640, across=330, down=255, beside=18, above=20, below=34)

MAX_ARROWS = 36
"""More would not be legible; the table has all joins."""

MAX_NAMES = 16
"""Up to so many arrows, each has its name beside it."""

RADIUS = 9
"""Of a node."""

Counts = Mapping[tuple[str, str, str], int]
"""How often a relation leads from one node to another: start, relation, end; all IRIs."""


@dataclass(frozen=True, slots=True)
class Join:
    """All that leads from one node to another.

    :param relations: each with how often it does, most often first.
    """

    start: Ref
    end: Ref
    relations: tuple[tuple[Ref, int], ...]

    @property
    def count(self) -> int:
        """How often something leads from one to the other."""
        return sum(n for _, n in self.relations)


@dataclass(frozen=True, slots=True)
class Node:
    """A node and where it is drawn."""

    ref: Ref
    at: Point


@dataclass(frozen=True, slots=True)
class Arrow:
    """How a join is drawn: an SVG path; ``level`` (1 to 4) says how thick.

    :param at: a place on the path where its name may stand.
    """

    join: Join
    path: str
    level: int
    at: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Diagram:
    """A diagram and all the joins, of which it shows the most frequent."""

    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]
    joins: tuple[Join, ...]

    @property
    def named(self) -> bool:
        """Whether there is room for the names of the arrows."""
        return len(self.arrows) <= MAX_NAMES


def kinds(library: Library) -> Diagram:
    """Return how statements join the kinds of terms; negative statements join nothing."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for claim in library.claims.values():
        ends = [library.terms.get(ref.iri) for ref in (claim.subject, claim.object)]
        sorts = [term.kinds[0] for term in ends if term and term.kinds]
        if len(sorts) == 2 and not claim.negative:
            counts[sorts[0], claim.relation.ref.iri, sorts[1]] += 1
    names = {k.ref.iri: k.ref for k in library.kinds.values()}
    relations = {iri: library.relation(iri).ref for _, iri, _ in counts}
    return draw(names.values(), _joins(counts, names, relations))


def model(library: Library) -> Diagram:
    """Return how claims, citations, passages, sections and tensions hang together."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in library.select("claim_model"):
        start, relation, end = (text(row[name]) for name in ("from", "property", "to"))
        counts[start, relation, end] += int(text(row["count"]))
    names = {iri: library.ref(iri) for start, _, end in counts for iri in (start, end)}
    relations = {iri: library.ref(iri) for _, iri, _ in counts}
    return draw(names.values(), _joins(counts, names, relations))


def _joins(counts: Counts, names: Mapping[str, Ref], relations: Mapping[str, Ref]) -> list[Join]:
    between: dict[tuple[str, str], list[tuple[Ref, int]]] = defaultdict(list)
    for (start, relation, end), count in counts.items():
        between[start, end].append((relations[relation], count))
    joins = [
        Join(names[start], names[end], tuple(sorted(pairs, key=lambda p: (-p[1], p[0].label))))
        for (start, end), pairs in between.items()
    ]
    return sorted(joins, key=lambda j: (-j.count, j.start.label, j.end.label))


def draw(names: Iterable[Ref], joins: Iterable[Join]) -> Diagram:
    """Return a diagram: nodes on an ellipse in the order given, the most frequent joins as arrows.

    A node that nothing joins is left out.
    """
    joins = tuple(joins)
    joined = {ref.iri for join in joins for ref in (join.start, join.end)}
    shown = [ref for ref in names if ref.iri in joined]
    points = ELLIPSE.points(len(shown))
    nodes = {ref.iri: Node(ref, at) for ref, at in zip(shown, points, strict=True)}
    most = max((join.count for join in joins), default=1)
    arrows = []
    for join in _most_frequent(joins):
        path, at = _path(nodes[join.start.iri], nodes[join.end.iri])
        level = 1 + round(3 * math.log(join.count) / math.log(max(most, 2)))
        arrows.append(Arrow(join, path, level, at))
    return Diagram(tuple(nodes.values()), tuple(arrows), joins)


def _most_frequent(joins: tuple[Join, ...]) -> list[Join]:
    """Return the most frequent joins, and for each node that they leave out its most frequent."""
    shown = list(joins[:MAX_ARROWS])
    for join in joins[MAX_ARROWS:]:
        joined = {ref.iri for other in shown for ref in (other.start, other.end)}
        if not {join.start.iri, join.end.iri} <= joined:
            shown.append(join)
    return shown


def _path(start: Node, end: Node) -> tuple[str, tuple[int, int]]:
    """Return a curve that bends to the centre, so that the two directions lie apart."""
    if start.ref == end.ref:
        return _loop(start.at)
    one, two = start.at, end.at
    middle_x, middle_y = (one.x + two.x) / 2, (one.y + two.y) / 2
    # A little to the left of the way there, which is the other side on the way back.
    length = math.hypot(two.x - one.x, two.y - one.y)
    left_x, left_y = (two.y - one.y) / length, (one.x - two.x) / length
    bend_x = middle_x + 0.3 * (WIDTH / 2 - middle_x) + 16 * left_x
    bend_y = middle_y + 0.3 * (ELLIPSE.height / 2 - middle_y) + 16 * left_y
    from_x, from_y = _towards(one, bend_x, bend_y, RADIUS + 1)
    to_x, to_y = _towards(two, bend_x, bend_y, RADIUS + 7)
    # A third of the way, so that the names of both directions lie apart.
    at = (
        round(0.42 * from_x + 0.46 * bend_x + 0.12 * to_x),
        round(0.42 * from_y + 0.46 * bend_y + 0.12 * to_y),
    )
    return f"M{from_x} {from_y}Q{bend_x:.0f} {bend_y:.0f} {to_x} {to_y}", at


def _towards(point: Point, x: float, y: float, distance: float) -> tuple[int, int]:
    length = math.hypot(x - point.x, y - point.y) or 1
    return (
        round(point.x + distance * (x - point.x) / length),
        round(point.y + distance * (y - point.y) / length),
    )


def _loop(point: Point) -> tuple[str, tuple[int, int]]:
    """Return a loop on the inner side of a node."""
    dx, dy = WIDTH / 2 - point.x, ELLIPSE.height / 2 - point.y
    length = math.hypot(dx, dy) or 1
    dx, dy = dx / length, dy / length

    def place(inwards: float, aside: float) -> str:
        x = point.x + inwards * dx - aside * dy
        y = point.y + inwards * dy + aside * dx
        return f"{x:.0f} {y:.0f}"

    tip = (round(point.x + 48 * dx), round(point.y + 48 * dy))
    return f"M{place(9, 5)}C{place(60, 30)} {place(60, -30)} {place(14, -7)}", tip
