"""Read SSSOM files, and check what no query can: header, columns, cells, CURIEs, order of rows."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from service.pipeline.accessions import Accession
from service.pipeline.mapping_file import CURIES, MappingSet, Row, parse
from service.pipeline.violations import Violation, did_you_mean, prefix_fault
from service.rdf import sssom_slots
from service.rdf.terms import is_iri

REQUIRED = (
    *("subject_id", "subject_label", "predicate_id", "object_id", "object_label"),
    *("mapping_justification", "author_id", "mapping_date"),
)
"""The columns that each set has."""

_UNQUOTED = re.compile(r"[^\"'\[{|>].*?(: | #|:$).*|[@`%&*!].*")
"""Values that YAML reads as something else, or not at all, unless they stand in quotes."""


def read(
    path: Path,
    prefixes: Mapping[str, str],
    accessions: Mapping[str, Accession] = MappingProxyType({}),
) -> tuple[MappingSet, list[Violation]]:
    """Read a mapping set and report the faults of its file.

    :param prefixes: the prefixes of ``prefixes.ttl``, with which its ``curie_map`` must agree.
    :param accessions: the forms of identifiers, by prefix.
    :raises SourceError: if the file is not UTF-8 text.
    """
    mapping_set = parse(path)
    return mapping_set, [
        *_check_header(mapping_set),
        *_check_prefixes(mapping_set, prefixes),
        *_check_columns(mapping_set),
        *_check_cells(mapping_set),
        *_check_curies(mapping_set, accessions),
        *_check_order(mapping_set),
    ]


def check_version(mapping_set: MappingSet, version: str) -> Iterator[Violation]:
    """Yield a violation if a set was made for another version of our ontology."""
    slot = "subject_source_version"
    stated = mapping_set.first(slot)
    if version and stated and stated != version:
        line = mapping_set.lines.get(slot)
        message = f"{slot} is {stated}, that of the ontology {version}"
        yield mapping_set.violation("version", line, message, f'Write "{version}".')


def _check_header(mapping_set: MappingSet) -> Iterator[Violation]:
    if (iri := mapping_set.first("mapping_set_id")) != mapping_set.iri:
        line, hint = mapping_set.lines.get("mapping_set_id", 1), f"Write {mapping_set.iri}"
        yield mapping_set.violation("header", line, f"mapping_set_id is '{iri}'", hint)
    for slot, values in mapping_set.slots.items():
        for value in values:
            if re.match(r"https?://", value) and not is_iri(value):
                line, message = mapping_set.lines.get(slot, 1), f"{slot}: {value} is no IRI"
                yield mapping_set.violation("header", line, message)
    for number, text in mapping_set.header.items():
        value = re.sub(r"^\s*(- |[\w.-]+:(\s|$))", "", text).strip()
        if _UNQUOTED.fullmatch(value):
            message, hint = "is not YAML: its value needs quotes", "Put the value in quotes."
            yield mapping_set.violation("header", number, message, hint)


def _check_prefixes(mapping_set: MappingSet, prefixes: Mapping[str, str]) -> Iterator[Violation]:
    for prefix, namespace in mapping_set.curie_map.items():
        if fault := prefix_fault(prefix, namespace, prefixes):
            _, message, hint = fault
            line, name = mapping_set.lines.get(f"{prefix}:"), f"{prefix}:"
            yield mapping_set.violation("prefix", line, message, hint, name)


def _check_columns(mapping_set: MappingSet) -> Iterator[Violation]:
    columns, line = mapping_set.columns, mapping_set.columns_line
    unknown = [column for column in columns if column not in sssom_slots.ROW]
    missing = [column for column in REQUIRED if column not in columns]
    for column in unknown:
        hint = did_you_mean(column, missing or sssom_slots.ROW) or "Name a slot of SSSOM."
        message = f"'{column}' is no column of SSSOM"
        yield mapping_set.violation("column", line, message, hint)
    if not unknown:
        for column in missing:
            hint = "Write the names of all columns, separated by tabs."
            yield mapping_set.violation("column", line, f"has no column {column}", hint)
    for number, text in mapping_set.strays.items():
        if text.startswith("#"):
            message, hint = "is a line of the header among the rows", "Move it to the top."
            yield mapping_set.violation("stray", number, message, hint)
        else:
            message, hint = "is empty", "Remove it."
            yield mapping_set.violation("stray", number, message, hint, severity="warning")


def _check_cells(mapping_set: MappingSet) -> Iterator[Violation]:
    width = len(mapping_set.columns)
    if mapping_set.rows and all(len(row.cells) != width for row in mapping_set.rows):
        first = len(mapping_set.rows[0].cells)
        message = f"names {width} columns where the rows have {first} cells"
        hint = "Name each column once, separated by one tab each."
        yield mapping_set.violation("column", mapping_set.columns_line, message, hint)
        return
    for row in mapping_set.rows:
        if len(row.cells) != width:
            message = f"has {len(row.cells)} cells where the columns are {width}"
            hint = "Separate cells by one tab each, empty ones too."
            yield mapping_set.violation("row", row.line, message, hint)
        for column, cell in zip(mapping_set.columns, row.cells, strict=False):
            if fault := _cell_fault(cell):
                hint = "Write the value as it is: SSSOM has no quotes, and no space around a value."
                message, subject = f"{column} {fault}", row["subject_id"]
                yield mapping_set.violation("value", row.line, message, hint, subject)


def _cell_fault(cell: str) -> str:
    if cell != cell.strip(" "):
        return f"'{cell}' has a space at one end"
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return f"{cell} stands in quotes"
    return ""


def _check_curies(
    mapping_set: MappingSet, accessions: Mapping[str, Accession]
) -> Iterator[Violation]:
    for row in mapping_set.rows:
        subject = row["subject_id"]
        for column in CURIES:
            iri = mapping_set.expand(row[column])
            if row[column] and not is_iri(iri):
                problem = "stands for no IRI" if iri else "has no declared prefix"
                message = f"{column} {row[column]} {problem}"
                hint = "Write a CURIE whose prefix is in the curie_map of this file."
                if not iri and row[column].partition(":")[0] in accessions:
                    hint = "Add its prefix to the curie_map of this file."
                yield mapping_set.violation("curie", row.line, message, hint, subject)
        prefix, _, local = row["object_id"].partition(":")
        fault = accessions[prefix].fault(local) if prefix in accessions else ""
        if fault and row.has_target:
            message = f"object_id {row['object_id']} {fault}"
            hint = "Copy the identifier again from its vocabulary."
            yield mapping_set.violation("accession", row.line, message, hint, subject)
    yield from _check_vocabulary(mapping_set)


def _check_vocabulary(mapping_set: MappingSet) -> Iterator[Violation]:
    """Yield a violation for each row whose target is not in the vocabulary of most rows."""
    rows: dict[str, list[Row]] = {}
    for row in mapping_set.rows:
        prefix = row["object_id"].partition(":")[0]
        if row.has_target and prefix in mapping_set.curie_map:  # others are reported already
            rows.setdefault(prefix, []).append(row)
    of_most = max(rows, key=lambda prefix: len(rows[prefix]), default="")
    for prefix in sorted(rows.keys() - {of_most}):
        for row in rows[prefix]:
            message = f"maps to {prefix}, the others to {of_most}"
            hint = "Keep one set per vocabulary."
            yield mapping_set.violation("vocabulary", row.line, message, hint, row["subject_id"])


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
