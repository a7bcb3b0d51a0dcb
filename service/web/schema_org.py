"""What search engines read: schema.org JSON-LD for a page.

schema.org has no words for how sure a source is. So only what the document states plainly,
without qualifier, becomes a property; the hedged rest is left to the page and its data.
"""

from typing import Any

from service.describe import Description
from service.describe.library import Claim
from service.names import BASE
from service.release import Manifest

KINDS = {
    "Condition": "MedicalCondition",
    "Manifestation": "MedicalSignOrSymptom",
    "Test": "MedicalTest",
    "Intervention": "MedicalTherapy",
    "BodySite": "AnatomicalStructure",
    "RiskFactor": "MedicalRiskFactor",
    "Organization": "Organization",
}
"""schema.org types by kind of term; any other kind is a DefinedTerm."""

NARROWER = {"medication": "Drug", "surgical intervention": "SurgicalProcedure"}
"""Types for terms that stand at or below the term with this label."""

RELATIONS = {
    ("MedicalCondition", "hasManifestation"): ("signOrSymptom", "MedicalSignOrSymptom"),
    ("MedicalCondition", "hasRiskFactor"): ("riskFactor", "MedicalRiskFactor"),
    ("MedicalCondition", "affects"): ("associatedAnatomy", "AnatomicalStructure"),
    ("MedicalCondition", "treatedBy"): ("possibleTreatment", "MedicalTherapy"),
    ("MedicalCondition", "diagnosedBy"): ("typicalTest", "MedicalTest"),
    ("MedicalTest", "diagnoses"): ("usedToDiagnose", "MedicalCondition"),
}
"""Type and relation to property and the type of its values."""

DISCLAIMER = "Restates one web article for the public. Not medical advice."


def schema_org(d: Description) -> dict[str, Any] | None:
    """Return the schema.org value of a described resource, or None if it is none of theirs."""
    if d.type == "term":
        return _term(d)
    page = {"@context": "https://schema.org", "@id": d.iri, "name": d.ref.label, "url": d.iri}
    if d.type == "claim":
        return {**page, "@type": "Claim", "text": d.ref.label, "isBasedOn": BASE + "source/cdct"}
    if d.type == "question":
        return {**page, "@type": "Question", "text": d.ref.label}
    if d.type == "source":
        return {**page, "@type": "CreativeWork"}
    if d.type == "ontology":
        return {
            **page,
            "@type": ["DefinedTermSet", "Dataset"],
            "description": d.definition or d.ref.label,
            "license": "https://creativecommons.org/licenses/by/4.0/",
            "disambiguatingDescription": DISCLAIMER,
        }
    return None


def site_schema(manifest: Manifest) -> dict[str, Any]:
    """Return the schema.org value of the home page: the site and the dataset behind it."""
    return {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebSite", "@id": BASE, "url": BASE, "name": "CDMO"},
            {
                "@type": "Dataset",
                "@id": BASE + "ontology",
                "name": manifest.title,
                "version": manifest.version,
                "dateModified": manifest.modified,
                "description": DISCLAIMER,
                "license": "https://creativecommons.org/licenses/by/4.0/",
                "isAccessibleForFree": True,
            },
        ],
    }


def type_of(d: Description) -> str:
    """Return the schema.org type of a term."""
    above = {ref.label for path in d.lineages for ref, _ in path} | {d.ref.label}
    for label, narrower in NARROWER.items():
        if label in above:
            return narrower
    return next((KINDS[k.name] for k in d.kinds if k.name in KINDS), "DefinedTerm")


def _term(d: Description) -> dict[str, Any]:
    kind = type_of(d)
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": kind,
        "@id": d.iri,
        "url": d.iri,
        "name": d.ref.label,
    }
    if d.definition:
        found["description"] = d.definition
    if exact := [s for s, scope in d.synonyms if scope == "exact"]:
        found["alternateName"] = exact
    same = [m.target.iri for m in d.mappings if m.words == "the same" and not m.negative]
    if same:
        found["sameAs"] = same
    if kind == "DefinedTerm":
        found["inDefinedTermSet"] = BASE + "ontology"
        found["termCode"] = d.ref.curie
    else:
        found["disambiguatingDescription"] = DISCLAIMER
    for group, relation in [
        *((g, g.relation.ref) for g in d.statements),
        *((g, g.relation.inverse) for g in d.inverse_statements),
    ]:
        mapped = RELATIONS.get((kind, relation.iri.rpartition("/")[2])) if relation else None
        if mapped is None:
            continue
        name, value_type = mapped
        values = [
            {"@type": value_type, "@id": s.other.iri, "name": s.other.label}
            for s in group.statements
            if plainly(s.claim) and not s.qualifiers and s.other.path
        ]
        if values:
            found.setdefault(name, []).extend(x for x in values if x not in found.get(name, []))
    return found


def plainly(claim: Claim) -> bool:
    """Say whether every passage states the claim plainly, as so."""
    return (
        not claim.negative
        and bool(claim.citations)
        and all(s.modality.name == "definite" and not s.hedge for s in claim.citations)
    )
