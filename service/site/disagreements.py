"""Where the document disagrees with itself: the page of all such places, and their groups."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, render_template, request

from service.cards import Filter, Lists
from service.library import Library, Section, Tension, TensionKind
from service.problems import BadRequest
from service.site.comparison import MAX_NAME
from service.site.listing import files, here, requested, wants_page
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


@bp.get("/tensions/", strict_slashes=False)
@bp.get("/tensions.<suffix>")
def tensions(suffix: str | None = None) -> str | tuple[str, int]:
    """Show the places that mislead with both sides, the others folded.

    The page itself answers someone who types a name that no term has; a program gets a problem.
    """
    try:
        return _page(requested("tensions", suffix))
    except BadRequest as problem:
        known = problem.extras.get("known", ())
        if problem.extras["field"] != "term" or not known or not wants_page(suffix):
            raise
        typed = request.args["term"].strip()[:MAX_NAME]
        return _page(Filter(), typed, known), problem.status


def _page(current: Filter, missing: str = "", close: Iterable[str] = ()) -> str:
    """Return the page of tensions.

    :param missing: a name that no term has.
    :param close: the names that are spelled most alike.
    """
    library, lists = site().library, site().lists
    chosen = library.sections.get(current["section"])
    shown = [library.tensions[iri] for iri in lists.part("tensions", current).iris]
    return render_template(
        "tensions.html",
        leading=by_kind(t for t in shown if t.kind.leading),
        others=by_kind(t for t in shown if not t.kind.leading),
        sections=[o for s in library.sections.values() if (o := _option(lists, s, current))],
        section=chosen,
        document=library.in_short(library.ref(current["source"])) if current["source"] else "",
        all_documents=here(current.choose("source", "")),
        everywhere=here(current.choose("section", "")),
        missing=missing,
        close=[(name, here(Filter({"term": name}))) for name in close],
        term=library.ref(current["term"]) if current["term"] else None,
        labels=[t.ref.label for t in library.terms.values() if not t.obsolete],
        files=files("tensions", current),
    )


def _option(lists: Lists, section: Section, current: Filter) -> tuple[Section, int, str] | None:
    """Return a section with the count and the address of the leading tensions in it, if any."""
    if current["source"] not in ("", section.source.iri):
        return None
    narrowed = current.choose("section", section.ref.iri)
    tensions = lists.library.tensions
    leading = (tensions[iri].kind.leading for iri in lists.select("tensions", narrowed))
    count = 0 if section.depth else sum(leading)
    return (section, count, here(narrowed)) if count else None
