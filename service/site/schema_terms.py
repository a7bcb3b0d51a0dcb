"""A term in schema.org: its types, and the properties that the document supports.

schema.org has no words for how sure a source is. So a term has a property only for a plain claim
without qualifier; a treatment that the document calls possible is a ``possibleTreatment``; hedged
and denied claims are left to the page and its data.
"""

from collections.abc import Iterable, Iterator, Set
from typing import Any

from service import iris
from service.library import (
    Claim,
    Description,
    Library,
    Ref,
    statement_groups,
)

Value = dict[str, Any]
"""A JSON-LD node."""

DATASET: Value = {"@type": ["DefinedTermSet", "Dataset"], "@id": iris.ONTOLOGY}

SAME = frozenset({iris.EXACT_MATCH, iris.EQUIVALENT_CLASS})
"""Mapping predicates under which a term of another vocabulary means the same."""

SIGNS = frozenset({"MedicalSignOrSymptom", "MedicalSymptom"})
CONDITIONS = SIGNS | {"MedicalCondition"}
TESTS = frozenset({"MedicalTest", "ImagingTest", "BloodTest"})
TREATMENTS = frozenset(
    {"MedicalTherapy", "PhysicalTherapy", "OccupationalTherapy", "Drug", "DrugClass"}
    | {"LifestyleModification", "PhysicalActivity"}
)
DRUGS = frozenset({"Drug", "DrugClass"})
"""Types of a substance. Our terms are the giving of one, and so are the terms that match them."""

RISKS = frozenset({"MedicalRiskFactor"})
ANATOMY = frozenset({"AnatomicalStructure"})

PLAIN = frozenset({"stated"})
POSSIBLE = PLAIN | {"qualified", "hedged"}
"""Standings under which something is at least possible; not those of research or of an aim."""

RELATIONS = (
    (CONDITIONS, "hasManifestation", "signOrSymptom", SIGNS, PLAIN),
    (CONDITIONS, "hasRiskFactor", "riskFactor", RISKS, PLAIN),
    (CONDITIONS, "affects", "associatedAnatomy", ANATOMY, PLAIN),
    (CONDITIONS, "treatedBy", "possibleTreatment", TREATMENTS, POSSIBLE),
    (TESTS, "diagnoses", "usedToDiagnose", CONDITIONS, PLAIN),
    (RISKS, "riskFactorFor", "increasesRiskOf", CONDITIONS, PLAIN),
    (ANATOMY, "affectedBy", "relatedCondition", CONDITIONS, PLAIN),
)
"""Types of a term, relation, property, types of its values (``rangeIncludes``), and the standings
that every citation of the claim must have.

A test that diagnoses a condition is not thereby its ``typicalTest``: the document seldom says
what is usual.
"""


def term(d: Description) -> Value:
    """Return types and properties of a described term."""
    types = types_of(d.library, d.iri)
    properties: dict[str, list[Any]] = {
        "description": [d.definition] if d.definition else [],
        "alternateName": [synonym.text for synonym in d.synonyms if synonym.exact],
        "sameAs": [
            match.target.iri
            for match in d.library.matches_of(d.iri)
            if match.predicate.iri in SAME and not match.negative and DRUGS.isdisjoint(types)
        ],
    }
    if "Drug" in types:
        places = d.library.hierarchy.places.get(d.iri, {})
        parents = [d.library.ref(parent) for parent, inferred in places.items() if not inferred]
        properties["drugClass"] = _nodes(d.library, parents, {"DrugClass"})
    for domain, relation, name, value_types, standings in RELATIONS:
        if domain.intersection(types):
            others = _joined(d, relation, standings)
            properties[name] = _nodes(d.library, others, value_types)
    code = {"inDefinedTermSet": DATASET, "termCode": d.ref.curie or d.iri}
    return {
        "@type": one(types),
        **(code if "DefinedTerm" in types else {}),
        **{name: one(values) for name, values in properties.items() if values},
    }


def named(schema_type: Any, ref: Ref) -> Value:
    """Return a node for a resource that another one names."""
    return {"@type": schema_type, "@id": ref.iri, "name": ref.label}


def _nodes(library: Library, refs: Iterable[Ref], types: Set[str]) -> list[Value]:
    """Return nodes for those of the terms that have one of the types."""
    typed = {ref: types_of(library, ref.iri) for ref in refs}
    return [named(one(own), ref) for ref, own in typed.items() if not types.isdisjoint(own)]


def _joined(d: Description, relation: str, standings: frozenset[str]) -> Iterator[Ref]:
    """Yield the terms that sure claims without qualifier join to this one by a relation.

    A term of which the document also denies something is left out.
    """
    pairs = [(s.claim, s.other) for g in statement_groups(d.library, d.iri) for s in g.statements]
    denied = {other.iri for claim, other in pairs if claim.negative}
    for claim, other in pairs:
        forwards = claim.subject.iri == d.iri
        read = claim.relation.ref if forwards else claim.relation.inverse
        if read and read.iri == iris.CDMO + relation and not claim.qualifiers:
            known = other.iri in d.library.terms and other.iri not in denied
            if known and is_sure(claim, standings):
                yield other


def is_sure(claim: Claim, standings: frozenset[str] = PLAIN) -> bool:
    """Tell whether every citation of a positive claim has one of the standings."""
    return (
        not claim.negative
        and bool(claim.citations)
        and all(citation.standing.name in standings for citation in claim.citations)
    )


def types_of(library: Library, iri: str) -> tuple[str, ...]:
    """Return the schema.org types of a term; none if it is no term.

    They are those of the lowest class at or above it that has any; but a class may have others
    for the terms asserted directly below it, such as classes of medications.
    """
    term = library.terms.get(iri)
    if term is None:
        return ()
    hierarchy = library.hierarchy
    for parent, inferred in hierarchy.places.get(iri, {}).items():
        if not inferred and (types := _types(library, parent, iris.SCHEMA_ORG_MEMBER_TYPE)):
            return types
    above = (iri, *hierarchy.ancestors(iri), *term.kinds)
    typed = [class_ for class_ in above if _types(library, class_, iris.SCHEMA_ORG_TYPE)]
    lowest = max(typed, key=lambda class_: len(hierarchy.ancestors(class_)), default="")
    return _types(library, lowest, iris.SCHEMA_ORG_TYPE) or ("DefinedTerm",)


def _types(library: Library, iri: str, predicate: str) -> tuple[str, ...]:
    """Return the local names of the schema.org types that are recorded for a class."""
    values = library.displayed.get(iri, {}).get(predicate, ())
    return tuple(name.removeprefix(iris.SCHEMA_ORG) for name in values)


def one(values: Any) -> Any:
    """Return a single value as itself, several as a list."""
    return values[0] if len(values) == 1 else list(values)
