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

from service.pipeline.files import lines, read_text
from service.pipeline.violations import Violation

NO_TERM_FOUND = "sssom:NoTermFound"
"""In the place of an object: the vocabulary has no such term, and a curator has looked."""

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

    @property
    def has_target(self) -> bool:
        """Whether it names a term of the other vocabulary."""
        return self["object_id"] != NO_TERM_FOUND


@dataclass
class MappingSet:
    """One file.

    :param metadata: slot to its values, without ``curie_map``.
    :param curie_map: prefix to namespace.
    :param columns: in their order.
    :param lines: slot or ``curie_map`` prefix (with a colon) to its line.
    """

    path: Path
    metadata: dict[str, list[str]] = field(default_factory=dict)
    curie_map: dict[str, str] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)

    @property
    def iri(self) -> str:
        """The set's IRI, ``mapping_set_id``, or an empty text."""
        return self.first("mapping_set_id")

    def first(self, slot: str) -> str:
        """Return the first value of a slot of the header, or an empty text."""
        return (self.metadata.get(slot) or [""])[0]

    def expand(self, curie: str) -> str:
        """Return the IRI of a CURIE by this set's ``curie_map``, or an empty text."""
        prefix, colon, local = curie.partition(":")
        return self.curie_map[prefix] + local if colon and prefix in self.curie_map else ""

    def violation(
        self, rule: str, line: int | None, entity: str, message: str, hint: str = ""
    ) -> Violation:
        """Return an error on a line of the file."""
        return Violation(f"mapping-{rule}", "error", self.path, line, entity, message, hint)


def read(path: Path) -> tuple[MappingSet, list[Violation]]:
    """Read a mapping set; return it with a violation for each row that cannot be read.

    :raises SourceError: if the file is not UTF-8 text.
    """
    mapping_set = MappingSet(path)
    violations: list[Violation] = []
    key = ""
    for number, line in enumerate(lines(read_text(path)), 1):
        cells = line.split("\t")
        if line.startswith("#") and not mapping_set.columns:
            key = _read_header_line(mapping_set, key, line[1:].removeprefix(" "), number)
        elif not mapping_set.columns:
            mapping_set.columns = cells
        elif line.strip():
            columns = mapping_set.columns
            if len(cells) != len(columns):
                message = f"has {len(cells)} cells where the columns are {len(columns)}"
                hint = "Separate cells by one tab each, empty ones too."
                violations.append(mapping_set.violation("row", number, "", message, hint))
            values = {c: v.strip() for c, v in zip(columns, cells, strict=False) if v.strip()}
            mapping_set.rows.append(Row(number, values))
    return mapping_set, violations


def _read_header_line(mapping_set: MappingSet, key: str, line: str, number: int) -> str:
    """Add a line of the header to the set.

    :param key: the slot that earlier lines opened.
    :return: the slot that is open after this line.
    """
    item, pair = _ITEM.fullmatch(line), _KEY.fullmatch(line)
    if pair and pair[1] and key == "curie_map":
        mapping_set.curie_map[_unquoted(pair[2])] = _unquoted(pair[3] or "")
        mapping_set.lines[_unquoted(pair[2]) + ":"] = number
    elif item and key:
        mapping_set.metadata.setdefault(key, []).append(_unquoted(item[1]))
    elif pair and not pair[1]:
        key = _unquoted(pair[2])
        mapping_set.lines[key] = number
        if pair[3]:
            mapping_set.metadata.setdefault(key, []).append(_unquoted(pair[3]))
    return key


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value
