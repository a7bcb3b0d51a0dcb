"""A description: one value with everything there is to say of a resource.

Its triples feed every RDF representation; its properties, computed from the same triples and
the release's schema, feed the page. So the representations cannot disagree.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pyoxigraph as ox

from service import iris
from service.iris import BASE, ONTOLOGY
from service.library.gather import Quads, gather
from service.library.library import (
    Claim,
    Kind,
    Library,
    Modality,
    Passage,
    Ref,
    Relation,
    Section,
)
from service.library.words import MAPPING_PREDICATES, SYNONYMS
from service.problems import UnknownResource
from service.rdf.blank_nodes import canonical_triples
from service.rdf.terms import Term as RdfTerm
from service.rdf.terms import text


@dataclass(slots=True)
class Place:
    """A node of the hierarchy as a page shows it.

    :param inferred: whether only the reasoner put it below the node above.
    :param current: whether it is the resource itself.
    """

    ref: Ref
    inferred: bool = False
    current: bool = False
    below: "list[Place]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim as it reads on the page of one of its terms.

    :param other: the term or literal at the other end.
    :param qualifiers: pairs of qualifier and value.
    """

    claim: Claim
    other: Ref
    qualifiers: tuple[tuple[Ref, Ref], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Statements that share a relation and a direction."""

    relation: Relation
    words: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class MappingShown:
    """A mapping to another vocabulary, with the reason for it."""

    target: Ref
    predicate: Ref
    words: str
    negative: bool
    justification: Ref | None
    details: tuple[tuple[Ref, Ref], ...]


@dataclass(frozen=True, slots=True)
class Tension:
    """A place where the document is at odds with itself."""

    ref: Ref
    kind: Ref | None
    description: str
    decision: str
    concerns: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Property:
    """One property of the resource with its values, for the plain table at the end of a page."""

    ref: Ref
    values: tuple[Ref, ...]


class Description:
    """Everything there is to say of one resource.

    :param library: the opened release.
    :param iri: the resource.
    :param quads: its triples, each with the graphs that hold it.
    """

    def __init__(self, library: Library, iri: str, quads: Quads) -> None:
        self.library = library
        self.iri = iri
        self.quads = quads

    def __repr__(self) -> str:
        return f"<Description of {self.iri}: {self.type}, {len(self.quads)} triples>"

    @cached_property
    def triples(self) -> tuple[ox.Triple, ...]:
        """The triples, those of the resource first.

        Their order and the labels of blank nodes depend on the data alone.
        """
        triples = canonical_triples(self.quads)
        return tuple(sorted(triples, key=lambda t: text(t.subject) != self.iri))

    @cached_property
    def _index(self) -> Mapping[str, Mapping[str, list[RdfTerm]]]:
        index: dict[str, dict[str, list[RdfTerm]]] = defaultdict(lambda: defaultdict(list))
        for triple in self.triples:
            index[text(triple.subject)][triple.predicate.value].append(triple.object)
        return index

    def values(self, predicate: str, subject: str | None = None) -> list[RdfTerm]:
        """Return the objects of a predicate, of the resource unless ``subject`` is given."""
        return self._index.get(subject or self.iri, {}).get(predicate, [])

    def text(self, predicate: str, subject: str | None = None) -> str:
        """Return the first object of a predicate as text, or ""."""
        found = self.values(predicate, subject)
        return text(found[0]) if found else ""

    def texts(self, predicate: str) -> list[str]:
        """Return the objects of a predicate of the resource as text."""
        return [text(value) for value in self.values(predicate)]

    def refs(self, predicate: str, subject: str | None = None) -> list[Ref]:
        """Return how to name and link the objects of a predicate."""
        return [self.library.thing(value) for value in self.values(predicate, subject)]

    # -- what it is --------------------------------------------------------------------------

    @cached_property
    def ref(self) -> Ref:
        """How to name and link the resource."""
        if passage := self.library.passages.get(self.iri):
            return passage.ref
        if self.type == "claim" and self.iri in self.library.claims:
            return self.library.claims[self.iri].ref
        ref = self.library.ref(self.iri)
        for predicate in (iris.TITLE, iris.SSSOM + "mapping_set_title"):
            if ref.label == (ref.curie or ref.iri) and (title := self.text(predicate)):
                return Ref(title, ref.iri, ref.curie, ref.path)
        return ref

    @cached_property
    def type(self) -> str:
        """The sort of page it gets: term, claim, passage, section, relation, ..."""
        local = self.iri.removeprefix(BASE)
        space = local.partition("/")[0]
        if space == "source":
            return "section" if iris.CDMO + "Section" in self.texts(iris.TYPE) else "source"
        if space == "schema":
            types = self.texts(iris.TYPE)
            if any(t.endswith("Property") for t in types):
                return "relation"
            return "class" if iris.CLASS in types else "individual"
        return {"id": "term"}.get(space, space)

    @cached_property
    def definition(self) -> str:
        """The definition, or the comment or description that stands in for it."""
        return self.text(iris.DEFINITION) or self.text(iris.COMMENT) or self.text(iris.DESCRIPTION)

    @cached_property
    def obsolete(self) -> bool:
        """Whether the resource is kept only so that its IRI still says something."""
        return self.text(iris.DEPRECATED) == "true"

    @cached_property
    def successors(self) -> list[Ref]:
        """What replaces an obsolete resource."""
        return self.refs(iris.REPLACED_BY)

    @cached_property
    def kinds(self) -> list[Kind]:
        """The kinds that a term falls under."""
        term = self.library.terms.get(self.iri)
        return [self.library.kinds[k] for k in term.kinds] if term else []

    @cached_property
    def synonyms(self) -> list[tuple[str, str]]:
        """Synonyms with their scope, exact ones first."""
        return [(s, scope) for p, scope in SYNONYMS.items() for s in sorted(self.texts(p))]

    # -- place in the hierarchy --------------------------------------------------------------

    @cached_property
    def lineages(self) -> list[list[tuple[Ref, bool]]]:
        """Paths from a root down to the resource; the flag marks a step only the reasoner made.

        What the reasoner adds to an asserted place stands among ``inferred``, with its reasons.
        """
        paths: list[list[tuple[Ref, bool]]] = []

        def climb(iri: str, below: list[tuple[str, bool]]) -> None:
            parents = {
                p: inferred
                for p, inferred in self.library.places.get(iri, {}).items()
                if all(p != seen for seen, _ in below)
            }
            if not parents:
                paths.append([(self.library.ref(i), flag) for i, flag in below])
            for parent, inferred in parents.items():
                climb(parent, [(parent, inferred), *below])

        climb(self.iri, [(self.iri, False)])
        paths.sort(key=lambda path: ([flag for _, flag in path], [r.label for r, _ in path]))
        return [path for path in paths if len(path) > 1][:6]

    @cached_property
    def place(self) -> list[Place]:
        """The hierarchy around the resource: every way down to it, and its children, as trees."""
        roots: list[Place] = []
        for path in self.lineages or [[(self.ref, False)]]:
            level, reached, inferred_step = roots, "", False
            for ref, inferred in path:
                node = next((n for n in level if n.ref.iri == ref.iri), None)
                if node is None:
                    node = Place(ref, bool(reached) and inferred_step, ref.iri == self.iri)
                    level.append(node)
                level, reached, inferred_step = node.below, ref.iri, inferred
        for node in _nodes(roots):
            if node.current:
                node.below.extend(Place(ref, inferred) for ref, inferred in self.children)
                break
        return roots

    @cached_property
    def children(self) -> list[tuple[Ref, bool]]:
        """Direct children; the flag marks those that only the reasoner placed here."""
        return [
            (self.library.ref(child), inferred)
            for child, inferred in self.library.children.get(self.iri, {}).items()
        ]

    # -- statements --------------------------------------------------------------------------

    @cached_property
    def claims(self) -> list[Claim]:
        """The claims in the description, in the order of the document."""
        return [
            claim
            for iri, claim in self.library.claims.items()
            if iri != self.iri and iris.SUBJECT in self._index.get(iri, {})
        ]

    def qualifiers(self, claim: str | None = None) -> tuple[tuple[Ref, Ref], ...]:
        """Return the qualifiers of a claim in the description, by default the resource itself."""
        found = self._index.get(claim or self.iri, {})
        return tuple(
            (ref, self.library.thing(value))
            for iri, ref in self.library.qualifiers.items()
            for value in found.get(iri, ())
        )

    @cached_property
    def statements(self) -> list[Group]:
        """What the document says of the term, grouped by relation."""
        return self._groups([c for c in self.claims if c.subject.iri == self.iri], inverse=False)

    @cached_property
    def inverse_statements(self) -> list[Group]:
        """What the document says of other terms by naming this one."""
        claims = [c for c in self.claims if c.object.iri == self.iri != c.subject.iri]
        return self._groups(claims, inverse=True)

    @cached_property
    def groups(self) -> list[Group]:
        """Statements in either direction, grouped by how they read from the term."""
        found: dict[str, Group] = {}
        for group in (*self.statements, *self.inverse_statements):
            known = found.get(group.words)
            both = (known.statements if known else ()) + group.statements
            found[group.words] = Group(group.relation, group.words, both)
        return sorted(found.values(), key=lambda g: (g.relation.order, g.words))

    @cached_property
    def qualifying(self) -> list[tuple[Ref, Claim]]:
        """Claims that the resource narrows, each with the qualifier by which it does."""
        narrowed = self.library.narrowed_by(self.iri)
        return [
            (qualifier, claim)
            for iri, claim in self.library.claims.items()
            for qualifier in narrowed.get(iri, ())
        ]

    def _groups(self, claims: list[Claim], *, inverse: bool) -> list[Group]:
        groups: dict[str, list[Statement]] = defaultdict(list)
        for claim in claims:
            other = claim.subject if inverse else claim.object
            statement = Statement(claim, other, self.qualifiers(claim.ref.iri))
            groups[claim.relation.ref.iri].append(statement)
        found = []
        for iri, mine in groups.items():
            relation = self.library.relation(iri)
            mine.sort(
                key=lambda s: (s.claim.negative, -s.claim.modality.strength, s.other.label.lower())
            )
            words = relation.inverse_words if inverse else relation.words
            found.append(Group(relation, words, tuple(mine)))
        return sorted(found, key=lambda g: (g.relation.order, g.words))

    # -- mappings, tensions ------------------------------------------------------------------

    @cached_property
    def mappings(self) -> list[MappingShown]:
        """Mappings of the term to other vocabularies, strongest first."""
        found = {}
        for subject, about in self._index.items():
            if subject == self.iri:
                continue
            for source, predicate, target in (
                (iris.ANNOTATED_SOURCE, iris.ANNOTATED_PROPERTY, iris.ANNOTATED_TARGET),
                (iris.SSSOM + "subject_id", iris.SSSOM + "predicate_id", iris.SSSOM + "object_id"),
            ):
                if (
                    text_of(about, source) == self.iri
                    and text_of(about, predicate) in PREDICATES
                    and text_of(about, target) != NO_TERM_FOUND
                ):
                    mapping = self._mapping(about, predicate, target)
                    found[mapping.predicate.iri, mapping.target.iri] = mapping
        for predicate in PREDICATES:
            for value in self.values(predicate):
                if (predicate, text(value)) not in found and predicate.startswith(iris.SKOS):
                    bare: dict[str, list[RdfTerm]] = {"p": [ox.NamedNode(predicate)], "t": [value]}
                    found[predicate, text(value)] = self._mapping(bare, "p", "t")
        order = list(PREDICATES)
        return sorted(
            found.values(),
            key=lambda m: (m.negative, order.index(m.predicate.iri), m.target.curie or ""),
        )

    @cached_property
    def unmatched(self) -> list[Ref]:
        """The mapping sets that looked for a match of the term and found none."""
        sets = {
            subject.partition("#")[0]
            for subject, about in self._index.items()
            if text_of(about, iris.ANNOTATED_SOURCE) == self.iri
            and text_of(about, iris.ANNOTATED_TARGET) == NO_TERM_FOUND
        }
        return sorted(self.library.ref(iri) for iri in sets)

    @cached_property
    def matches(self) -> list[tuple[Ref, MappingShown | None]]:
        """What a mapping set says: each of our terms with its match, or None if none was found."""
        found = []
        for about in self._index.values():
            ours, target = (
                text_of(about, iris.ANNOTATED_SOURCE),
                text_of(about, iris.ANNOTATED_TARGET),
            )
            if not ours or text_of(about, iris.ANNOTATED_PROPERTY) not in PREDICATES:
                continue
            none = target == NO_TERM_FOUND
            match = self._mapping(about, iris.ANNOTATED_PROPERTY, iris.ANNOTATED_TARGET)
            found.append((self.library.ref(ours), None if none else match))
        order = list(PREDICATES)
        return sorted(
            found,
            key=lambda row: (
                (row[0].label.lower(), row[0].iri),
                (row[1].negative, order.index(row[1].predicate.iri), row[1].target)
                if row[1]
                else (False, -1, row[0]),
            ),
        )

    def _mapping(
        self, about: Mapping[str, list[RdfTerm]], predicate: str, target: str
    ) -> MappingShown:
        iri, to = text_of(about, predicate), text_of(about, target)
        known = self.library.ref(to)
        label = text_of(about, iris.SSSOM + "object_label") or known.label
        justification = text_of(about, iris.SSSOM + "mapping_justification")
        shown = {iris.SSSOM + n for n in ("object_label", "subject_label", "mapping_justification")}
        return MappingShown(
            Ref(label, to, known.curie, known.path),
            self.library.ref(iri),
            PREDICATES[iri],
            text_of(about, iris.SSSOM + "predicate_modifier").endswith("Not"),
            self.library.justification(justification) if justification else None,
            tuple(
                (self.library.ref(p), self.library.thing(value))
                for p, values in sorted(about.items())
                if p.startswith(iris.SSSOM) and p not in shown and not p.endswith("_id")
                for value in values
            ),
        )

    @cached_property
    def tensions(self) -> list[Tension]:
        """The tensions that touch the resource."""
        space = BASE + "tension/"
        return [
            tension(self, iri)
            for iri in sorted(self._index)
            if iri.startswith(space) and iri != self.iri and iris.CONCERNS in self._index[iri]
        ]

    @cached_property
    def tension(self) -> Tension:
        """The tension that the resource itself is."""
        return tension(self, self.iri)

    # -- claims, passages, sections ----------------------------------------------------------

    @cached_property
    def claim(self) -> Claim | None:
        """The claim that the resource itself is."""
        return self.library.claims.get(self.iri)

    @cached_property
    def passage(self) -> Passage | None:
        """The passage that the resource itself is."""
        return self.library.passages.get(self.iri)

    @cached_property
    def section(self) -> Section | None:
        """The section that the resource itself is."""
        return self.library.sections.get(self.iri)

    @cached_property
    def modality(self) -> Modality | None:
        """The modality that the resource itself is."""
        return self.library.modalities.get(self.iri)

    # -- the rest ----------------------------------------------------------------------------

    @cached_property
    def inferred(self) -> list[tuple[Ref, Ref]]:
        """What follows and is not said: property and value.

        From axioms by the reasoner; and from statements, hedged ones too, by a wider relation.
        """
        only, joined = {iris.GRAPH + "inferred"}, {iris.GRAPH + "relations"}
        said = self._said
        return [
            (self.library.ref(t.predicate.value), self.library.thing(t.object))
            for t in self.triples
            if text(t.subject) == self.iri
            and isinstance(t.object, ox.NamedNode)
            and (
                self.quads[t] == only
                or (self.quads[t] == joined and (t.predicate.value, t.object.value) not in said)
            )
        ]

    @property
    def _said(self) -> set[tuple[str, str]]:
        """Relation and other end of each positive statement, read from the resource."""
        found = set()
        for claim in self.claims:
            if claim.negative:
                continue
            relation, inverse = claim.relation.ref.iri, claim.relation.inverse
            if claim.subject.iri == self.iri:
                found.add((relation, claim.object.iri))
            if claim.object.iri == self.iri:
                found.add((inverse.iri if inverse else relation, claim.subject.iri))
        return found

    @cached_property
    def properties(self) -> list[Property]:
        """Every property of the resource with its named or literal values."""
        found = []
        for predicate in self._index.get(self.iri, {}):
            values = [x for x in self.values(predicate) if not isinstance(x, ox.BlankNode)]
            if values:
                refs = tuple(self.library.thing(value) for value in values)
                found.append(Property(self.library.ref(predicate), refs))
        return sorted(found, key=lambda p: p.ref.label.lower())


PREDICATES = MAPPING_PREDICATES
NO_TERM_FOUND = iris.NO_TERM_FOUND


def _nodes(places: list[Place]) -> Iterator[Place]:
    for place in places:
        yield place
        yield from _nodes(place.below)


def text_of(about: Mapping[str, list[RdfTerm]], predicate: str) -> str:
    """Return the first value of a predicate as text, or ""."""
    found = about.get(predicate)
    return text(found[0]) if found else ""


def tension(description: Description, iri: str) -> Tension:
    """Return the tension ``iri``, which is in the description."""
    kinds = description.refs(iris.TENSION_KIND, iri)
    library = description.library
    return Tension(
        library.ref(iri),
        kinds[0] if kinds else None,
        description.text(iris.TENSION_DESCRIPTION, iri),
        description.text(iris.DECISION, iri),
        tuple(
            library.claims[r.iri].ref
            if r.iri in library.claims
            else library.passages[r.iri].ref
            if r.iri in library.passages
            else r
            for r in description.refs(iris.CONCERNS, iri)
        ),
    )


def describe(library: Library, iri: str) -> Description:
    """Say everything there is to say of ``iri``.

    :param iri: a published IRI of ours; the version IRI describes the ontology.
    :raises UnknownResource: if the release says nothing of it.
    """
    if is_version(library, iri):
        # What is said of the version stands beside what is said of the ontology.
        of_version = gather(library.store, iri)
        return Description(library, ONTOLOGY, gather(library.store, ONTOLOGY) | of_version)
    quads = gather(library.store, iri)
    if not any(text(triple.subject) == iri for triple in quads):
        raise UnknownResource(
            f"This release says nothing of <{iri}>. Search for its name, or check the address.",
            iri=iri,
        )
    return Description(library, iri, quads)


def is_version(library: Library, iri: str) -> bool:
    """Tell whether ``iri`` is the version IRI of the ontology in this release."""
    if not iri.startswith(f"{ONTOLOGY}/"):
        return False
    version, node = ox.NamedNode(iris.VERSION_IRI), ox.NamedNode(iri)
    return any(True for _ in library.store.quads_for_pattern(None, version, node, None))
