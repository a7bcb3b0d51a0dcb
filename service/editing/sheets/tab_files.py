r"""Sheets as a folder of TSV files, one for each sheet.

Cells are quoted as spreadsheets quote them, and a line break in a cell is written ``\n``, so that
a row is a line. A cell that a spreadsheet would take for a formula has an apostrophe before it.
"""

import csv
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable
from io import StringIO
from pathlib import Path

from service.editing.sheets.tables import Row, Sheet
from service.problems import UsageError

_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_PLAIN = {written: plain for plain, written in _ESCAPES.items()}
_FORMULA = re.compile(r"'*[=+\-@]")


def texts(sheets: Iterable[Sheet]) -> dict[str, str]:
    """Return the text of each file by its name."""
    files = {}
    for sheet in sheets:
        names = [column.name for column in sheet.columns]
        text = StringIO()
        writer = csv.writer(text, "excel-tab", lineterminator="\n")
        writer.writerow(names)
        writer.writerows([_written(row[name]) for name in names] for row in sheet.rows)
        files[f"{sheet.name}.tsv"] = text.getvalue()
    return files


def read(paths: Iterable[Path]) -> list[Sheet]:
    """Return the sheets of TSV files.

    :raises UsageError: if a file is no text.
    """
    sheets: list[Sheet] = []
    for path in paths:
        lines = csv.reader(StringIO(_text(path), newline=""), "excel-tab")
        sheet = Sheet(path.stem, path=path)
        sheet.read_header([name.strip() for name in next(lines, [])])
        named = set(sheet.header.values())
        for number, line in enumerate(lines, 2):
            cells = {at: read for at, cell in enumerate(line, 1) if (read := _read(cell)).strip()}
            for at in cells.keys() - named:
                message, hint = "stands in a column without a name", "Name it in row 1."
                sheet.report(number, at, message, hint)
            if cells:
                row = {name: cells[at] for name, at in sheet.header.items() if at in cells}
                sheet.rows.append(Row(number, row))
        sheets.append(sheet)
    return sheets


def _text(path: Path) -> str:
    """Return the text of a file; spreadsheets also write UTF-16, and byte order marks."""
    try:
        data = path.read_bytes()
        wide = data.startswith((BOM_UTF16_BE, BOM_UTF16_LE))
        return data.decode("utf-16" if wide else "utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        hint = "save it as Unicode text"
        raise UsageError(f"{path} is not UTF-8 text (byte {error.start}); {hint}") from None


def _written(cell: str) -> str:
    cell = f"'{cell}" if _FORMULA.match(cell) else cell
    return re.sub(r"[\\\t\n\r]", lambda match: _ESCAPES[match[0]], cell)


def _read(cell: str) -> str:
    cell = re.sub(r"\r\n?", "\n", cell)
    cell = re.sub(r"\\[\\tnr]", lambda match: _PLAIN[match[0]], cell)
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
