"""A term among its neighbours: a picture, and a table that says the same.

The picture is SVG made here, with links, so that it needs no script and prints well.
"""

import math
from dataclasses import dataclass

from flask import render_template

from service.iris import BASE
from service.library import Description, Modality, Ref, describe
from service.site.browse import bp
from service.site.site import site

WIDTH, HEIGHT = 960, 620
"""Of the picture, in its own units."""

MAX_NEIGHBOURS = 24
"""More would not be legible; the table has all of them."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A term and how the document joins it to the one in the middle.

    :param words: the relation, read from the middle outwards.
    """

    ref: Ref
    words: str
    modality: Modality
    negative: bool
    claim: Ref


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a neighbour is drawn; ``anchor`` says on which side of the point its name stands."""

    neighbour: Neighbour
    x: int
    y: int
    label_x: int
    label_y: int
    anchor: str


def neighbours(d: Description) -> list[Neighbour]:
    """Return every term that a statement joins to this one, surest first."""
    found = [
        Neighbour(s.other, g.words, s.claim.modality, s.claim.negative, s.claim.ref)
        for g in (*d.statements, *d.inverse_statements)
        for s in g.statements
        if s.other.path
    ]
    return sorted(found, key=lambda n: (-n.modality.strength, n.words, n.ref.label))


def picture(found: list[Neighbour]) -> list[Spot]:
    """Return where to draw the surest neighbours: on an ellipse, those of a relation together."""
    shown: dict[str, Neighbour] = {}
    for neighbour in found:
        if not neighbour.negative and len(shown) < MAX_NEIGHBOURS:
            shown.setdefault(neighbour.ref.iri, neighbour)
    ordered = sorted(shown.values(), key=lambda n: (n.words, n.ref.label))
    spots = []
    for number, neighbour in enumerate(ordered):
        angle = 2 * math.pi * (number + 0.5) / len(ordered) - math.pi / 2
        dx, dy = math.cos(angle), math.sin(angle)
        x, y = round(WIDTH / 2 + 230 * dx), round(HEIGHT / 2 + 250 * dy)
        near_axis = abs(dx) < 0.12
        spots.append(
            Spot(
                neighbour,
                x,
                y,
                x if near_axis else x + (12 if dx > 0 else -12),
                y + (round(24 * dy) if near_axis else 5),
                "middle" if near_axis else "start" if dx > 0 else "end",
            )
        )
    return spots


@bp.get("/neighbours/<name>")
def neighbourhood(name: str) -> str:
    """Show a term among its neighbours.

    :raises UnknownResource: if there is no such term.
    """
    d = describe(site().library, f"{BASE}id/{name}")
    found = neighbours(d)
    return render_template(
        "neighbours.html", d=d, found=found, spots=picture(found), width=WIDTH, height=HEIGHT
    )
