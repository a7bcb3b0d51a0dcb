"""The opened release as values of the domain: terms, claims, the document, mappings, questions.

:class:`Library` is the opened release; :func:`describe` gathers everything that it states about
one IRI. Other rooms import every name from here.
"""

from service.library.answers import Answer, Answers
from service.library.catalogue import CATALOGUE, SORTS, Found
from service.library.cataloguing import write_catalogue
from service.library.data import LAST, Ref, ReleaseData
from service.library.description import Description, Property, Synonym, describe, is_version
from service.library.document import Citation, Claim, Qualification, Share
from service.library.document_parts import (
    Enumeration,
    Passage,
    Quotation,
    Section,
    quote,
    text_at,
)
from service.library.effects import (
    Cell,
    effect_relations,
    effects,
    limits_of_treatment,
    other_claims,
)
from service.library.entries import Entry, Hit, Name, Results
from service.library.examinations import Path, Step, diagnostic_path
from service.library.expressions import definitions_of
from service.library.findable import search_entries
from service.library.hierarchy import Hierarchy, Place, Term, children, placement
from service.library.library import PREDICATES, Library, MappingRow, Match, Question, rows_of
from service.library.other_names import Theirs, theirs
from service.library.reasons import Reasons, reasons
from service.library.schema import Kind, Manner, Relation, Sector, Standing
from service.library.search import EXACT, Index
from service.library.statement_groups import (
    Statement,
    StatementGroup,
    inferred,
    statement_groups,
)
from service.library.tensions import Group, Tension, TensionKind
from service.library.vocabulary import Resource, Value, Values, Vocabulary
from service.library.why import Premise, premise_of, why, why_every, why_joined
from service.library.why_not import Denial, Obstacle, axioms_of, why_no_axiom, why_not
from service.library.words import fold
