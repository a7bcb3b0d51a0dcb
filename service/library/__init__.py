"""The opened release as things of the domain: terms, claims, the document, mappings, questions.

:class:`Library` is the opened release; :func:`describe` gathers what a release states about one
IRI. Other rooms import every name from here.
"""

from service.library.description import (
    Description,
    Group,
    MappingShown,
    Place,
    Property,
    Statement,
    Tension,
    describe,
    is_version,
)
from service.library.gather import gather
from service.library.library import (
    Citation,
    Claim,
    Kind,
    Library,
    Mapped,
    Modality,
    Passage,
    Question,
    Ref,
    Relation,
    Section,
    Term,
)
from service.library.search import Entry, Hit, Index, fold
from service.library.why import Because, definitions, why, why_joined
from service.library.words import MAPPING_PREDICATES

__all__ = [
    "MAPPING_PREDICATES",
    "Because",
    "Citation",
    "Claim",
    "Description",
    "Entry",
    "Group",
    "Hit",
    "Index",
    "Kind",
    "Library",
    "Mapped",
    "MappingShown",
    "Modality",
    "Passage",
    "Place",
    "Property",
    "Question",
    "Ref",
    "Relation",
    "Section",
    "Statement",
    "Tension",
    "Term",
    "definitions",
    "describe",
    "fold",
    "gather",
    "is_version",
    "why",
    "why_joined",
]
