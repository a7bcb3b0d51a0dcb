"""The values that parameters of lists may have, by the names that people give them.

A name is an IRI, a CURIE, a local name, or a label of the release.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Literal, NamedTuple

from service import iris
from service.library import PREDICATES, Library, Ref, fold
from service.problems import BadRequest
from service.rdf.terms import text

Takes = Literal[
    "term", "object", "mapped", "relation", "standing", "polarity", "kind", "section", "source",
    "vocabulary", "predicate", "passageKind", "tensionKind", "keyword", "words", "number", "order",
    "format",
]  # fmt: skip
"""Sorts of values. ``mapped``: a term or a part of the schema that is mapped; ``words``: any
text; ``number`` and ``format`` have no table here."""

MAX_KNOWN = 60
"""The most values that a problem names; of more, those that are spelled most alike."""

CLOSE = 5

Named = Iterator[tuple[str, list[str]]]
"""Values with their names; the first of them is shown."""


def local_name(iri: str) -> str:
    """Return the part of an IRI after the last slash or hash."""
    return iri.replace("#", "/").rpartition("/")[2]


def vocabulary_of(curie: str | None) -> str:
    """Return the prefix of a CURIE; "other" without one."""
    return (curie or "other").partition(":")[0]


def _refs(refs: set[Ref]) -> Named:
    for ref in sorted(refs):
        yield ref.iri, [local_name(ref.iri), ref.label]


def _with_synonyms(library: Library, refs: Iterable[Ref]) -> Named:
    for ref in refs:
        yield ref.iri, [ref.label, *map(text, library.values(ref.iri, iris.EXACT_SYNONYM))]


def _terms(library: Library) -> Named:
    return _with_synonyms(library, (term.ref for term in library.terms.values()))


def _objects(library: Library) -> Named:
    yield from _terms(library)
    literals = {c.object.label for c in library.claims.values() if not c.object.iri}
    yield from ((label, [label]) for label in sorted(literals))


def _relations(library: Library) -> Named:
    for iri, relation in library.relations.items():
        own = library.ref(iri).label
        yield iri, [relation.name, relation.ref.label, relation.words, own]


def _standings(library: Library) -> Named:
    for iri, standing in library.standings.items():
        yield iri, [standing.name, standing.ref.label, standing.words]


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


def _tension_kinds(library: Library) -> Named:
    for kind in {t.kind.ref: t.kind for t in library.tensions.values()}.values():
        yield kind.ref.iri, [local_name(kind.ref.iri), kind.ref.label, kind.words, kind.plural]


def _keywords(library: Library) -> Named:
    words = {word for question in library.questions for word in question.keywords}
    yield from ((word, [word]) for word in sorted(words))


VALUES: Mapping[Takes, Callable[[Library], Named]] = {
    "term": _terms,
    "object": _objects,
    "mapped": lambda lib: _with_synonyms(lib, sorted({row.term for row in lib.mapping_rows})),
    "relation": _relations,
    "standing": _standings,
    "polarity": lambda _: ((iri, [local_name(iri)]) for iri in (iris.POSITIVE, iris.NEGATIVE)),
    "kind": _kinds,
    "section": _sections,
    "source": _sources,
    "vocabulary": _vocabularies,
    "predicate": lambda library: _refs({library.ref(iri) for iri in PREDICATES}),
    "passageKind": lambda library: _refs({p.kind for p in library.passages.values()}),
    "tensionKind": _tension_kinds,
    "keyword": _keywords,
    "order": lambda _: iter([("name", ["name"])]),
}
"""Returns the values of each sort that has a table."""


# -- reading ---------------------------------------------------------------------------------


class Called(NamedTuple):
    """The values that a parameter may have.

    :param exact: value by IRI, CURIE, local name or the value itself.
    :param folded: values by label, without case, accents and punctuation.
    :param shown: a name for each value.
    """

    exact: Mapping[str, str]
    folded: Mapping[str, frozenset[str]]
    shown: Mapping[str, str]


class NamedValues:
    """Reads the values of parameters as resources of a release.

    A value is an IRI, a CURIE, a local name, or a label or an exact synonym that fits one only.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        self._called: dict[Takes, Called] = {}

    def read(self, parameter: str, takes: Takes, value: str) -> str:
        """Return the IRI that a value stands for, or the value itself if it has none.

        :raises BadRequest: with extras ``field`` and ``known``, if it stands for nothing here
            or for several things.
        """
        if takes == "words":
            return value
        called = self.called(takes)
        iri = self.library.names.iri(value) or value
        if exact := called.exact.get(value) or called.exact.get(iri):
            return exact
        fitting = called.folded.get(fold(value), frozenset())
        if len(fitting) == 1:
            return next(iter(fitting))
        known = sorted(map(self.short, fitting)) or self._known(called, value)
        what = "stands for several things" if fitting else "is no value that this release has"
        message = f"In {parameter}, {value[:100]!r} {what}. Among those that it has: "
        raise BadRequest(message + f"{', '.join(known)}.", field=parameter, known=known)

    def _known(self, called: Called, value: str) -> list[str]:
        if len(called.shown) <= MAX_KNOWN:
            return list(called.shown.values())
        names = {name: next(iter(values)) for name, values in called.folded.items()}
        close = get_close_matches(fold(value[:100]), names, CLOSE, 0.4) or list(names)[:CLOSE]
        return list(dict.fromkeys(called.shown[names[name]] for name in close))

    def short(self, value: str) -> str:
        """Return a value as an address writes it: a local name of ours, a CURIE, or as it is."""
        if value.startswith(iris.BASE):
            return local_name(value)
        return self.library.names.curie(value) or value

    def called(self, takes: Takes) -> Called:
        """Return the values of a sort, by all their names."""
        if takes not in self._called:
            exact: dict[str, str] = {}
            folded: dict[str, set[str]] = defaultdict(set)
            shown: dict[str, str] = {}
            for value, names in VALUES[takes](self.library):
                exact |= {value: value, self.short(value): value}
                exact.setdefault(local_name(value) if "://" in value else value, value)
                shown[value] = next(iter(names), value)
                for name in (self.short(value), *names):
                    folded[fold(name)].add(value)
            sets = {name: frozenset(values) for name, values in folded.items()}
            self._called[takes] = Called(exact, sets, shown)
        return self._called[takes]
