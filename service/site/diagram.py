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

WIDTH, HEIGHT = 960, 640
"""Of every picture, in its own units."""

ACROSS, DOWN = 330, 255
"""Half the width and half the height of the ellipse on which nodes lie."""

BESIDE, ABOVE, BELOW = 18, 20, 34
"""From a node to its label beside it, or to the foot of a label above or below it."""

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


CENTRE = complex(WIDTH / 2, HEIGHT / 2)
"""The middle of a diagram; for the arrows, places are complex numbers."""

RADIUS = 9
"""Of a node."""

MAX_ARROWS = 36
"""More would not be legible; the table has all joins."""

MAX_NAMES = 16
"""Up to so many arrows, each has its name beside it."""

Counts = Mapping[tuple[Ref, Ref, Ref], int]
"""How often a relation leads from one node to another: start, relation, end."""


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
    counts: Counter[tuple[Ref, Ref, Ref]] = Counter()
    for claim in library.claims.values():
        ends = [library.terms.get(ref.iri) for ref in (claim.subject, claim.object)]
        sorts = [library.ref(term.kinds[0]) for term in ends if term and term.kinds]
        if len(sorts) == 2 and not claim.negative:
            counts[sorts[0], claim.relation.ref, sorts[1]] += 1
    return draw([kind.ref for kind in library.kinds.values()], counts)


def model(library: Library) -> Diagram:
    """Return how claims, citations, passages, sections and tensions hang together."""
    counts: dict[tuple[Ref, Ref, Ref], int] = {}
    for row in library.select("claim_model"):
        start, relation, end = (library.ref(row[name]) for name in ("from", "property", "to"))
        counts[start, relation, end] = int(row["count"])
    return draw([ref for start, _, end in counts for ref in (start, end)], counts)


def draw(names: Iterable[Ref], counts: Counts) -> Diagram:
    """Return a diagram: nodes on an ellipse in the order given, the most frequent joins as arrows.

    A node that nothing joins is left out.
    """
    joins = _joins(counts)
    joined = {ref for join in joins for ref in (join.start, join.end)}
    refs = [ref for ref in dict.fromkeys(names) if ref in joined]
    nodes = tuple((ref, point(n / len(refs))) for n, ref in enumerate(refs))
    places = {ref: complex(at.x, at.y) for ref, at in nodes}
    most = max((join.count for join in joins), default=1)
    arrows = []
    for join in _most_frequent(joins):
        start, end = places[join.start], places[join.end]
        path, name_at = _loop(start) if start == end else _curve(start, end)
        level = 1 + round(3 * math.log(join.count) / math.log(max(most, 2)))
        arrows.append(Arrow(join, path, level, name_at))
    return Diagram(nodes, tuple(arrows), joins, len(arrows) <= MAX_NAMES)


def _joins(counts: Counts) -> tuple[Join, ...]:
    between: dict[tuple[Ref, Ref], list[tuple[Ref, int]]] = defaultdict(list)
    for (start, relation, end), count in counts.items():
        between[start, end].append((relation, count))
    joins = [
        Join(start, end, tuple(sorted(pairs, key=lambda p: (-p[1], p[0].label))))
        for (start, end), pairs in between.items()
    ]
    return tuple(sorted(joins, key=lambda j: (-j.count, j.start.label, j.end.label)))


def point(turn: float) -> Point:
    """Return a point on the ellipse.

    :param turn: how far it is from the top, clockwise; 1 is all the way around.
    """
    direction = cmath.exp(2j * math.pi * (turn - 0.25))
    x = round(WIDTH / 2 + ACROSS * direction.real)
    y = round(HEIGHT / 2 + DOWN * direction.imag)
    if abs(direction.real) < NEAR_AXIS:
        return Point(x, y, x, y + (BELOW if direction.imag > 0 else -ABOVE), "middle")
    side = 1 if direction.real > 0 else -1
    return Point(x, y, x + side * BESIDE, y + 5, "start" if side > 0 else "end")


def _most_frequent(joins: tuple[Join, ...]) -> list[Join]:
    """Return the most frequent joins, and for each node that they leave out its most frequent."""
    shown = list(joins[:MAX_ARROWS])
    for join in joins[MAX_ARROWS:]:
        joined = {ref for other in shown for ref in (other.start, other.end)}
        if not {join.start, join.end} <= joined:
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
