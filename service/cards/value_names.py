"""The values that parameters of lists may have, each with the names that people give it."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Literal

import pyoxigraph as ox

from service import iris
from service.library import PREDICATES, Library, Ref
from service.rdf.terms import text

Takes = Literal[
    "term", "object", "mapped", "relation", "standing", "polarity", "kind", "section", "source",
    "vocabulary", "predicate", "passageKind", "tensionKind", "keyword", "words", "number", "order",
    "format",
]  # fmt: skip
"""What a parameter takes. ``mapped``: a term or a part of the schema that is mapped; ``words``: any
text; ``number`` and ``format`` have no table here."""

Named = Iterator[tuple[str, list[str]]]
"""Values with their names; the first of them is shown."""


def local_name(iri: str) -> str:
    """Return what follows the last slash or hash of an IRI."""
    return iri.replace("#", "/").rpartition("/")[2]


def vocabulary_of(curie: str | None) -> str:
    """Return the prefix of a CURIE; "other" without one."""
    return (curie or "other").partition(":")[0]


def _refs(refs: set[Ref]) -> Named:
    for ref in sorted(refs):
        yield ref.iri, [local_name(ref.iri), ref.label]


def _synonyms(library: Library) -> Mapping[str, list[str]]:
    synonyms: dict[str, list[str]] = defaultdict(list)
    node = ox.NamedNode(iris.EXACT_SYNONYM)
    for quad in library.store.quads_for_pattern(None, node, None, None):
        synonyms[text(quad.subject)].append(text(quad.object))
    return synonyms


def _terms(library: Library) -> Named:
    synonyms = _synonyms(library)
    for iri, term in library.terms.items():
        yield iri, [term.ref.label, *synonyms.get(iri, ())]


def _objects(library: Library) -> Named:
    yield from _terms(library)
    literals = {c.object.label for c in library.claims.values() if not c.object.iri}
    yield from ((label, [label]) for label in sorted(literals))


def _mapped(library: Library) -> Named:
    synonyms = _synonyms(library)
    for ref in sorted({row.term for row in library.mapping_rows}):
        yield ref.iri, [ref.label, *synonyms.get(ref.iri, ())]


def _relations(library: Library) -> Named:
    for iri, relation in library.relations.items():
        own = library.ref(iri).label
        yield iri, [relation.name, relation.ref.label, relation.words, own]


def _standings(library: Library) -> Named:
    for iri, standing in library.standings.items():
        yield iri, [standing.name, standing.ref.label, standing.words]


def _polarities(library: Library) -> Named:
    yield from ((iri, [local_name(iri)]) for iri in (iris.POSITIVE, iris.NEGATIVE))


def _kinds(library: Library) -> Named:
    for iri, kind in library.kinds.items():
        yield iri, [kind.name, kind.ref.label, kind.plural]


def _sections(library: Library) -> Named:
    for iri, section in library.sections.items():
        yield iri, [local_name(iri), section.ref.label, section.trail]


def _sources(library: Library) -> Named:
    for ref in library.sources:
        yield ref.iri, [local_name(ref.iri), ref.label, library.in_short(ref)]


def _vocabularies(library: Library) -> Named:
    targets = (row.match.target for row in library.mapping_rows if row.match)
    for prefix in sorted({vocabulary_of(target.curie) for target in targets}):
        namespace = library.names.prefixes.get(prefix, prefix)
        yield prefix, [prefix, library.vocabulary_name(prefix), namespace]


def _predicates(library: Library) -> Named:
    return _refs({library.ref(iri) for iri in PREDICATES})


def _passage_kinds(library: Library) -> Named:
    return _refs({passage.kind for passage in library.passages.values()})


def _tension_kinds(library: Library) -> Named:
    for kind in {t.kind.ref: t.kind for t in library.tensions.values()}.values():
        yield kind.ref.iri, [local_name(kind.ref.iri), kind.ref.label, kind.words, kind.plural]


def _keywords(library: Library) -> Named:
    words = {word for question in library.questions for word in question.keywords}
    yield from ((word, [word]) for word in sorted(words))


def _orders(library: Library) -> Named:
    yield "name", ["name"]


VALUES: Mapping[Takes, Callable[[Library], Named]] = {
    "term": _terms,
    "object": _objects,
    "mapped": _mapped,
    "relation": _relations,
    "standing": _standings,
    "polarity": _polarities,
    "kind": _kinds,
    "section": _sections,
    "source": _sources,
    "vocabulary": _vocabularies,
    "predicate": _predicates,
    "passageKind": _passage_kinds,
    "tensionKind": _tension_kinds,
    "keyword": _keywords,
    "order": _orders,
}
"""Returns the values of each sort that has a table."""
