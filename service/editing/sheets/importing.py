"""Take edits of sheets of blocks over into the sources: terms, claims and questions.

A row is compared with what the sources would export now; only what differs is an edit. So the
rest of a file stays as it is, and nothing that a sheet does not show is lost.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.editing.sheets.cells import CellError
from service.editing.sheets.exporting import Record, digest, records, values
from service.editing.sheets.known import Known
from service.editing.sheets.layouts import FILE, ID, Layout, Property
from service.editing.sheets.newcomers import newcomer
from service.editing.sheets.tables import EXPORTED, LABEL, Row, Sheet
from service.pipeline.blocks import Block
from service.pipeline.violations import did_you_mean
from service.rdf.terms import Subject, Term

_LOCAL_NAME = re.compile(r"\w[\w-]*")


@dataclass
class BlockImport:
    """The changes of a sheet of blocks.

    :param changed: blocks with other triples.
    :param added: new blocks with their files.
    :param missing: IRIs of blocks, and parts of blocks, that the sheet does not have.
    """

    layout: Layout
    sheet: Sheet
    known: Known
    changed: dict[str, Block] = field(default_factory=dict)
    added: list[tuple[Path, Block]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    missing_parts: list[tuple[str, ox.BlankNode, str]] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)

    def run(self) -> None:
        """Compare the sheet with the sources."""
        self.records = records(self.known.loaded, self.layout)
        needed = [ID]
        if any(p.name in self.sheet.header for p in self.layout.part_properties):
            needed.append(self.layout.part_properties[0].name)
        if not self.sheet.has_columns([column.name for column in self.layout.columns()], needed):
            return
        groups: dict[str, list[Row]] = defaultdict(list)
        new: dict[tuple[str, ...], list[Row]] = defaultdict(list)
        for row in self.sheet.rows:
            iri = self._iri(row)
            if iri:
                groups[iri].append(row)
            elif iri is not None:
                common = (FILE, *(p.name for p in self.layout.properties))
                new[tuple(row[name] + row[name + LABEL] for name in common)].append(row)
        for iri, rows in groups.items():
            if iri in self.records:
                self._change(iri, self.records[iri], rows)
            else:
                self._add(rows, iri)
        for rows in new.values():
            self._add(rows, "")
        self.missing = [iri for iri in self.records if iri not in groups]

    def _iri(self, row: Row) -> str | None:
        """Return the IRI of a row, "" if the row is new, or None for a faulty identifier."""
        cell = row[ID].strip()
        if not cell:
            return ""
        iri = self.known.names.iri(cell)
        if iri is None and self.layout.start == iris.QUESTION:
            iri = iris.QUESTION + cell
        local = (iri or "").removeprefix(self.layout.start)
        if iri is None or local == iri or not _LOCAL_NAME.fullmatch(local):
            example = self.known.loaded.name(next(iter(self.records), self.layout.start))
            hint = f"Write it as {example}, or leave it empty for what is new."
            self.sheet.report(row, ID, f"'{cell}' is no identifier of {self.sheet.name}", hint)
            return None
        return iri

    # -- existing blocks ----------------------------------------------------------------------

    def _change(self, iri: str, record: Record, rows: list[Row]) -> None:
        current = {digest(cells) for cells in record.rows}
        stale = [row for row in rows if row[EXPORTED] and row[EXPORTED] not in current]
        for row in rows:
            self._check_labels(row)
        if stale and all(row[EXPORTED] == digest(row.cells) for row in rows):
            return  # the sources went on, the sheet did not
        triples = list(record.block.triples)
        subject = record.block.subject
        if self.layout.has_files and FILE in self.sheet.header:
            for row in rows:
                if row[FILE].strip() not in ("", record.path.stem):
                    hint = f"Write {record.path.stem} here, and move the block with: cdmo move"
                    self.sheet.report(row, FILE, "is another file than that of the sources", hint)
        for prop in self.layout.properties:
            edit = self._edit(rows, prop, record.rows[0].get(prop.name, ""))
            if edit is not None:
                triples = _with_values(triples, subject, prop.iri, edit)
        if self.layout.part and self.layout.part_properties[0].name in self.sheet.header:
            triples = self._parts(iri, record, rows, triples)
        if triples != list(record.block.triples):
            if stale:
                message = f"{rows[0][ID]} has changed in the sources since this row was exported"
                hint = "Export again and repeat the edit; or empty this cell to go over it."
                self.sheet.report(stale[0], EXPORTED, message, hint, rule="sheet-stale")
            self.changed[iri] = replace(record.block, triples=tuple(triples))

    def _edit(self, rows: Iterable[Row], prop: Property, current: str) -> list[Term] | None:
        """Return the new values of a property, or None if no row changes it."""
        if prop.name not in self.sheet.header:
            return None
        edits = [row for row in rows if not self._is_same(prop, row[prop.name], current)]
        if not edits:
            return None
        for row in edits[1:]:
            if not self._is_same(prop, row[prop.name], edits[0][prop.name]):
                place = self.sheet.place(edits[0], prop.name)
                message = f"differs from {place}, which is another row of {row[ID]}"
                self.sheet.report(row, prop.name, message, "Write the same in both.")
        return self.terms(edits[0], prop, current)

    def _is_same(self, prop: Property, cell: str, current: str) -> bool:
        if cell.strip() == current.strip():
            return True
        try:
            terms = prop.values.terms(cell.rstrip("\n"), self.known.names)
            return set(terms) == set(prop.values.terms(current.rstrip("\n"), self.known.names))
        except CellError:
            return False

    def terms(self, row: Row, prop: Property, current: str = "\n") -> list[Term]:
        """Return the values of a cell, and report its faults."""
        cell = row[prop.name].strip(" ")
        if prop.name in ("select", "expected") and current.endswith("\n"):
            cell = cell.rstrip("\n") + "\n" if cell.strip() else ""
        try:
            terms = prop.values.terms(cell, self.known.names)
        except CellError as fault:
            self.sheet.report(row, prop.name, fault.message, fault.hint)
            return []
        choices = self.layout.choices.get(prop.name, ())
        for term in terms:
            if isinstance(term, ox.NamedNode):
                name = self.known.loaded.name(term)
                if choices and name not in choices:
                    hint = did_you_mean(name, choices) or f"There are: {', '.join(choices)}."
                    self.sheet.report(row, prop.name, f"{name} is no {prop.name}", hint)
                elif not choices and not self.known.has(term.value):
                    hint = did_you_mean(name, self.known.names_like(term.value))
                    self.sheet.report(row, prop.name, f"{name} is nowhere in the sources", hint)
        return terms

    def _check_labels(self, row: Row) -> None:
        """Report labels that belong to another resource than the identifier beside them."""
        for prop in self.layout.properties:
            shown = row[prop.name + LABEL].strip()
            if not shown or not self.layout.shows_labels(prop):
                continue
            try:
                terms = prop.values.terms(row[prop.name], self.known.names)
            except CellError:
                continue
            if message := self.known.unfitting(terms, shown):
                hint = "Empty the cell, or write the identifier that you mean beside it."
                if other := self.known.by_label(shown):
                    hint = f"If you mean {shown}, write {self.known.loaded.name(other)} beside it."
                self.sheet.report(row, prop.name + LABEL, message, hint, rule="sheet-label")

    # -- citations ----------------------------------------------------------------------------

    def _parts(
        self, iri: str, record: Record, rows: list[Row], triples: list[ox.Triple]
    ) -> list[ox.Triple]:
        key = self.layout.part_properties[0]
        rows = [row for row in rows if any(row[p.name] for p in self.layout.part_properties)]
        self._check_keys(rows, key)
        pairs, left, new = self._paired(record, rows, key)
        for at, row in pairs:
            for prop in self.layout.part_properties:
                edit = self._edit([row], prop, record.rows[at].get(prop.name, ""))
                if edit is not None:
                    triples = _with_values(triples, record.parts[at], prop.iri, edit)
        for row in new:
            node, added = self.part(row)
            new_part = ox.Triple(record.block.subject, ox.NamedNode(self.layout.part), node)
            triples = _with_part(triples, new_part, key.iri, added)
        for at in left:
            name = f"the citation of {record.rows[at].get(key.name, '')}"
            self.missing_parts.append(
                (iri, record.parts[at], f"{rows[0][ID]}: {name}" if rows else name)
            )
        return triples

    def _check_keys(self, rows: Iterable[Row], key: Property) -> None:
        first: dict[str, Row] = {}
        for row in rows:
            cell = row[key.name].strip()
            if not cell:
                self.sheet.report(row, key.name, "is empty", f"Name the {key.name}.")
            elif cell in first:
                message = f"{cell} stands already in {self.sheet.place(first[cell], key.name)}"
                self.sheet.report(row, key.name, message, "Make one row of both.")
            first.setdefault(cell, row)

    def _paired(
        self, record: Record, rows: list[Row], key: Property
    ) -> tuple[list[tuple[int, Row]], list[int], list[Row]]:
        """Return parts with their rows, parts without one, and rows without one."""
        left = list(range(len(record.parts)))
        pairs: list[tuple[int, Row]] = []
        digests = [digest(cells) for cells in record.rows]

        def pair(tell: str, own: list[str], rows: list[Row]) -> list[Row]:
            rest = []
            for row in rows:
                fitting = (at for at in left if own[at] == row[tell].strip() != "")
                if (at := next(fitting, None)) is None:
                    rest.append(row)
                else:
                    left.remove(at)
                    pairs.append((at, row))
            return rest

        rest = pair(EXPORTED, digests, rows)
        rest = pair(key.name, [cells.get(key.name, "") for cells in record.rows], rest)
        return pairs, left, rest

    def part(self, row: Row) -> tuple[ox.BlankNode, list[ox.Triple]]:
        """Return the blank node of a new row, and its triples."""
        node = ox.BlankNode()
        triples = [
            ox.Triple(node, ox.NamedNode(prop.iri), term)
            for prop in self.layout.part_properties
            if prop.name in self.sheet.header
            for term in self.terms(row, prop)
        ]
        return node, triples

    # -- new blocks ---------------------------------------------------------------------------

    def _add(self, rows: list[Row], iri: str) -> None:
        before = len(self.sheet.violations)
        first = self.known.with_identifiers(rows[0], self.layout, self.sheet)
        for row in rows:
            self._check_labels(row)
        triples: list[tuple[str, Term]] = []
        for prop in self.layout.properties:
            for row in rows[1:]:
                if not self._is_same(prop, row[prop.name], rows[0][prop.name]):
                    place = self.sheet.place(rows[0], prop.name)
                    self.sheet.report(
                        row, prop.name, f"differs from {place}", "Write the same in both."
                    )
            triples += [(prop.iri, term) for term in self.terms(first, prop)]
        parts, key = [], self.layout.properties[0]
        if self.layout.part:
            key = self.layout.part_properties[0]
            self._check_keys(rows, key)
            parts = [self.part(row) for row in rows]
        if len(self.sheet.violations) > before:
            return
        fresh = newcomer(self.layout, self.sheet, self.known, first, iri=iri, values=triples)
        if fresh is None or fresh.path is None:
            return
        subject = ox.NamedNode(fresh.iri)
        block = [ox.Triple(subject, ox.NamedNode(p), term) for p, term in fresh.values]
        for node, added in parts:
            new = ox.Triple(subject, ox.NamedNode(self.layout.part), node)
            block = _with_part(block, new, key.iri, added)
        self.added.append((fresh.path, Block(subject, tuple(block))))


def _with_values(
    triples: list[ox.Triple], subject: Subject, predicate: str, terms: Iterable[Term]
) -> list[ox.Triple]:
    """Return triples with other values of a property; blank nodes among its values stay."""
    kept = [
        t
        for t in triples
        if t.subject != subject
        or t.predicate.value != predicate
        or isinstance(t.object, ox.BlankNode)
    ]
    return kept + [ox.Triple(subject, ox.NamedNode(predicate), term) for term in terms]


def _with_part(
    triples: list[ox.Triple], new: ox.Triple, key: str, added: list[ox.Triple]
) -> list[ox.Triple]:
    """Return triples with one more part, before the first that should follow it.

    :param new: leads to the part.
    :param added: those of the part.
    """
    block = Block(new.subject, (*triples, *added))

    def name(node: Term) -> str:
        assert isinstance(node, ox.NamedNode | ox.BlankNode)
        return min(map(str, values(block, node, key)), default="")

    for at, t in enumerate(triples):
        is_part = t.predicate == new.predicate and isinstance(t.object, ox.BlankNode)
        if is_part and name(new.object) < name(t.object):
            return [*triples[:at], new, *added, *triples[at:]]
    return [*triples, new, *added]
