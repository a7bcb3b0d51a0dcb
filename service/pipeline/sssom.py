"""Read SSSOM mapping sets: TSV with a metadata header in comments.

A small reader of our own, because every row must keep its line for the violations to name: the
well-kept ``sssom-pydantic`` reads the same files, but knows no lines and brings five packages
along. The header is the part of YAML that SSSOM headers use: keys with values, lists of values,
and one level of keys under ``curie_map``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from service.pipeline.violations import Violation
from service.problems import SourceError

NO_TERM_FOUND = "sssom:NoTermFound"
"""In the place of an object: the vocabulary has no such term, and somebody has looked."""

_KEY = re.compile(r"(\s*)(?:- )?([^\s:#][^:]*):(?:\s+(.*))?")
_ITEM = re.compile(r"\s*-\s+(.*)")


@dataclass(frozen=True)
class Row:
    """One mapping.

    :param line: in its file, counted from 1.
    :param values: column to value; empty cells are left out.
    """

    line: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")


@dataclass(frozen=True)
class MappingSet:
    """One file.

    :param metadata: slot to its values, without ``curie_map``.
    :param curie_map: prefix to namespace.
    :param columns: in their order.
    :param lines: slot or ``curie_map`` prefix (with a colon) to its line.
    """

    path: Path
    metadata: Mapping[str, tuple[str, ...]]
    curie_map: Mapping[str, str]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def iri(self) -> str:
        """The set's IRI, ``mapping_set_id``, or an empty text."""
        return self.first("mapping_set_id")

    def first(self, slot: str) -> str:
        """Return the first value of a slot of the header, or an empty text."""
        return (self.metadata.get(slot) or ("",))[0]

    def expand(self, curie: str) -> str:
        """Return the IRI of a CURIE by this set's ``curie_map``, or an empty text."""
        prefix, colon, local = curie.partition(":")
        return self.curie_map[prefix] + local if colon and prefix in self.curie_map else ""


def read(path: Path) -> tuple[MappingSet, list[Violation]]:
    """Read a mapping set and say which lines cannot be read.

    :raises SourceError: if the file is not UTF-8 text.
    """
    try:
        lines = path.read_bytes().decode("utf-8").splitlines()
    except UnicodeDecodeError:
        raise SourceError(f"{path} is not UTF-8 text.") from None
    violations: list[Violation] = []
    header = _Header()
    columns: list[str] = []
    rows: list[Row] = []
    for number, line in enumerate(lines, 1):
        if line.startswith("#") and not columns:
            header.take(line[1:].removeprefix(" "), number)
        elif not columns:
            columns = line.split("\t")
        elif line.strip():
            cells = line.split("\t")
            if len(cells) != len(columns):
                said = f"has {len(cells)} cells where the columns are {len(columns)}"
                hint = "Separate cells by one tab each, empty ones too."
                violations.append(Violation("mapping-row", "error", path, number, "", said, hint))
            values = {c: v.strip() for c, v in zip(columns, cells, strict=False) if v.strip()}
            rows.append(Row(number, values))
    metadata = {slot: tuple(values) for slot, values in header.metadata.items()}
    columns_and_rows = tuple(columns), tuple(rows)
    made = MappingSet(path, metadata, header.curie_map, *columns_and_rows, header.lines)
    return made, violations


@dataclass
class _Header:
    """The header as it is read, line by line."""

    metadata: dict[str, list[str]] = field(default_factory=dict)
    curie_map: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    key: str = ""

    def take(self, text: str, number: int) -> None:
        item, pair = _ITEM.fullmatch(text), _KEY.fullmatch(text)
        if pair and pair[1] and self.key == "curie_map":
            self.curie_map[_plain(pair[2])] = _plain(pair[3] or "")
            self.lines[_plain(pair[2]) + ":"] = number
        elif item and self.key:
            self.metadata.setdefault(self.key, []).append(_plain(item[1]))
        elif pair and not pair[1]:
            self.key = _plain(pair[2])
            self.lines[self.key] = number
            if pair[3]:
                self.metadata.setdefault(self.key, []).append(_plain(pair[3]))


def _plain(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value
