"""The picture of a term: what the article says of it, in sectors such as causes and signs.

A sector is a comb: a line for each claim, from the trunk to the term at the other end. The line
shows the standing of the claim and whether the claim is denied or at odds with another passage.
Every claim has its own line, so that none speaks for another. Which sectors there are, and their
order, is data (``sectorLabel`` and ``sectorOrder`` in ``display.ttl``).
"""

import textwrap
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from service.library import Claim, Library, Ref, Sector, Standing, Tension
from service.site.filters import anchor

FEW = 4
"""A term with fewer statements has no picture: its list is read as quickly."""

MAX_NODES = 8
"""Terms in a sector; the others are counted."""

WIDTH = 284
"""Of a sector, in pixels: what a screen of 320 pixels has beside its margins."""

LINE = 64
"""The length of a line."""

PITCH = 26
"""The height that a line needs, as a target of 24 pixels (WCAG 2.2, 2.5.8)."""

TEXT = 17
"""From one line of text to the next."""

SMALL_TEXT = 15
"""The same for what is counted below a label."""

MAX_CHARACTERS = 25
"""Of a label beside a line; a longer one is broken."""

MAX_COMBS = 9
"""Sectors in sight; the others are folded."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A claim as a line.

    :param direction: 1 if the claim leads away from the term, -1 if towards it, 0 if both.
    :param tensions: those about the claim that can mislead.
    """

    claim: Claim
    direction: int
    tensions: tuple[Tension, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A term at the end of lines.

    :param y: where its space begins.
    :param lines: its label, broken.
    :param hooked: how many statements about it are in sectors such as what helps.
    """

    ref: Ref
    y: int
    lines: tuple[str, ...]
    edges: tuple[Edge, ...]
    hooked: tuple[tuple[str, int], ...]

    @property
    def height(self) -> int:
        """The height of its space."""
        return max(PITCH * len(self.edges), self._text_height + 9)

    @property
    def middle(self) -> float:
        """The middle of its space."""
        return self.y + self.height / 2

    @property
    def rows(self) -> list[tuple[Edge, float]]:
        """Its lines, each with its place from top to bottom."""
        first = self.middle - PITCH * (len(self.edges) - 1) / 2
        return [(edge, first + PITCH * number) for number, edge in enumerate(self.edges)]

    @property
    def baseline(self) -> float:
        """Where the first line of its label stands."""
        return self.middle - self._text_height / 2 + 12.5

    @property
    def _text_height(self) -> int:
        return TEXT * len(self.lines) + SMALL_TEXT * bool(self.hooked)


@dataclass(frozen=True, slots=True)
class Comb:
    """A sector as it is drawn.

    :param statements: how many statements it has, with those that are not drawn.
    :param anchor: where the page of the term lists them all.
    """

    sector: Sector
    nodes: tuple[Node, ...]
    height: int
    statements: int
    anchor: str

    @property
    def more(self) -> int:
        """How many statements are not drawn."""
        return self.statements - sum(len(node.edges) for node in self.nodes)


@dataclass(frozen=True, slots=True)
class Overview:
    """The picture of a term.

    :param folded: sectors that the first ones leave no room for.
    :param standings: those that it shows, the best first.
    :param has_odds: whether it shows a disagreement.
    :param has_denials: whether it shows a denied claim.
    """

    ref: Ref
    combs: tuple[Comb, ...]
    folded: tuple[Comb, ...]
    standings: tuple[Standing, ...]
    has_odds: bool
    has_denials: bool


def overview(library: Library, iri: str) -> Overview | None:
    """Return the picture of a term; None if it has few statements."""
    sectors = _sectors(library, iri)
    if sum(map(len, sectors.values())) < FEW:
        return None
    combs = tuple(_comb(library, iri, sector, sectors) for sector in sectors)
    drawn = [edge for comb in combs for node in comb.nodes for edge in node.edges]
    shown = {edge.claim.standing for edge in drawn}
    return Overview(
        library.ref(iri),
        combs[:MAX_COMBS],
        combs[MAX_COMBS:],
        tuple(standing for standing in library.standings.values() if standing in shown),
        any(edge.tensions for edge in drawn),
        any(edge.claim.negative for edge in drawn),
    )


def _sectors(library: Library, iri: str) -> dict[Sector, list[Claim]]:
    """Return the claims about a term by sector, in the order of pictures."""
    sectors: dict[Sector, list[Claim]] = defaultdict(list)
    for claim in library.claims_of_term.get(iri, ()):
        relation = claim.relation
        sector = relation.sector if claim.subject.iri == iri else relation.inverse_sector
        if sector:
            sectors[sector].append(claim)
    return dict(sorted(sectors.items(), key=lambda item: (item[0].order, item[0].words)))


def _comb(
    library: Library, iri: str, sector: Sector, sectors: Mapping[Sector, list[Claim]]
) -> Comb:
    """Return a sector with its firmest claims, those of one term together."""
    claims = sectors[sector]
    hooks = [s for s in sectors if s.hooked and not sector.hooked]
    by_term: dict[Ref, list[Claim]] = defaultdict(list)
    for claim in sorted(claims, key=lambda c: (-c.firmness, c.ref.label.lower())):
        by_term[claim.object if claim.subject.iri == iri else claim.subject].append(claim)
    nodes: list[Node] = []
    height = 0
    for other, some in list(by_term.items())[:MAX_NODES]:
        counts = _sectors(library, other.iri)
        hooked = tuple((s.words, len(counts[s])) for s in hooks if s in counts)
        lines = tuple(textwrap.wrap(other.label, MAX_CHARACTERS))
        edges = tuple(_edge(library, iri, claim) for claim in some)
        nodes.append(Node(other, height, lines, edges, hooked))
        height += nodes[-1].height
    headings = {claim.relation.heading for claim in claims}
    place = anchor(headings.pop()) if len(headings) == 1 else "says"
    return Comb(sector, tuple(nodes), height, len(claims), place)


def _edge(library: Library, iri: str, claim: Claim) -> Edge:
    direction = 1 if claim.subject.iri == iri else -1
    tensions = (t for t in library.tensions_about(claim.ref.iri) if t.kind.leading)
    return Edge(claim, 0 if claim.relation.symmetric else direction, tuple(tensions))
