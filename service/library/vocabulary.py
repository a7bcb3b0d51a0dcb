"""Other people's data as a vocabulary: its header, its terms in trees, and its resources.

The data only has to be RDF. A page shows a bounded part of it; the documents in RDF formats are
whole.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

import pyoxigraph as ox

from service import iris
from service.library.catalogue import CATALOGUE, STEPS, TRUE, UP, Catalogue, Found
from service.library.cataloguing import write_catalogue
from service.library.data import Ref, ReleaseData
from service.library.expressions import manchester
from service.library.hierarchy import Hierarchy, Place, placement
from service.library.other_names import DEFINITIONS, LABELS, SYNONYMS, Wording, preference, texts
from service.names import Names
from service.problems import UnknownResource
from service.rdf.terms import Term, is_iri, text
from service.rdf.walk import closure

MAX_TREE = 60
"""The most terms in a tree, except for the terms above a term."""

MAX_VALUES = 25
"""Values of a property, and resources that point at one, that a page shows."""

MAX_TEXT = 3_000
"""Characters of a text on a page."""

MAX_PAGE = 60_000
"""Characters of the properties of a resource on a page, after which only their number is shown."""

MAX_READ = 2_000
"""Triples that point at a resource that are read for its page."""

HEADERS = (
    iris.OWL + "Ontology",
    iris.SKOS + "ConceptScheme",
    iris.VOID + "Dataset",
    "http://www.w3.org/ns/dcat#Dataset",
)
"""The classes of resources that describe data as a whole; the first in each graph counts."""

_TERMS = (iris.DCTERMS, iris.DC)
FACTS: Mapping[str, tuple[str, ...]] = {
    "version": (iris.VERSION_INFO, iris.VERSION_IRI, iris.PAV + "version"),
    "date": tuple(ns + name for ns in _TERMS for name in ("modified", "issued", "date", "created")),
    "licence": (
        *(ns + name for ns in _TERMS for name in ("license", "rights")),
        "http://creativecommons.org/ns#license",
    ),
    "creators": tuple(ns + name for ns in _TERMS for name in ("creator", "publisher")),
    "imports": (iris.IMPORTS,),
}
"""The facts from the header of other people's data that a home page shows."""

_IN_TREES = frozenset({*STEPS, iris.TYPE})
_AT_TOP = frozenset({*LABELS, *SYNONYMS, iris.DEPRECATED})


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a property as names and words, such as those of a class expression.

    :param language: the tag of a text.
    """

    parts: tuple[Ref, ...]
    language: str = ""

    @property
    def size(self) -> int:
        """The approximate number of its characters on a page."""
        return sum(len(part.label) + len(part.path or "") for part in self.parts)


@dataclass(frozen=True, slots=True)
class Values:
    """A property with values, or with the resources that have one.

    :param more: how many further values there are.
    """

    ref: Ref
    values: tuple[Value, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource as a page shows it.

    :param labels: its names, the one that pages use first.
    :param synonyms: other names, with the property that gives them.
    :param place: the resource between the terms above and below it, as trees.
    :param uses: the resources that point at it, by property.
    :param unread: whether more point at it than were read.
    """

    ref: Ref
    types: tuple[Ref, ...]
    labels: tuple[Wording, ...]
    definitions: tuple[Wording, ...]
    synonyms: tuple[tuple[Ref, Wording], ...]
    obsolete: bool
    parents: tuple[Ref, ...]
    children: tuple[Ref, ...]
    more_children: int
    place: tuple[Place, ...]
    properties: tuple[Values, ...]
    uses: tuple[Values, ...]
    unread: bool


class Vocabulary(ReleaseData):
    """The data of others, read-only.

    :param path: of the catalogue of its terms; if there is no such file, a temporary one is made.
    """

    _reading = Lock()

    def __init__(self, store: ox.Store, names: Names, path: Path) -> None:
        super().__init__(store, names)
        self._path = path

    @cached_property
    def _catalogue(self) -> Catalogue:
        if self._path.is_file():
            return Catalogue(self._path)
        with TemporaryDirectory(prefix="cdmo-") as folder:
            temporary = Path(folder, CATALOGUE)
            write_catalogue(self.store, self.names, temporary)
            return Catalogue(temporary)

    @property
    def catalogue(self) -> Catalogue:
        """Its terms, read when they are first asked for, by one thread only."""
        with self._reading:
            return self._catalogue

    def _read_ref(self, iri: str) -> Ref:
        curie = self.names.curie(iri)
        known = self.knows(iri)
        path = self.names.resource(iri) if known else None
        labels = self.labels(iri) if known else []
        return Ref(_short(labels[0].text) if labels else curie or iri, iri, curie, path)

    def knows(self, iri: str) -> bool:
        """Tell whether the data has a triple of a resource, or a term below it."""
        node = ox.NamedNode(iri)
        above = ((None, ox.NamedNode(predicate), node) for predicate in UP)
        patterns = ((node, None, None), *above)
        return any(next(self.store.quads_for_pattern(*p, None), None) for p in patterns)

    def labels(self, iri: str) -> list[Wording]:
        """Return the names of a resource, the best first: in English, or in no language, or any."""
        places: dict[Wording, int] = {}
        for place, predicate in enumerate(LABELS):
            for wording in texts(self.store, iri, predicate):
                if wording.text.strip():
                    places.setdefault(wording, place)
        return sorted(places, key=lambda w: (preference(w)[0], places[w], preference(w)))

    @cached_property
    def headers(self) -> tuple[Ref, ...]:
        """The resources that describe the data as a whole, such as the header of an ontology."""
        node, of_graphs = ox.NamedNode(iris.TYPE), dict[object, tuple[str, set[str]]]()
        for kind in HEADERS:
            for quad in self.store.quads_for_pattern(None, node, ox.NamedNode(kind), None):
                chosen, headers = of_graphs.setdefault(quad.graph_name, (kind, set()))
                if chosen == kind and isinstance(quad.subject, ox.NamedNode):
                    headers.add(quad.subject.value)
        described = {iri for _, headers in of_graphs.values() for iri in headers}
        return tuple(map(self.ref, sorted(described)[:MAX_VALUES]))

    def search(self, typed: str, limit: int) -> tuple[list[Found], bool]:
        """Return the resources that a typed name, code or IRI may mean, the best first.

        :return: see :meth:`Catalogue.search`.
        """
        terms, partial = self.catalogue.search(typed, limit)
        local = self.names.prefixes.values() if not terms or typed.isdigit() else ()
        typed_iris = (typed, self.names.iri(typed) or "", *(space + typed for space in local))
        codes = [Found(iri, typed, "code") for iri in typed_iris if is_iri(iri) and self.knows(iri)]
        if codes:
            return (codes + [f for f in terms if f.iri != codes[0].iri])[:limit], False
        return terms, partial

    def facts(self, iri: str) -> list[tuple[str, Values]]:
        """Return the licence, the version and the like of a header, each with its sort."""
        facts = []
        for sort, predicates in FACTS.items():
            node = ox.NamedNode(iri)
            terms = [t for p in predicates for t in self.values(iri, p) if t != node]
            if terms:
                values = tuple(map(self._value, sorted(set(terms), key=_order)[:MAX_VALUES]))
                facts.append((sort, Values(self.ref(predicates[0]), values, 0)))
        return facts

    # -- trees -----------------------------------------------------------------------------------

    def tree(self, sort: str) -> tuple[list[Place], int]:
        """Return the terms of a sort from the top, as far as a page has room.

        :return: the tree, and how many further terms are at the top.
        """
        catalogue = self.catalogue
        tops = [Place(self.ref(iri)) for iri in catalogue.tops(sort, MAX_TREE // 2)]
        shown = {place.ref.iri for place in tops}
        room, todo = MAX_TREE - len(tops), deque(tops)
        while todo:
            place = todo.popleft()
            place.more = catalogue.count_below(place.ref.iri)
            if 0 < place.more <= room:
                below = catalogue.below(place.ref.iri, 0, room)
                place.below = [Place(self.ref(iri)) for iri in below]
                todo.extend(p for p in place.below if p.ref.iri not in shown)
                shown.update(below)
                room, place.more = room - len(below), 0
        return tops, catalogue.count_tops(sort) - len(tops)

    def _place(self, iri: str) -> tuple[list[str], list[str], list[Place]]:
        """Return the terms directly above and below a term, and its place as trees."""
        catalogue = self.catalogue
        above = {iri: catalogue.above(iri)}
        for parent in islice(closure(iri, lambda i: above.get(i, ())), MAX_TREE):
            above[parent] = catalogue.above(parent)
        children = catalogue.below(iri, 0, MAX_VALUES)
        below: dict[str, dict[str, bool]] = {iri: dict.fromkeys(children, False)}
        for child, parents in above.items():
            for parent in parents:
                below.setdefault(parent, {})[child] = False
        places = {child: dict.fromkeys(parents, False) for child, parents in above.items()}
        if not above[iri] and not children:
            return [], [], []
        hierarchy = Hierarchy(places, places, below)
        return above[iri], children, placement(self, hierarchy, iri)

    # -- a resource ------------------------------------------------------------------------------

    def resource(self, iri: str) -> Resource:
        """Return a resource as a page shows it.

        :raises UnknownResource: if the data has no triple of it.
        """
        if not self.knows(iri):
            raise UnknownResource(f"The data has no triple of <{iri}>.", iri=iri)
        own = self.own_values(ox.NamedNode(iri))
        defining = next((p for p in DEFINITIONS if own.get(p) and texts(self.store, iri, p)), "")
        shown = {*_AT_TOP, *_IN_TREES, defining}
        types = (kind for kind in own.get(iris.TYPE, ()) if isinstance(kind, ox.NamedNode))
        synonyms = ((self.ref(p), _cut(w)) for p in SYNONYMS for w in texts(self.store, iri, p))
        parents, children, place = self._place(iri)
        uses, unread = self._uses(iri)
        count = self.catalogue.count_below(iri)
        return Resource(
            self.ref(iri),
            tuple(sorted(map(self.ref_of, types))),
            tuple(map(_cut, self.labels(iri)[:MAX_VALUES])),
            tuple(map(_cut, texts(self.store, iri, defining)[:MAX_VALUES])) if defining else (),
            tuple(islice(synonyms, 4 * MAX_VALUES)),
            any(text(value) in TRUE for value in own.get(iris.DEPRECATED, ())),
            tuple(map(self.ref, parents[:MAX_VALUES])),
            tuple(map(self.ref, children)),
            count - len(children),
            tuple(place),
            tuple(self._properties(own, shown)),
            uses,
            unread,
        )

    def _properties(
        self, own: Mapping[str, Iterable[Term]], shown: Iterable[str]
    ) -> Iterator[Values]:
        """Yield the values that no other part of the page shows, as far as a page has room."""
        room = MAX_PAGE
        refs = sorted((self.ref(p) for p in own), key=lambda r: r.label.lower())
        for ref in refs:
            terms = [t for t in own[ref.iri] if not self._is_elsewhere(ref.iri, t, shown)]
            values: list[Value] = []
            for term in sorted(terms, key=_order)[:MAX_VALUES]:
                if room > 0:
                    values.append(self._value(term))
                    room -= values[-1].size
            if terms:
                yield Values(ref, tuple(values), len(terms) - len(values))

    @staticmethod
    def _is_elsewhere(predicate: str, value: Term, shown: Iterable[str]) -> bool:
        """Tell whether a value stands at the top of its page or in the tree."""
        is_anonymous = isinstance(value, ox.BlankNode) and predicate not in _AT_TOP
        return predicate in shown and not is_anonymous

    def _value(self, term: Term) -> Value:
        if isinstance(term, ox.Literal):
            return Value((Ref(_short(term.value, MAX_TEXT), ""),), term.language or "")
        return Value(tuple(manchester(self, term)))

    def _uses(self, iri: str) -> tuple[tuple[Values, ...], bool]:
        """Return the resources that point at one, also in class expressions, by property."""
        node = ox.NamedNode(iri)
        users: dict[str, dict[str, None]] = {}
        quads = list(islice(self.store.quads_for_pattern(None, None, node, None), MAX_READ + 1))
        for quad in quads[:MAX_READ]:
            owner = self._owner(quad)
            if owner and owner[0] != iri:
                users.setdefault(owner[1], {})[owner[0]] = None
        result = []
        for predicate, subjects in users.items():
            first = sorted(map(self.ref, sorted(subjects)[:MAX_VALUES]))
            values = tuple(Value((ref,)) for ref in first)
            result.append(Values(self.ref(predicate), values, len(subjects) - len(values)))
        return tuple(sorted(result, key=lambda v: v.ref.label.lower())), len(quads) > MAX_READ

    def _owner(self, quad: ox.Quad) -> tuple[str, str] | None:
        """Return the resource to which a quad belongs, and the property from there."""
        seen: set[object] = set()
        while isinstance(quad.subject, ox.BlankNode) and quad.subject not in seen:
            seen.add(quad.subject)
            up = next(self.store.quads_for_pattern(None, None, quad.subject, None), None)
            if up is None or len(seen) > MAX_VALUES * 4:
                return None
            quad = up
        if not isinstance(quad.subject, ox.NamedNode):
            return None
        if not seen and quad.predicate.value in STEPS:
            return None  # the tree has it
        return quad.subject.value, quad.predicate.value


def _order(term: Term) -> tuple[object, ...]:
    if isinstance(term, ox.Literal):
        return 0, *preference(Wording(term.value, term.language or ""))
    return (1 if isinstance(term, ox.NamedNode) else 2), text(term)


def _short(words: str, most: int = 200) -> str:
    return words if len(words) <= most else words[:most] + " …"


def _cut(wording: Wording) -> Wording:
    return Wording(_short(wording.text, MAX_TEXT), wording.language)
