"""The document as a strip: a cell for each passage, filled by how the passage puts its statements.

A cell is divided among the standings of its statements, each with a pattern of its own, and has a
mark where the document disagrees with itself. The outline below the picture says the same.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service import iris
from service.library import Description, Library, Passage, Section, Standing
from service.site.reading import claims_of
from service.site.site import Site

WIDTH = 938
"""Of the picture, in its own units, which a page shows as pixels: 36 cells in a row."""

NAME = 22
"""The height that is kept for the name of a section, above its cells."""

PITCH = 26
"""From one cell to the next; a target of 24 pixels has room (WCAG 2.2, 2.5.8)."""

CELL = 24
"""The width and height of a cell."""

GAP = 10
"""Between two sections."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A passage in the strip.

    :param standings: how it puts its statements: each standing with how many it puts so.
    :param tensions: in how many tensions that can mislead it takes part.
    """

    passage: Passage
    standings: tuple[tuple[Standing, int], ...]
    tensions: int

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
    """A section at the top of the document, in the strip.

    :param y: where it begins.
    :param cells: each with its place.
    """

    section: Section
    y: int
    cells: tuple[tuple[Cell, int, int], ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """The picture of a document.

    :param standings: those that it shows, in the order of pages.
    """

    width: int
    height: int
    bands: tuple[Band, ...]
    standings: tuple[Standing, ...]


def cells(library: Library) -> dict[str, Cell]:
    """Return the cell of every passage that lies in a section, by its IRI."""
    order = list(library.standings.values())

    def cell(passage: Passage) -> Cell:
        counts = Counter(citation.standing for _, citation in claims_of(library, passage))
        standings = tuple((s, counts[s]) for s in order if counts[s])
        tensions = sum(t.kind.leading for t in library.tensions_about(passage.ref.iri))
        return Cell(passage, standings, tensions)

    return {iri: cell(p) for iri, p in library.passages.items() if p.section}


def strip(library: Library, by_passage: Mapping[str, Cell]) -> Strip:
    """Return the picture: a band of cells for each section at the top of the document."""
    row_length = WIDTH // PITCH
    bands, y = [], 0
    for iri, section in library.sections.items():
        inside = [
            c for c in by_passage.values() if c.passage.section and c.passage.section.top == iri
        ]
        if inside:
            places = [divmod(number, row_length) for number in range(len(inside))]
            placed = [
                (cell, 1 + column * PITCH, y + NAME + row * PITCH)
                for cell, (row, column) in zip(inside, places, strict=True)
            ]
            bands.append(Band(section, y, tuple(placed)))
            y += NAME + (places[-1][0] + 1) * PITCH + GAP
    shown = {s for cell in by_passage.values() for s, _ in cell.standings}
    ordered = tuple(s for s in library.standings.values() if s in shown)
    return Strip(WIDTH, y, tuple(bands), ordered)


def source(d: Description, site: Site) -> dict[str, Any]:
    """Return what the page of the document shows: the strip, and the outline that says the same."""
    library, by_passage = d.library, cells(d.library)
    outline = []
    for section in library.sections.values():
        inside = [cell for cell in by_passage.values() if cell.passage.section is section]
        claims = {c.ref.iri for cell in inside for c, _ in claims_of(library, cell.passage)}
        outline.append((section, library.sections[section.top], inside, len(claims)))
    return {
        "strip": strip(library, by_passage),
        "outline": outline,
        "has_text": site.source_text is not None,
        "length": site.of_source(iris.LENGTH),
    }
