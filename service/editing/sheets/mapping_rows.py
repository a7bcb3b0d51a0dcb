"""Mapping sets as a sheet, and edits of that sheet as edits of their files."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

from service import iris
from service.editing.sheets.exporting import digest
from service.editing.sheets.known import Known
from service.editing.sheets.tables import EXPORTED, Column, Row, Sheet
from service.pipeline import sssom
from service.pipeline.files import read_text
from service.pipeline.violations import Violation, did_you_mean

NAME = "mappings"
SET = "set"
_PREDICATES = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
_JUSTIFICATIONS = ("LexicalMatching", "ManualMappingCuration")
_KEY = ("subject_id", "object_id")
_ORDER = ("subject_id", "predicate_id", "object_id")

COLUMNS = (
    Column(SET, "The mapping set: the name of its file without .sssom.tsv."),
    Column("subject_id", "Our term, kind or relation."),
    Column("subject_label", "Its label in the ontology."),
    Column(
        "predicate_id",
        "How the two match. broadMatch: theirs is broader.",
        tuple(f"skos:{name}" for name in _PREDICATES),
    ),
    Column("predicate_modifier", "Not for a match that was considered and rejected.", ("Not",)),
    Column("object_id", "Their term, or sssom:NoTermFound."),
    Column("object_label", "Its label in the release that the header of the set names."),
    Column(
        "mapping_justification",
        "Lexical where label or synonym agree, manual where the meaning had to be judged.",
        tuple(f"semapv:{name}" for name in _JUSTIFICATIONS),
    ),
    Column("author_id", "Who decided; mappings/curators.tsv lists them."),
    Column("author_label", "Their name."),
    Column("mapping_date", "When, as 2026-11-22."),
    Column("confidence", "How sure the decision is, from 0 to 1."),
    Column("comment", "In a few words, what keeps the two apart."),
    Column(EXPORTED, "What the row was when it was exported. Leave it alone."),
)


@dataclass
class MappingFile:
    """A mapping set as text.

    :param head: the lines of its header, with line ends.
    """

    path: Path
    head: list[str]
    columns: list[str]
    rows: list[dict[str, str]]

    @property
    def name(self) -> str:
        """What the column ``set`` calls it."""
        return self.path.name.removesuffix(".sssom.tsv")

    @classmethod
    def read(cls, path: Path) -> "MappingFile":
        """Read a mapping set whose form is sound."""
        lines = read_text(path).splitlines(keepends=True)
        count = sum(1 for line in lines if line.startswith("#"))
        columns = lines[count].rstrip("\n").split("\t")
        cells = (line.rstrip("\n").split("\t") for line in lines[count + 1 :] if line.strip())
        return cls(
            path, lines[:count], columns, [dict(zip(columns, row, strict=False)) for row in cells]
        )

    def text(self) -> str:
        """Return the text of the file."""
        used = {column for row in self.rows for column, cell in row.items() if cell}
        known = [column.name for column in COLUMNS]
        for column in sorted(used - set(self.columns), key=known.index):
            after = [c for c in self.columns if c in known and known.index(c) < known.index(column)]
            self.columns.insert(self.columns.index(after[-1]) + 1 if after else 0, column)
        rows = [self.columns, *([row.get(c, "") for c in self.columns] for row in self.rows)]
        return "".join(self.head) + "".join("\t".join(row) + "\n" for row in rows)


def files(known: Known) -> dict[str, MappingFile]:
    """Return the mapping sets by name."""
    read = map(MappingFile.read, known.loaded.sources.mapping_files)
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
    """What the sheet of mappings changes.

    :param missing: rows that the sheet does not have, with their names.
    """

    sheet: Sheet
    known: Known
    violations: list[Violation] = field(default_factory=list)
    sets: dict[str, MappingFile] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    missing: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def run(self) -> None:
        """Compare the sheet with the sources."""
        self.sets = files(self.known)
        if not self._check_header():
            return
        by_digest = {digest({SET: n, **r}): (n, r) for n, f in self.sets.items() for r in f.rows}
        by_key = {(n, *(r[c] for c in _KEY)): (n, r) for n, f in self.sets.items() for r in f.rows}
        seen: dict[int, Row] = {}
        keys: dict[tuple[str, ...], Row] = {}
        new: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in self.sheet.rows:
            key = tuple(row[c].strip() for c in (SET, *_KEY))
            if key in keys:
                message = f"the pair stands already in {self.sheet.place(keys[key], _KEY[0])}"
                self._report(row, _KEY[0], message, "Remove one of the rows.")
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
        for name in self.changed:
            self.sets[name].rows.sort(key=lambda own: [own.get(c, "") for c in _ORDER])
        return {self.sets[name].path: self.sets[name].text() for name in sorted(self.changed)}

    def delete_missing(self) -> None:
        """Remove the rows that the sheet does not have."""
        for name, own in self.missing:
            self.sets[name].rows = [other for other in self.sets[name].rows if other is not own]
            self.changed.add(name)

    def _check_header(self) -> bool:
        names = [column.name for column in COLUMNS]
        for name in self.sheet.header:
            if name not in names:
                hint = did_you_mean(name, names) or f"There are: {', '.join(names)}."
                message = f"'{name}' is no column of the sheet {NAME}"
                self._report(1, name, message, hint, rule="sheet-column")
        missing = [name for name in (SET, *_KEY) if name not in self.sheet.header]
        for name in missing:
            message = f"the column '{name}' is missing"
            self._report(1, 1, message, "Export again, or write it in row 1.", rule="sheet-column")
        return not missing

    def _change(self, row: Row, name: str, own: dict[str, str]) -> None:
        before = len(self.violations)
        for column in self.sheet.header:
            cell, current = row[column].strip(), own.get(column, "")
            if column == SET and cell != name:
                self._report(
                    row, SET, f"is {name} in the sources", "Add a row, and remove this one."
                )
            elif column in (SET, EXPORTED) or _is_same(cell, current):
                continue
            else:
                self._check(row, column, cell)
                own[column] = cell
                self.changed.add(name)
        if len(self.violations) == before:
            self._check_label(row, own)

    def _new(self, row: Row, new: dict[str, list[dict[str, str]]]) -> None:
        name = row[SET].strip()
        if name not in self.sets:
            hint = did_you_mean(name, self.sets) or "Write its file with its header first."
            self._report(row, SET, f"there is no mapping set '{name}'", hint)
            return
        cells = {c: row[c].strip() for c in self.sheet.header if c not in (SET, EXPORTED)}
        for column in ("subject_id", "predicate_id", "object_id", "mapping_justification"):
            if not cells.get(column):
                self._report(row, column, "is empty")
        for column, cell in cells.items():
            self._check(row, column, cell)
        self._check_label(row, cells)
        new[name].append(cells)

    def _check(self, row: Row, column: str, cell: str) -> None:
        choices = next(c.choices for c in COLUMNS if c.name == column)
        names = self.known.names
        if "\t" in cell or "\n" in cell:
            self._report(row, column, "has a tab or a line break", "Write it on one line.")
        elif cell and choices and cell not in choices and not cell.startswith("semapv:"):
            hint = did_you_mean(cell, choices) or f"There are: {', '.join(choices)}."
            self._report(row, column, f"'{cell}' is none of the choices", hint)
        elif cell and column in sssom.CURIES and names.iri(cell) is None:
            hint = "Write a CURIE whose prefix is in ontology/prefixes.ttl."
            self._report(row, column, f"'{cell}' is no identifier", hint)
        elif column == "subject_id" and not self.known.has(names.iri(cell) or iris.BASE):
            self._report(row, column, f"{cell} is nowhere in the sources")
        elif cell and column == "confidence" and not _is_share(cell):
            self._report(row, column, f"'{cell}' is no number from 0 to 1")

    def _check_label(self, row: Row, cells: dict[str, str]) -> None:
        iri = self.known.names.iri(cells.get("subject_id", "")) or ""
        labels = [self.known.new_labels.get(iri, ""), self.known.labels.get(iri, "")]
        label = next(filter(None, labels), "")
        shown = cells.get("subject_label", "")
        if shown and label and shown not in labels:
            message = f"'{shown}' is not the label of {cells['subject_id']} ({label})"
            self._report(row, "subject_label", message, f"Write: {label}", rule="sheet-label")

    def _report(
        self,
        row: Row | int,
        column: str | int,
        message: str,
        hint: str = "",
        *,
        rule: str = "sheet-cell",
    ) -> None:
        self.violations.append(self.sheet.finding(row, column, message, hint, rule=rule))


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
