"""The opened release: one value from which the pages and the endpoint read everything."""

from collections.abc import Mapping
from functools import cached_property

from service import iris
from service.library.data import LAST, Ref, ReleaseData, Values, first
from service.library.document import (
    Claim,
    Passage,
    Section,
    Tension,
    claims_by,
    read_claims,
    read_passages,
    read_sections,
    read_tensions,
)
from service.library.hierarchy import Hierarchy, Term, read_hierarchy, read_terms
from service.library.matches import MappingRow, Match, matches_by_term, read_mapping_rows
from service.library.questions import Question, read_questions
from service.library.schema import (
    Kind,
    Modality,
    Relation,
    read_kinds,
    read_modalities,
    read_relations,
)


class Library(ReleaseData):
    """An opened release, read-only. Each part is read once, when it is first needed."""

    # -- the schema ---------------------------------------------------------------------------

    @cached_property
    def _schema(self) -> Mapping[str, Values]:
        return self.read("schema")

    @cached_property
    def definitions(self) -> Mapping[str, str]:
        """The definition of everything that the schema declares, by IRI."""
        return {iri: first(values, iris.DEFINITION) for iri, values in self._schema.items()}

    @cached_property
    def modalities(self) -> Mapping[str, Modality]:
        """Every modality by IRI, surest first."""
        return read_modalities(self, self._schema)

    @cached_property
    def relations(self) -> Mapping[str, Relation]:
        """Every relation that claims state, by IRI, in the order of pages."""
        return read_relations(self, self._schema)

    def relation(self, iri: str) -> Relation:
        """Return the relation ``iri``; one that the schema does not declare reads as its name."""
        ref = self.ref(iri)
        backwards = f"{ref.label} (of)"
        return self.relations.get(iri) or Relation(ref, None, ref.label, backwards, LAST)

    @cached_property
    def qualifiers(self) -> Mapping[str, Ref]:
        """Every qualifier by IRI."""
        return {
            iri: self.ref(iri)
            for iri, values in self._schema.items()
            if iris.QUALIFIER in values.get(iris.SUBPROPERTY, ())
        }

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """Every kind of term by IRI, in the order of pages, the pillars first."""
        return read_kinds(self, self._schema)

    @property
    def pillars(self) -> list[Kind]:
        """The kinds of term that the site is built on."""
        return [kind for kind in self.kinds.values() if kind.pillar]

    # -- terms ----------------------------------------------------------------------------------

    @cached_property
    def terms(self) -> Mapping[str, Term]:
        """Every term by IRI, in the order of labels."""
        return read_terms(self, self.kinds)

    def terms_of(self, kind: str) -> list[Term]:
        """Return the terms of a kind, without the obsolete ones."""
        return [t for t in self.terms.values() if kind in t.kinds and not t.obsolete]

    @cached_property
    def hierarchy(self) -> Hierarchy:
        """The hierarchy of classes."""
        return read_hierarchy(self)

    @cached_property
    def mapping_rows(self) -> list[MappingRow]:
        """The rows of all mapping sets, in the order of their IRIs."""
        return read_mapping_rows(self)

    @cached_property
    def matches(self) -> Mapping[str, list[Match]]:
        """The matches of each term in other vocabularies, the strongest first."""
        return matches_by_term(self.mapping_rows)

    def matches_of(self, iri: str) -> list[Match]:
        """Return the matches of a term, the strongest first, those that are denied last."""
        matches = [row.match for row in self.mapping_rows if row.term.iri == iri and row.match]
        each = {(match.predicate.iri, match.target.iri): match for match in matches}
        return sorted(each.values(), key=lambda m: (*m.rank[:2], m.target.curie or ""))

    def unmatched(self, iri: str) -> list[Ref]:
        """Return the mapping sets that looked for a match of a term and found none."""
        rows = [row for row in self.mapping_rows if row.term.iri == iri and not row.match]
        return sorted({row.mapping_set for row in rows})

    @cached_property
    def mapping_sets(self) -> list[Ref]:
        """The mapping sets, in the order of IRIs."""
        return [self.ref(iri) for iri in self.instances(iris.MAPPING_SET)]

    # -- the document ---------------------------------------------------------------------------

    @cached_property
    def sources(self) -> list[Ref]:
        """The documents whose statements are the claims, in the order of IRIs."""
        return [self.ref(iri) for iri in self.instances(iris.SOURCE_CLASS)]

    @cached_property
    def sections(self) -> Mapping[str, Section]:
        """Every section by IRI, in the order of the document."""
        return read_sections(self)

    @cached_property
    def passages(self) -> Mapping[str, Passage]:
        """Every passage by IRI, in the order of the document."""
        return read_passages(self, self.sections)

    @cached_property
    def claims(self) -> Mapping[str, Claim]:
        """Every claim by IRI, in the order in which the document first makes them."""
        return read_claims(self, self.passages, self.modalities, self.relation)

    @cached_property
    def claims_of_passage(self) -> Mapping[str, list[Claim]]:
        """The claims that each passage makes."""
        return claims_by(self.claims.values(), lambda c: (x.passage.ref.iri for x in c.citations))

    @cached_property
    def claims_of_term(self) -> Mapping[str, list[Claim]]:
        """The claims that have each term as subject or object."""
        return claims_by(self.claims.values(), lambda c: (c.subject.iri, c.object.iri))

    def qualified_by(self, iri: str) -> list[tuple[Ref, Claim]]:
        """Return the claims that a term qualifies, each with the qualifier."""
        return [
            (qualification.qualifier, claim)
            for claim in self.claims.values()
            for qualification in claim.qualifiers
            if qualification.value.iri == iri
        ]

    @cached_property
    def tensions(self) -> Mapping[str, Tension]:
        """Every tension by IRI, in the order of IRIs."""
        return read_tensions(self, self.resource_ref)

    def tensions_about(self, iri: str) -> list[Tension]:
        """Return the tensions that concern a resource."""
        tensions = self.tensions.values()
        return [tension for tension in tensions if iri in {ref.iri for ref in tension.concerns}]

    # -- the rest -------------------------------------------------------------------------------

    @cached_property
    def questions(self) -> list[Question]:
        """Every competency question, in the order of IRIs."""
        return read_questions(self)

    @cached_property
    def documents(self) -> list[str]:
        """The IRIs of everything that has a document: each subject of ours, without fragments.

        A file that the release describes is there to be downloaded and has none.
        """
        resources = (row["resource"] for row in self.select("documents"))
        return sorted(r for r in resources if "#" not in r and not r.startswith(iris.DOWNLOADS))

    def resource_ref(self, iri: str) -> Ref:
        """Return how to name any resource; claims and passages have names of their own."""
        resource = self.passages.get(iri) or self.claims.get(iri)
        return resource.ref if resource else self.ref(iri)
