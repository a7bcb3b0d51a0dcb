"""Read SSSOM mapping sets: TSV with a metadata header in comments.

A small reader of our own, because every row must keep its line for the violations to name: the
well-kept ``sssom-pydantic`` reads the same files, but knows no lines and brings five packages
along. The header is the part of YAML that SSSOM headers use: keys with values, lists of values,
and one level of keys under ``curie_map``.

:mod:`service.pipeline.sssom` finds the faults of a file that no query can; the checks
``mapping-*`` of ``ontology/checks`` find the rest, once the rows are triples.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from service import iris
from service.pipeline.files import lines, read_text
from service.pipeline.violations import Severity, Violation

NO_TERM_FOUND = "sssom:NoTermFound"
"""Used as an object: a curator has looked, and the vocabulary has no such term."""

CURIES = (
    *("subject_id", "predicate_id", "object_id"),
    *("mapping_justification", "author_id", "object_source"),
)
"""The columns whose cells are CURIEs."""

_KEY = re.compile(r"""(\s*)(?:- )?(["']?\w[\w.-]*["']?):(?:\s+(.*))?""")
_ITEM = re.compile(r"\s*-\s+(.*)")
_QUOTED = re.compile(r"""(["'])(.*)\1""")


@dataclass(frozen=True)
class Row:
    """One mapping.

    :param line: in its file, counted from 1.
    :param values: column to value; empty cells are left out.
    :param cells: as they stand in the file.
    """

    line: int
    values: Mapping[str, str]
    cells: tuple[str, ...] = ()

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")

    @property
    def has_target(self) -> bool:
        """Whether it names a term of the other vocabulary."""
        return self["object_id"] != NO_TERM_FOUND


@dataclass
class MappingSet:
    """One file.

    :param slots: slot of the header to its values, without ``curie_map``.
    :param curie_map: prefix to namespace.
    :param columns: in their order.
    :param lines: slot or prefix (with a colon) to its line.
    :param header: the lines of the header, without their mark, by number.
    :param columns_line: the number of the line that names the columns.
    :param strays: the lines after it that are no rows, by number.
    """

    path: Path
    slots: dict[str, list[str]] = field(default_factory=dict)
    curie_map: dict[str, str] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    header: dict[int, str] = field(default_factory=dict)
    columns_line: int = 1
    strays: dict[int, str] = field(default_factory=dict)

    @property
    def iri(self) -> str:
        """Its IRI, which its ``mapping_set_id`` must repeat."""
        return iris.MAPPING + self.path.name.removesuffix(".sssom.tsv")

    def first(self, slot: str) -> str:
        """Return the first value of a slot, or an empty text."""
        return (self.slots.get(slot) or [""])[0]

    def expand(self, curie: str) -> str:
        """Return the IRI of a CURIE by this set's ``curie_map``, or an empty text."""
        prefix, colon, local = curie.partition(":")
        return self.curie_map[prefix] + local if colon and prefix in self.curie_map else ""

    def iri_of(self, row: Row) -> str:
        """Return the IRI of a mapping: a fragment of its set's."""
        target = row["object_id"].replace(":", "_").removeprefix("sssom_")
        return f"{self.iri}#{row['subject_id'].replace(':', '_')}-{target}"

    def violation(
        self,
        rule: str,
        line: int | None,
        message: str,
        hint: str = "",
        entity: str = "",
        *,
        severity: Severity = "error",
    ) -> Violation:
        """Return a violation on a line of the file."""
        return Violation(f"mapping-{rule}", severity, self.path, line, entity, message, hint)


def parse(path: Path, text: str | None = None) -> MappingSet:
    """Read a mapping set as it is.

    :param text: the new text of the file, used instead of that on disk.
    :raises SourceError: if the file is not UTF-8 text.
    """
    mapping_set = MappingSet(path)
    key = ""
    for number, line in enumerate(lines(read_text(path) if text is None else text), 1):
        columns, cells = mapping_set.columns, line.split("\t")
        if line.startswith("#") and not columns:
            mapping_set.header[number] = line[1:].removeprefix(" ")
            key = _read_header(mapping_set, key, mapping_set.header[number], number)
        elif not columns:
            mapping_set.columns, mapping_set.columns_line = cells, number
        elif line.startswith("#") or not line.strip():
            mapping_set.strays[number] = line
        else:
            pairs = zip(columns, map(str.strip, cells), strict=False)
            values = {c: cell for c, cell in pairs if cell and c.isidentifier()}
            mapping_set.rows.append(Row(number, values, tuple(cells)))
    last = mapping_set.rows[-1].line if mapping_set.rows else mapping_set.columns_line
    strays = mapping_set.strays.items()
    mapping_set.strays = {n: line for n, line in strays if line.strip() or n < last}
    return mapping_set


def _read_header(mapping_set: MappingSet, key: str, line: str, number: int) -> str:
    """Add a line of the header to the set.

    :param key: the slot that earlier lines opened.
    :return: the slot that is open after this line.
    """
    item, pair = _ITEM.fullmatch(line), _KEY.fullmatch(line)
    if pair and pair[1] and key == "curie_map":
        prefix = _unquoted(pair[2])
        mapping_set.curie_map[prefix] = _unquoted(pair[3] or "")
        mapping_set.lines[f"{prefix}:"] = number
    elif item and key:
        mapping_set.slots.setdefault(key, []).append(_unquoted(item[1]))
    elif pair and not pair[1]:
        key = _unquoted(pair[2])
        mapping_set.lines[key] = number
        if pair[3]:
            mapping_set.slots.setdefault(key, []).append(_unquoted(pair[3]))
    return key


def _unquoted(value: str) -> str:
    quoted = _QUOTED.fullmatch(value.strip())
    return quoted[2] if quoted else value.strip()
