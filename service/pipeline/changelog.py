"""Compare a release with the one before it: the log of changes.

Only the dumps are compared, so an older version of the pipeline may have built either release.
"""

import gzip
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

import pyoxigraph as ox

from service import iris
from service.changes import CHANGES, SECTIONS, Change, Changes, Edition, from_json, to_json
from service.names import Names
from service.problems import ReleaseError
from service.rdf.terms import text
from service.release import Manifest, Release

DERIVED = frozenset({iris.LABEL, iris.TYPE, iris.STATED_IN, iris.CITATION})
"""Properties of a claim that derive from others; a term's new label changes no claim."""


def history(previous: Release | None, manifest: Manifest, store: ox.Store, names: Names) -> bytes:
    """Return ``changes.json``: the changes of a release and of each before it, latest first.

    :param previous: the release before; None for the first release, whose log is empty.
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
    before, after = _Side(old, names), _Side(new, names)
    sections: dict[str, list[Change]] = defaultdict(list)
    for iri in sorted(before.values.keys() | after.values.keys()):
        for section, side, details in _changes(iri, before, after):
            sections[section].append(Change(iri, side.label(iri), tuple(details)))
    return {key: tuple(sections[key]) for key in SECTIONS if key in sections}


class _Side:
    """The values of one of the two datasets: by resource, then by part and property.

    A fragment of a resource, such as a citation of a claim, is a part of the resource.
    """

    def __init__(self, store: ox.Store, names: Names) -> None:
        self.names = names
        self.values: dict[str, dict[tuple[str, str], set[str]]] = defaultdict(dict)
        for quad in store:
            iri, _, part = text(quad.subject).partition("#")
            values = self.values[iri].setdefault((part, quad.predicate.value), set())
            values.add(text(quad.object))

    def get(self, iri: str, predicate: str, part: str = "") -> list[str]:
        """Return the values of a property, sorted."""
        return sorted(self.values.get(iri, {}).get((part, predicate), ()))

    def first(self, iri: str, predicate: str) -> str:
        return next(iter(self.get(iri, predicate)), "")

    def label(self, iri: str) -> str:
        return self.first(iri, iris.LABEL)

    def words(self, values: Iterable[str]) -> str:
        """Return values by their labels; IRIs without a label as CURIEs."""
        words = sorted(self.label(v) or self.names.curie(v) or v for v in values)
        return ", ".join(words) or "nothing"


Sections = Iterator[tuple[str, _Side, list[str]]]
"""The section of each change of a resource, the side that names the resource, and the details."""


def _changes(iri: str, old: _Side, new: _Side) -> Sections:
    for match in iris.MATCHES:
        before, after = set(old.get(iri, match)), set(new.get(iri, match))
        for section, side, targets in (
            ("mappings-added", new, after - before),
            ("mappings-dropped", old, before - after),
        ):
            for target in sorted(targets):
                yield section, side, [" ".join(side.names.curie(n) or n for n in (match, target))]
    for kind, (namespace, predicate, compare_both) in KINDS.items():
        was, now = old.get(iri, predicate), new.get(iri, predicate)
        if not iri.startswith(namespace):
            continue
        if was and now:
            yield from compare_both(kind, iri, old, new)
        elif now:
            yield f"{kind}-added", new, new.get(iri, iris.DEFINITION)[:1]
        elif was and new.get(iri, iris.DEPRECATED):
            yield f"{kind}-obsoleted", new, _successors(iri, new)
        elif was:
            yield f"{kind}-dropped", old, []


def _term(kind: str, iri: str, old: _Side, new: _Side) -> Sections:
    was = f"was: {old.label(iri)}"
    if new.get(iri, iris.DEPRECATED) and not old.get(iri, iris.DEPRECATED):
        yield f"{kind}-obsoleted", new, [was, *_successors(iri, new)]
        return
    if new.label(iri) != old.label(iri):
        yield f"{kind}-relabelled", new, [was]
    before, after = (side.first(iri, iris.DEFINITION) for side in (old, new))
    if before != after:
        yield f"{kind}-redefined", new, [f"now: {after or 'none'}", f"was: {before or 'none'}"]


def _successors(iri: str, new: _Side) -> list[str]:
    return [f"use {new.label(s) or s} instead" for s in new.get(iri, iris.REPLACED_BY)]


def _claim(kind: str, iri: str, old: _Side, new: _Side) -> Sections:
    """Yield the differences of a claim in words: "polarity: negative → positive"."""
    details = []
    for part, predicate in sorted(old.values[iri].keys() | new.values[iri].keys()):
        before, after = (side.get(iri, predicate, part) for side in (old, new))
        if before != after and predicate not in DERIVED:
            label = new.label(predicate) or old.words([predicate])
            place = f"in {part}, " if part else ""
            details.append(f"{place}{label}: {old.words(before)} → {new.words(after)}")
    if details:
        yield f"{kind}-changed", new, details


def _question(kind: str, iri: str, old: _Side, new: _Side) -> Sections:
    parts = (("another query", iris.SELECT), ("another answer", iris.EXPECTED))
    if details := [words for words, p in parts if old.get(iri, p) != new.get(iri, p)]:
        yield f"{kind}-changed", new, details


KINDS: Mapping[str, tuple[str, str, Callable[[str, str, _Side, _Side], Sections]]] = {
    "terms": (iris.TERM, iris.LABEL, _term),
    "schema": (iris.CDMO, iris.LABEL, _term),
    "claims": (iris.CLAIM, iris.RELATION, _claim),
    "questions": (iris.QUESTION, iris.SELECT, _question),
}
"""The compared kinds: the namespace of IRIs, a property of every member, the comparison."""
