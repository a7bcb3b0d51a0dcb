"""Mapping sets as a sheet, and edits of that sheet as edits of their files."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

from service import iris
from service.editing.mapping_files import JUSTIFICATIONS, PREDICATES, Cells, MappingFile
from service.editing.sheets.exporting import digest
from service.editing.sheets.known import Known
from service.editing.sheets.tables import EXPORTED, Column, Row, Sheet
from service.pipeline.files import read_text
from service.pipeline.mapping_file import CURIES
from service.pipeline.violations import did_you_mean

NAME = "mappings"
SET = "set"
_KEY = ("subject_id", "object_id")

COLUMNS = (
    Column(SET, "The mapping set: the name of its file without .sssom.tsv."),
    Column("subject_id", "Our term, kind or relation."),
    Column("subject_label", "Its label in the ontology."),
    Column(
        "predicate_id",
        "How the two match. broadMatch: theirs is broader.",
        tuple(f"skos:{name}" for name in PREDICATES),
    ),
    Column("predicate_modifier", "Not for a match that was considered and rejected.", ("Not",)),
    Column("object_id", "Their term, or sssom:NoTermFound."),
    Column("object_label", "Its label in the release that the header of the set names."),
    Column(
        "mapping_justification",
        "Lexical where label or synonym agree, manual where the meaning had to be judged.",
        tuple(sorted(JUSTIFICATIONS.values())),
    ),
    Column("author_id", "Who decided; mappings/curators.tsv lists them."),
    Column("author_label", "Their name."),
    Column("mapping_date", "When, as 2026-11-22."),
    Column("confidence", "How sure the decision is, from 0 to 1."),
    Column("comment", "In a few words, what keeps the two apart."),
    Column(EXPORTED, "What the row was when it was exported. Leave it alone."),
)


def files(known: Known) -> dict[str, MappingFile]:
    """Return the mapping sets by name."""
    paths = known.loaded.sources.mapping_files
    read = (MappingFile.of(path, read_text(path)) for path in paths)
    return {file.name: file for file in read}


def rows(sets: dict[str, MappingFile]) -> Iterator[Row]:
    """Yield the rows of the sheet."""
    number = 1
    for name, file in sets.items():
        for own in file.rows:
            number += 1
            cells = {SET: name, **{c: cell for c, cell in own.items() if cell}}
            yield Row(number, {**cells, EXPORTED: digest(cells)})


@dataclass
class MappingImport:
    """The changes of the sheet of mappings.

    :param missing: rows that the sheet does not have, with their names.
    """

    sheet: Sheet
    known: Known
    sets: dict[str, MappingFile] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    missing: list[tuple[str, Cells]] = field(default_factory=list)

    def run(self) -> None:
        """Compare the sheet with the sources."""
        self.sets = files(self.known)
        if not self.sheet.has_columns([column.name for column in COLUMNS], (SET, *_KEY)):
            return
        by_digest = {digest({SET: n, **r}): (n, r) for n, f in self.sets.items() for r in f.rows}
        by_key = {(n, *(r[c] for c in _KEY)): (n, r) for n, f in self.sets.items() for r in f.rows}
        seen: dict[int, Row] = {}
        keys: dict[tuple[str, ...], Row] = {}
        new: dict[str, list[Cells]] = defaultdict(list)
        for row in self.sheet.rows:
            key = tuple(row[c].strip() for c in (SET, *_KEY))
            if key in keys:
                message = f"the pair stands already in {self.sheet.place(keys[key], _KEY[0])}"
                self.sheet.report(row, _KEY[0], message, "Remove one of the rows.")
                continue
            keys[key] = row
            mapping = by_digest.get(row[EXPORTED]) or by_key.get(key)
            if mapping is None:
                if row[EXPORTED] and row[EXPORTED] == digest(row.cells):
                    continue  # the sources went on, the sheet did not
                self._new(row, new)
            elif id(mapping[1]) not in seen:
                seen[id(mapping[1])] = row
                self._change(row, *mapping)
        for name, added in new.items():
            self.sets[name].rows += added
            self.changed.add(name)
        self.missing = [
            (name, own)
            for name, file in self.sets.items()
            for own in file.rows
            if id(own) not in seen and own not in new[name]
        ]

    def finish(self) -> dict[Path, str]:
        """Return the text of each changed file, its rows in order."""
        changed = (self.sets[name] for name in sorted(self.changed))
        return {file.path: file.text() for file in changed}

    def delete_missing(self) -> None:
        """Remove the rows that the sheet does not have."""
        for name, own in self.missing:
            self.sets[name].rows = [other for other in self.sets[name].rows if other is not own]
            self.changed.add(name)

    def _change(self, row: Row, name: str, own: Cells) -> None:
        before = len(self.sheet.violations)
        for column in self.sheet.header:
            cell, current = row[column].strip(), own.get(column, "")
            if column == SET and cell != name:
                self.sheet.report(
                    row, SET, f"is {name} in the sources", "Add a row, and remove this one."
                )
            elif column in (SET, EXPORTED) or _is_same(cell, current):
                continue
            else:
                self._check(row, column, cell)
                own[column] = cell
                self.changed.add(name)
        if len(self.sheet.violations) == before:
            self._check_label(row, own)

    def _new(self, row: Row, new: dict[str, list[Cells]]) -> None:
        name = row[SET].strip()
        if name not in self.sets:
            hint = did_you_mean(name, self.sets) or "Write its file with its header first."
            self.sheet.report(row, SET, f"there is no mapping set '{name}'", hint)
            return
        cells = {c: row[c].strip() for c in self.sheet.header if c not in (SET, EXPORTED)}
        for column in ("subject_id", "predicate_id", "object_id", "mapping_justification"):
            if not cells.get(column):
                self.sheet.report(row, column, "is empty")
        for column, cell in cells.items():
            self._check(row, column, cell)
        self._check_label(row, cells)
        new[name].append(cells)

    def _check(self, row: Row, column: str, cell: str) -> None:
        choices = next(c.choices for c in COLUMNS if c.name == column)
        names = self.known.names
        if "\t" in cell or "\n" in cell:
            self.sheet.report(row, column, "has a tab or a line break", "Write it on one line.")
        elif cell and choices and cell not in choices and not cell.startswith("semapv:"):
            hint = did_you_mean(cell, choices) or f"There are: {', '.join(choices)}."
            self.sheet.report(row, column, f"'{cell}' is none of the choices", hint)
        elif cell and column in CURIES and names.iri(cell) is None:
            hint = "Write a CURIE whose prefix is in ontology/prefixes.ttl."
            self.sheet.report(row, column, f"'{cell}' is no identifier", hint)
        elif column == "subject_id" and not self.known.has(names.iri(cell) or iris.BASE):
            self.sheet.report(row, column, f"{cell} is nowhere in the sources")
        elif cell and column == "confidence" and not _is_share(cell):
            self.sheet.report(row, column, f"'{cell}' is no number from 0 to 1")

    def _check_label(self, row: Row, cells: Cells) -> None:
        iri = self.known.names.iri(cells.get("subject_id", "")) or ""
        labels = [self.known.new_labels.get(iri, ""), self.known.labels.get(iri, "")]
        label = next(filter(None, labels), "")
        shown = cells.get("subject_label", "")
        if shown and label and shown not in labels:
            message = f"'{shown}' is not the label of {cells['subject_id']} ({label})"
            self.sheet.report(row, "subject_label", message, f"Write: {label}", rule="sheet-label")


def _is_same(cell: str, current: str) -> bool:
    """Tell whether two cells are the same, numbers by their value."""
    if cell == current.strip():
        return True
    try:
        return Decimal(cell) == Decimal(current)
    except InvalidOperation:
        return False


def _is_share(cell: str) -> bool:
    try:
        return 0 <= Decimal(cell) <= 1
    except InvalidOperation:
        return False
