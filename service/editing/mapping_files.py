"""Mapping sets as files that an edit changes: their rows come and go, their headers stay."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from service.editing.edits import Edits
from service.pipeline.files import lines

COLUMNS = (
    *("subject_id", "subject_label", "predicate_id", "predicate_modifier", "object_id"),
    *("object_label", "mapping_justification", "author_id", "author_label", "mapping_date"),
    *("confidence", "comment"),
)
PREDICATES = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
JUSTIFICATIONS = {
    "manual": "semapv:ManualMappingCuration",
    "lexical": "semapv:LexicalMatching",
}
ORDER = ("subject_id", "predicate_id", "object_id")
"""The columns by which rows are sorted."""

Cells = dict[str, str]
"""A row: column to cell."""


@dataclass
class MappingFile:
    """A mapping set as text, of sound form.

    :param head: the lines of its header.
    """

    path: Path
    head: list[str]
    columns: list[str]
    rows: list[Cells]

    @classmethod
    def of(cls, path: Path, text: str) -> "MappingFile":
        """Read a mapping set from its text."""
        every = lines(text)
        count = next(n for n, line in enumerate(every) if not line.startswith("#"))
        columns = every[count].split("\t")
        cells = (line.split("\t") for line in every[count + 1 :] if line.strip())
        rows = [dict(zip(columns, row, strict=False)) for row in cells]
        return cls(path, every[:count], columns, rows)

    @property
    def name(self) -> str:
        """Its name without ``.sssom.tsv``."""
        return self.path.name.removesuffix(".sssom.tsv")

    def of_subject(self, curie: str) -> list[Cells]:
        """Return the rows of a term."""
        return [row for row in self.rows if row.get("subject_id") == curie]

    def line(self, row: Cells) -> int:
        """Return the line of a row, counted from 1."""
        return len(self.head) + 2 + self.rows.index(row)

    def text(self) -> str:
        """Return the text of the file, its rows in order, with the columns that they use."""
        used = {column for row in self.rows for column, cell in row.items() if cell}
        for column in sorted(used - set(self.columns), key=COLUMNS.index):
            before = COLUMNS[: COLUMNS.index(column)]
            after = [c for c in self.columns if c in before]
            self.columns.insert(self.columns.index(after[-1]) + 1 if after else 0, column)
        self.rows.sort(key=lambda row: [row.get(column, "") for column in ORDER])
        rows = [self.columns, *([row.get(c, "") for c in self.columns] for row in self.rows)]
        return "\n".join([*self.head, *map("\t".join, rows), ""])


def mapping_files(edits: Edits) -> Iterator[MappingFile]:
    """Yield the mapping sets as they are to be, candidates too."""
    for path in sorted(edits.loaded.sources.mappings.rglob("*.sssom.tsv")):
        yield MappingFile.of(path, edits.text(path))


def in_one_line(row: Cells) -> str:
    """Return a row as a message shows it."""
    return "\t".join(row.values()).strip()


def is_exact(row: Cells) -> bool:
    """Tell whether a row affirms an exact match."""
    return row.get("predicate_id") == "skos:exactMatch" and not row.get("predicate_modifier")


def is_vain(row: Cells) -> bool:
    """Tell whether a row says that the vocabulary has no such term."""
    return row.get("object_id", "").endswith(":NoTermFound")
