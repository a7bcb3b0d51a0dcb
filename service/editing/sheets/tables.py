"""A sheet as text in cells, whichever kind of file it stands in, and findings by cell."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from service.pipeline.violations import Violation, did_you_mean, error

LABEL = "_label"
"""Ends the name of a column that shows the labels of the column before it."""
EXPORTED = "exported"
"""The column with the digest of a row at the time of export."""


@dataclass(frozen=True)
class Column:
    """A column of a sheet that is written.

    :param note: its content, in one sentence.
    :param choices: the texts from which an editor chooses; empty for any text.
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
    :param violations: the faults of a sheet that was read.
    """

    name: str
    columns: list[Column] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    header: dict[str, int] = field(default_factory=dict)
    path: Path | None = None
    violations: list[Violation] = field(default_factory=list)

    def place(self, row: Row | int, column: str | int) -> str:
        """Return the name of a cell, such as ``claims!F12``."""
        at = column if isinstance(column, int) else self.header.get(column, 1)
        return f"{self.name}!{letters(at)}{row if isinstance(row, int) else row.number}"

    def report(
        self,
        row: Row | int,
        column: str | int,
        message: str,
        hint: str = "",
        *,
        rule: str = "sheet-cell",
    ) -> None:
        """Report a fault of a cell."""
        place = self.place(row, column)
        number = row if isinstance(row, int) else row.number
        self.violations.append(error(rule, self.path, number, message, hint, entity=place))

    def read_header(self, names: list[str]) -> None:
        """Take a header, and report columns that come twice; those without a name are left out."""
        for number, name in enumerate(names, 1):
            if name in self.header:
                message = f"the column '{name}' comes again"
                hint = f"The first is in {self.place(1, name)}; remove one of them."
                self.report(1, number, message, hint, rule="sheet-column")
            elif name:
                self.header[name] = number

    def has_columns(self, known: list[str], needed: Iterable[str]) -> bool:
        """Tell whether all needed columns are there; report missing and unknown columns."""
        for name in self.header:
            if name not in known:
                hint = did_you_mean(name, known) or f"There are: {', '.join(known)}."
                message = f"'{name}' is no column of the sheet {self.name}"
                self.report(1, name, message, hint, rule="sheet-column")
        missing = [name for name in needed if name not in self.header]
        for name in missing:
            message = f"the column '{name}' is missing"
            self.report(1, 1, message, "Export again, or write it in row 1.", rule="sheet-column")
        return not missing


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
