"""Points on an ellipse, with room for their labels: the layout of all pictures here.

The pictures are SVG made from these points, with links, so that they need no script and print
well; each has a table with the same content.
"""

import cmath
import math
from dataclasses import dataclass

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

    def points(self, count: int, *, first: float = 0) -> list[Point]:
        """Return evenly spaced points, clockwise from the top.

        :param first: how far from the top the first one is, in steps.
        """
        return [self._point((n + first) / count) for n in range(count)]

    def _point(self, turn: float) -> Point:
        direction = cmath.exp(2j * math.pi * (turn - 0.25))
        x = round(WIDTH / 2 + self.across * direction.real)
        y = round(self.height / 2 + self.down * direction.imag)
        if abs(direction.real) < NEAR_AXIS:
            below = direction.imag > 0
            return Point(x, y, x, y + (self.below if below else -self.above), "middle")
        side = 1 if direction.real > 0 else -1
        return Point(x, y, x + side * self.beside, y + 5, "start" if side > 0 else "end")
