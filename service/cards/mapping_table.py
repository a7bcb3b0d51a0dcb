"""A mapping set as SSSOM TSV, with its metadata in front, read back from the RDF of a release."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping

import pyoxigraph as ox

from service import iris
from service.library import Library
from service.rdf import sssom_slots
from service.rdf.terms import text

_COLUMNS = (
    *("subject_id", "subject_label", "predicate_id", "predicate_modifier", "object_id"),
    *("object_label", "mapping_justification", "author_id", "author_label", "mapping_date"),
    *("confidence", "comment"),
)
"""The usual columns, in their order; others follow."""

_SLOTS = (
    *("mapping_set_id", "mapping_set_version", "mapping_set_title", "mapping_set_description"),
    *("creator_id", "creator_label", "license", "subject_source", "subject_source_version"),
    *("object_source", "object_source_version", "comment"),
)
"""The same for the slots of the header."""

_LISTS = frozenset({"creator_id", "creator_label"})
"""Slots whose values are lists, even of one."""

_PLAIN = re.compile(r"[A-Za-z](?:[^:#\n]|:(?=\S)|(?<=\S)#)*")
"""YAML that needs no quotation marks; a word such as ``no`` does too, but none is a value here."""

_OMITTED = frozenset({iris.TYPE, iris.LABEL, iris.MAPPINGS})
"""Properties of a set or a row in RDF that TSV expresses otherwise."""


def mapping_table(library: Library, iri: str) -> bytes:
    """Return a mapping set as SSSOM TSV, without any loss.

    :param iri: of the mapping set.
    """
    mappings = sorted({text(mapping) for mapping in library.values(iri, iris.MAPPINGS)})
    rows = [_slots(library, mapping, sssom_slots.COLUMNS) for mapping in mappings]
    key = ("subject_id", "predicate_id", "object_id")
    rows.sort(key=lambda row: [row.get(column, []) for column in key])
    used = {column for row in rows for column in row}
    columns = sorted(used, key=lambda c: (_place(c, _COLUMNS), c))
    lines = [f"#{line}" for line in _header(library, iri, rows)]
    lines += ["\t".join("|".join(row.get(c, ())) for c in columns) for row in rows]
    lines.insert(len(lines) - len(rows), "\t".join(columns))
    return ("\n".join(lines) + "\n").encode()


def _place(name: str, order: tuple[str, ...]) -> int:
    return order.index(name) if name in order else len(order)


def _slots(library: Library, iri: str, properties: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the slots of a set or of a row, addresses as CURIEs where SSSOM has CURIEs."""
    names = {iri: slot for slot, iri in properties.items()}
    slots: dict[str, set[str]] = defaultdict(set)
    for predicate, terms in library.own_values(ox.NamedNode(iri)).items():
        if predicate not in _OMITTED:
            slot = names.get(predicate, predicate.removeprefix(iris.SSSOM))
            is_curie = slot in sssom_slots.REFERENCES
            for value in map(text, terms):
                slots[slot].add((is_curie and library.names.curie(value)) or value)
    return {slot: sorted(values) for slot, values in slots.items()}


def _header(library: Library, iri: str, rows: list[dict[str, list[str]]]) -> list[str]:
    slots = {"mapping_set_id": [iri], **_slots(library, iri, sssom_slots.HEADER)}
    curies = {
        curie
        for record in (*rows, slots)
        for slot, values in record.items()
        for curie in (values if slot in sssom_slots.REFERENCES else ())
    }
    prefixes = {curie.partition(":")[0] for curie in curies} & library.names.prefixes.keys()
    lines = ["curie_map:", *(f"  {p}: {library.names.prefixes[p]}" for p in sorted(prefixes))]
    for slot in sorted(slots, key=lambda s: (_place(s, _SLOTS), s)):
        values = list(map(_yaml, slots[slot]))
        if slot in _LISTS or len(values) > 1:
            lines += [f"{slot}:", *(f"  - {value}" for value in values)]
        else:
            lines.append(f"{slot}: {values[0]}")
    return lines


def _yaml(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
