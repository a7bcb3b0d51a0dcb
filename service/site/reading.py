"""Reading along: the pages of sections and passages."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from service import iris
from service.library import Citation, Claim, Description, Library, Passage, Quotation, Section
from service.rdf.walk import closure
from service.site.disagreements import disagreements
from service.site.site import Site

Made = tuple[tuple[Claim, Citation], ...]
"""Claims, each with how a passage makes it."""


class Row(NamedTuple):
    """A passage beside its claims.

    :param text: its text, if the operator gave the document.
    :param claims: each with how this very passage makes it.
    :param folded: those of them that only say what is a kind of what.
    :param open: the others, and those about which the document disagrees with itself.
    """

    passage: Passage
    text: Quotation
    claims: Made
    open: Made
    folded: Made


def passage(d: Description, site: Site) -> dict[str, Any]:
    """Return what the page of a passage shows: its claims and its place."""
    library, here = d.library, d.library.passages[d.iri]
    passages = [p for p in library.passages.values() if p.source == here.source]
    place, claims = passages.index(here), claims_of(library, here)
    return {
        "passage": here,
        "text": site.quotation(here, (citation for _, citation in claims)),
        "claims": claims,
        "reason": _reason(library, here),
        "at_odds": disagreements(library, d.iri),
        "before": passages[place - 1] if place else None,
        "after": passages[place + 1] if place + 1 < len(passages) else None,
    }


def section(d: Description, site: Site) -> dict[str, Any]:
    """Return what the page of a section shows: its passages, and those of the sections in it."""
    library, here = d.library, d.library.sections[d.iri]
    sections = [s for s in library.sections.values() if s.source == here.source]
    place = sections.index(here)
    inside = [s for s in sections if s is here or d.iri in _above(library, s)]
    reading = [(s, rows(library, s, site)) for s in inside]
    all_rows = [row for _, passages in reading for row in passages]
    return {
        "section": here,
        "at_odds": disagreements(library, d.iri),
        "reading": reading,
        "has_text": site.has_text(here.source),
        "passages_count": len(all_rows),
        "claims_count": _count(all_rows),
        "lists": [one for one in library.lists.values() if one.section in inside],
        "above": library.sections.get(here.parent),
        "before": _beside(library, reversed(sections[:place]), here),
        "after": _beside(library, sections[place + 1 :], here),
    }


def claims_of(library: Library, passage: Passage) -> Made:
    """Return the claims of a passage, each with how that very passage makes it."""
    return tuple(
        (claim, citation)
        for claim in library.claims_of_passage.get(passage.ref.iri, ())
        for citation in claim.citations
        if citation.passage is passage
    )


def _reason(library: Library, passage: Passage) -> str:
    """Return what the reason means for which a passage has no claims, or ""."""
    gloss = library.display(passage.reason.iri, iris.GLOSS) if passage.reason else ""
    return f"This is {gloss}" if gloss else ""


def rows(library: Library, section: Section, site: Site) -> list[Row]:
    """Return the passages that lie in a section itself."""
    passages = (p for p in library.passages.values() if p.section is section)
    return [_row(library, passage, site) for passage in passages]


def _row(library: Library, passage: Passage, site: Site) -> Row:
    claims = claims_of(library, passage)
    folded = tuple(
        (claim, citation)
        for claim, citation in claims
        if claim.relation.ref.iri == iris.SUBCLASS
        and not any(t.kind.leading for t in library.tensions_about(claim.ref.iri))
    )
    still_open = tuple(one for one in claims if one not in folded)
    text = site.quotation(passage, (citation for _, citation in claims))
    return Row(passage, text, claims, still_open, folded)


def _count(rows: Iterable[Row]) -> int:
    """Return how many claims passages make; one that several make counts once."""
    return len({claim.ref.iri for row in rows for claim, _ in row.claims})


def _beside(library: Library, sections: Iterable[Section], here: Section) -> Section | None:
    """Return the first section that neither holds ``here`` nor lies deeper than it."""
    above = _above(library, here)
    return next((s for s in sections if s.ref.iri not in above and s.depth <= here.depth), None)


def _above(library: Library, section: Section) -> list[str]:
    """Return the IRIs of the sections that hold a section, nearest first."""

    def parents(iri: str) -> list[str]:
        parent = library.sections[iri].parent
        return [parent] if parent and parent in library.sections else []

    return list(closure(section.ref.iri, parents))
