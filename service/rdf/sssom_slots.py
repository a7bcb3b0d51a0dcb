"""SSSOM slots and the properties that they are in RDF (SSSOM schema, slot_uri)."""

from collections.abc import Mapping

from service import iris

COLUMNS: Mapping[str, str] = {
    "subject_id": iris.ANNOTATED_SOURCE,
    "predicate_id": iris.ANNOTATED_PROPERTY,
    "object_id": iris.ANNOTATED_TARGET,
    "author_id": iris.PAV + "authoredBy",
    "mapping_date": iris.PAV + "authoredOn",
    "comment": iris.COMMENT,
}
"""The columns whose property is not ``sssom:`` and the column's name."""

HEADER: Mapping[str, str] = {
    "mapping_set_title": iris.TITLE,
    "mapping_set_description": iris.DESCRIPTION,
    "mapping_set_version": iris.VERSION_INFO,
    "license": iris.RIGHTS,
    "creator_id": iris.CREATOR,
    "comment": iris.COMMENT,
}
"""The same for slots of the header."""

REFERENCES = frozenset(
    {"subject_id", "predicate_id", "object_id", "mapping_justification", "author_id"}
    | {"creator_id", "subject_source", "object_source"}
)
"""The slots whose values are CURIEs; other addresses are whole IRIs."""

DATATYPES: Mapping[str, str] = {"mapping_date": iris.XSD_DATE, "confidence": iris.XSD_DOUBLE}
"""The datatypes of slots that are no strings."""
