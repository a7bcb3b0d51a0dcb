"""What search engines read: schema.org JSON-LD for a page.

schema.org has no words for how sure a source is. So only what the document states plainly,
without qualifier, becomes a property of a term; a treatment that the document calls possible is a
``possibleTreatment``; the hedged and the denied rest is left to the page and its data. A claim is
a ``Claim`` whose name says how sure the document is.
"""

from collections.abc import Iterator
from typing import Any

from service.describe import Description, Library
from service.describe import vocabulary as v
from service.describe.library import Claim, Ref
from service.names import BASE
from service.release import Manifest

Value = dict[str, Any]
Types = tuple[str, ...]

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

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
WEB_SITE: Value = {"@type": "WebSite", "@id": BASE, "name": "CDMO"}
DATASET: Value = {"@type": ["DefinedTermSet", "Dataset"], "@id": BASE + "ontology"}
CONTEXT = {"@context": "https://schema.org"}

FOAF_ORGANIZATION = "http://xmlns.com/foaf/0.1/Organization"

DISCLAIMER = "Restates one web article for the public. Not medical advice."


def page_schema(title: str, page_type: str) -> Value:
    """Return the schema.org value of a page that describes nothing of its own.

    :param page_type: ``WebPage`` or a type below it.
    """
    return {
        **CONTEXT,
        "@type": page_type,
        "name": title,
        "description": DISCLAIMER,
        "isPartOf": WEB_SITE,
        "license": LICENCE,
        "usageInfo": BASE + "about",
    }


def site_schema(manifest: Manifest, description: str) -> Value:
    """Return the schema.org value of the home page: the site and the dataset behind it."""
    about = {"url": BASE, "description": DISCLAIMER, "usageInfo": BASE + "about"}
    return {**CONTEXT, "@graph": [{**WEB_SITE, **about}, dataset_schema(manifest, description)]}


def dataset_schema(manifest: Manifest, description: str) -> Value:
    """Return the release as a dataset."""
    return {
        **DATASET,
        "name": manifest.title,
        "description": description or DISCLAIMER,
        "url": BASE + "ontology",
        "version": manifest.version,
        "dateModified": manifest.modified,
        "license": LICENCE,
        "isAccessibleForFree": True,
    }


def downloads_schema(manifest: Manifest, description: str, sizes: dict[str, int]) -> Value:
    """Return the page of downloads: the dataset with its files.

    :param sizes: bytes by name of file.
    """
    files = [
        {
            "@type": "DataDownload",
            "name": name,
            "contentUrl": f"{BASE}downloads/{name}",
            "contentSize": f"{size} B",
            "sha256": manifest.files[name],
        }
        for name, size in sizes.items()
    ]
    whole = {**dataset_schema(manifest, description), "distribution": files}
    return page_schema("Downloads", "WebPage") | {"mainEntity": whole}


def schema_org(d: Description, manifest: Manifest) -> Value:
    """Return the schema.org value of a described resource, with the page that is about it."""
    thing = {**CONTEXT, "@id": d.iri, "url": d.iri, "name": d.ref.label}
    thing |= _term(d) if d.type == "term" else _other(d, manifest)
    page = {"@type": "WebPage", "description": DISCLAIMER, "isPartOf": WEB_SITE}
    return thing | {"mainEntityOfPage": {**page, "usageInfo": BASE + "about"}}


# -- claims, passages, the ontology ------------------------------------------------------------


def _other(d: Description, manifest: Manifest) -> Value:
    """Return what a resource is that is no term."""
    if d.type == "ontology":
        return dataset_schema(manifest, d.definition)
    return SORTS.get(d.type, _schema_term)(d)


def _claim(d: Description) -> Value:
    """Return a claim in words that keep how sure the document is, and the passages that say so."""
    found: Value = {"@type": "Claim", "isBasedOn": _article(d.library)}
    if claim := d.claim:
        found["name"] = f"{claim.ref.label} [{claim.modality.words}]"
        found["appearance"] = _one([_named("CreativeWork", s.passage.ref) for s in claim.citations])
    return found


def _question(d: Description) -> Value:
    return {"@type": "Question", "text": d.definition or d.ref.label}


def _source(d: Description) -> Value:
    return {"@type": "Article"}


def _part(d: Description) -> Value:
    return {"@type": "CreativeWork", "isPartOf": _article(d.library)}


def _tension(d: Description) -> Value:
    about = [_thing(d.library, ref) for ref in d.tension.concerns]
    return {"@type": "Comment", "text": d.tension.description, "about": _one(about)}


def _data(d: Description) -> Value:
    licences = d.texts(v.DCTERMS + "license") or [LICENCE]
    words = d.text(v.DCTERMS + "description") or d.definition or d.ref.label
    about = {"description": words, "license": _one(licences)}
    return {"@type": "Dataset", **about, "isPartOf": DATASET}


def _endpoint(d: Description) -> Value:
    return {"@type": "WebAPI", "description": d.definition or d.ref.label}


def _schema_term(d: Description) -> Value:
    """Return a relation, a class, or a named individual of the schema."""
    described = {"description": d.definition} if d.definition else {}
    if FOAF_ORGANIZATION in d.texts(v.TYPE):
        return {"@type": "Organization", **described}
    return {
        "@type": "DefinedTerm",
        "inDefinedTermSet": DATASET,
        "termCode": d.ref.curie or d.iri,
        **described,
    }


SORTS = {
    "claim": _claim,
    "question": _question,
    "source": _source,
    "section": _part,
    "passage": _part,
    "tension": _tension,
    "mapping": _data,
    "graph": _data,
    "sparql": _endpoint,
}
"""What each sort of resource is in schema.org; any other is a term of the schema."""


def _article(library: Library) -> Value:
    [source] = library.instances("Source")[:1] or [BASE + "source/"]
    return _named("Article", library.ref(source))


def _named(name: str, ref: Ref) -> Value:
    return {"@type": name, "@id": ref.iri, "name": ref.label}


def _thing(library: Library, ref: Ref) -> Value:
    if ref.iri in library.claims:
        return {"@type": "Claim", "@id": ref.iri}
    if ref.iri in library.passages or ref.iri in library.sections:
        return {"@type": "CreativeWork", "@id": ref.iri}
    return {"@type": _one(types_of(library, ref.iri) or ("Thing",)), "@id": ref.iri}


# -- terms -------------------------------------------------------------------------------------


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


def _term(d: Description) -> Value:
    types = types_of(d.library, d.iri)
    found: Value = {"@type": _one(types)}
    if d.definition:
        found["description"] = d.definition
    if exact := [s for s, scope in d.synonyms if scope == "exact"]:
        found["alternateName"] = _one(exact)
    if same := [m.target.iri for m in d.mappings if m.words == "the same" and not m.negative]:
        found["sameAs"] = _one(same)
    if "DefinedTerm" in types:
        found |= {"inDefinedTermSet": DATASET, "termCode": d.ref.curie or d.iri}
    if "Drug" in types and (classes := list(_drug_classes(d))):
        found["drugClass"] = _one(classes)
    for admitting, relation, name, admitted, sure in RELATIONS:
        if admitting.intersection(types):
            joined = {
                other.iri: {"@type": _one(theirs), "@id": other.iri, "name": other.label}
                for other in _joined(d, relation, sure)
                if admitted.intersection(theirs := types_of(d.library, other.iri))
            }
            if joined:
                found[name] = _one(list(joined.values()))
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
        if read.iri == v.CDMO + relation:
            for s in group.statements:
                if is_sure(s.claim, sure) and not s.qualifiers and s.other.iri not in denied:
                    yield s.other


def _one(values: Any) -> Any:
    return values[0] if len(values) == 1 else list(values)


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
