"""What changed between two releases: terms, schema, claims, mappings and questions.

The build compares with the release before and writes ``changes.json`` into the release; the page
``/changes`` shows it; ``cdmo diff`` compares any two.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pyoxigraph as ox

from service.names import BASE, Names

CHANGES = "changes.json"
"""The file of a release that says what changed, back to the first release."""

SECTIONS = {
    "terms-added": "terms added",
    "terms-obsoleted": "terms retired",
    "terms-relabelled": "terms with another label",
    "terms-redefined": "terms with another definition",
    "terms-dropped": "terms that are gone",
    "schema-added": "schema: added",
    "schema-obsoleted": "schema: retired",
    "schema-relabelled": "schema: with another label",
    "schema-redefined": "schema: with another definition",
    "schema-dropped": "schema: gone",
    "claims-added": "statements added",
    "claims-changed": "statements changed",
    "claims-dropped": "statements dropped",
    "mappings-added": "mappings added",
    "mappings-dropped": "mappings dropped",
    "questions-added": "questions added",
    "questions-changed": "questions changed",
    "questions-dropped": "questions dropped",
}
"""Every kind of change, in the order of reading, with its heading."""

_RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
_DEFINITION = "http://purl.obolibrary.org/obo/IAO_0000115"
_REPLACED_BY = "http://purl.obolibrary.org/obo/IAO_0100001"
_DEPRECATED = "http://www.w3.org/2002/07/owl#deprecated"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_CDMO = BASE + "schema/"
_SELECT = "http://www.w3.org/ns/shacl#select"
_EXPECTED = _CDMO + "expected"
_DERIVED = frozenset({_LABEL, _RDF_TYPE, _CDMO + "statedIn", _CDMO + "citation"})
"""What a claim says only because something else says it; a new label of a term is no new claim."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed.

    :param iri: of the thing.
    :param label: what it is called now, or was called last.
    :param details: what is different, in words.
    """

    iri: str
    label: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edition:
    """A release by its name: version, day (YYYY-MM-DD) and identity of the dataset."""

    version: str
    modified: str
    digest: str

    @property
    def number(self) -> tuple[int, ...]:
        """The version as numbers, to put versions in order: "0.10.0" is later than "0.9.0"."""
        return tuple(int(n) for n in re.findall(r"\d+", self.version))


@dataclass(frozen=True, slots=True)
class Changes:
    """What one release changed since another.

    :param found: changes by a key of :data:`SECTIONS`; empty ones are left out.
    """

    edition: Edition
    since: Edition
    found: Mapping[str, tuple[Change, ...]] = field(default_factory=dict)

    def lines(self, names: Names) -> Iterator[str]:
        """Yield the changes as text for a terminal."""
        yield f"{self.since.version} ({self.since.digest[:12]}) → " + (
            f"{self.edition.version} ({self.edition.digest[:12]})"
        )
        if not self.found:
            yield "no changes"
        for key, changes in self.found.items():
            yield f"{SECTIONS[key]} ({len(changes)})"
            for change in changes:
                yield f"  {names.curie(change.iri) or change.iri}  {change.label}"
                yield from (f"    {detail}" for detail in change.details)


def to_json(history: list[Changes]) -> str:
    """Return a history, latest first, as JSON: the same text for the same history."""
    values = {"format": 1, "releases": [asdict(changes) for changes in history]}
    return json.dumps(values, indent=1, ensure_ascii=False) + "\n"


def from_json(text: str) -> list[Changes]:
    """Read what :func:`to_json` wrote.

    :raises ValueError: if it is something else.
    """
    try:
        values: dict[str, Any] = json.loads(text)
        return [
            Changes(
                Edition(**entry["edition"]),
                Edition(**entry["since"]),
                {
                    key: tuple(Change(c["iri"], c["label"], tuple(c["details"])) for c in changes)
                    for key, changes in entry["found"].items()
                    if key in SECTIONS
                },
            )
            for entry in values["releases"]
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a list of changes: {error}") from None


def compare(old: ox.Store, new: ox.Store, names: Names) -> dict[str, tuple[Change, ...]]:
    """Return what is different in ``new``, by a key of :data:`SECTIONS`, in the order of IRIs."""
    was, now = _Side(old, names), _Side(new, names)
    found: dict[str, list[Change]] = defaultdict(list)
    for kind, space in (("terms", BASE + "id/"), ("schema", _CDMO)):
        _compare_terms(found, kind, was, now, space)
    _compare_claims(found, was, now)
    _compare_mappings(found, was, now)
    _compare_questions(found, was, now)
    return {key: tuple(found[key]) for key in SECTIONS if found[key]}


class _Side:
    """One of the two datasets."""

    def __init__(self, store: ox.Store, names: Names) -> None:
        self.store = store
        self.names = names

    def of(self, space: str, predicate: str) -> dict[str, str]:
        """Return, sorted, the subjects of ours in a space with their (first) value."""
        pairs = {
            (q.subject.value, q.object.value)
            for q in self.store.quads_for_pattern(None, ox.NamedNode(predicate), None, None)
            if isinstance(q.subject, ox.NamedNode)
            and q.subject.value.startswith(space)
            and "#" not in q.subject.value
            and not isinstance(q.object, ox.Triple)
        }
        found: dict[str, str] = {}
        for subject, value in sorted(pairs):
            found.setdefault(subject, value)
        return found

    def values(self, iri: str, predicate: str) -> list[str]:
        node = ox.NamedNode(iri)
        quads = self.store.quads_for_pattern(node, ox.NamedNode(predicate), None, None)
        return sorted({q.object.value for q in quads if not isinstance(q.object, ox.Triple)})

    def label(self, iri: str) -> str:
        return next(iter(self.values(iri, _LABEL)), "")

    def about(self, iri: str) -> dict[tuple[str, str], set[str]]:
        """Return what is said of a claim and its citations: part and property to values."""
        said: dict[tuple[str, str], set[str]] = defaultdict(set)
        parts = {iri, *self.values(iri, _CDMO + "citation")}
        for part in parts:
            place = part.partition("#")[2]
            for q in self.store.quads_for_pattern(ox.NamedNode(part), None, None, None):
                if q.predicate.value not in _DERIVED and not isinstance(q.object, ox.Triple):
                    said[place, q.predicate.value].add(q.object.value)
        return said


Found = dict[str, list[Change]]


def _compare_terms(found: Found, kind: str, was: _Side, now: _Side, space: str) -> None:
    before, after = was.of(space, _LABEL), now.of(space, _LABEL)
    old_words, new_words = was.of(space, _DEFINITION), now.of(space, _DEFINITION)
    retired = now.of(space, _DEPRECATED).keys() - was.of(space, _DEPRECATED).keys()
    for iri, label in after.items():
        if iri not in before:
            words = new_words.get(iri)
            found[f"{kind}-added"].append(Change(iri, label, (words,) if words else ()))
        elif iri in retired:
            to = [f"use {now.label(s) or s} instead" for s in now.values(iri, _REPLACED_BY)]
            found[f"{kind}-obsoleted"].append(Change(iri, label, (f"was: {before[iri]}", *to)))
        else:
            if label != before[iri]:
                change = Change(iri, label, (f"was: {before[iri]}",))
                found[f"{kind}-relabelled"].append(change)
            if new_words.get(iri) != old_words.get(iri):
                words = new_words.get(iri) or "none"
                change = Change(iri, label, (f"now: {words}", f"was: {old_words.get(iri, 'none')}"))
                found[f"{kind}-redefined"].append(change)
    for iri, label in before.items():
        if iri not in after:
            found[f"{kind}-dropped"].append(Change(iri, label))


def _compare_claims(found: Found, was: _Side, now: _Side) -> None:
    before, after = (side.of(BASE + "claim/", _CDMO + "relation") for side in (was, now))
    for iri in after:
        label = now.label(iri)
        if iri not in before:
            found["claims-added"].append(Change(iri, label))
        elif details := tuple(_differences(iri, was, now)):
            found["claims-changed"].append(Change(iri, label, details))
    for iri in before:
        if iri not in after:
            found["claims-dropped"].append(Change(iri, was.label(iri)))


def _differences(iri: str, was: _Side, now: _Side) -> Iterator[str]:
    """Yield what a claim says otherwise, in words: "modality: possible → definite"."""
    old, new = was.about(iri), now.about(iri)
    for place, predicate in sorted(old.keys() | new.keys()):
        before, after = (said.get((place, predicate), set()) for said in (old, new))
        if before != after:
            name = now.label(predicate) or was.label(predicate)
            where = f"in {place}, " if place else ""
            shown = f"{_words(before, was)} → {_words(after, now)}"
            yield f"{where}{name or now.names.curie(predicate) or predicate}: {shown}"


def _words(values: set[str], side: _Side) -> str:
    """Return values as people call them; IRIs without a label by their CURIE."""
    shown = sorted(
        (side.label(x) or side.names.curie(x) or x) if x.startswith("http") else x for x in values
    )
    return ", ".join(shown) or "nothing"


def _compare_mappings(found: Found, was: _Side, now: _Side) -> None:
    before, after = (set(_mappings(side)) for side in (was, now))
    for key, side, changed in (
        ("mappings-added", now, after - before),
        ("mappings-dropped", was, before - after),
    ):
        for subject, predicate, target in sorted(changed):
            curies = (side.names.curie(iri) or iri for iri in (predicate, target))
            found[key].append(Change(subject, side.label(subject), (" ".join(curies),)))


def _mappings(side: _Side) -> Iterator[tuple[str, str, str]]:
    for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch"):
        predicate = ox.NamedNode(_SKOS + name)
        for q in side.store.quads_for_pattern(None, predicate, None, None):
            if isinstance(q.subject, ox.NamedNode) and isinstance(q.object, ox.NamedNode):
                yield q.subject.value, predicate.value, q.object.value


def _compare_questions(found: Found, was: _Side, now: _Side) -> None:
    space = BASE + "question/"
    before, after = was.of(space, _SELECT), now.of(space, _SELECT)
    for iri, query in after.items():
        if iri not in before:
            found["questions-added"].append(Change(iri, now.label(iri)))
            continue
        details = ["another query"] if query != before[iri] else []
        details += ["another answer"] if _differ(iri, _EXPECTED, was, now) else []
        if details:
            found["questions-changed"].append(Change(iri, now.label(iri), tuple(details)))
    for iri in before:
        if iri not in after:
            found["questions-dropped"].append(Change(iri, was.label(iri)))


def _differ(iri: str, predicate: str, was: _Side, now: _Side) -> bool:
    return was.values(iri, predicate) != now.values(iri, predicate)
