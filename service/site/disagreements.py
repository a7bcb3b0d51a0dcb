"""Where the document disagrees with itself: the page of all such places, and their groups."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for

from service.library import Library, Section, Tension, TensionKind
from service.site.comparison import MAX_NAME, term_called
from service.site.site import site

bp = Blueprint("disagreements", __name__)

FEW = 4
"""Tensions that can mislead a page shows with both sides at once; more are folded by kind."""

ByKind = list[tuple[TensionKind, list[Tension]]]
"""Tensions by kind, in the order of kinds."""


def by_kind(tensions: Iterable[Tension]) -> ByKind:
    """Return tensions by kind, in the order of kinds."""
    groups: dict[TensionKind, list[Tension]] = {}
    for tension in tensions:
        groups.setdefault(tension.kind, []).append(tension)
    return sorted(groups.items(), key=lambda group: group[0].order)


@dataclass(frozen=True, slots=True)
class Groups:
    """The tensions that concern the resource of a page.

    :param leading: those that can mislead a reader, by kind.
    :param below: those about narrower terms alone that can mislead.
    :param others: all others that concern it.
    :param few: whether the page has room for all of them with both sides.
    """

    leading: ByKind
    below: list[Tension]
    others: list[Tension]
    few: bool


def disagreements(library: Library, iri: str) -> Groups | None:
    """Return the tensions that concern a resource or a term below it; None without any."""
    tensions = library.tensions_about(iri)
    below = [t for t in library.tensions_below(iri) if t.kind.leading]
    if not (tensions or below):
        return None
    leading = [t for t in tensions if t.kind.leading]
    others = [t for t in tensions if not t.kind.leading]
    return Groups(by_kind(leading), below, others, len(leading) <= FEW)


@bp.get("/tensions/")
def tensions() -> str:
    """Show the places that mislead with both sides, the others folded.

    ``section`` is the local name of a section at the top of the document, ``term`` a name.
    """
    library = site().library
    chosen = next((s for s in _tops(library) if _local(s) == request.args.get("section")), None)
    name = request.args.get("term", "").strip()[:MAX_NAME]
    term = term_called(site(), name) if name else None
    shown = list(library.tensions.values())
    if term:
        shown = [*library.tensions_about(term), *library.tensions_below(term)]
    inside = library.tensions_about(chosen.ref.iri) if chosen else shown
    return render_template(
        "tensions.html",
        leading=by_kind(t for t in shown if t in inside and t.kind.leading),
        others=by_kind(t for t in shown if t in inside and not t.kind.leading),
        sections=[option for s in _tops(library) if (option := _option(library, s, shown, name))],
        section=chosen,
        everywhere=url_for("disagreements.tensions", term=name or None),
        name=library.ref(term).label if term else name,
        term=library.ref(term) if term else None,
        labels=[t.ref.label for t in library.terms.values() if not t.obsolete],
    )


def _option(
    library: Library, section: Section, shown: list[Tension], name: str
) -> tuple[Section, int, str] | None:
    """Return a section with the count and the address of the leading tensions in it, if any."""
    inside = library.tensions_about(section.ref.iri)
    count = sum(t.kind.leading for t in inside if t in shown)
    address = url_for("disagreements.tensions", section=_local(section), term=name or None)
    return (section, count, address) if count else None


def _tops(library: Library) -> list[Section]:
    return [section for section in library.sections.values() if not section.depth]


def _local(section: Section) -> str:
    return section.ref.iri.rpartition("/")[2]
