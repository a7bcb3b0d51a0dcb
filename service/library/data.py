"""The data of an opened release: its queries, its values, and the names of its resources."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files

import pyoxigraph as ox

from service import iris
from service.names import Names
from service.rdf.terms import Term, text

Row = Mapping[str, str]
"""A solution as text: the value of each variable, or "" if it is unbound."""

Values = Mapping[str, list[str]]
"""The values of one resource by property, as text."""

LAST = 10_000
"""The place on a page of a resource that has no display order."""

MAX_REFS = 6000
"""The most references kept; a release of one article has some thousands of resources."""


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """A resource or a literal, as a page names and links it.

    :param label: what a reader sees.
    :param iri: the published IRI; empty for a literal.
    :param curie: its CURIE, if a declared prefix fits.
    :param path: the site path of its document; None if the site has none.
    """

    label: str
    iri: str
    curie: str | None = None
    path: str | None = None

    @property
    def href(self) -> str | None:
        """The target of a link on a page: the path, or else the IRI if it is a web address.

        IRIs of other schemes may act when they are followed, as ``javascript:`` does.
        """
        is_web = self.iri.lower().startswith(("http://", "https://"))
        return self.path or (self.iri if is_web else None)


@cache
def query_text(name: str) -> str:
    """Return the text of ``service/queries/<name>.rq``."""
    return (files("service") / "queries" / f"{name}.rq").read_text(encoding="utf-8")


class ReleaseData:
    """The store of an opened release, and its names. A release never changes.

    :param store: the store of the release.
    :param names: its prefixes.
    """

    def __init__(self, store: ox.Store, names: Names) -> None:
        self.store = store
        self.names = names
        self._known_ref = lru_cache(MAX_REFS)(self._read_ref)
        self._known_label = lru_cache(MAX_REFS)(self._read_label)

    def select(self, query: str) -> Iterator[Row]:
        """Run ``service/queries/<query>.rq``, a SELECT, and yield its solutions as text."""
        solutions = self.store.query(
            query_text(query), prefixes=iris.PREFIXES, use_default_graph_as_union=True
        )
        assert isinstance(solutions, ox.QuerySolutions)
        variables = [variable.value for variable in solutions.variables]
        for solution in solutions:
            yield dict(zip(variables, map(text, solution), strict=True))

    def read(self, query: str) -> dict[str, Values]:
        """Run a SELECT of ``?resource ?property ?value``; return the values by resource."""
        resources: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for row in self.select(query):
            resources[row["resource"]][row["property"]].append(row["value"])
        return {iri: dict(values) for iri, values in sorted(resources.items())}

    def values(self, iri: str, predicate: str) -> list[Term]:
        """Return the objects of ``iri predicate ?`` in any graph, each once, sorted."""
        subject, node = ox.NamedNode(iri), ox.NamedNode(predicate)
        quads = self.store.quads_for_pattern(subject, node, None, None)
        return sorted({quad.object for quad in quads}, key=str)

    def own_values(self, node: ox.NamedNode | ox.BlankNode) -> dict[str, list[Term]]:
        """Return the values of a resource by property, in any graph, each once."""
        values: dict[str, dict[Term, None]] = defaultdict(dict)
        for quad in self.store.quads_for_pattern(node, None, None, None):
            values[quad.predicate.value][quad.object] = None
        return {predicate: list(terms) for predicate, terms in values.items()}

    def value(self, iri: str, predicate: str) -> str:
        """Return the first object of ``iri predicate ?`` as text, or ""."""
        return next(map(text, self.values(iri, predicate)), "")

    def subjects(self, predicate: str, value: str) -> list[str]:
        """Return the IRIs of the subjects of ``? predicate value`` in any graph, sorted."""
        node, end = ox.NamedNode(predicate), ox.NamedNode(value)
        quads = self.store.quads_for_pattern(None, node, end, None)
        return sorted({q.subject.value for q in quads if isinstance(q.subject, ox.NamedNode)})

    @cached_property
    def displayed(self) -> Mapping[str, Values]:
        """The words, the order and the groups that pages give resources (``display.ttl``)."""
        return self.read("display")

    def display(self, iri: str, predicate: str) -> str:
        """Return the text of pages for a resource, such as its ``cdmo:gloss``, or ""."""
        return first(self.displayed.get(iri, {}), predicate)

    def display_order(self, iri: str, default: int = LAST) -> int:
        """Return the place of a resource among others of its sort on a page."""
        return int(self.display(iri, iris.DISPLAY_ORDER) or default)

    def in_sentence(self, ref: Ref) -> str:
        """Return how a relation or a qualifier reads in a sentence: by its label, if it can."""
        return self.display(ref.iri, iris.SENTENCE_LABEL) or ref.label

    def in_short(self, ref: Ref) -> str:
        """Return plain words for a resource: its label if there are none."""
        return self.display(ref.iri, iris.SHORT_LABEL) or ref.label

    def knows(self, iri: str) -> bool:
        """Tell whether the release has a triple of ``iri``, or a graph with this name."""
        node = ox.NamedNode(iri)
        quad = next(self.store.quads_for_pattern(node, None, None, None), None)
        return quad is not None or self.store.contains_named_graph(node)

    def instances(self, kind: str) -> list[str]:
        """Return the IRIs of everything of a type, sorted."""
        return self.subjects(iris.TYPE, kind)

    def ref(self, iri: str) -> Ref:
        """Return how to name and link ``iri``: its English label, else its CURIE, else the IRI."""
        return self._known_ref(iri)

    def label(self, iri: str) -> str | None:
        """Return the English label of ``iri`` in the data, or None."""
        return self._known_label(iri)

    def ref_of(self, term: Term) -> Ref:
        """Return how to name any RDF term; a literal has no IRI."""
        return self.ref(term.value) if isinstance(term, ox.NamedNode) else Ref(text(term), "")

    def labelled(self, label: str, iri: str) -> Ref:
        """Return a reference to ``iri`` with a label of one's own."""
        return Ref(label, iri, self.names.curie(iri), self.names.document(iri))

    def _read_label(self, iri: str) -> str | None:
        labels = self.values(iri, iris.LABEL)
        english = (t.value for t in labels if isinstance(t, ox.Literal) and t.language == "en")
        return min(english, default=None)

    def _read_ref(self, iri: str) -> Ref:
        curie = self.names.curie(iri)
        labels = [term for term in self.values(iri, iris.LABEL) if isinstance(term, ox.Literal)]
        labels.sort(key=lambda term: (term.language != "en", term.value))
        label = labels[0].value if labels else (curie or iri)
        # The IRI above all others is the site itself, and a file is its own document.
        is_page = iri != iris.BASE and not iri.startswith(iris.DOWNLOADS)
        return Ref(label, iri, curie, self.names.document(iri) if is_page else self.names.path(iri))


def first(values: Values, predicate: str) -> str:
    """Return the first value of a property, or ""."""
    return next(iter(values.get(predicate, ())), "")
