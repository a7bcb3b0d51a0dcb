"""The table of keys: what each key of our JSON means. Keys are added, never changed.

The context, the cards, the descriptions and the documentation of the JSON are made from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from service import iris

Values = Literal[
    "thing", "any", "iri", "text", "string", "boolean", "integer", "number", "date", "other"
]
"""Sorts of values. ``thing``: an object with ``id``; ``any``: a thing, or ``{"value": …}`` for a
literal; ``iri``: an IRI as a string; ``text``: English; ``other``: no RDF, told in words."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of JSON objects.

    :param iri: the property that it stands for; "" for a convenience, which makes no triple.
    :param about: its content, in a sentence for those who write applications.
    :param many: whether it may hold more than one value; then it is an array, always.
    :param reverse: whether its values are subjects of the property, and not objects.
    """

    name: str
    iri: str
    values: Values
    about: str
    many: bool = False
    reverse: bool = False


def _one(name: str, iri: str, values: Values, about: str) -> Key:
    return Key(name, iri, values, about)


def _many(name: str, iri: str, values: Values, about: str) -> Key:
    return Key(name, iri, values, about, many=True)


def _back(name: str, iri: str, about: str) -> Key:
    return Key(name, iri, "thing", about, many=True, reverse=True)


def _convenience(name: str, about: str, *, many: bool = False) -> Key:
    return Key(name, "", "other", about, many=many)


C = iris.CDMO

_TABLE = (
    # -- every thing
    _convenience("curie", "The short form of the IRI, where a declared prefix fits."),
    _one("label", iris.LABEL, "text", "Its name in English."),
    _many("type", iris.TYPE, "iri", "The IRIs of its classes."),
    _convenience("kind", "The labels of the kinds that a term falls under.", many=True),
    _one("definition", iris.DEFINITION, "text", "What it is, in one sentence."),
    _one("comment", iris.COMMENT, "text", "A remark, or a question in plain words."),
    _one("note", iris.COMMENT, "string", "A remark of a curator on a mapping."),
    _one("summary", iris.DESCRIPTION, "text", "What it holds."),
    _one("title", iris.TITLE, "text", "Its title."),
    _one("licence", iris.RIGHTS, "iri", "The licence under which it may be used."),
    _one("version", iris.VERSION_INFO, "string", "Its version."),
    _one("created", iris.DCTERMS + "created", "date", "When it was made."),
    # -- terms
    _many("exactSynonyms", iris.EXACT_SYNONYM, "text", "Other names that mean the same."),
    _many("relatedSynonyms", iris.RELATED_SYNONYM, "text", "Other names with a similar meaning."),
    _many("narrowSynonyms", iris.NARROW_SYNONYM, "text", "Other names with a narrower meaning."),
    _many("broadSynonyms", iris.BROAD_SYNONYM, "text", "Other names with a wider meaning."),
    _one("deprecated", iris.DEPRECATED, "boolean", "True if it is obsolete."),
    _many("replacedBy", iris.REPLACED_BY, "thing", "What to use instead of an obsolete one."),
    _many("consider", iris.CONSIDER, "thing", "What may fit in the place of an obsolete one."),
    _many("obsolescence", iris.OBSOLESCENCE_REASON, "thing", "The sort of reason to retire it."),
    _one("formerKind", iris.FORMER_KIND, "thing", "What a retired resource was."),
    _one("formerly", iris.FORMERLY, "string", "What was written of it before, as Turtle."),
    _one("origin", C + "origin", "thing", "How the term came into the ontology."),
    _many("parents", iris.SUBCLASS, "thing", "The classes directly above it."),
    _back("children", iris.SUBCLASS, "The classes directly below it."),
    _many("aspectOf", iris.ASPECT_OF, "thing", "What it is a changed or graded form of."),
    _back("aspects", iris.ASPECT_OF, "The terms for a changed or graded form of it."),
    _many("website", C + "website", "string", "The address of its website, as printed."),
    _back("statements", iris.SUBJECT, "The claims that have it as their subject."),
    _back("statementsAbout", iris.OBJECT, "The claims that have it as their object."),
    _back("lists", C + "topic", "The lists of the document that enumerate it."),
    # -- claims
    _one("subject", iris.SUBJECT, "thing", "What the claim is about."),
    _one("relation", iris.RELATION, "thing", "How its subject and its object are related."),
    _one("object", iris.OBJECT, "any", "What the claim says of its subject; seldom a literal."),
    _one("polarity", C + "polarity", "thing", "Whether the document says so or denies it."),
    _one("standing", C + "standing", "thing", "Stated, qualified, hedged or prospective."),
    _one("firmness", C + "firmness", "integer", "The weight of its words; the more, the firmer."),
    _one("citationCount", C + "citationCount", "integer", "How many passages make the claim."),
    _one("plainCount", C + "plainCount", "integer", "How many of them put it plainly."),
    _one("possibleCount", C + "possibleCount", "integer", "How many of them say may or can."),
    _one("believedCount", C + "believedCount", "integer", "How many of them report a belief."),
    _one("underResearchCount", C + "underResearchCount", "integer", "How many report research."),
    _many("chapters", C + "chapter", "thing", "The chapters whose passages make it."),
    _many("citations", iris.CITATION, "thing", "A citation for each passage that makes it."),
    # -- qualifiers
    _many("atSite", C + "atSite", "thing", "The body sites at which the claim holds."),
    _many("byMeans", C + "byMeans", "thing", "What the claim comes about through."),
    _many("byRole", C + "byRole", "thing", "The roles of those who do what the claim says."),
    _many("degree", C + "degree", "text", "How much, how often or how well the claim holds."),
    _many("dependsOnFactor", C + "dependsOnFactor", "thing", "What it depends on."),
    _many("distinguishedFrom", C + "distinguishedFrom", "thing", "What its object is told from."),
    _many("forPurpose", C + "forPurpose", "thing", "For the sake of what the claim holds."),
    _many("inContext", iris.IN_CONTEXT, "thing", "The conditions within which the claim holds."),
    _many("inPhase", C + "inPhase", "text", "At which stages of a process the claim holds."),
    _many("inPopulation", C + "inPopulation", "thing", "The persons for whom the claim holds."),
    _many("manner", C + "manner", "text", "In what manner the claim holds."),
    _one("offLabel", C + "offLabel", "boolean", "True if the use is outside an approval."),
    _many("togetherWith", C + "togetherWith", "thing", "What goes with its subject."),
    _many("whenPresent", C + "whenPresent", "thing", "In whose presence the claim holds."),
    _many("withCaution", C + "withCaution", "thing", "Precautions that the document attaches."),
    _many("withCharacteristic", C + "withCharacteristic", "thing", "What its object is like."),
    # -- citations and passages
    _one("passage", iris.PASSAGE, "thing", "The passage, with its place in the document."),
    _one("assertion", C + "assertion", "thing", "How far the passage stands behind the claim."),
    _one("frequency", C + "frequency", "thing", "How often it holds, if the passage says so."),
    _one("advice", C + "advice", "thing", "What is to be done, if the passage says so."),
    _one("aim", C + "aim", "thing", "Set if the passage says only what is meant to be reached."),
    _one("collective", iris.COLLECTIVE, "boolean", "True if said of several things together."),
    _one("hedge", C + "hedge", "string", "The few words of the document that this rests on."),
    _one("order", iris.ORDER, "integer", "Its place in the document, counted from 1."),
    _one("section", iris.SECTION, "thing", "The section in which the passage lies."),
    _one("passageKind", iris.PASSAGE_KIND, "thing", "Sentence, list item, heading and the like."),
    _one("sha256", iris.SHA256, "string", "SHA-256 of its text, in hexadecimal."),
    _one("position", iris.HAS_SELECTOR, "thing", "Where its text lies in the document's file."),
    _one("start", iris.START, "integer", "First code point, counted from 0."),
    _one("end", iris.END, "integer", "The code point after the last."),
    _one("assertsNothing", iris.ASSERTS_NOTHING, "thing", "Why a passage makes no claim."),
    _many("mentions", C + "mentions", "thing", "The terms that the claims of the passage name."),
    _back("claims", iris.STATED_IN, "The claims that the passage makes."),
    _one("source", iris.HAS_SOURCE, "thing", "The document of the passage."),
    # -- the document, its sections and its lists
    _one("partOf", iris.PART_OF, "thing", "The section or the document around it."),
    _back("parts", iris.PART_OF, "The sections and lists in it."),
    _back("passages", iris.SECTION, "The passages in it, in the order of the document."),
    _one("heading", C + "heading", "thing", "The passage that is its heading."),
    _one("citationText", iris.CITATION_TEXT, "text", "How to cite it."),
    _one("rights", iris.DCTERMS + "rights", "text", "Who holds rights in it."),
    _one("sourceKind", C + "sourceKind", "text", "What sort of document it is."),
    _one("length", iris.LENGTH, "integer", "Its length in code points."),
    _one("citesReferences", C + "citesReferences", "boolean", "Whether it names its own sources."),
    _one("topic", C + "topic", "thing", "The term that the list enumerates."),
    _one("complete", C + "complete", "boolean", "False if the list only gives examples."),
    _many("entries", C + "entry", "thing", "The entries of the list, in their order."),
    _one("entryTerm", C + "term", "thing", "The term that the entry names."),
    # -- tensions
    _back("tensions", iris.CONCERNS, "Where the document is at odds with itself about it."),
    _one("tensionKind", iris.TENSION_KIND, "thing", "In which way it is at odds with itself."),
    _one("description", iris.TENSION_DESCRIPTION, "text", "What is at odds."),
    _one("decision", iris.DECISION, "text", "What the ontology does about it."),
    _many("concerns", iris.CONCERNS, "thing", "The claims, passages, terms and lists at issue."),
    _many("otherSide", iris.OTHER_SIDE, "thing", "The passages on the other side."),
    # -- questions
    _one("query", iris.SELECT, "string", "The question as a SPARQL query."),
    _one("expected", iris.EXPECTED, "string", "Its answer, as CSV."),
    _many("keywords", iris.KEYWORDS, "text", "What the question is about."),
    _convenience("columns", "The variables of the answer to a question, as strings.", many=True),
    _convenience("rows", "The rows of the answer, each an array of strings.", many=True),
    # -- mappings
    Key("mappings", iris.ANNOTATED_SOURCE, "thing",
        "Its matches in other vocabularies, the strongest first.", many=True, reverse=True),
    _many("mappingRows", iris.MAPPINGS, "thing", "All rows of the mapping set."),
    Key("mappingSet", iris.MAPPINGS, "thing", "The set of the mapping.", reverse=True),
    _one("term", iris.ANNOTATED_SOURCE, "thing", "Our term."),
    _one("predicate", iris.ANNOTATED_PROPERTY, "thing", "How the target compares with our term."),
    _one("target", iris.ANNOTATED_TARGET, "thing", "The term of the other vocabulary."),
    _one("targetLabel", iris.SSSOM + "object_label", "string", "Its name there."),
    _one("confidence", iris.SSSOM + "confidence", "number", "From 0 to 1."),
    _one("justification", iris.SSSOM + "mapping_justification", "thing", "How it was found."),
    _one("modifier", iris.SSSOM + "predicate_modifier", "string",
         "'Not' if the two are said not to match so."),
    _one("vocabulary", iris.SSSOM + "object_source", "iri", "The other vocabulary."),
    _one("vocabularyVersion", iris.SSSOM + "object_source_version", "string", "Its version."),
    # -- relations
    _many("inverseOf", iris.INVERSE_OF, "thing", "The relation read from its object's side."),
    _many("widerRelations", iris.SUBPROPERTY, "thing", "The relations directly above it."),
    _back("narrowerRelations", iris.SUBPROPERTY, "The relations directly below it."),
    _one("general", iris.GENERAL, "boolean", "True if no claim uses it, only queries."),
    # -- lists of things, searches, and every document
    _convenience("total", "How many things there are in all."),
    _convenience("next", "The address of the next part of a list; null in the last."),
    _convenience("q", "What was searched for."),
    _convenience("score", "How well a hit fits, from 0 to 100."),
    _convenience("why", "Why it is a hit."),
    _convenience("matched", "The name that matched."),
    _convenience("namedIn", "The vocabularies that use the name that matched.", many=True),
    _convenience("match", "True if a careful curator would accept the hit unseen."),
    _convenience("release", "The release: its version, date and licence."),
)  # fmt: skip

KEYS: Mapping[str, Key] = {key.name: key for key in _TABLE}
"""Every key by name."""

PREFIXES: Mapping[str, str] = {
    "rdf": iris.RDF,
    "rdfs": iris.RDFS,
    "owl": iris.OWL,
    "xsd": iris.XSD,
    "skos": iris.SKOS,
    "dcterms": iris.DCTERMS,
    "oa": iris.OA,
    "obo": iris.OBO,
    "oio": iris.OIO,
    "pav": iris.PAV,
    "prov": "http://www.w3.org/ns/prov#",
    "schema": iris.SCHEMA_ORG,
    "sd": iris.SD,
    "sh": iris.SH,
    "sssom": iris.SSSOM,
    "dcat": "http://www.w3.org/ns/dcat#",
    "foaf": iris.FOAF,
    "vann": "http://purl.org/vocab/vann/",
    "void": iris.VOID,
    "cdmo": iris.CDMO,
}
"""Prefixes of keys in descriptions, for the properties that have no key of their own."""

ALIASES: Mapping[str, str] = {
    "id": "@id",
    "value": "@value",
    "language": "@language",
    "datatype": "@type",
    "items": "@graph",
}
"""Keywords of JSON-LD by their plain names. ``type`` is an array, so that a literal's type, which
rdflib does not read from a term with a container, has a name of its own."""
