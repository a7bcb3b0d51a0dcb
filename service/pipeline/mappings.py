"""Mapping sets in RDF.

Status is the file a row sits in: ``<vocabulary>.sssom.tsv`` is released,
``candidates/<vocabulary>.sssom.tsv`` never is. A row becomes a mapping with an IRI of its own
(SSSOM's RDF form, an ``owl:Axiom`` outside the ontology) and, unless it denies a match or found
none, the SKOS triple itself.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.pipeline import sssom
from service.pipeline.sssom import MappingSet, Row
from service.pipeline.violations import Violation
from service.rdf.terms import triple

IRI_SLOTS = {
    "subject_id": iris.ANNOTATED_SOURCE,
    "predicate_id": iris.ANNOTATED_PROPERTY,
    "object_id": iris.ANNOTATED_TARGET,
    "mapping_justification": iris.SSSOM + "mapping_justification",
    "author_id": iris.PAV + "authoredBy",
    "object_source": iris.SSSOM + "object_source",
}
"""The columns whose cells are CURIEs, with their properties (SSSOM schema, slot_uri)."""

_TEXT_SLOTS = {
    "mapping_date": (iris.PAV + "authoredOn", iris.XSD_DATE),
    "confidence": (iris.SSSOM + "confidence", iris.XSD_DOUBLE),
    "comment": (iris.COMMENT, iris.XSD_STRING),
}
_SET_SLOTS = {
    "mapping_set_title": iris.TITLE,
    "mapping_set_description": iris.DESCRIPTION,
    "mapping_set_version": iris.VERSION_INFO,
    "license": iris.RIGHTS,
    "creator_id": iris.CREATOR,
    "comment": iris.COMMENT,
}
"""The slots of a header whose property is not ``sssom:`` and the slot's name."""


def load(folder: Path) -> tuple[list[MappingSet], list[Violation]]:
    """Read the released mapping sets of a folder, sorted by name.

    :raises SourceError: if a file is not UTF-8 text.
    """
    results = [sssom.read(path) for path in sorted(folder.glob("*.sssom.tsv"))]
    return [s for s, _ in results], [v for _, violations in results for v in violations]


def triples(sets: Sequence[MappingSet]) -> Iterator[ox.Triple]:
    """Yield mapping sets that have no violations as RDF."""
    for mapping_set in sets:
        name = mapping_set.iri
        yield triple(name, iris.TYPE, iris.MAPPING_SET)
        for slot, values in mapping_set.metadata.items():
            for value in values:
                if slot != "mapping_set_id":
                    predicate = _SET_SLOTS.get(slot, iris.SSSOM + slot)
                    yield triple(name, predicate, _value(mapping_set, value))
        title = mapping_set.first("mapping_set_title")
        yield triple(name, iris.LABEL, ox.Literal(title, language="en"))
        for row in mapping_set.rows:
            yield from _row_triples(mapping_set, row)


def _value(mapping_set: MappingSet, value: str) -> str | ox.Literal:
    iri = value if re.match(r"https?://", value) else mapping_set.expand(value)
    return iri or ox.Literal(value)


def _row_triples(mapping_set: MappingSet, row: Row) -> Iterator[ox.Triple]:
    target = row["object_id"].replace(":", "_").removeprefix("sssom_")
    mapping = f"{mapping_set.iri}#{row['subject_id'].replace(':', '_')}-{target}"
    yield triple(mapping_set.iri, iris.MAPPINGS, mapping)
    yield triple(mapping, iris.TYPE, iris.SSSOM_MAPPING)
    yield triple(mapping, iris.TYPE, iris.AXIOM)
    for slot, value in row.values.items():
        if slot in IRI_SLOTS:
            yield triple(mapping, IRI_SLOTS[slot], mapping_set.expand(value))
        else:
            predicate, datatype = _TEXT_SLOTS.get(slot, (iris.SSSOM + slot, iris.XSD_STRING))
            literal = ox.Literal(value, datatype=ox.NamedNode(datatype))
            yield triple(mapping, predicate, literal)
    if row.has_target and not row["predicate_modifier"]:
        subject, match, value = (
            mapping_set.expand(row[c]) for c in ("subject_id", "predicate_id", "object_id")
        )
        yield triple(subject, match, value)
