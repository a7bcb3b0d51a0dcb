"""Compare a release with the one before it: the log of changes.

Only the dumps are compared, so an older version of the pipeline may have built either release.
"""

import gzip
import zlib
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain

import pyoxigraph as ox

from service import iris
from service.changes import CHANGES, SECTIONS, Change, Changes, Edition, from_json, to_json
from service.names import Names
from service.problems import ReleaseError
from service.rdf.terms import text
from service.release import Manifest, Release

DERIVED = frozenset({iris.LABEL, iris.TYPE, iris.STATED_IN, iris.CITATION})
"""Properties of a claim that follow from others; a term's new label is no change of its claims."""


def history(previous: Release | None, manifest: Manifest, store: ox.Store, names: Names) -> bytes:
    """Return ``changes.json``: the changes of a release and of each before it, latest first.

    :param previous: the release before; None for the first one, whose log is empty.
    :param store: the dataset of the new release.
    :raises ReleaseError: if the log or the dump of the release before cannot be read.
    """
    changes: list[Changes] = []
    if previous is not None:
        sections = compare(_dataset(previous), store, names)
        changes = [Changes(_edition(manifest), _edition(previous.manifest), sections)]
        changes += _log(previous)
    return to_json(changes).encode("utf-8")


def difference(old: Release, new: Release) -> Changes:
    """Return what ``new`` changed since ``old``.

    :raises ReleaseError: if a dump cannot be read.
    """
    names = Names({**old.manifest.prefixes, **new.manifest.prefixes})
    sections = compare(_dataset(old), _dataset(new), names)
    return Changes(_edition(new.manifest), _edition(old.manifest), sections)


def _log(release: Release) -> list[Changes]:
    if CHANGES not in release.manifest.files:
        return []  # the release is older than this file
    try:
        return from_json(release.dump(CHANGES).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ReleaseError(f"{release.dump(CHANGES)} cannot be read: {error}") from None


def _edition(manifest: Manifest) -> Edition:
    return Edition(manifest.version, manifest.modified, manifest.digest)


def _dataset(release: Release) -> ox.Store:
    dump = release.dump("dataset.nq.gz")
    store = ox.Store()
    try:
        store.bulk_load(gzip.decompress(dump.read_bytes()), format=ox.RdfFormat.N_QUADS)
    except (OSError, EOFError, zlib.error, SyntaxError) as error:
        raise ReleaseError(f"{dump} cannot be read: {error}") from None
    return store


def compare(old: ox.Store, new: ox.Store, names: Names) -> dict[str, tuple[Change, ...]]:
    """Return the differences of two datasets, by a key of :data:`SECTIONS`, sorted by IRI."""
    sides = _Side(old, names), _Side(new, names)
    sections: dict[str, list[Change]] = defaultdict(list)
    for section, change in chain(
        _terms("terms", iris.TERM, *sides),
        _terms("schema", iris.CDMO, *sides),
        _claims(*sides),
        _mappings(*sides),
        _questions(*sides),
    ):
        sections[section].append(change)
    return {key: tuple(sections[key]) for key in SECTIONS if key in sections}


Statements = dict[tuple[str, str], set[str]]
"""The values of a claim and its citations, by part and property."""


class _Side:
    """One of the two datasets."""

    def __init__(self, store: ox.Store, names: Names) -> None:
        self.store = store
        self.names = names

    def subjects(self, namespace: str, predicate: str) -> set[str]:
        """Return the subjects of a property whose IRIs start with a namespace."""
        quads = self.store.quads_for_pattern(None, ox.NamedNode(predicate), None, None)
        subjects = {text(q.subject) for q in quads}
        return {iri for iri in subjects if iri.startswith(namespace) and "#" not in iri}

    def values(self, iri: str, predicate: str) -> list[str]:
        """Return the values of a property, sorted."""
        quads = self.store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(predicate), None, None)
        return sorted({text(q.object) for q in quads})

    def first(self, iri: str, predicate: str) -> str:
        return next(iter(self.values(iri, predicate)), "")

    def label(self, iri: str) -> str:
        return self.first(iri, iris.LABEL)

    def claim(self, iri: str) -> Statements:
        """Return what a claim and its citations state."""
        values: Statements = defaultdict(set)
        for part in {iri, *self.values(iri, iris.CITATION)}:
            for q in self.store.quads_for_pattern(ox.NamedNode(part), None, None, None):
                if q.predicate.value not in DERIVED:
                    values[part.partition("#")[2], q.predicate.value].add(text(q.object))
        return values

    def words(self, values: set[str] | None) -> str:
        """Return values by their labels; IRIs without a label as CURIEs."""
        words = sorted(
            (self.label(value) or self.names.curie(value) or value)
            if value.startswith("http")
            else value
            for value in values or ()
        )
        return ", ".join(words) or "nothing"

    def mappings(self) -> Iterator[tuple[str, str, str]]:
        """Yield subject, match and object of each mapping."""
        for match in iris.MATCHES:
            for q in self.store.quads_for_pattern(None, ox.NamedNode(match), None, None):
                if isinstance(q.subject, ox.NamedNode) and isinstance(q.object, ox.NamedNode):
                    yield q.subject.value, match, q.object.value


Sections = Iterator[tuple[str, Change]]


def _added_and_dropped(kind: str, before: set[str], after: set[str], *sides: _Side) -> Sections:
    old, new = sides
    for iri in sorted(after - before):
        definition = new.values(iri, iris.DEFINITION)[:1]
        yield f"{kind}-added", Change(iri, new.label(iri), tuple(definition))
    for iri in sorted(before - after):
        yield f"{kind}-dropped", Change(iri, old.label(iri))


def _terms(kind: str, namespace: str, old: _Side, new: _Side) -> Sections:
    before, after = (side.subjects(namespace, iris.LABEL) for side in (old, new))
    yield from _added_and_dropped(kind, before, after, old, new)
    for iri in sorted(before & after):
        label, old_label = new.label(iri), old.label(iri)
        if new.values(iri, iris.DEPRECATED) and not old.values(iri, iris.DEPRECATED):
            successors = [new.label(s) or s for s in new.values(iri, iris.REPLACED_BY)]
            details = (f"was: {old_label}", *(f"use {name} instead" for name in successors))
            yield f"{kind}-obsoleted", Change(iri, label, details)
            continue
        if label != old_label:
            yield f"{kind}-relabelled", Change(iri, label, (f"was: {old_label}",))
        definition, old_definition = (side.first(iri, iris.DEFINITION) for side in (new, old))
        if definition != old_definition:
            details = (f"now: {definition or 'none'}", f"was: {old_definition or 'none'}")
            yield f"{kind}-redefined", Change(iri, label, details)


def _claims(old: _Side, new: _Side) -> Sections:
    before, after = (side.subjects(iris.CLAIM, iris.RELATION) for side in (old, new))
    yield from _added_and_dropped("claims", before, after, old, new)
    for iri in sorted(before & after):
        if details := tuple(_claim_differences(old.claim(iri), new.claim(iri), old, new)):
            yield "claims-changed", Change(iri, new.label(iri), details)


def _claim_differences(
    before: Statements, after: Statements, old: _Side, new: _Side
) -> Iterator[str]:
    """Yield the differences of a claim in words: "modality: possible → definite"."""
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            part, predicate = key
            label = new.label(predicate) or old.label(predicate) or new.names.curie(predicate)
            place = f"in {part}, " if part else ""
            change = f"{old.words(before.get(key))} → {new.words(after.get(key))}"
            yield f"{place}{label or predicate}: {change}"


def _mappings(old: _Side, new: _Side) -> Sections:
    before, after = set(old.mappings()), set(new.mappings())
    for section, side, mappings in (
        ("mappings-added", new, after - before),
        ("mappings-dropped", old, before - after),
    ):
        for subject, *terms in sorted(mappings):
            curies = " ".join(side.names.curie(iri) or iri for iri in terms)
            yield section, Change(subject, side.label(subject), (curies,))


def _questions(old: _Side, new: _Side) -> Sections:
    before, after = (side.subjects(iris.QUESTION, iris.SELECT) for side in (old, new))
    yield from _added_and_dropped("questions", before, after, old, new)
    parts = (("another query", iris.SELECT), ("another answer", iris.EXPECTED))
    for iri in sorted(before & after):
        details = tuple(words for words, p in parts if old.values(iri, p) != new.values(iri, p))
        if details:
            yield "questions-changed", Change(iri, new.label(iri), details)
