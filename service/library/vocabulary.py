"""The IRIs that descriptions are made of."""

from service.names import BASE

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
OBO = "http://purl.obolibrary.org/obo/"
OIO = "http://www.geneontology.org/formats/oboInOwl#"
OA = "http://www.w3.org/ns/oa#"
SH = "http://www.w3.org/ns/shacl#"
SCHEMA = "https://schema.org/"
SSSOM = "https://w3id.org/sssom/"
CDMO = BASE + "schema/"
GRAPH = BASE + "graph/"

TYPE = RDF + "type"
LABEL = RDFS + "label"
COMMENT = RDFS + "comment"
SUBCLASS = RDFS + "subClassOf"
SUBPROPERTY = RDFS + "subPropertyOf"
DEFINITION = OBO + "IAO_0000115"
REPLACED_BY = OBO + "IAO_0100001"
DEPRECATED = OWL + "deprecated"
BROADER = SKOS + "broader"

ANNOTATED_SOURCE = OWL + "annotatedSource"
ANNOTATED_PROPERTY = OWL + "annotatedProperty"
ANNOTATED_TARGET = OWL + "annotatedTarget"

SUBJECT = CDMO + "subject"
RELATION = CDMO + "relation"
OBJECT = CDMO + "object"
POLARITY = CDMO + "polarity"
NEGATIVE = CDMO + "negative"
MODALITY = CDMO + "modality"
STRENGTH = CDMO + "strength"
CITATION = CDMO + "citation"
PASSAGE = CDMO + "passage"
HEDGE = CDMO + "hedge"
STATED_IN = CDMO + "statedIn"
QUALIFIER = CDMO + "qualifier"
DERIVED_FROM = CDMO + "derivedFrom"
CONCERNS = CDMO + "concerns"
SECTION = CDMO + "section"
PART_OF = CDMO + "partOf"
ORDER = CDMO + "order"
PASSAGE_KIND = CDMO + "kind"
ASSERTS_NOTHING = CDMO + "assertsNothing"

SYNONYMS = {
    OIO + "hasExactSynonym": "exact",
    OIO + "hasNarrowSynonym": "narrower",
    OIO + "hasBroadSynonym": "broader",
    OIO + "hasRelatedSynonym": "related",
}
"""Synonym properties and the scope that each gives, in our order."""

MAPPING_PREDICATES = {
    SKOS + "exactMatch": "the same",
    SKOS + "closeMatch": "close",
    SKOS + "broadMatch": "broader there",
    SKOS + "narrowMatch": "narrower there",
    SKOS + "relatedMatch": "related",
    OWL + "equivalentClass": "the same",
}
"""Mapping predicates, strongest first, with plain words for how the two compare."""

PLAIN_WORDS = {
    "definite": "stated plainly",
    "required": "said to be needed",
    "recommended": "recommended",
    "typical": "usually",
    "intended": "an aim, not a result",
    "possible": "may be so",
    "occasional": "in some cases",
    "severeCasesOnly": "in severe cases only",
    "hypothesised": "believed, not shown",
    "underResearch": "under research",
    "advisedAgainst": "advised against",
}
"""How a page says each modality to a reader; the ontology's own label stands beside it."""

JUSTIFICATION_WORDS = {
    "ManualMappingCuration": "judged by hand",
    "LexicalMatching": "found by name",
    "LexicalSimilarityThresholdMatching": "found by a similar name",
    "SemanticSimilarityThresholdMatching": "found by similar meaning",
    "LogicalReasoning": "follows from other mappings",
    "MappingReview": "found by others, reviewed by hand",
    "MappingChaining": "follows from other mappings",
    "CompositeMatching": "found in several ways",
    "UnspecifiedMatching": "reason not recorded",
}
"""How a page says each mapping justification (SSSOM, ``semapv:``)."""
