"""A sheet as text in cells, whichever kind of file it stands in, and findings by cell."""

from dataclasses import dataclass, field
from pathlib import Path

from service.pipeline.violations import Severity, Violation

LABEL = "_label"
"""Ends the name of a column that shows the labels of the column before it."""
EXPORTED = "exported"
"""The column that says what a row was when it was exported."""


@dataclass(frozen=True)
class Column:
    """A column of a sheet that is written.

    :param note: what stands there, in one sentence.
    :param choices: the cells from which an editor chooses; any other if there are none.
    """

    name: str
    note: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """A row of a sheet.

    :param number: counted from 1; the header is row 1.
    :param cells: column to text; empty cells are left out.
    """

    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass
class Sheet:
    """A sheet: a name, a header, and rows.

    :param columns: those of a sheet to write.
    :param header: column to its place from 1, of a sheet that was read.
    """

    name: str
    columns: list[Column] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    header: dict[str, int] = field(default_factory=dict)
    path: Path | None = None

    def place(self, row: Row | int, column: str | int) -> str:
        """Return the name of a cell, such as ``claims!F12``."""
        at = column if isinstance(column, int) else self.header.get(column, 1)
        return f"{self.name}!{letters(at)}{row if isinstance(row, int) else row.number}"

    def finding(
        self,
        row: Row | int,
        column: str | int,
        message: str,
        hint: str = "",
        *,
        rule: str = "sheet-cell",
        severity: Severity = "error",
    ) -> Violation:
        """Return a violation in a cell."""
        place = self.place(row, column)
        number = row if isinstance(row, int) else row.number
        return Violation(rule, severity, self.path, number, place, message, hint)


def letters(number: int) -> str:
    """Return the letters of a column, counted from 1.

    >>> letters(1), letters(28)
    ('A', 'AB')
    """
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def read_header(sheet: Sheet, names: list[str]) -> list[Violation]:
    """Give a sheet its header and report columns without a name and those that come twice."""
    violations = []
    for number, name in enumerate(names, 1):
        if name in sheet.header:
            message = f"the column '{name}' comes again"
            hint = f"The first is in {sheet.place(1, name)}; remove one of them."
            violations.append(sheet.finding(1, number, message, hint, rule="sheet-column"))
        elif name:
            sheet.header[name] = number
    return violations
