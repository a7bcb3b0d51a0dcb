"""What other vocabularies say of their terms, where they are loaded beside ours."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from service import iris
from service.library.data import Ref
from service.library.wording import DEFINITIONS, LABELS, SYNONYMS, texts
from service.names import Names
from service.rdf.terms import is_iri

MAX_VALUES = 12
"""Synonyms, and parents, of a term that a page shows."""


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
    """Yield what vocabularies say of those of some terms that they have.

    :param store: with the vocabularies in graphs of their own.
    """
    for target in targets:
        node = ox.NamedNode(target.iri)
        label = _first(store, target.iri, LABELS)
        graphs = {q.graph_name for q in store.quads_for_pattern(node, None, None, None)}
        named = sorted(
            g.value
            for g in graphs
            if isinstance(g, ox.NamedNode) and not g.value.startswith(iris.BASE)
        )
        if not label or not named:
            continue
        words = (w.text for p in SYNONYMS for w in texts(store, target.iri, p))
        synonyms = [word for word in dict.fromkeys(words) if word.lower() != label.lower()]
        above = (
            quad.object.value
            for predicate in (iris.SUBCLASS, iris.BROADER)
            for quad in store.quads_for_pattern(node, ox.NamedNode(predicate), None, None)
            if isinstance(quad.object, ox.NamedNode)
        )
        parents = [
            Ref(_first(store, iri, LABELS) or names.curie(iri) or iri, iri, names.curie(iri))
            for iri in dict.fromkeys(above)
        ]
        deprecated = ox.NamedNode(iris.DEPRECATED)
        yield Theirs(
            Ref(label, target.iri, target.curie),
            named[0],
            _first(store, target.iri, DEFINITIONS),
            tuple(synonyms[:MAX_VALUES]),
            len(synonyms[MAX_VALUES:]),
            tuple(sorted(parents)[:MAX_VALUES]),
            any(True for _ in store.quads_for_pattern(node, deprecated, None, None)),
        )


def _first(store: ox.Store, iri: str, predicates: Iterable[str]) -> str:
    """Return the text for readers of English of the first property that has any, or ""."""
    words = (w.text for p in predicates if is_iri(iri) for w in texts(store, iri, p))
    return next(words, "")
