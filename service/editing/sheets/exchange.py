"""Write the sources to spreadsheets and read them back, for the verbs."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from service import iris
from service.editing.edits import Edits, in_order
from service.editing.sheets import mapping_rows, tab_files, workbooks
from service.editing.sheets.exporting import records, rows
from service.editing.sheets.importing import BlockImport
from service.editing.sheets.known import Known
from service.editing.sheets.layouts import layouts
from service.editing.sheets.mapping_rows import MappingImport
from service.editing.sheets.tables import Sheet
from service.editing.uses import blocks_of
from service.pipeline.files import write_folder
from service.pipeline.loading import Loaded
from service.pipeline.violations import did_you_mean, error
from service.problems import SourceError, UsageError
from service.rdf.terms import text


def sheets_of(loaded: Loaded) -> list[Sheet]:
    """Return the sheets of the sources: terms, claims, mappings and questions."""
    known = Known(loaded)
    sheets = []
    for layout in layouts(loaded):
        entries = records(loaded, layout).values()
        table = list(rows(layout, entries, known.labels, loaded.names))
        sheets.append(Sheet(layout.name, list(layout.columns()), table))
    mappings = list(mapping_rows.rows(mapping_rows.files(known)))
    sheets.insert(2, Sheet(mapping_rows.NAME, list(mapping_rows.COLUMNS), mappings))
    return sheets


def export(loaded: Loaded, target: Path) -> list[Path]:
    """Write the sheets of the sources as a workbook, or as TSV into a folder.

    :param target: a file whose name ends in ``.xlsx``, or a folder.
    :return: the files.
    :raises NotWritten: if they cannot be written.
    :raises UsageError: if the name of the target has another suffix.
    """
    sheets = sheets_of(loaded)
    if target.suffix.lower() == ".xlsx":
        workbooks.write(sheets, target)
        return [target]
    if target.suffix:
        raise UsageError(f"{target} is neither a workbook (.xlsx) nor a folder.")
    return write_folder(target, tab_files.texts(sheets))


def read(path: Path) -> list[Sheet]:
    """Return the sheets of a workbook, a folder of TSV files or one of them.

    :raises UsageError: if there are none.
    """
    if path.is_dir():
        paths = sorted(path.glob("*.tsv"))
        if not paths:
            raise UsageError(f"{path} has no TSV file.")
        return tab_files.read(paths)
    if path.suffix.lower() == ".xlsx":
        return workbooks.read(path)
    if path.suffix.lower() == ".tsv":
        return tab_files.read([path])
    raise UsageError(f"{path} is neither a workbook (.xlsx), nor TSV, nor a folder of TSV.")


@dataclass
class SheetEdits:
    """The changes of sheets to the sources.

    :param kept: blocks and rows missing from the sheets that the sources keep, in words.
    """

    edits: Edits
    kept: list[str] = field(default_factory=list)


def edits_of(edits: Edits, path: Path, *, delete: bool = False) -> SheetEdits:
    """Return the changes of a workbook or of TSV files.

    :param delete: remove blocks and rows from the sources that the sheets do not have.
    :raises SourceError: with a violation for each cell that is wrong; then nothing changes.
    """
    sheets = read(path)
    result = SheetEdits(edits)
    known = Known(edits.loaded)
    by_name = {sheet.name: sheet for sheet in sheets}
    known_layouts = layouts(edits.loaded)
    names = [*(layout.name for layout in known_layouts), mapping_rows.NAME]
    for sheet in sheets:
        if sheet.name not in names and sheet.rows:
            hint = did_you_mean(sheet.name, names) or f"There are: {', '.join(names)}."
            message = f"'{sheet.name}' is no sheet of ours"
            sheet.violations.append(error("sheet-unknown", sheet.path, None, message, hint))
    imports = []
    for layout in known_layouts:
        if layout.name in by_name:
            change = BlockImport(layout, by_name[layout.name], known)
            change.run()
            imports.append(change)
            if layout.start == iris.TERM:
                _note_labels(change, known)
    mappings = None
    if sheet_of_mappings := by_name.get(mapping_rows.NAME):
        mappings = MappingImport(sheet_of_mappings, known)
        mappings.run()
    if violations := [violation for sheet in sheets for violation in sheet.violations]:
        message = f"{len(violations)} cells are wrong; nothing was imported."
        raise SourceError(message, violations=violations)
    for change in imports:
        result.kept += _take_over(edits, change, delete=delete)
    if mappings:
        if delete:
            mappings.delete_missing()
        else:
            result.kept += [
                f"{mapping_rows.NAME}: {own['subject_id']} {own['object_id']} ({name})"
                for name, own in mappings.missing
            ]
        edits.texts.update(mappings.finish())
    return result


def _note_labels(change: BlockImport, known: Known) -> None:
    """Note the labels that a sheet changes, for the sheets that follow."""
    for iri, block in change.changed.items():
        for t in block.triples:
            if t.subject == block.subject and t.predicate.value == iris.LABEL:
                known.new_labels[iri] = text(t.object)


def _take_over(edits: Edits, change: BlockImport, *, delete: bool) -> list[str]:
    """Change the blocks of the files; return those that stay though the sheet lacks them.

    The blocks of its blank nodes and the notes on it are removed with a block; new blocks are
    placed by their identifiers.
    """
    removed, kept = change.missing if delete else [], list[str]()
    if delete:
        for iri, part, _ in change.missing_parts:
            block = change.changed.get(iri) or change.records[iri].block
            left = tuple(t for t in block.triples if part not in (t.subject, t.object))
            change.changed[iri] = replace(block, triples=left)
    else:
        kept += [f"{change.layout.name}: {edits.loaded.name(iri)}" for iri in change.missing]
        kept += [f"{change.layout.name}: {words}" for _, _, words in change.missing_parts]
    path_of = {iri: change.records[iri].path for iri in (*change.changed, *removed)}
    changed = dict(change.changed)
    for path in sorted({*path_of.values(), *(p for p, _ in change.added)}):
        file = edits.blocks(path)
        of_file = (iri for iri in removed if path_of[iri] == path)
        gone = [block for iri in of_file for block in blocks_of(iri, file.blocks)]
        file.blocks = [
            replace(block, triples=changed.pop(text(block.subject), block).triples)
            for block in file.blocks
            if block not in gone
        ]
        for new in (block for p, block in change.added if p == path):
            file.blocks = in_order(file.blocks, [new])
        edits.put(path, file)
    return kept
