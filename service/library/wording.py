"""Names, definitions and synonyms as the vocabularies of others put them, and their languages."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from service import iris

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
"""The properties that say what a resource is; only the first that has values does."""

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
