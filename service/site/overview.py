"""The picture of a term: what the article says of it, in sectors such as causes and signs.

A sector has groups, one for each way in which a relation reads from the term, with these words as
its head: denials have words of their own, and so have aims and hopes. Below it is a line for each
statement, in the style of its standing. Which sectors there are, and their order, is data
(``sectorLabel`` and ``sectorOrder`` in ``display.ttl``).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from service import iris
from service.library import (
    Claim,
    Library,
    Ref,
    Sector,
    Standing,
    Tension,
    limits_of_treatment,
)
from service.site.filters import anchor

FEW = 4
"""A term with fewer statements has no picture: its list is read as quickly."""

MAX_LINES = 7
"""Statements in a sector that affirm something; the others are counted."""

MAX_PROSPECTS = 3
"""The same for aims and hopes. Denials are never left out."""

MAX_COMBS = 9
"""Sectors in sight; the others are folded."""

LIMITS = Sector("What limits treatment", 61)
"""The sector of what treatment does not reach, and of what it brings besides."""


@dataclass(frozen=True, slots=True)
class Hook:
    """How many things another term has in a sector such as what helps.

    :param others: those of which at least one statement is no mere aim or hope.
    :param prospects: the rest.
    """

    words: str
    others: int
    prospects: int


@dataclass(frozen=True, slots=True)
class Line:
    """A statement as a line.

    :param subject: the form of the term of which it is said, or "" if it is said of the term.
    :param words: how the relation reads from the term.
    :param warnings: tensions that warn of it.
    """

    claim: Claim
    other: Ref
    subject: str
    words: str
    warnings: tuple[Tension, ...] = ()
    hooks: tuple[Hook, ...] = ()

    @property
    def head(self) -> str:
        """The words above it."""
        return f"{self.subject} {self.words}" if self.subject else self.words

    @property
    def rank(self) -> tuple[bool, bool, int, str]:
        """Where its group stands: after what is affirmed come aims and hopes, then denials."""
        claim = self.claim
        return claim.negative, claim.is_prospect, claim.relation.order, self.head


@dataclass(frozen=True, slots=True)
class Comb:
    """A sector as it is drawn.

    :param groups: lines by the words above them.
    :param statements: how many statements it has, with those that are not drawn.
    :param of_kinds: how many statements about kinds of the term it would have besides.
    :param anchor: where the page of the term lists them all.
    """

    sector: Sector
    groups: tuple[tuple[str, tuple[Line, ...]], ...]
    statements: int
    of_kinds: int
    anchor: str

    @property
    def lines(self) -> list[Line]:
        """The lines of all groups."""
        return [line for _, lines in self.groups for line in lines]

    @property
    def in_brief(self) -> bool:
        """Whether a narrow screen shows it unfolded, as it does denials and adverse effects."""
        claims = [line.claim for line in self.lines]
        return self.sector is LIMITS or any(
            c.negative or c.relation.in_brief or c.relation.ref.iri == iris.HAS_ADVERSE_EFFECT
            for c in claims
        )

    @property
    def more(self) -> int:
        """How many statements are not drawn."""
        return self.statements - len(self.lines)


@dataclass(frozen=True, slots=True)
class Overview:
    """The picture of a term.

    :param folded: sectors that the first ones leave no room for.
    :param standings: those that it shows, the best first.
    :param of_kinds: other sectors, in which only kinds of the term have statements, with how many.
    :param has_denials: whether it shows a denied claim.
    :param has_hooks: whether it counts anything at a term.
    :param warnings: the kinds of warnings that it shows: whether each is mutual.
    """

    ref: Ref
    combs: tuple[Comb, ...]
    folded: tuple[Comb, ...]
    of_kinds: tuple[tuple[Sector, int], ...]
    standings: tuple[Standing, ...]
    has_denials: bool
    has_hooks: bool
    warnings: frozenset[bool]


def overview(library: Library, iri: str) -> Overview | None:
    """Return the picture of a term; None if it has few statements."""
    if sum(map(len, _sectors(library, [iri], iri).values())) < FEW:
        return None
    own = _sectors(library, [iri, *library.forms(iri)], iri)
    below = [t for kind in library.hierarchy.kinds(iri) for t in (kind, *library.forms(kind))]
    drawn = {line.claim.ref.iri for lines in own.values() for line in lines}
    of_kinds = _sectors(library, below, iri, drawn)
    if iri == (library.usual_context and library.usual_context.iri):
        limits = limits_of_treatment(library, iri)
        own[LIMITS] = [Line(c, c.object, c.subject.label, c.reading()) for c in limits]
    ordered = sorted({*own, *of_kinds}, key=lambda sector: (sector.order, sector.words))
    hooks = [sector for sector in own if sector.hooked]
    combs = tuple(
        _comb(library, sector, own[sector], len(of_kinds.get(sector, ())), hooks)
        for sector in ordered
        if sector in own
    )
    lines = [line for comb in combs for line in comb.lines]
    shown = {line.claim.standing for line in lines}
    return Overview(
        library.ref(iri),
        combs[:MAX_COMBS],
        combs[MAX_COMBS:],
        tuple((sector, len(of_kinds[sector])) for sector in ordered if sector not in own),
        tuple(standing for standing in library.standings.values() if standing in shown),
        any(line.claim.negative for line in lines),
        any(line.hooks for line in lines),
        frozenset(tension.kind.mutual for line in lines for tension in line.warnings),
    )


def _sectors(
    library: Library, terms: Iterable[str], hub: str, but: Iterable[str] = ()
) -> dict[Sector, list[Line]]:
    """Return the claims about some terms by sector, each once.

    :param hub: the term of the picture; what is said of another one names it.
    :param but: claims to leave out.
    """
    sectors: dict[Sector, list[Line]] = defaultdict(list)
    seen = set(but)
    for term in terms:
        for claim in library.claims_of_term.get(term, ()):
            forwards = claim.subject.iri == term
            sector = claim.relation.sector if forwards else claim.relation.inverse_sector
            if sector and claim.ref.iri not in seen:
                seen.add(claim.ref.iri)
                subject = "" if term == hub else library.ref(term).label
                other = claim.object if forwards else claim.subject
                words = claim.reading(forwards=forwards)
                sectors[sector].append(Line(claim, other, subject, words))
    return sectors


def _comb(
    library: Library, sector: Sector, lines: list[Line], of_kinds: int, hooks: list[Sector]
) -> Comb:
    """Return a sector with its firmest statements, in groups."""
    counted = [] if sector.hooked else hooks
    groups: dict[str, list[Line]] = defaultdict(list)
    for line in sorted(_chosen(lines), key=lambda line: line.rank):
        warnings = tuple(library.warnings_of(line.claim.ref.iri))
        hooked = tuple(_hooks(library, line.other.iri, counted))
        groups[line.head].append(replace(line, warnings=warnings, hooks=hooked))
    headings = {line.claim.relation.heading for line in lines}
    place = anchor(headings.pop()) if len(headings) == 1 else "says"
    heads = tuple((head, tuple(some)) for head, some in groups.items())
    return Comb(sector, heads, len(lines), of_kinds, "limits" if sector is LIMITS else place)


def _chosen(lines: list[Line]) -> list[Line]:
    """Return the lines to draw: the firmest, but first one for each chapter; every denial.

    Among equals the order is that of the document.
    """
    firmest = sorted(lines, key=lambda line: -line.claim.firmness)
    affirmed = [line for line in firmest if not (line.claim.negative or line.claim.is_prospect)]
    chapters: set[str] = set()
    first = []
    for line in affirmed:
        own = {c.passage.section.top for c in line.claim.citations if c.passage.section}
        if own - chapters:
            first.append(line)
            chapters |= own
    kept = [*first, *(line for line in affirmed if line not in first)][:MAX_LINES]
    prospects = [line for line in firmest if line.claim.is_prospect][:MAX_PROSPECTS]
    denials = [line for line in firmest if line.claim.negative]
    return [line for line in firmest if line in kept or line in prospects or line in denials]


def _hooks(library: Library, iri: str, sectors: list[Sector]) -> Iterable[Hook]:
    """Yield how many other terms a term has in each sector; what a condition has is no sign's."""
    if iris.CONDITION in library.kinds_of(iri):
        return
    every = _sectors(library, [iri], iri)
    for sector in sectors:
        lines = [line for line in every.get(sector, ()) if not line.claim.negative]
        others = {line.other for line in lines if not line.claim.is_prospect}
        prospects = {line.other for line in lines} - others
        if others or prospects:
            yield Hook(sector.words, len(others), len(prospects))
