"""The document as a strip: a cell for each passage, filled by how the passage puts its statements.

A cell is divided among the standings of its statements, each with a pattern of its own, and has
signs for denials and for what misleads who reads it alone. The outline below says the same.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service import iris
from service.library import Description, Library, Passage, Section, Standing
from service.site.reading import claims_of
from service.site.site import Site

CELL = 24
"""The width and height of a cell."""


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


@dataclass(frozen=True, slots=True)
class Band:
    """A section at the top of the document, in the strip."""

    section: Section
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """The picture of a document.

    :param standings: those that it shows, in the order of pages.
    """

    bands: tuple[Band, ...]
    standings: tuple[Standing, ...]
    has_denials: bool
    warnings: frozenset[bool]


def cells(library: Library, source: str) -> dict[str, Cell]:
    """Return the cell of every passage of a document that lies in a section, by its IRI."""
    order = list(library.standings.values())

    def cell(passage: Passage) -> Cell:
        claims = claims_of(library, passage)
        counts = Counter(citation.standing for _, citation in claims)
        standings = tuple((s, counts[s]) for s in order if counts[s])
        denials = sum(claim.negative for claim, _ in claims)
        warnings = frozenset(t.kind.mutual for t in library.warnings_of(passage.ref.iri))
        return Cell(passage, standings, denials, warnings)

    return {
        iri: cell(p) for iri, p in library.passages.items() if p.section and p.source.iri == source
    }


def strip(library: Library, by_passage: Mapping[str, Cell]) -> Strip:
    """Return the picture: a band of cells for each section at the top of the document."""
    bands = []
    for iri, section in library.sections.items():
        inside = [
            c for c in by_passage.values() if c.passage.section and c.passage.section.top == iri
        ]
        if inside:
            bands.append(Band(section, tuple(inside)))
    shown = {s for cell in by_passage.values() for s, _ in cell.standings}
    ordered = tuple(s for s in library.standings.values() if s in shown)
    drawn = by_passage.values()
    warnings = frozenset[bool]().union(*(cell.warnings for cell in drawn))
    return Strip(tuple(bands), ordered, any(cell.denials for cell in drawn), warnings)


def source(d: Description, site: Site) -> dict[str, Any]:
    """Return what the page of the document shows: the strip, and the outline that says the same."""
    library, by_passage = d.library, cells(d.library, d.iri)
    outline = []
    for section in (s for s in library.sections.values() if s.source.iri == d.iri):
        inside = [cell for cell in by_passage.values() if cell.passage.section is section]
        claims = {c.ref.iri for cell in inside for c, _ in claims_of(library, cell.passage)}
        outline.append((section, library.sections[section.top], inside, len(claims)))
    return {
        "strip": strip(library, by_passage),
        "outline": outline,
        "has_text": site.has_text(d.ref),
        "documents": library.sources if library.is_of_several else (),
        "length": site.of_source(d.ref, iris.LENGTH),
    }
