"""Diagrams of the schema: how kinds of terms, and the parts of a claim, are joined.

What is drawn is counted in the release, so a diagram shows what a query will return. All pictures
are SVG made from points on an ellipse, with links, so that they need no script and print well;
each has a table with the same content.
"""

import cmath
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.library import Library, Ref

WIDTH = 960
"""Of every picture, in its own units."""

NEAR_AXIS = 0.12
"""Cosine below which a point counts as above or below the middle, so that its label does too."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point and its label; ``anchor`` is the end of the label at which its place is."""

    x: int
    y: int
    label_x: int
    label_y: int
    anchor: str


@dataclass(frozen=True, slots=True)
class Ellipse:
    """An ellipse around the middle of a picture.

    :param height: of the picture.
    :param across: half the width of the ellipse.
    :param down: half its height.
    :param beside: from a point to a label beside it.
    :param above: from a point to the foot of a label above it.
    :param below: from a point to the foot of a label below it.
    """

    height: int
    across: int
    down: int
    beside: int
    above: int
    below: int

    def points(self, count: int) -> list[Point]:
        """Return evenly spaced points, clockwise from the top."""
        return [self._point(n / count) for n in range(count)]

    def _point(self, turn: float) -> Point:
        direction = cmath.exp(2j * math.pi * (turn - 0.25))
        x = round(WIDTH / 2 + self.across * direction.real)
        y = round(self.height / 2 + self.down * direction.imag)
        if abs(direction.real) < NEAR_AXIS:
            below = direction.imag > 0
            return Point(x, y, x, y + (self.below if below else -self.above), "middle")
        side = 1 if direction.real > 0 else -1
        return Point(x, y, x + side * self.beside, y + 5, "start" if side > 0 else "end")


ELLIPSE = Ellipse(height=640, across=330, down=255, beside=18, above=20, below=34)

CENTRE = complex(WIDTH / 2, ELLIPSE.height / 2)
"""The middle of a diagram; for the arrows, places are complex numbers."""

RADIUS = 9
"""Of a node."""

MAX_ARROWS = 36
"""More would not be legible; the table has all joins."""

MAX_NAMES = 16
"""Up to so many arrows, each has its name beside it."""

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
class Arrow:
    """How a join is drawn.

    :param path: an SVG path.
    :param level: how thick it is, 1 to 4.
    :param name_at: where its name may stand.
    """

    join: Join
    path: str
    level: int
    name_at: complex


@dataclass(frozen=True, slots=True)
class Diagram:
    """A diagram and all the joins, of which it shows the most frequent.

    :param named: whether there is room for the names of the arrows.
    """

    nodes: tuple[tuple[Ref, Point], ...]
    arrows: tuple[Arrow, ...]
    joins: tuple[Join, ...]
    named: bool


def kinds(library: Library) -> Diagram:
    """Return how statements join the kinds of terms; negative statements join nothing."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for claim in library.claims.values():
        ends = (library.kinds_of(ref.iri) for ref in (claim.subject, claim.object))
        sorts = [kinds[0] for kinds in ends if kinds]
        if len(sorts) == 2 and not claim.negative:
            counts[sorts[0], claim.relation.ref.iri, sorts[1]] += 1
    names = {k.ref.iri: k.ref for k in library.kinds.values()}
    relations = {iri: library.relation(iri).ref for _, iri, _ in counts}
    return draw(names.values(), _joins(counts, names, relations))


def model(library: Library) -> Diagram:
    """Return how claims, citations, passages, sections and tensions hang together."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in library.select("claim_model"):
        counts[row["from"], row["property"], row["to"]] += int(row["count"])
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
    refs = [ref for ref in names if ref.iri in joined]
    nodes = tuple(zip(refs, ELLIPSE.points(len(refs)), strict=True))
    places = {ref.iri: complex(point.x, point.y) for ref, point in nodes}
    most = max((join.count for join in joins), default=1)
    arrows = []
    for join in _most_frequent(joins):
        start, end = places[join.start.iri], places[join.end.iri]
        path, name_at = _loop(start) if start == end else _curve(start, end)
        level = 1 + round(3 * math.log(join.count) / math.log(max(most, 2)))
        arrows.append(Arrow(join, path, level, name_at))
    return Diagram(nodes, tuple(arrows), joins, len(arrows) <= MAX_NAMES)


def _most_frequent(joins: tuple[Join, ...]) -> list[Join]:
    """Return the most frequent joins, and for each node that they leave out its most frequent."""
    shown = list(joins[:MAX_ARROWS])
    for join in joins[MAX_ARROWS:]:
        joined = {ref.iri for other in shown for ref in (other.start, other.end)}
        if not {join.start.iri, join.end.iri} <= joined:
            shown.append(join)
    return shown


def _curve(start: complex, end: complex) -> tuple[str, complex]:
    """Return a curve that bends to the centre, and the place of its name.

    It also bends a little to the left of its way, which is the other side on the way back, so
    that the two directions lie apart; their names do, a third of the way.
    """
    middle = (start + end) / 2
    bend = middle + 0.3 * (CENTRE - middle) - 16j * _unit(end - start)
    first = start + (RADIUS + 1) * _unit(bend - start)
    last = end + (RADIUS + 7) * _unit(bend - end)
    path = f"M{_svg(first)}Q{_svg(bend)} {_svg(last)}"
    return path, 0.42 * first + 0.46 * bend + 0.12 * last


def _loop(place: complex) -> tuple[str, complex]:
    """Return a loop on the inner side of a node, and the place of its name."""
    inwards = _unit(CENTRE - place)
    first, *others = (place + inwards * step for step in (9 + 5j, 60 + 30j, 60 - 30j, 14 - 7j))
    path = f"M{_svg(first)}C{' '.join(map(_svg, others))}"
    return path, place + 48 * inwards


def _unit(way: complex) -> complex:
    return way / (abs(way) or 1)


def _svg(place: complex) -> str:
    return f"{place.real:.0f} {place.imag:.0f}"
