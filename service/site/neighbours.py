"""A term among its neighbours: a picture, and a table with the same content."""

from typing import NamedTuple

from flask import Blueprint, render_template

from service.library import (
    Claim,
    Description,
    Ref,
    describe,
    statement_groups,
)
from service.site.addresses import iri_at
from service.site.diagram import WIDTH, Ellipse, Point
from service.site.site import site

bp = Blueprint("neighbours", __name__)

ELLIPSE = Ellipse(height=620, across=230, down=250, beside=12, above=24, below=24)

MAX_NEIGHBOURS = 24
"""More would not be legible; the table has all of them."""


class Neighbour(NamedTuple):
    """A term and how the document joins it to the one in the middle.

    :param words: the relation, read from the middle outwards.
    """

    ref: Ref
    words: str
    claim: Claim


def neighbours(d: Description) -> list[Neighbour]:
    """Return every term that a statement joins to this one, firmest first."""
    joined = [
        Neighbour(s.other, g.words, s.claim)
        for g in statement_groups(d.library, d.iri)
        for s in g.statements
        if s.other.path
    ]
    return sorted(joined, key=lambda n: (-n.claim.firmness, n.words, n.ref.label))


def picture(joined: list[Neighbour]) -> list[tuple[Neighbour, Point]]:
    """Return where to draw the firmest neighbours, those of a relation together."""
    shown: dict[str, Neighbour] = {}
    for neighbour in joined:
        if not neighbour.claim.negative and len(shown) < MAX_NEIGHBOURS:
            shown.setdefault(neighbour.ref.iri, neighbour)
    ordered = sorted(shown.values(), key=lambda n: (n.words, n.ref.label))
    # Half a step from the top, so that no label stands right above or below the middle one's.
    return list(zip(ordered, ELLIPSE.points(len(ordered), first=0.5), strict=True))


@bp.get("/neighbours/<name>")
def neighbourhood(name: str) -> str:
    """Show a term among its neighbours.

    :raises UnknownResource: if there is no such term.
    """
    d = describe(site().library, iri_at(f"/id/{name}"))
    joined = neighbours(d)
    return render_template(
        "neighbours.html",
        ref=d.ref,
        neighbours=joined,
        spots=picture(joined),
        width=WIDTH,
        height=ELLIPSE.height,
    )
