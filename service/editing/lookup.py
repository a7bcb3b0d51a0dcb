"""Find terms and relations by the names that people type, and tell which fit together."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

import pyoxigraph as ox

from service import iris
from service.pipeline import graphs
from service.pipeline.comments import names_in_words
from service.pipeline.loading import Loaded
from service.problems import UsageError
from service.rdf.terms import text
from service.rdf.walk import closure

_NAMES = (
    (iris.LABEL,),
    (iris.EXACT_SYNONYM, iris.CDMO + "sentenceLabel"),
    (iris.NARROW_SYNONYM, iris.BROAD_SYNONYM, iris.RELATED_SYNONYM, iris.HIDDEN_LABEL),
)
"""Properties that name a resource, in order of precedence."""


@dataclass(frozen=True)
class Lookup:
    """The names of the sources, as they are on disk."""

    loaded: Loaded

    def term(self, name: str) -> str:
        """Return the IRI of a term by label, synonym, CURIE, local name or number.

        :raises UsageError: if there is none, or several; it names those that may be meant.
        """
        return self._one(name, "term", self._terms)

    def claim(self, name: str) -> str:
        """Return the IRI of a claim by CURIE, IRI, number, or by the words above its block.

        :raises UsageError: if there is none.
        """
        number = f"{iris.CLAIM}{int(name):07}" if name.isdecimal() else ""
        for iri in (self.loaded.names.iri(name) or name, number):
            if iri.startswith(iris.CLAIM) and self.loaded.place(iri)[0]:
                return iri
        for curie, words in self.in_words.items():
            if curie.startswith("claim:") and words == name:
                return self.loaded.names.iri(curie) or ""
        raise UsageError(f"There is no claim '{name}'. cdmo new claim shows those of two terms.")

    def parent(self, name: str) -> str:
        """Return the IRI of a term or a kind.

        :raises UsageError: if there is none.
        """
        return self._one(name, "term or kind", {*self._terms, *self.kinds})

    def owner(self, name: str) -> str:
        """Return the IRI of a term that has a name as its label or exact synonym, or ""."""
        spoken = _folded(name)
        for named in self._by_name[:2]:
            if owners := sorted(named.get(spoken, set()) & self._terms):
                return owners[0]
        return ""

    def relation(self, name: str) -> str:
        """Return the IRI of a relation that claims may use, by label, words or local name.

        :raises UsageError: if there is none, or several.
        """
        return self._one(name, "relation", self.relations)

    def value(self, name: str, of_class: str) -> str:
        """Return the IRI of an individual of a class of the schema, such as an assertion.

        :raises UsageError: if there is none.
        """
        return self._one(name, of_class.removeprefix(iris.CDMO), set(self._instances[of_class]))

    def qualifier(self, name: str) -> str:
        """Return the IRI of a qualifier of claims.

        :raises UsageError: if there is none.
        """
        return self._one(name, "qualifier", self.qualifiers)

    def words(self, iri: str) -> str:
        """Return the name of an IRI with its CURIE."""
        name = self.loaded.name(iri)
        words = self.in_words.get(name) or self.label(iri)
        return f"{name} ({words})" if words and words != name else name

    def label(self, iri: str) -> str:
        """Return the English label of an IRI, or an empty text."""
        labels = graphs.values(self.loaded.store, ox.NamedNode(iri), iris.LABEL)
        literals = [v for v in labels if isinstance(v, ox.Literal)]
        literals.sort(key=lambda v: (v.language or "en") != "en")
        return literals[0].value if literals else ""

    def definition(self, iri: str) -> str:
        """Return the definition of an IRI, or an empty text."""
        values = graphs.values(self.loaded.store, ox.NamedNode(iri), iris.DEFINITION)
        return next(map(text, values), "")

    @cached_property
    def in_words(self) -> dict[str, str]:
        """CURIEs to names: the label of a term, the sentence of a claim."""
        loaded = self.loaded
        return dict(names_in_words(loaded.documents, loaded.names.prefixes, loaded.sources))

    # -- kinds --------------------------------------------------------------------------------

    @cached_property
    def kinds(self) -> set[str]:
        """The kinds: classes of the schema that have a block of identifiers."""
        blocks = graphs.triples(
            self.loaded.store, "ontology", predicate=iris.CDMO + "firstIdentifier"
        )
        subjects = {text(t.subject) for t in blocks}
        return subjects & set(self._instances[iris.CLASS])

    def kinds_of(self, iri: str) -> set[str]:
        """Return the kinds of a term, through its parents and the claims that give it some."""
        return {iri, *closure(iri, lambda t: self._parents.get(t, ()))} & self.kinds

    @cached_property
    def _parents(self) -> dict[str, list[str]]:
        parents: dict[str, list[str]] = defaultdict(list)
        query = """
            SELECT ?term ?parent WHERE {
              { ?term rdfs:subClassOf|a ?parent }
              UNION { ?term owl:equivalentClass/owl:intersectionOf/rdf:rest*/rdf:first ?parent }
              UNION {
                ?claim cdmo:relation rdfs:subClassOf ; cdmo:subject ?term ; cdmo:object ?parent .
                FILTER NOT EXISTS { ?claim cdmo:polarity cdmo:negative }
              }
              FILTER(ISIRI(?term) && ISIRI(?parent))
            }"""
        for row in graphs.select(self.loaded.store, query, "ontology", "claims"):
            parents[text(row["term"])].append(text(row["parent"]))
        return parents

    # -- relations ----------------------------------------------------------------------------

    @cached_property
    def relations(self) -> set[str]:
        """The relations of claims: without inverses and those that only group others."""
        query = """
            SELECT ?relation WHERE {
              { ?relation a owl:ObjectProperty ; rdfs:subPropertyOf ?wider }
              UNION { ?relation a owl:DatatypeProperty }
              FILTER NOT EXISTS { ?relation cdmo:general true }
            }"""
        rows = graphs.select(self.loaded.store, query, "ontology")
        return {text(row["relation"]) for row in rows} | {iris.SUBCLASS}

    def takes_literal(self, relation: str) -> bool:
        """Tell whether the objects of a relation are texts."""
        kind = ox.NamedNode(iris.DATATYPE_PROPERTY)
        return kind in graphs.values(self.loaded.store, ox.NamedNode(relation), iris.TYPE)

    def fits(self, relation: str, subject: str, value: str | None) -> bool:
        """Tell whether a relation is made for the kinds of two terms; a literal is None."""
        if relation == iris.SUBCLASS:
            both = self.kinds_of(subject) & self.kinds_of(value or "")
            return bool(both) and subject != value
        if self.takes_literal(relation) != (value is None):
            return False
        return self._is_among(subject, self.ends(relation, "domain")) and (
            value is None or self._is_among(value, self.ends(relation, "range"))
        )

    def fitting(self, subject: str, value: str | None) -> list[str]:
        """Return the relations that fit two terms, sorted by name."""
        fitting = (r for r in self.relations if self.fits(r, subject, value))
        return sorted(fitting, key=self.loaded.name)

    def _is_among(self, iri: str, kinds: set[str]) -> bool:
        return not kinds or not kinds.isdisjoint({iri, *self.kinds_of(iri)})

    def ends(self, relation: str, end: str) -> set[str]:
        """Return the kinds of the domain or the range of a relation."""
        query = f"""
            SELECT ?kind WHERE {{
              <{relation}> rdfs:{end}/(owl:unionOf/rdf:rest*/rdf:first)? ?kind
              FILTER(ISIRI(?kind))
            }}"""
        return {text(row["kind"]) for row in graphs.select(self.loaded.store, query, "ontology")}

    # -- schema -------------------------------------------------------------------------------

    @cached_property
    def qualifiers(self) -> set[str]:
        """The qualifiers of claims."""
        query = "SELECT ?q WHERE { ?q rdfs:subPropertyOf+ cdmo:qualifier }"
        gathering = {iris.QUALIFIER, iris.RESTRICTION}
        rows = graphs.select(self.loaded.store, query, "ontology")
        return {text(row["q"]) for row in rows} - gathering

    @cached_property
    def _instances(self) -> dict[str, list[str]]:
        instances: dict[str, list[str]] = defaultdict(list)
        for t in graphs.triples(self.loaded.store, "ontology", "claims", predicate=iris.TYPE):
            instances[text(t.object)].append(text(t.subject))
        return instances

    @cached_property
    def _terms(self) -> set[str]:
        labelled = graphs.triples(self.loaded.store, "ontology", predicate=iris.LABEL)
        return {text(t.subject) for t in labelled if text(t.subject).startswith(iris.TERM)}

    def instances(self, of_class: str) -> list[str]:
        """Return the individuals of a class, sorted."""
        return sorted(self._instances[of_class])

    # -- names --------------------------------------------------------------------------------

    def _one(self, name: str, noun: str, among: Iterable[str]) -> str:
        among = set(among)
        fitting = self._named(name, among)
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            names = ", ".join(map(self.words, fitting))
            raise UsageError(f"'{name}' may be more than one {noun}: {names}. Give its CURIE.")
        known = {label.lower(): label for label in self._labels(among)}
        near = get_close_matches(name.lower(), known, n=3, cutoff=0.6)
        hint = f" Did you mean {' or '.join(known[n] for n in near)}?" if near else ""
        if not near and len(known) <= 20:
            hint = " There are: " + ", ".join(sorted(known.values())) + "."
        raise UsageError(f"There is no {noun} '{name}'.{hint}")

    def _named(self, name: str, among: set[str]) -> list[str]:
        iri = self.loaded.names.iri(name) or name
        candidates = {iri, iris.TERM + name, iris.TERM + "CDMO_" + name, iris.CDMO + name}
        if known := sorted(candidates & among):
            return known
        spoken = _folded(name)
        for named in self._by_name:
            if fitting := sorted(named.get(spoken, set()) & among):
                return fitting
        return []

    @cached_property
    def _by_name(self) -> list[dict[str, set[str]]]:
        tables = []
        for properties in _NAMES:
            table: dict[str, set[str]] = defaultdict(set)
            for name in properties:
                for t in graphs.triples(self.loaded.store, "ontology", "about", predicate=name):
                    table[_folded(text(t.object))].add(text(t.subject))
            tables.append(table)
        return tables

    def _labels(self, among: set[str]) -> Iterator[str]:
        for properties in _NAMES:
            for name in properties:
                for t in graphs.triples(self.loaded.store, "ontology", "about", predicate=name):
                    if text(t.subject) in among:
                        yield text(t.object)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
