"""The matrix of interventions and outcomes: what each is said to do to or for each, how firmly."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace

from flask import Blueprint, render_template, request, url_for

from service import iris
from service.library import Cell, Library, Ref, effect_relations, effects, other_claims
from service.problems import UnknownResource
from service.site.addresses import iri_at
from service.site.site import site

bp = Blueprint("matrix", __name__)

LISTED = 110
"""Up to so many cells stand as a list below the matrix too; each with its statements."""

FEWEST = 3
"""An intervention with so many rows, those of its kinds among them, is a choice."""

MAX_COLUMNS = 12
"""With more outcomes, columns are kinds of outcome."""

UNWANTED = "Adverse effects and denials"
"""The column, beside those of kinds, of cells without anything wanted."""

ORDERS = {"": "plain passages", "passages": "passages", "name": "name"}
"""What rows are ordered by, with its words."""

Choice = tuple[str, int, str, bool]
"""Words, how many cells they leave, the address with them chosen, and whether they are."""


@dataclass(frozen=True, slots=True)
class View:
    """What the matrix shows; an empty value narrows nothing.

    :param intervention: the local name of an intervention: it and its kinds.
    :param outcome: the local name of a term, it and its kinds, or of a kind of term.
    :param order: one of ``ORDERS``.
    """

    intervention: str = ""
    outcome: str = ""
    order: str = ""

    def address(self) -> str:
        """Return the address of this view."""
        return url_for("matrix.matrix", **{k: v for k, v in asdict(self).items() if v})


@dataclass(frozen=True, slots=True)
class Line:
    """A row or a column.

    :param address: of the view that it alone makes; "" if there is none.
    """

    words: str
    path: str | None
    address: str
    cells: tuple[Cell, ...]

    @property
    def passages(self) -> int:
        """How many passages make any of its claims."""
        return len(set().union(*(cell.passages for cell in self.cells)))

    @property
    def plain_passages(self) -> int:
        """How many of them say something wanted plainly."""
        return len(set().union(*(cell.plain_passages for cell in self.cells)))

    @property
    def is_unwanted(self) -> bool:
        """Whether it has nothing wanted."""
        return all(cell.unwanted == cell.claims for cell in self.cells)


@bp.get("/matrix/")
def matrix() -> str:
    """Show the matrix, narrowed to an intervention, an outcome or a kind of outcome."""
    library = site().library
    view = parse_view(library)
    every = effects(library)
    shown = narrowed(library, every, view)
    by_kind = not view.outcome and len({cell.outcome for cell in shown}) > MAX_COLUMNS
    columns = kind_columns(library, shown, view) if by_kind else lines_of(shown, view, "outcome")
    places = {cell.anchor: n for n, column in enumerate(columns) for cell in column.cells}
    listed = len(shown) <= LISTED
    return render_template(
        "matrix.html",
        view=view,
        by_kind=by_kind,
        columns=columns,
        places=places,
        rows=ordered(lines_of(shown, view, "intervention"), view.order),
        addresses={cell.anchor: address_of(library, cell, listed=listed) for cell in shown},
        listed=listed,
        counts={"cells": len(shown), "all": len(every)},
        statements=sum(len(cell.claims) for cell in shown),
        orders=[(words, replace(view, order=o).address(), o) for o, words in ORDERS.items()],
        kinds=kind_choices(library, every, view),
        interventions=intervention_choices(library, every, view),
        chosen=chosen(library, view),
        counted_relations=effect_relations(library),
        others=other_claims(library),
        matrix_address=url_for("matrix.matrix"),
    )


def parse_view(library: Library) -> View:
    """Return the view that the parameters of the request ask for.

    :raises UnknownResource: if one of them names nothing of this release.
    """
    view = View(**{name: request.args.get(name, "") for name in asdict(View())})
    if view.order not in ORDERS:
        raise UnknownResource("Rows are ordered by name, by passages or by plain passages.")
    for name in (view.intervention, view.outcome):
        if name and not (iris.CDMO + name in library.kinds or _term(name) in library.terms):
            raise UnknownResource(f"This release has no term called {name[:100]!r}.")
    return view


def narrowed(library: Library, cells: Iterable[Cell], view: View) -> list[Cell]:
    """Return the cells in a view."""
    rows, columns = _inside(library, view.intervention), _inside(library, view.outcome)
    return [
        cell
        for cell in cells
        if (rows is None or cell.intervention.iri in rows)
        and (columns is None or cell.outcome.iri in columns)
    ]


def _inside(library: Library, name: str) -> Collection[str] | None:
    """Return the IRIs of everything that a chosen name stands for; None if all of it."""
    if not name:
        return None
    if (kind := iris.CDMO + name) in library.kinds:
        return {term.ref.iri for term in library.terms_of(kind)}
    return {_term(name), *library.hierarchy.kinds(_term(name))}


def _term(name: str) -> str:
    return iri_at(f"/id/{name}")


def _local(iri: str) -> str:
    return iri.rpartition("/")[2]


def lines_of(cells: Iterable[Cell], view: View, side: str) -> list[Line]:
    """Return the rows or the columns of cells, the fullest first, those without wanted ones last.

    :param side: "intervention" for rows, "outcome" for columns.
    """
    by_term: dict[Ref, list[Cell]] = {}
    for cell in cells:
        by_term.setdefault(getattr(cell, side), []).append(cell)
    lines = []
    for ref, some in by_term.items():
        narrower = replace(view, **{side: _local(ref.iri)})
        lines.append(Line(ref.label, ref.path, narrower.address(), tuple(some)))
    return sorted(lines, key=lambda row: (row.is_unwanted, -len(row.cells), row.words.lower()))


def kind_columns(library: Library, cells: Iterable[Cell], view: View) -> list[Line]:
    """Return a column for each kind of outcome, and the last one for what is not wanted."""
    by_kind: dict[str, list[Cell]] = {}
    for cell in cells:
        by_kind.setdefault("" if cell.unwanted == cell.claims else cell.kind, []).append(cell)
    columns = []
    for kind in library.kinds.values():
        if some := by_kind.get(kind.ref.iri):
            narrower = replace(view, outcome=kind.name).address()
            columns.append(Line(kind.plural, kind.ref.path, narrower, tuple(some)))
    if unwanted := by_kind.get(""):
        columns.append(Line(UNWANTED, None, "", tuple(unwanted)))
    return columns


def ordered(rows: Iterable[Line], order: str) -> list[Line]:
    """Return rows by name, or those with most passages first, all or at first the plain ones."""
    by_name = sorted(rows, key=lambda row: row.words.lower())
    if order == "name":
        return by_name
    if order == "passages":
        return sorted(by_name, key=lambda row: (-row.passages, -row.plain_passages))
    return sorted(by_name, key=lambda row: (-row.plain_passages, -row.passages))


def address_of(library: Library, cell: Cell, *, listed: bool) -> str:
    """Return where the statements of a cell stand: below, or in the view of its kind of outcome."""
    place = f"#{cell.anchor}"
    return place if listed else View(outcome=library.kinds[cell.kind].name).address() + place


def kind_choices(library: Library, cells: list[Cell], view: View) -> list[Choice]:
    """Return the kinds of outcome that narrow the matrix."""
    inside = narrowed(library, cells, replace(view, outcome=""))
    counts = Counter(cell.kind for cell in inside)
    return [
        _choice(view, "outcome", kind.name, kind.plural, counts[kind.ref.iri])
        for kind in library.kinds.values()
        if counts[kind.ref.iri]
    ]


def intervention_choices(library: Library, cells: list[Cell], view: View) -> list[Choice]:
    """Return the interventions that stand for several rows, those for most first."""
    inside = narrowed(library, cells, replace(view, intervention=""))
    choices = []
    for term in library.terms_of(iris.INTERVENTION):
        name = _local(term.ref.iri)
        some = narrowed(library, inside, View(intervention=name))
        is_chosen = name == view.intervention
        if is_chosen or (not term.is_ours and len({c.intervention for c in some}) >= FEWEST):
            choices.append(_choice(view, "intervention", name, term.ref.label, len(some)))
    return sorted(choices, key=lambda choice: (-choice[1], choice[0]))


def _choice(view: View, side: str, name: str, words: str, count: int) -> Choice:
    is_chosen = getattr(view, side) == name
    other = replace(view, **{side: "" if is_chosen else name})
    return words, count, other.address(), is_chosen


def chosen(library: Library, view: View) -> list[tuple[str, str, str | None]]:
    """Return what narrows the matrix: words, the address without it, the page of a term."""
    chips = []
    for side in ("intervention", "outcome"):
        if name := getattr(view, side):
            kind, without = library.kinds.get(iris.CDMO + name), replace(view, **{side: ""})
            term = library.ref(_term(name))
            words, path = (kind.plural, None) if kind else (term.label, term.path)
            chips.append((words, without.address(), path))
    return chips
