"""What a term is in schema.org, and what is said of it.

schema.org has no words for how sure a source is. So only what the document states plainly,
without qualifier, becomes a property of a term; a treatment that the document calls possible is a
``possibleTreatment``; the hedged and the denied rest is left to the page and its data.
"""

from collections.abc import Iterator
from typing import Any

from service import iris
from service.iris import ONTOLOGY
from service.library import (
    Claim,
    Description,
    Library,
    Ref,
    inverse_statements,
    matches_of,
    statements,
)

Value = dict[str, Any]
Types = tuple[str, ...]

DATASET: Value = {"@type": ["DefinedTermSet", "Dataset"], "@id": ONTOLOGY}

SAME = frozenset({iris.EXACT_MATCH, iris.EQUIVALENT_CLASS})
"""Mapping predicates under which a term of another vocabulary means the same."""

SIGNS = frozenset({"MedicalSignOrSymptom", "MedicalSymptom"})
CONDITIONS = SIGNS | {"MedicalCondition"}
TESTS = frozenset({"MedicalTest", "ImagingTest", "BloodTest"})
TREATMENTS = frozenset(
    {"MedicalTherapy", "PhysicalTherapy", "OccupationalTherapy", "Drug", "DrugClass"}
    | {"LifestyleModification", "PhysicalActivity"}
)
RISKS = frozenset({"MedicalRiskFactor"})
ANATOMY = frozenset({"AnatomicalStructure"})

PLAIN = frozenset({"definite"})
POSSIBLE = PLAIN | {"required", "recommended", "typical", "possible", "occasional"}
"""Modalities under which something is at least possible; not those of research or of an aim."""

RELATIONS = (
    (CONDITIONS, "hasManifestation", "signOrSymptom", SIGNS, PLAIN),
    (CONDITIONS, "hasRiskFactor", "riskFactor", RISKS, PLAIN),
    (CONDITIONS, "affects", "associatedAnatomy", ANATOMY, PLAIN),
    (CONDITIONS, "treatedBy", "possibleTreatment", TREATMENTS, POSSIBLE),
    (TESTS, "diagnoses", "usedToDiagnose", CONDITIONS, PLAIN),
    (RISKS, "riskFactorFor", "increasesRiskOf", CONDITIONS, PLAIN),
    (ANATOMY, "affectedBy", "relatedCondition", CONDITIONS, PLAIN),
)
"""Types of a term, relation, property, types of its values (``rangeIncludes``), and how sure the
document must be wherever it says so.

A test that diagnoses a condition is not thereby its ``typicalTest``: the document seldom says
what is usual.
"""


def term(d: Description) -> Value:
    """Return types and properties of a described term."""
    types = types_of(d.library, d.iri)
    found: Value = {"@type": one(types)}
    if d.definition:
        found["description"] = d.definition
    if exact := [synonym.text for synonym in d.synonyms if synonym.exact]:
        found["alternateName"] = one(exact)
    matches = [m for m in matches_of(d) if m.predicate.iri in SAME and not m.negative]
    if matches:
        found["sameAs"] = one([match.target.iri for match in matches])
    if "DefinedTerm" in types:
        found |= {"inDefinedTermSet": DATASET, "termCode": d.ref.curie or d.iri}
    if "Drug" in types and (classes := list(_drug_classes(d))):
        found["drugClass"] = one(classes)
    for admitting, relation, name, admitted, sure in RELATIONS:
        if admitting.intersection(types):
            joined = {
                other.iri: {"@type": one(theirs), "@id": other.iri, "name": other.label}
                for other in _joined(d, relation, sure)
                if admitted.intersection(theirs := types_of(d.library, other.iri))
            }
            if joined:
                found[name] = one(list(joined.values()))
    return found


def _drug_classes(d: Description) -> Iterator[Value]:
    for iri, inferred in d.library.hierarchy.places.get(d.iri, {}).items():
        if not inferred and "DrugClass" in types_of(d.library, iri):
            yield {"@type": "DrugClass", "@id": iri, "name": d.library.ref(iri).label}


def _joined(d: Description, relation: str, sure: frozenset[str]) -> Iterator[Ref]:
    """Yield the terms that the document joins to this one so surely, and without qualifier.

    Not those of which it also denies something.
    """
    groups = [(g, g.relation.ref) for g in statements(d)]
    groups += [(g, g.relation.inverse) for g in inverse_statements(d) if g.relation.inverse]
    denied = {s.other.iri for g, _ in groups for s in g.statements if s.claim.negative}
    for group, read in groups:
        if read.iri == iris.CDMO + relation:
            for s in group.statements:
                if is_sure(s.claim, sure) and not s.qualifiers and s.other.iri not in denied:
                    yield s.other


def types_of(library: Library, iri: str) -> Types:
    """Return the schema.org types of a term; none if it is no term.

    They are those of the lowest class at or above it that has any; but a class may have others
    for the terms asserted directly below it, such as classes of medications.
    """
    term = library.terms.get(iri)
    if term is None:
        return ()
    displays, hierarchy = library.displays, library.hierarchy
    for parent, inferred in hierarchy.places.get(iri, {}).items():
        if not inferred and displays[parent].schema_org_members:
            return _local_names(displays[parent].schema_org_members)
    above = (iri, *hierarchy.ancestors(iri), *term.kinds)
    typed = [ancestor for ancestor in above if displays[ancestor].schema_org]
    lowest = max(typed, key=lambda ancestor: len(hierarchy.ancestors(ancestor)), default="")
    return _local_names(displays[lowest].schema_org) or ("DefinedTerm",)


def _local_names(types: Types) -> Types:
    return tuple(name.removeprefix(iris.SCHEMA_ORG) for name in types)


def is_sure(claim: Claim, sure: frozenset[str] = PLAIN) -> bool:
    """Say whether every passage states the claim, as so, in one of the modalities given."""
    return (
        not claim.negative
        and bool(claim.citations)
        and all(
            s.modality.name in sure and not (s.hedge and s.modality.name in PLAIN)
            for s in claim.citations
        )
    )


def one(values: Any) -> Any:
    """Return a single value as itself, several as a list."""
    return values[0] if len(values) == 1 else list(values)
