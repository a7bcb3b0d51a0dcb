"""Diagrams of the schema: how kinds of terms, and the parts of a claim, are joined.

They are SVG made here, without a script, and each has a table that says the same: what is drawn is
counted in the release, so a diagram shows what one will find.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.library import Library, Ref
from service.rdf.terms import text

WIDTH, HEIGHT = 960, 640
"""Of a diagram, in its own units."""

MAX_ARROWS = 36
"""More would not be legible; the table has all of them."""

MAX_NAMES = 16
"""Up to so many arrows, each has its name beside it."""

_RADIUS = 9
_ACROSS, _DOWN = 330, 255
"""Half the width and height of the ellipse on which the nodes stand."""


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
    """Where a node is drawn; ``anchor`` says on which side of the point its name stands."""

    ref: Ref
    x: int
    y: int
    label_x: int
    label_y: int
    anchor: str


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
    return draw(list(names.values()), _joins(counts, names, relations))


def model(library: Library) -> Diagram:
    """Return how claims, citations, passages, sections and tensions hang together."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in library.select("web_model"):
        start, relation, end = (text(row[name]) for name in ("from", "property", "to"))
        counts[start, relation, end] += int(text(row["count"]))
    found = dict.fromkeys(iri for start, _, end in counts for iri in (start, end))
    names = {iri: library.ref(iri) for iri in found}
    relations = {iri: library.ref(iri) for _, iri, _ in counts}
    return draw(list(names.values()), _joins(counts, names, relations))


def _joins(
    counts: Mapping[tuple[str, str, str], int],
    names: Mapping[str, Ref],
    relations: Mapping[str, Ref],
) -> list[Join]:
    between: dict[tuple[str, str], list[tuple[Ref, int]]] = defaultdict(list)
    for (start, relation, end), count in counts.items():
        between[start, end].append((relations[relation], count))
    joins = [
        Join(
            names[start],
            names[end],
            tuple(sorted(found, key=lambda pair: (-pair[1], pair[0].label))),
        )
        for (start, end), found in between.items()
    ]
    return sorted(joins, key=lambda j: (-j.count, j.start.label, j.end.label))


def draw(names: Iterable[Ref], joins: Iterable[Join]) -> Diagram:
    """Return a diagram: nodes on an ellipse in the order given, the most frequent joins as arrows.

    A node that nothing joins is left out.
    """
    joins = tuple(joins)
    used = {ref.iri for join in joins for ref in (join.start, join.end)}
    shown = [ref for ref in names if ref.iri in used]
    nodes = {ref.iri: _place(ref, n, len(shown)) for n, ref in enumerate(shown)}
    most = max((join.count for join in joins), default=1)
    arrows = []
    for join in _chosen(joins):
        path, at = _path(nodes[join.start.iri], nodes[join.end.iri])
        level = 1 + round(3 * math.log(join.count) / math.log(max(most, 2)))
        arrows.append(Arrow(join, path, level, at))
    return Diagram(tuple(nodes.values()), tuple(arrows), joins)


def _chosen(joins: tuple[Join, ...]) -> list[Join]:
    """Return the most frequent joins, and for each node that they leave out its most frequent."""
    chosen = list(joins[:MAX_ARROWS])
    for join in joins[MAX_ARROWS:]:
        joined = {ref.iri for other in chosen for ref in (other.start, other.end)}
        if not {join.start.iri, join.end.iri} <= joined:
            chosen.append(join)
    return chosen


def _place(ref: Ref, number: int, total: int) -> Node:
    angle = 2 * math.pi * number / max(total, 1) - math.pi / 2
    dx, dy = math.cos(angle), math.sin(angle)
    x, y = round(WIDTH / 2 + _ACROSS * dx), round(HEIGHT / 2 + _DOWN * dy)
    if abs(dx) < 0.12:
        return Node(ref, x, y, x, y + (34 if dy > 0 else -20), "middle")
    side = 1 if dx > 0 else -1
    return Node(ref, x, y, x + side * 18, y + 5, "start" if dx > 0 else "end")


def _path(start: Node, end: Node) -> tuple[str, tuple[int, int]]:
    """Return a curve that bends to the centre, so that the two directions lie apart."""
    if start.ref == end.ref:
        return _loop(start)
    centre_x, centre_y = WIDTH / 2, HEIGHT / 2
    middle_x, middle_y = (start.x + end.x) / 2, (start.y + end.y) / 2
    # A little to the left of the way there, which is the other side on the way back.
    length = math.hypot(end.x - start.x, end.y - start.y)
    left_x, left_y = (end.y - start.y) / length, (start.x - end.x) / length
    bend_x = middle_x + 0.3 * (centre_x - middle_x) + 16 * left_x
    bend_y = middle_y + 0.3 * (centre_y - middle_y) + 16 * left_y
    from_x, from_y = _towards(start, bend_x, bend_y, _RADIUS + 1)
    to_x, to_y = _towards(end, bend_x, bend_y, _RADIUS + 7)
    # A third of the way, so that the names of both directions lie apart.
    at = (
        round(0.42 * from_x + 0.46 * bend_x + 0.12 * to_x),
        round(0.42 * from_y + 0.46 * bend_y + 0.12 * to_y),
    )
    return f"M{from_x} {from_y}Q{bend_x:.0f} {bend_y:.0f} {to_x} {to_y}", at


def _towards(node: Node, x: float, y: float, distance: float) -> tuple[int, int]:
    length = math.hypot(x - node.x, y - node.y) or 1
    return (
        round(node.x + distance * (x - node.x) / length),
        round(node.y + distance * (y - node.y) / length),
    )


def _loop(node: Node) -> tuple[str, tuple[int, int]]:
    """Return a loop on the inner side of a node."""
    dx, dy = WIDTH / 2 - node.x, HEIGHT / 2 - node.y
    length = math.hypot(dx, dy) or 1
    dx, dy = dx / length, dy / length
    one = (node.x + 9 * dx - 5 * dy, node.y + 9 * dy + 5 * dx)
    two = (node.x + 14 * dx + 7 * dy, node.y + 14 * dy - 7 * dx)
    far = (node.x + 60 * dx - 30 * dy, node.y + 60 * dy + 30 * dx)
    near = (node.x + 60 * dx + 30 * dy, node.y + 60 * dy - 30 * dx)
    points = " ".join(f"{x:.0f} {y:.0f}" for x, y in (far, near, two))
    tip = (round(node.x + 48 * dx), round(node.y + 48 * dy))
    return f"M{one[0]:.0f} {one[1]:.0f}C{points}", tip
