"""Words and orders of pages that the ontology does not say yet."""

from service import iris

SYNONYMS = {
    iris.EXACT_SYNONYM: "exact",
    iris.NARROW_SYNONYM: "narrower",
    iris.BROAD_SYNONYM: "broader",
    iris.RELATED_SYNONYM: "related",
}
"""Synonym properties and the scope that each gives, in our order."""

MAPPING_PREDICATES = {
    iris.EXACT_MATCH: "the same",
    iris.CLOSE_MATCH: "close",
    iris.BROAD_MATCH: "broader there",
    iris.NARROW_MATCH: "narrower there",
    iris.RELATED_MATCH: "related",
    iris.EQUIVALENT_CLASS: "the same",
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
