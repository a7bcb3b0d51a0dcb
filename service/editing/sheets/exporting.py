"""Make sheets of the sources."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pyoxigraph as ox

from service.editing.sheets.layouts import FILE, ID, Layout
from service.editing.sheets.tables import EXPORTED, LABEL, Row
from service.names import Names
from service.pipeline.blocks import Block, read_blocks
from service.pipeline.loading import Loaded
from service.rdf.terms import Subject, Term, text


@dataclass(frozen=True)
class Record:
    """A block of the sources as a sheet shows it.

    :param parts: the blank nodes that have a row each; empty if the sheet has none.
    :param rows: the cells of each row, without labels.
    """

    path: Path
    block: Block
    parts: tuple[ox.BlankNode, ...]
    rows: tuple[Mapping[str, str], ...]


def records(loaded: Loaded, layout: Layout) -> dict[str, Record]:
    """Return the blocks of a sheet by IRI, in the order of files and blocks."""
    entries: dict[str, Record] = {}
    for document in loaded.documents:
        if document.path.parent == loaded.sources.ontology / layout.folder:
            for block in read_blocks(document).blocks:
                iri = block.subject.value if isinstance(block.subject, ox.NamedNode) else ""
                if iri.startswith(layout.start) and iri not in entries:
                    entries[iri] = record(layout, document.path, block, loaded.names)
    return entries


def record(layout: Layout, path: Path, block: Block, names: Names) -> Record:
    """Return a block as a sheet shows it."""
    iri = text(block.subject)
    common = {ID: names.curie(iri) or f"<{iri}>"}
    if layout.has_files:
        common[FILE] = path.stem
    for prop in layout.properties:
        if cell := prop.values.cell(values(block, block.subject, prop.iri), names):
            common[prop.name] = cell
    nodes = values(block, block.subject, layout.part) if layout.part else ()
    parts = tuple(node for node in nodes if isinstance(node, ox.BlankNode))
    rows: list[dict[str, str]] = []
    for part in parts:
        cells = dict(common)
        for prop in layout.part_properties:
            if cell := prop.values.cell(values(block, part, prop.iri), names):
                cells[prop.name] = cell
        rows.append(cells)
    return Record(path, block, parts, tuple(rows or [common]))


def values(block: Block, subject: Subject, predicate: str) -> list[Term]:
    """Return the values of a property in a block, in their order."""
    return [
        t.object for t in block.triples if t.subject == subject and t.predicate.value == predicate
    ]


def rows(
    layout: Layout, entries: Iterable[Record], labels: Mapping[str, str], names: Names
) -> Iterator[Row]:
    """Yield the rows of a sheet to export, each with labels and its digest."""
    number = 1
    for each in entries:
        for cells in each.rows:
            number += 1
            row = dict(cells)
            for prop in layout.properties:
                if layout.shows_labels(prop) and prop.name in cells:
                    terms = prop.values.terms(cells[prop.name], names)
                    row[prop.name + LABEL] = labels_of(terms, labels)
            row[EXPORTED] = digest(cells)
            yield Row(number, row)


def labels_of(terms: Iterable[Term], labels: Mapping[str, str]) -> str:
    """Return the labels of values, as the column beside them shows them."""
    return " | ".join(labels.get(t.value, "") if isinstance(t, ox.NamedNode) else "" for t in terms)


def digest(cells: Mapping[str, str]) -> str:
    """Return the digest of the cells that are imported, for the column ``exported``."""
    kept = {
        name: " ".join(cell.split())
        for name, cell in sorted(cells.items())
        if name != EXPORTED and not name.endswith(LABEL) and cell.strip()
    }
    return sha256(json.dumps(kept).encode()).hexdigest()[:10]
