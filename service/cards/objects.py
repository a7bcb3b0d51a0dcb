"""The keys of the objects of each sort, and the sorts of the things in them."""

from collections.abc import Mapping

from service.cards.keys import KEYS

_QUALIFIERS = (
    "inContext atSite inPopulation whenPresent dependsOnFactor forPurpose byMeans byRole "
    "togetherWith withCharacteristic withCaution distinguishedFrom degree inPhase manner offLabel"
)
QUALIFIERS = tuple(_QUALIFIERS.split())
"""The keys of the qualifiers of a claim."""


def _shape(keys: str) -> Mapping[str, str]:
    """Read ``key`` and ``key:sort`` pairs; without a sort, the things are each a ``thing``."""
    pairs = (pair.partition(":") for pair in keys.split())
    shape = {name: sort or "thing" for name, _, sort in pairs}
    assert shape.keys() <= KEYS.keys(), shape.keys() - KEYS.keys()
    return shape


SHAPES: Mapping[str, Mapping[str, str]] = {
    # -- objects with a document
    "term": _shape(
        "type kind definition comment exactSynonyms relatedSynonyms narrowSynonyms broadSynonyms "
        "deprecated replacedBy consider obsolescence formerly origin parents children aspectOf "
        "aspects website statements:claim statementsAbout:claim lists mappings:mapping "
        "tensions:tensionInBrief"
    ),
    "claim": _shape(
        "type subject relation object polarity standing firmness citationCount plainCount "
        "possibleCount believedCount underResearchCount chapters citations:citation "
        f"{_QUALIFIERS} tensions:tensionInBrief"
    ),
    "passage": _shape(
        "type order passageKind section chapters source position:position sha256 assertsNothing "
        "mentions claims:claim tensions:tensionInBrief"
    ),
    "section": _shape(
        "type order partOf heading:passageInBrief parts passages:passageWithClaims "
        "tensions:tensionInBrief"
    ),
    "source": _shape(
        "type title summary citationText rights sourceKind length sha256 citesReferences parts "
        "tensions:tensionInBrief"
    ),
    "list": _shape(
        "type order partOf topic complete passage:passageInBrief entries:entry "
        "tensions:tensionInBrief"
    ),
    "tension": _shape(
        "type tensionKind description decision concerns:concerned otherSide:passageInBrief"
    ),
    "question": _shape("type comment keywords query expected columns rows"),
    "mappingSet": _shape(
        "type note licence version vocabulary vocabularyVersion mappingRows:mapping"
    ),
    "relation": _shape(
        "type definition comment inverseOf widerRelations narrowerRelations general "
        "mappings:mapping tensions:tensionInBrief"
    ),
    "class": _shape(
        "type definition comment parents children mappings:mapping tensions:tensionInBrief"
    ),
    "individual": _shape("type definition comment mappings:mapping tensions:tensionInBrief"),
    "retired": _shape(
        "type formerKind comment deprecated replacedBy consider obsolescence formerly order source"
    ),
    "graph": _shape("type definition summary"),
    "ontology": _shape("type title summary citationText licence version created"),
    # -- objects inside others
    "thing": {},
    "citation": _shape(
        "passage:passageInBrief assertion frequency advice aim collective hedge standing firmness"
    ),
    "passageInBrief": _shape("order passageKind section"),
    "passageWithClaims": _shape("order passageKind claims:claim"),
    "position": _shape("start end"),
    "entry": _shape("order entryTerm passage:passageInBrief"),
    "tensionInBrief": _shape("tensionKind description decision"),
    "mapping": _shape(
        "mappingSet term predicate target targetLabel confidence justification modifier note"
    ),
}
"""Sort to key to the sort of the things there. Those of the first part are sorts of cards."""

SORTS: Mapping[str, str] = {
    "terms": "term",
    "statements": "claim",
    "mappings": "mapping",
    "questions": "question",
    "tensions": "tension",
    "passages": "passage",
}
"""The lists, each with the sort of its objects."""
