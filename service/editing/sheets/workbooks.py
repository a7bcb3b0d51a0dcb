"""Sheets as a workbook, XLSX."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from service.editing.sheets.tables import EXPORTED, LABEL, Column, Row, Sheet, letters
from service.problems import UsageError, writing

CHOICES = "choices"
"""The hidden sheet with the choices of editors."""
LONGEST_CELL = 32_767
"""Characters, as XLSX allows them."""
_TEXT = "@"
"""The cell format in which spreadsheets do not change a typed text."""
_WIDEST = 60
_HEAD = PatternFill("solid", fgColor="E8E8E8")
_SHOWN = Font(color="666666", italic=True)


def write(sheets: Iterable[Sheet], path: Path) -> None:
    """Write a workbook.

    :raises NotWritten: if it cannot be written.
    :raises UsageError: if a cell is longer than XLSX allows.
    """
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    choices: dict[tuple[str, ...], str] = {}
    for sheet in sheets:
        _write_sheet(book.create_sheet(sheet.name), sheet, choices)
    listed = book.create_sheet(CHOICES)
    listed.sheet_state = "hidden"
    for at, values in enumerate(choices, 1):
        for number, value in enumerate(values, 1):
            _fill(listed.cell(number, at), value)
    # Same sources, same bytes as far as openpyxl lets us: no clock.
    book.properties.created = book.properties.modified = datetime(2000, 1, 1)
    book.properties.creator = "cdmo"
    with writing(path):
        book.save(path)


def _write_sheet(page: Worksheet, sheet: Sheet, choices: dict[tuple[str, ...], str]) -> None:
    for at, column in enumerate(sheet.columns, 1):
        head = page.cell(1, at)
        _fill(head, column.name)
        head.font, head.fill = Font(bold=True), _HEAD
        head.alignment = Alignment(vertical="top")
        if column.note:
            head.comment = Comment(column.note, "cdmo", height=90, width=300)
        _write_column(page, sheet, at, column)
        if column.choices:
            listed = choices.setdefault(column.choices, letters(len(choices) + 1))
            area = f"'{CHOICES}'!${listed}$1:${listed}${len(column.choices)}"
            rule = DataValidation("list", formula1=area, allow_blank=True)
            rule.error, rule.errorTitle = "Choose one of the list.", column.name
            rule.add(f"{letters(at)}2:{letters(at)}{len(sheet.rows) + 1000}")
            page.add_data_validation(rule)
    page.freeze_panes = f"{letters(_frozen(sheet) + 1)}2"
    page.auto_filter.ref = f"A1:{letters(len(sheet.columns))}{len(sheet.rows) + 1}"


def _frozen(sheet: Sheet) -> int:
    """Return how many columns stay in view: up to the identifier."""
    names = [column.name for column in sheet.columns]
    return names.index("id") + 1 if "id" in names else 1


def _write_column(page: Worksheet, sheet: Sheet, at: int, column: Column) -> None:
    width = len(column.name) + 4
    for number, row in enumerate(sheet.rows, 2):
        if text := row[column.name]:
            if len(text) > LONGEST_CELL:
                place = f"{sheet.name}!{letters(at)}{number}"
                message = f"{place} would have {len(text)} characters; XLSX allows {LONGEST_CELL}."
                raise UsageError(f"{message} Export to a folder: TSV has no such limit.")
            cell = page.cell(number, at)
            _fill(cell, text)
            long = len(text) > _WIDEST or "\n" in text
            cell.alignment = Alignment(vertical="top", wrap_text=long)
            if column.name.endswith(LABEL):
                cell.font = _SHOWN
            width = max(width, *(len(line) + 2 for line in text[:1000].split("\n")))
    dimension = page.column_dimensions[letters(at)]
    dimension.width, dimension.number_format = min(width, _WIDEST), _TEXT
    dimension.hidden = column.name == EXPORTED


def _fill(cell: Cell | MergedCell, text: str) -> None:
    """Write a text into a cell, as text whatever its first character."""
    assert isinstance(cell, Cell)
    cell.value = text
    cell.data_type = "s"
    cell.number_format = _TEXT
    cell.quotePrefix = text.startswith(("=", "+", "-", "@"))


def read(path: Path) -> list[Sheet]:
    """Return the sheets of a workbook.

    :raises UsageError: if the file is no workbook.
    """
    try:
        book = load_workbook(path)
    except (OSError, BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise UsageError(f"{path} is no workbook that can be read: {error}") from None
    return [_read_sheet(page, path) for page in book.worksheets if page.title != CHOICES]


def _read_sheet(page: Worksheet, path: Path) -> Sheet:
    sheet = Sheet(page.title, path=path)
    for merged in sorted(page.merged_cells.ranges, key=lambda area: area.bounds[1::-1]):
        at, number = merged.bounds[:2]
        message = f"is merged with others ({merged.coord})"
        sheet.report(number, at, message, "Unmerge them: one cell, one row.")
    lines = page.iter_rows()
    head = [str(cell.value).strip() if cell.value is not None else "" for cell in next(lines, ())]
    sheet.read_header(head)
    names = {at: name for name, at in sheet.header.items()}
    for number, line in enumerate(lines, 2):
        cells: dict[str, str] = {}
        for cell in line:
            if cell.value is None or not isinstance(cell, Cell):
                continue
            text, fault, hint = _read_cell(cell)
            if not fault and text.strip() and cell.column not in names:
                fault, hint = "stands in a column without a name", "Name it in row 1, or empty it."
            if fault:
                sheet.report(cell.row, cell.column, fault, hint)
            if text.strip() and cell.column in names:
                cells[names[cell.column]] = text
        if cells:
            sheet.rows.append(Row(number, cells))
    return sheet


def _read_cell(cell: Cell) -> tuple[str, str, str]:
    """Return the text of a cell, and its fault and how to mend it, if it has one."""
    value: Any = cell.value
    if cell.data_type == "f":
        return "", "is a formula", "Paste its value instead (paste special, values)."
    if cell.data_type == "e":
        return "", f"is an error of the spreadsheet, {value}", "Write the value."
    if isinstance(value, datetime) and value.time() == time(0):
        value = value.date()
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, float):
        text = str(int(value)) if value.is_integer() else repr(value)
    elif isinstance(value, date):
        text = value.isoformat()
    elif isinstance(value, str | int):
        text = re.sub(r"\r\n?", "\n", str(value).replace("_x000D_", ""))
    else:
        return "", f"holds {value}, neither text nor a number", "Format the cell as text."
    return text, "", ""
