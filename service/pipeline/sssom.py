"""Read SSSOM mapping sets: TSV with a metadata header in comments.

A small reader of our own, because every row must keep its line for the violations to name: the
well-kept ``sssom-pydantic`` reads the same files, but knows no lines and brings five packages
along. The header is the part of YAML that SSSOM headers use: keys with values, lists of values,
and one level of keys under ``curie_map``.

Checked here is what no query can: addresses, prefixes, CURIEs and the order of rows. The checks
``mapping-*`` of ``ontology/checks`` do the rest, once the rows are triples.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from service import iris
from service.pipeline.files import lines, read_text
from service.pipeline.violations import Violation, prefix_fault
from service.rdf.terms import is_iri

NO_TERM_FOUND = "sssom:NoTermFound"
"""In the place of an object: the vocabulary has no such term, and a curator has looked."""

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

    :param slots: slot of the header to its values, without ``curie_map``.
    :param curie_map: prefix to namespace.
    :param columns: in their order.
    :param lines: slot or prefix (with a colon) to its line.
    """

    path: Path
    slots: dict[str, list[str]] = field(default_factory=dict)
    curie_map: dict[str, str] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)

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

    def violation(
        self, rule: str, line: int | None, message: str, hint: str = "", entity: str = ""
    ) -> Violation:
        """Return an error on a line of the file."""
        return Violation(f"mapping-{rule}", "error", self.path, line, entity, message, hint)


def read(path: Path, prefixes: Mapping[str, str]) -> tuple[MappingSet, list[Violation]]:
    """Read a mapping set and report what is wrong with its addresses, prefixes, CURIEs and order.

    :param prefixes: the prefixes of ``prefixes.ttl``, with which its ``curie_map`` must agree.
    :raises SourceError: if the file is not UTF-8 text.
    """
    mapping_set, violations = MappingSet(path), []
    key = ""
    for number, line in enumerate(lines(read_text(path)), 1):
        columns, cells = mapping_set.columns, line.split("\t")
        if line.startswith("#") and not columns:
            key = _read_header(mapping_set, key, line[1:].removeprefix(" "), number)
        elif not columns:
            mapping_set.columns = cells
        elif line.strip():
            if len(cells) != len(columns):
                message = f"has {len(cells)} cells where the columns are {len(columns)}"
                hint = "Separate cells by one tab each, empty ones too."
                violations.append(mapping_set.violation("row", number, message, hint))
            pairs = zip(columns, map(str.strip, cells), strict=False)
            values = {c: cell for c, cell in pairs if cell and c.isidentifier()}
            mapping_set.rows.append(Row(number, values))
    violations += _check_header(mapping_set)
    violations += _check_prefixes(mapping_set, prefixes)
    violations += _check_curies(mapping_set)
    violations += _check_order(mapping_set)
    return mapping_set, violations


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


def _check_header(mapping_set: MappingSet) -> Iterator[Violation]:
    if (iri := mapping_set.first("mapping_set_id")) != mapping_set.iri:
        line, hint = mapping_set.lines.get("mapping_set_id", 1), f"Write {mapping_set.iri}"
        yield mapping_set.violation("header", line, f"mapping_set_id is '{iri}'", hint)
    for slot, values in mapping_set.slots.items():
        for value in values:
            if re.match(r"https?://", value) and not is_iri(value):
                line, message = mapping_set.lines.get(slot, 1), f"{slot}: {value} is no IRI"
                yield mapping_set.violation("header", line, message)
    for column in mapping_set.columns:
        if not column.isidentifier():
            yield mapping_set.violation("header", 1, f"'{column}' is no name of a column")
    vocabularies = {r["object_id"].partition(":")[0] for r in mapping_set.rows if r.has_target}
    vocabularies &= mapping_set.curie_map.keys()  # the cells of others are reported row by row
    if len(vocabularies) > 1:
        message = f"maps to more than one vocabulary: {', '.join(sorted(vocabularies))}"
        yield mapping_set.violation("vocabulary", 1, message, "Keep one set per vocabulary.")


def _check_prefixes(mapping_set: MappingSet, prefixes: Mapping[str, str]) -> Iterator[Violation]:
    for prefix, namespace in mapping_set.curie_map.items():
        if fault := prefix_fault(prefix, namespace, prefixes):
            _, message, hint = fault
            line, name = mapping_set.lines.get(f"{prefix}:"), f"{prefix}:"
            yield mapping_set.violation("prefix", line, message, hint, name)


def _check_curies(mapping_set: MappingSet) -> Iterator[Violation]:
    for row in mapping_set.rows:
        subject = row["subject_id"]
        for column in CURIES:
            iri = mapping_set.expand(row[column])
            if row[column] and not is_iri(iri):
                problem = "stands for no IRI" if iri else "has no declared prefix"
                message = f"{column} {row[column]} {problem}"
                hint = "Write a CURIE whose prefix is in the curie_map of this file."
                yield mapping_set.violation("curie", row.line, message, hint, subject)


def _check_order(mapping_set: MappingSet) -> Iterator[Violation]:
    pairs: set[tuple[str, str]] = set()
    for row in mapping_set.rows:
        pair = row["subject_id"], row["object_id"]
        if pair in pairs:
            message, hint = "maps the same pair again", "Remove one of the rows."
            yield mapping_set.violation("twice", row.line, message, hint, pair[0])
        pairs.add(pair)
    for before, row in pairwise(mapping_set.rows):
        columns = ("subject_id", "predicate_id", "object_id")
        if [row[c] for c in columns] < [before[c] for c in columns]:
            message = "stands before the row that it should follow"
            hint = "Sort the rows by subject_id, predicate_id, object_id."
            yield mapping_set.violation("order", row.line, message, hint, row["subject_id"])
            return  # one move explains all later ones
