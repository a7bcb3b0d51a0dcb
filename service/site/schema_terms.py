"""What a term is in schema.org, and what is said of it.

schema.org has no words for how sure a source is. So only what the document states plainly,
without qualifier, becomes a property of a term; a treatment that the document calls possible is a
``possibleTreatment``; the hedged and the denied rest is left to the page and its data.
"""

from collections.abc import Iterator
from typing import Any

from service import iris
from service.iris import ONTOLOGY
from service.library import Claim, Description, Library, Ref

Value = dict[str, Any]
Types = tuple[str, ...]

DATASET: Value = {"@type": ["DefinedTermSet", "Dataset"], "@id": ONTOLOGY}

KINDS: dict[str, Types] = {
    "Condition": ("MedicalCondition",),
    "Manifestation": ("MedicalSignOrSymptom",),
    "Test": ("MedicalTest",),
    "Intervention": ("MedicalProcedure",),
    "BodySite": ("AnatomicalStructure",),
    "Analyte": ("Substance",),
    "RiskFactor": ("MedicalRiskFactor",),
    "Organization": ("Organization",),
}
"""schema.org types by kind of term; a term of any other kind is a DefinedTerm."""

NARROWER: dict[str, Types] = {
    "medication": ("Drug",),
    # Theirs is a procedure and no therapy; ours is an intervention, so it is both.
    "surgical intervention": ("SurgicalProcedure", "MedicalTherapy"),
    "physical therapy": ("PhysicalTherapy",),
    "occupational therapy": ("OccupationalTherapy",),
    "physical activity": ("PhysicalActivity",),
    "lifestyle modification": ("LifestyleModification",),
    "treatment": ("MedicalTherapy",),
    "imaging study": ("ImagingTest",),
    "blood test": ("BloodTest",),
    # Theirs is a way to examine or a procedure; ours is a test, so it is both.
    "physical examination": ("PhysicalExam", "MedicalTest"),
    "diagnostic procedure": ("DiagnosticProcedure", "MedicalTest"),
    "symptom": ("MedicalSymptom",),
}
"""Types for terms that stand at or below the term with this label, the most telling first."""

CLASSES: dict[str, Types] = {"medication": ("DrugClass",)}
"""Types for terms that are asserted just below the term with this label: classes of its kind."""

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
    if exact := [s for s, scope in d.synonyms if scope == "exact"]:
        found["alternateName"] = one(exact)
    if same := [m.target.iri for m in d.mappings if m.words == "the same" and not m.negative]:
        found["sameAs"] = one(same)
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
    for iri, inferred in d.library.places.get(d.iri, {}).items():
        if not inferred and "DrugClass" in types_of(d.library, iri):
            yield {"@type": "DrugClass", "@id": iri, "name": d.library.ref(iri).label}


def _joined(d: Description, relation: str, sure: frozenset[str]) -> Iterator[Ref]:
    """Yield the terms that the document joins to this one so surely, and without qualifier.

    Not those of which it also denies something.
    """
    groups = [(g, g.relation.ref) for g in d.statements]
    groups += [(g, g.relation.inverse) for g in d.inverse_statements if g.relation.inverse]
    denied = {s.other.iri for g, _ in groups for s in g.statements if s.claim.negative}
    for group, read in groups:
        if read.iri == iris.CDMO + relation:
            for s in group.statements:
                if is_sure(s.claim, sure) and not s.qualifiers and s.other.iri not in denied:
                    yield s.other


def types_of(library: Library, iri: str) -> Types:
    """Return the schema.org types of a term, the most telling first; none if it is no term."""
    term = library.terms.get(iri)
    if term is None:
        return ()
    just_above = {
        library.ref(i).label for i, inferred in library.places.get(iri, {}).items() if not inferred
    }
    for label, these in CLASSES.items():
        if label in just_above:
            return these
    above = {library.ref(i).label for i in (iri, *_above(library, iri))}
    for label, these in NARROWER.items():
        if label in above:
            return these
    kinds = (library.kinds[k].name for k in term.kinds)
    return next((KINDS[name] for name in kinds if name in KINDS), ("DefinedTerm",))


def _above(library: Library, iri: str) -> set[str]:
    found: set[str] = set()
    todo = [iri]
    while todo:
        new = set(library.parents.get(todo.pop(), ())) - found
        found |= new
        todo += new
    return found


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
