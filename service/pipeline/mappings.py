"""Mapping sets: load them and say them in RDF.

Status is the file a row sits in: ``<vocabulary>.sssom.tsv`` is released,
``candidates/<vocabulary>.sssom.tsv`` never is. A row becomes a mapping with an IRI of its own
(SSSOM's RDF form, an ``owl:Axiom`` outside the ontology) and, unless it denies a match or found
none, the SKOS triple itself.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from rdflib import DCTERMS, OWL, RDF, RDFS, XSD, Graph, Literal, Namespace, URIRef

from service.pipeline import graphs, sssom
from service.pipeline.sssom import NO_TERM_FOUND, MappingSet, Row
from service.pipeline.violations import Violation
from service.pipeline.vocabulary import SSSOM

PAV = Namespace("http://purl.org/pav/")
IRI_SLOTS: dict[str, URIRef] = {
    "subject_id": OWL.annotatedSource,
    "predicate_id": OWL.annotatedProperty,
    "object_id": OWL.annotatedTarget,
    "mapping_justification": SSSOM.mapping_justification,
    "author_id": PAV.authoredBy,
    "object_source": SSSOM.object_source,
}
_TEXT_SLOTS = {
    "mapping_date": (PAV.authoredOn, XSD.date),
    "confidence": (SSSOM.confidence, XSD.double),
    "comment": (RDFS.comment, None),
}
_SET_SLOTS = {
    "mapping_set_title": DCTERMS.title,
    "mapping_set_description": DCTERMS.description,
    "mapping_set_version": OWL.versionInfo,
    "license": DCTERMS.license,
    "creator_id": DCTERMS.creator,
    "comment": RDFS.comment,
}
"""SSSOM slots whose IRI is not ``sssom:`` and the slot's name (SSSOM schema, slot_uri)."""


def load(folder: Path) -> tuple[list[MappingSet], list[Violation]]:
    """Read the released mapping sets of a folder, sorted by name."""
    read = [sssom.read(path) for path in sorted(folder.glob("*.sssom.tsv"))]
    return [s for s, _ in read], [v for _, found in read for v in found]


def to_graph(sets: Sequence[MappingSet]) -> Graph:
    """Return mapping sets that have no violations as RDF."""
    graph = graphs.union()
    for mapping_set in sets:
        name = URIRef(mapping_set.iri)
        graph.add((name, RDF.type, SSSOM.MappingSet))
        for slot, values in mapping_set.metadata.items():
            for value in values:
                if slot != "mapping_set_id":
                    graph.add((name, _SET_SLOTS.get(slot, SSSOM[slot]), _value(mapping_set, value)))
        title = mapping_set.first("mapping_set_title")
        graph.add((name, RDFS.label, Literal(title, lang="en")))
        for row in mapping_set.rows:
            _add_row(graph, name, mapping_set, row)
    return graph


def _value(mapping_set: MappingSet, value: str) -> URIRef | Literal:
    iri = value if re.match(r"https?://", value) else mapping_set.expand(value)
    return URIRef(iri) if iri else Literal(value)


def _add_row(graph: Graph, set_name: URIRef, mapping_set: MappingSet, row: Row) -> None:
    target = row["object_id"].replace(":", "_").removeprefix("sssom_")
    mapping = URIRef(f"{set_name}#{row['subject_id'].replace(':', '_')}-{target}")
    graph.add((set_name, SSSOM.mappings, mapping))
    graph.add((mapping, RDF.type, SSSOM.Mapping))
    graph.add((mapping, RDF.type, OWL.Axiom))
    for slot, value in row.values.items():
        if slot in IRI_SLOTS:
            graph.add((mapping, IRI_SLOTS[slot], URIRef(mapping_set.expand(value))))
        elif slot in _TEXT_SLOTS:
            predicate, datatype = _TEXT_SLOTS[slot]
            graph.add((mapping, predicate, Literal(value, datatype=datatype, normalize=False)))
        else:
            graph.add((mapping, SSSOM[slot], Literal(value)))
    if row["object_id"] != NO_TERM_FOUND and not row["predicate_modifier"]:
        s, p, o = (mapping_set.expand(row[c]) for c in ("subject_id", "predicate_id", "object_id"))
        graph.add((URIRef(s), URIRef(p), URIRef(o)))
