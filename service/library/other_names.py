"""Names, definitions and synonyms in other vocabularies, also of terms beside ours."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from service import iris
from service.library.data import Ref, ReleaseData
from service.names import Names
from service.rdf.terms import is_iri

_SCHEMA_ORG = (iris.SCHEMA_ORG, "http://schema.org/")

LABELS = (
    iris.SKOS + "prefLabel",
    iris.LABEL,
    iris.SKOSXL + "prefLabel",
    iris.TITLE,
    iris.DC + "title",
    iris.FOAF + "name",
    *(namespace + "name" for namespace in _SCHEMA_ORG),
)
"""The properties that name a resource; the first one counts most."""

DEFINITIONS = (
    iris.DEFINITION,
    iris.SKOS + "definition",
    iris.DESCRIPTION,
    iris.DC + "description",
    *(namespace + "description" for namespace in _SCHEMA_ORG),
    iris.COMMENT,
    iris.SKOS + "scopeNote",
)
"""The properties that define a resource; only the first one with values counts."""

SYNONYMS = (
    iris.EXACT_SYNONYM,
    iris.SKOS + "altLabel",
    iris.SKOSXL + "altLabel",
    iris.OBO + "IAO_0000118",
    iris.NARROW_SYNONYM,
    iris.BROAD_SYNONYM,
    iris.RELATED_SYNONYM,
    iris.OIO + "hasSynonym",
    iris.HIDDEN_LABEL,
    iris.SKOSXL + "hiddenLabel",
)

MAX_THEIRS = 12
"""The most synonyms, and the most parents, of a term on a page."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A text with its language.

    :param language: its tag, or "".
    """

    text: str
    language: str = ""


def texts(store: ox.Store, iri: str, predicate: str) -> list[Wording]:
    """Return the texts that a property gives a resource, those for readers of English first."""
    words = {w for _, w in named(store, predicate, ox.NamedNode(iri))}
    return sorted(words, key=preference)


def named(
    store: ox.Store, predicate: str, subject: ox.NamedNode | None = None
) -> Iterator[tuple[str, Wording]]:
    """Yield resources and the texts that a property gives them, also by labels of SKOS-XL."""
    form = ox.NamedNode(iris.LITERAL_FORM)
    for quad in store.quads_for_pattern(subject, ox.NamedNode(predicate), None, None):
        values: Iterable[object] = (quad.object,)
        if isinstance(quad.object, ox.NamedNode | ox.BlankNode):
            values = (q.object for q in store.quads_for_pattern(quad.object, form, None, None))
        for value in values:
            if isinstance(value, ox.Literal) and isinstance(quad.subject, ox.NamedNode):
                yield quad.subject.value, Wording(value.value, value.language or "")


def preference(wording: Wording) -> tuple[int, str, str]:
    """Return the place of a text among others: English, then without a language, then any."""
    tag = wording.language.lower()
    ranks = {"en": 0, "": 2}
    return ranks.get(tag, 1 if tag.startswith("en-") else 3), tag, wording.text


@dataclass(frozen=True, slots=True)
class Theirs:
    """A term of another vocabulary in the words of that vocabulary.

    :param graph: the IRI of the vocabulary's graph.
    :param more_synonyms: how many further ones there are.
    """

    ref: Ref
    graph: str
    definition: str
    synonyms: tuple[str, ...]
    more_synonyms: int
    parents: tuple[Ref, ...]
    obsolete: bool


def theirs(store: ox.Store, names: Names, targets: Iterable[Ref]) -> Iterator[Theirs]:
    """Yield the wording of some terms in each vocabulary that has them.

    :param store: with the vocabularies in graphs of their own.
    """
    data = ReleaseData(store, names)
    for target in targets:
        label = _first(store, target.iri, LABELS)
        quads = store.quads_for_pattern(ox.NamedNode(target.iri), None, None, None)
        graphs = {q.graph_name.value for q in quads if isinstance(q.graph_name, ox.NamedNode)}
        named_in = sorted(graph for graph in graphs if not graph.startswith(iris.BASE))
        if not label or not named_in:
            continue
        words = (w.text for p in SYNONYMS for w in texts(store, target.iri, p))
        synonyms = [word for word in dict.fromkeys(words) if word.lower() != label.lower()]
        above = (
            value.value
            for predicate in (iris.SUBCLASS, iris.BROADER)
            for value in data.values(target.iri, predicate)
            if isinstance(value, ox.NamedNode)
        )
        parents = [
            Ref(_first(store, iri, LABELS) or names.curie(iri) or iri, iri, names.curie(iri))
            for iri in dict.fromkeys(above)
        ]
        yield Theirs(
            Ref(label, target.iri, target.curie),
            named_in[0],
            _first(store, target.iri, DEFINITIONS),
            tuple(synonyms[:MAX_THEIRS]),
            len(synonyms[MAX_THEIRS:]),
            tuple(sorted(parents)[:MAX_THEIRS]),
            bool(data.values(target.iri, iris.DEPRECATED)),
        )


def _first(store: ox.Store, iri: str, predicates: Iterable[str]) -> str:
    """Return the text for readers of English of the first property that has any, or ""."""
    words = (w.text for p in predicates if is_iri(iri) for w in texts(store, iri, p))
    return next(words, "")
