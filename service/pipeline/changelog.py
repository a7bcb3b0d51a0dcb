"""Compare a release with the one before it: the log of changes.

Only the dumps are compared, so an older version of the pipeline may have built either release.
"""

import gzip
import zlib
from collections import defaultdict
from collections.abc import Iterator

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
    comparison = _Comparison(_Side(old, names), _Side(new, names))
    comparison.terms("terms", iris.TERM)
    comparison.terms("schema", iris.CDMO)
    comparison.claims()
    comparison.mappings()
    comparison.questions()
    return {key: tuple(changes) for key in SECTIONS if (changes := comparison.sections[key])}


class _Side:
    """One of the two datasets."""

    def __init__(self, store: ox.Store, names: Names) -> None:
        self.store = store
        self.names = names

    def subjects(self, namespace: str, predicate: str) -> Iterator[str]:
        """Return the subjects of a property whose IRIs start with a namespace."""
        quads = self.store.quads_for_pattern(None, ox.NamedNode(predicate), None, None)
        for iri in (text(q.subject) for q in quads):
            if iri.startswith(namespace) and "#" not in iri:
                yield iri

    def values(self, iri: str, predicate: str) -> list[str]:
        """Return the values of a property, sorted."""
        quads = self.store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(predicate), None, None)
        return sorted({text(q.object) for q in quads})

    def first(self, iri: str, predicate: str) -> str:
        return next(iter(self.values(iri, predicate)), "")

    def label(self, iri: str) -> str:
        return self.first(iri, iris.LABEL)

    def claim(self, iri: str) -> dict[tuple[str, str], set[str]]:
        """Return the values of a claim and its citations, by part and property."""
        values: dict[tuple[str, str], set[str]] = defaultdict(set)
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


class _Comparison:
    """The changes from one dataset to another, collected by section."""

    def __init__(self, before: _Side, after: _Side) -> None:
        self.before = before
        self.after = after
        self.sections: dict[str, list[Change]] = defaultdict(list)

    def kept(self, kind: str, namespace: str, predicate: str) -> list[str]:
        """Collect the resources that came or went; return those in both datasets."""
        old, new = (set(s.subjects(namespace, predicate)) for s in (self.before, self.after))
        for iri in sorted(new - old):
            definition = self.after.values(iri, iris.DEFINITION)[:1]
            change = Change(iri, self.after.label(iri), tuple(definition))
            self.sections[f"{kind}-added"].append(change)
        for iri in sorted(old - new):
            self.sections[f"{kind}-dropped"].append(Change(iri, self.before.label(iri)))
        return sorted(old & new)

    def terms(self, kind: str, namespace: str) -> None:
        """Collect terms with another label or definition, and those retired."""
        before, after = self.before, self.after
        for iri in self.kept(kind, namespace, iris.LABEL):
            label, old_label = after.label(iri), before.label(iri)
            if after.values(iri, iris.DEPRECATED) and not before.values(iri, iris.DEPRECATED):
                successors = [after.label(s) or s for s in after.values(iri, iris.REPLACED_BY)]
                details = (f"was: {old_label}", *(f"use {name} instead" for name in successors))
                self.sections[f"{kind}-obsoleted"].append(Change(iri, label, details))
                continue
            if label != old_label:
                change = Change(iri, label, (f"was: {old_label}",))
                self.sections[f"{kind}-relabelled"].append(change)
            words, old_words = (side.first(iri, iris.DEFINITION) for side in (after, before))
            if words != old_words:
                details = (f"now: {words or 'none'}", f"was: {old_words or 'none'}")
                self.sections[f"{kind}-redefined"].append(Change(iri, label, details))

    def claims(self) -> None:
        """Collect claims that came, went or changed."""
        for iri in self.kept("claims", iris.CLAIM, iris.RELATION):
            if details := tuple(self._claim_differences(iri)):
                change = Change(iri, self.after.label(iri), details)
                self.sections["claims-changed"].append(change)

    def _claim_differences(self, iri: str) -> Iterator[str]:
        """Yield the differences of a claim in words: "modality: possible → definite"."""
        before, after = self.before, self.after
        old, new = before.claim(iri), after.claim(iri)
        for part, predicate in sorted(old.keys() | new.keys()):
            key = part, predicate
            if old.get(key) != new.get(key):
                label = after.label(predicate) or before.label(predicate)
                place = f"in {part}, " if part else ""
                change = f"{before.words(old.get(key))} → {after.words(new.get(key))}"
                yield f"{place}{label or after.names.curie(predicate) or predicate}: {change}"

    def mappings(self) -> None:
        """Collect mappings that came or went."""
        old, new = set(self.before.mappings()), set(self.after.mappings())
        for key, side, mappings in (
            ("mappings-added", self.after, new - old),
            ("mappings-dropped", self.before, old - new),
        ):
            for subject, predicate, target in sorted(mappings):
                curies = (side.names.curie(iri) or iri for iri in (predicate, target))
                change = Change(subject, side.label(subject), (" ".join(curies),))
                self.sections[key].append(change)

    def questions(self) -> None:
        """Collect questions that came, went, or have another query or answer."""
        parts = (("another query", iris.SELECT), ("another answer", iris.EXPECTED))
        for iri in self.kept("questions", iris.QUESTION, iris.SELECT):
            details = tuple(
                words
                for words, predicate in parts
                if self.before.values(iri, predicate) != self.after.values(iri, predicate)
            )
            if details:
                change = Change(iri, self.after.label(iri), details)
                self.sections["questions-changed"].append(change)
