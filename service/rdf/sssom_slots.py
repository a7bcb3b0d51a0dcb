"""SSSOM slots and their properties in RDF (SSSOM schema, slot_uri)."""

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
"""The datatypes of slots whose values are not strings."""

ROW = frozenset(
    {"subject_id", "subject_label", "subject_category", "subject_type", "subject_source"}
    | {"subject_source_version", "subject_match_field", "subject_preprocessing"}
    | {"predicate_id", "predicate_label", "predicate_type", "predicate_modifier"}
    | {"object_id", "object_label", "object_category", "object_type", "object_source"}
    | {"object_source_version", "object_match_field", "object_preprocessing"}
    | {"mapping_justification", "author_id", "author_label", "reviewer_id", "reviewer_label"}
    | {"creator_id", "creator_label", "license", "mapping_provider", "mapping_source"}
    | {"mapping_cardinality", "cardinality_scope", "mapping_tool", "mapping_tool_id"}
    | {"mapping_tool_version", "mapping_date", "publication_date", "review_date"}
    | {"confidence", "reviewer_agreement", "curation_rule", "curation_rule_text", "match_string"}
    | {"similarity_score", "similarity_measure", "semantic_similarity_score"}
    | {"semantic_similarity_measure", "see_also", "issue_tracker_item", "other", "comment"}
    | {"record_id"}
)
"""The slots of a mapping (SSSOM 1.1 and earlier), which a column may name."""
