"""Give new rows their identifiers, files, dates and curators."""

from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.editing.curators import signature
from service.editing.identifiers import next_claim, next_term
from service.editing.new_term import module_of
from service.editing.sheets.known import Known
from service.editing.sheets.layouts import FILE, ID, Layout
from service.editing.sheets.tables import Row, Sheet
from service.pipeline.violations import did_you_mean
from service.problems import UsageError
from service.rdf.terms import Term, text


@dataclass
class Newcomer:
    """A new block, and its file as soon as that is known."""

    iri: str
    values: list[tuple[str, Term]]
    path: Path | None = None


def newcomer(
    layout: Layout,
    sheet: Sheet,
    known: Known,
    row: Row,
    *,
    iri: str,
    values: list[tuple[str, Term]],
) -> Newcomer | None:
    """Return the block of a new row, or report why there can be none.

    :param iri: its identifier, or "" for the next free one.
    """
    new = Newcomer(iri, list(values))
    try:
        if layout.start == iris.QUESTION:
            _question(new, known)
        elif layout.start == iris.CLAIM:
            new.path = _file(layout, known, row)
            new.iri = new.iri or next_claim(known.loaded, new.path)
        else:
            _term(new, layout, known, row)
    except _CannotTell as fault:
        column = fault.column if fault.column in sheet.header else ID
        sheet.report(row, column, fault.message, fault.hint)
        return None
    assert new.path is not None
    if iris.TYPE not in {p for p, _ in new.values}:
        new.values[:0] = [(iris.TYPE, ox.NamedNode(t)) for t in layout.types]
    known.loaded.places.setdefault(new.iri, (new.path, 1))
    labels = [term for p, term in new.values if p == iris.LABEL]
    known.new_labels[new.iri] = text(labels[0]) if labels else ""
    return new


class _CannotTell(Exception):
    def __init__(self, column: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.column, self.message, self.hint = column, message, hint


def _file(layout: Layout, known: Known, row: Row) -> Path:
    cell = row[FILE].strip()
    choices = layout.choices[FILE]
    if not cell:
        raise _CannotTell(
            FILE, "is empty, and the row is new", f"Name the file: {', '.join(choices)}"
        )
    if cell not in choices:
        hint = did_you_mean(cell, choices) or f"There are: {', '.join(choices)}."
        raise _CannotTell(FILE, f"there is no file {cell}.ttl in {layout.folder}/", hint)
    return known.loaded.sources.ontology / layout.folder / f"{cell}.ttl"


def _question(new: Newcomer, known: Known) -> None:
    if not new.iri:
        raise _CannotTell(ID, "is empty", "Name the question, as which-drugs-are-named.")
    folder = known.loaded.sources.ontology / "questions"
    new.path = folder / f"{new.iri.removeprefix(iris.QUESTION)}.ttl"


def _term(new: Newcomer, layout: Layout, known: Known, row: Row) -> None:
    parents = {text(term) for p, term in new.values if p in (iris.SUBCLASS, iris.TYPE)}
    kinds = known.kinds_of(parents)
    if row[FILE].strip():
        new.path = _file(layout, known, row)
    elif len(kinds) == 1:
        new.path = module_of(known.lookup, *kinds)
    if new.path is None:
        raise _CannotTell(FILE, "is empty, and the parents do not tell the file", "Name the file.")
    if not new.iri:
        if len(kinds) != 1:
            message = "do not tell the kind of the term, and so not its identifier"
            raise _CannotTell("parent", message, "Write a parent, or the identifier.")
        try:
            new.iri = next_term(known.loaded, *kinds)
        except UsageError as fault:
            raise _CannotTell(ID, "cannot be chosen", fault.detail) from None
    known.kinds[new.iri] = kinds
    try:
        new.values += signature(known.loaded, (p for p, _ in new.values))
    except UsageError as fault:
        raise _CannotTell("contributor", "is empty", fault.detail) from None
