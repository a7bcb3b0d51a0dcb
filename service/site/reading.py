"""Reading along: the pages of a document, of its sections and of its passages.

A document is shown as a strip: a cell for each passage, divided among the standings of its
statements, with signs for denials and for what misleads who reads it alone. The outline below says
the same.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from service import iris
from service.library import Citation, Claim, Description, Library, Passage, Section, Standing
from service.site.disagreements import disagreements
from service.site.site import Site

CELL = 24
"""The width and height of a cell."""

Made = tuple[tuple[Claim, Citation], ...]
"""Claims, each with how a passage makes it."""


class Row(NamedTuple):
    """A passage beside its claims.

    :param claims: each with how this very passage makes it.
    :param folded: those of them that only say what is a kind of what.
    :param open: the others, and those about which the document disagrees with itself.
    """

    passage: Passage
    claims: Made
    open: Made
    folded: Made


@dataclass(frozen=True, slots=True)
class Cell:
    """A passage in the strip.

    :param standings: how it puts its statements: each standing with how many it puts so.
    :param denials: how many of them it denies.
    :param warnings: the kinds of tensions that warn of it: whether each is mutual.
    """

    passage: Passage
    standings: tuple[tuple[Standing, int], ...]
    denials: int
    warnings: frozenset[bool]

    @property
    def statements(self) -> int:
        """How many statements it makes."""
        return sum(count for _, count in self.standings)

    @property
    def parts(self) -> list[tuple[Standing, float, float]]:
        """How the cell is divided: each standing with its start and its width."""
        parts, start = [], 0.0
        for standing, count in self.standings:
            width = CELL * count / self.statements
            parts.append((standing, round(start, 1), round(width, 1)))
            start += width
        return parts


class Strip(NamedTuple):
    """The picture of a document.

    :param bands: its cells, by the section at the top of the document in which they lie.
    :param standings: those that it shows, in the order of pages.
    """

    bands: list[tuple[Section, list[Cell]]]
    standings: list[Standing]
    has_denials: bool
    warnings: frozenset[bool]


def passage(d: Description, site: Site) -> dict[str, Any]:
    """Return what the page of a passage shows: its claims and its place."""
    library, here = d.library, d.library.passages[d.iri]
    passages = [p for p in library.passages.values() if p.source == here.source]
    place = passages.index(here)
    return {
        "passage": here,
        "claims": claims_of(library, here),
        "reason": library.display(here.reason.iri, iris.GLOSS) if here.reason else "",
        "at_odds": disagreements(library, d.iri),
        "before": passages[place - 1] if place else None,
        "after": passages[place + 1] if place + 1 < len(passages) else None,
    }


def section(d: Description, site: Site) -> dict[str, Any]:
    """Return what the page of a section shows: its passages, and those of the sections in it."""
    library, here = d.library, d.library.sections[d.iri]
    sections = [s for s in library.sections.values() if s.source == here.source]
    place = sections.index(here)
    inside = [s for s in sections if here in library.around(s)]
    reading = [(s, rows(library, s)) for s in inside]
    all_rows = [row for _, passages in reading for row in passages]
    return {
        "section": here,
        "at_odds": disagreements(library, d.iri),
        "reading": reading,
        "has_text": here.source.iri in site.texts,
        "passages_count": len(all_rows),
        "claims_count": len({claim.ref.iri for row in all_rows for claim, _ in row.claims}),
        "lists": [one for one in library.lists.values() if one.section in inside],
        "above": library.sections.get(here.parent),
        "before": _beside(library, reversed(sections[:place]), here),
        "after": _beside(library, sections[place + 1 :], here),
    }


def source(d: Description, site: Site) -> dict[str, Any]:
    """Return what the page of the document shows: the strip, and the outline that says the same."""
    library, every = d.library, cells(d.library, d.iri)
    outline = []
    for section in (s for s in library.sections.values() if s.source.iri == d.iri):
        inside = [cell for cell in every if cell.passage.section is section]
        claims = {c.ref.iri for cell in inside for c, _ in claims_of(library, cell.passage)}
        outline.append((section, library.sections[section.top], inside, len(claims)))
    return {
        "strip": strip(library, every),
        "outline": outline,
        "has_text": d.iri in site.texts,
        "documents": library.sources if library.is_of_several else (),
        "length": library.value(d.iri, iris.LENGTH),
    }


def claims_of(library: Library, passage: Passage) -> Made:
    """Return the claims of a passage, each with how that very passage makes it."""
    return tuple(
        (claim, citation)
        for claim in library.claims_of_passage.get(passage.ref.iri, ())
        for citation in claim.citations
        if citation.passage is passage
    )


def rows(library: Library, section: Section) -> list[Row]:
    """Return the passages that lie in a section itself."""
    return [_row(library, p) for p in library.passages.values() if p.section is section]


def _row(library: Library, passage: Passage) -> Row:
    claims = claims_of(library, passage)
    folded = tuple(
        (claim, citation)
        for claim, citation in claims
        if claim.relation.ref.iri == iris.SUBCLASS
        and not any(t.kind.leading for t in library.tensions_about(claim.ref.iri))
    )
    return Row(passage, claims, tuple(one for one in claims if one not in folded), folded)


def _beside(library: Library, sections: Iterable[Section], here: Section) -> Section | None:
    """Return the first section that neither holds ``here`` nor lies deeper than it."""
    around = list(library.around(here))
    return next((s for s in sections if s not in around and s.depth <= here.depth), None)


def cells(library: Library, source: str) -> list[Cell]:
    """Return the cell of every passage of a document that lies in a section."""
    passages = (p for p in library.passages.values() if p.section and p.source.iri == source)
    return [_cell(library, passage) for passage in passages]


def _cell(library: Library, passage: Passage) -> Cell:
    claims = claims_of(library, passage)
    counts = Counter(citation.standing for _, citation in claims)
    return Cell(
        passage,
        tuple((s, counts[s]) for s in library.standings.values() if counts[s]),
        sum(claim.negative for claim, _ in claims),
        frozenset(tension.kind.mutual for tension in library.warnings_of(passage.ref.iri)),
    )


def strip(library: Library, every: list[Cell]) -> Strip:
    """Return the picture: a band of cells for each section at the top of the document."""
    by_section: dict[str, list[Cell]] = defaultdict(list)
    for cell in every:
        if section := cell.passage.section:
            by_section[section.top].append(cell)
    shown = {standing for cell in every for standing, _ in cell.standings}
    return Strip(
        [(s, by_section[iri]) for iri, s in library.sections.items() if iri in by_section],
        [standing for standing in library.standings.values() if standing in shown],
        any(cell.denials for cell in every),
        frozenset(warning for cell in every for warning in cell.warnings),
    )
