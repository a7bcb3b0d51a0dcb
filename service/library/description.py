"""A description: one value with everything that a release states about a resource.

Its triples feed every RDF representation, and the views of pages are computed from the same
triples. So the representations cannot disagree.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from service import iris
from service.library.data import Ref
from service.library.library import Library
from service.library.schema import Kind
from service.problems import UnknownResource
from service.rdf.blank_nodes import canonical_triples
from service.rdf.gather import Quads, gather
from service.rdf.terms import Term, text

SYNONYMS = (iris.EXACT_SYNONYM, iris.NARROW_SYNONYM, iris.BROAD_SYNONYM, iris.RELATED_SYNONYM)


@dataclass(frozen=True, slots=True)
class Synonym:
    """Another name of a term.

    :param scope: how it compares with the label, in words.
    :param exact: whether it means the same.
    """

    text: str
    scope: str
    exact: bool


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a resource with its values."""

    ref: Ref
    values: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Retirement:
    """How a resource was retired.

    :param sort: its former sort, in the words of pages.
    :param successors: the resources that replace it.
    :param candidates: resources that may fit in its place.
    :param reasons: the sorts of reason.
    :param words: the reason in words.
    """

    sort: str
    successors: tuple[Ref, ...]
    candidates: tuple[Ref, ...]
    reasons: tuple[str, ...]
    words: tuple[str, ...]


class Description:
    """Everything that a release states about one resource.

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

    # -- triples and values ----------------------------------------------------------------------

    @cached_property
    def triples(self) -> tuple[ox.Triple, ...]:
        """The triples, those of the resource first.

        Their order and the labels of blank nodes depend on the data alone.
        """
        triples = canonical_triples(self.quads)
        return tuple(sorted(triples, key=lambda t: text(t.subject) != self.iri))

    @cached_property
    def own_values(self) -> Mapping[str, list[Term]]:
        """The values of the resource itself by property."""
        values: dict[str, list[Term]] = defaultdict(list)
        for triple in self.triples:
            if text(triple.subject) == self.iri:
                values[triple.predicate.value].append(triple.object)
        return dict(values)

    def values(self, predicate: str) -> list[Term]:
        """Return the values of a property of the resource."""
        return self.own_values.get(predicate, [])

    def texts(self, predicate: str) -> list[str]:
        """Return the values of a property of the resource as text."""
        return [text(value) for value in self.values(predicate)]

    def text(self, predicate: str) -> str:
        """Return the first value of a property of the resource as text, or ""."""
        return next(iter(self.texts(predicate)), "")

    def refs(self, predicate: str) -> list[Ref]:
        """Return how to name and link the values of a property of the resource."""
        return [self.library.ref_of(value) for value in self.values(predicate)]

    # -- the resource ----------------------------------------------------------------------------

    @cached_property
    def ref(self) -> Ref:
        """How to name and link the resource: by its title if it has no label."""
        ref = self.library.resource_ref(self.iri)
        title = self.text(iris.TITLE) or self.text(iris.MAPPING_SET_TITLE)
        unlabelled = ref.label == (ref.curie or ref.iri)
        return self.library.labelled(title, self.iri) if title and unlabelled else ref

    @cached_property
    def type(self) -> str:
        """The sort of resource: term, claim, passage, section, relation, ..."""
        space = self.iri.removeprefix(iris.BASE).partition("/")[0]
        types = self.texts(iris.TYPE)
        if iris.RETIRED in types:
            return "retired"
        if space == "source":
            sorts = {iris.SECTION_CLASS: "section", iris.ENUMERATION_CLASS: "list"}
            return next((sorts[name] for name in types if name in sorts), "source")
        if space == "schema":
            if any(name.endswith("Property") for name in types):
                return "relation"
            return "class" if iris.CLASS in types else "individual"
        return {"id": "term"}.get(space, space)

    @cached_property
    def definition(self) -> str:
        """The definition, or the comment or description that stands in for it."""
        return self.text(iris.DEFINITION) or self.text(iris.COMMENT) or self.text(iris.DESCRIPTION)

    @property
    def obsolete(self) -> bool:
        """Whether the resource is kept only so that its IRI is still explained."""
        return self.text(iris.DEPRECATED) == "true"

    @property
    def successors(self) -> list[Ref]:
        """The resources that replace an obsolete one."""
        return self.refs(iris.REPLACED_BY)

    @property
    def retirement(self) -> Retirement | None:
        """How an obsolete resource was retired; None if it is in use."""
        if not self.obsolete:
            return None
        space = self.iri.removeprefix(iris.BASE).partition("/")[0]
        return Retirement(
            {"id": "term", "claim": "statement", "source": "list"}.get(space, space),
            tuple(self.successors),
            tuple(self.refs(iris.CONSIDER)),
            tuple(ref.label for ref in self.refs(iris.OBSOLESCENCE_REASON)),
            tuple(self.texts(iris.COMMENT)) if self.type == "retired" else (),
        )

    @property
    def kinds(self) -> list[Kind]:
        """The kinds that a term falls under."""
        return [self.library.kinds[kind] for kind in self.library.kinds_of(self.iri)]

    @property
    def synonyms(self) -> list[Synonym]:
        """The other names of a term, exact ones first."""
        return [
            Synonym(name, self.library.in_short(self.library.ref(scope)), scope == SYNONYMS[0])
            for scope in SYNONYMS
            for name in sorted(self.texts(scope))
        ]

    @property
    def properties(self) -> list[Property]:
        """Every property of the resource with its named or literal values, sorted by label."""
        properties = []
        for predicate, values in self.own_values.items():
            named = [value for value in values if not isinstance(value, ox.BlankNode)]
            if named:
                refs = tuple(self.library.ref_of(value) for value in named)
                properties.append(Property(self.library.ref(predicate), refs))
        return sorted(properties, key=lambda p: p.ref.label.lower())


def describe(library: Library, iri: str) -> Description:
    """Describe a resource.

    :param iri: a published IRI of ours; the version IRI describes the ontology.
    :raises UnknownResource: if the release has no triple of it.
    """
    quads = gather(library.store, iri)
    if is_version(library, iri):
        # The version has triples of its own, beside those of the ontology.
        quads |= gather(library.store, iris.ONTOLOGY)
        return Description(library, iris.ONTOLOGY, quads)
    if not any(text(triple.subject) == iri for triple in quads):
        raise UnknownResource(
            f"This release says nothing of <{iri}>. Search for its name, or check the address.",
            iri=iri,
        )
    return Description(library, iri, quads)


def is_version(library: Library, iri: str) -> bool:
    """Tell whether ``iri`` is the version IRI of the ontology in this release."""
    if not iri.startswith(f"{iris.ONTOLOGY}/"):
        return False
    return bool(library.subjects(iris.VERSION_IRI, iri))
