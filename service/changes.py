"""The changes between releases, and how ``changes.json`` writes them.

The pipeline compares two releases and writes the file; the page ``/changes`` shows it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from service.names import Names

CHANGES = "changes.json"
"""The file in a release that lists the changes of every release so far."""

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
    "claims-obsoleted": "statements retired",
    "claims-dropped": "statements dropped",
    "mappings-added": "mappings added",
    "mappings-dropped": "mappings dropped",
    "questions-added": "questions added",
    "questions-changed": "questions changed",
    "questions-obsoleted": "questions retired",
    "questions-dropped": "questions dropped",
}
"""Every kind of change, in the order of reading, with its heading."""


FOLDED = 10
"""Sections with more changes are folded in Markdown."""


@dataclass(frozen=True, slots=True)
class Change:
    """One resource that changed.

    :param label: its present label, or its last one.
    :param details: the differences, in words.
    """

    iri: str
    label: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edition:
    """The identity of a release: version, day (YYYY-MM-DD) and digest of the dataset."""

    version: str
    modified: str
    digest: str

    @property
    def number(self) -> tuple[int, ...]:
        """The version as numbers, to sort by: "0.10.0" is later than "0.9.0"."""
        return tuple(int(n) for n in re.findall(r"\d+", self.version))


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes from one release to another.

    :param sections: changes by a key of :data:`SECTIONS`; empty sections are left out.
    """

    edition: Edition
    since: Edition
    sections: Mapping[str, tuple[Change, ...]] = field(default_factory=dict)

    def lines(self, names: Names) -> Iterator[str]:
        """Yield the changes as text for a terminal."""
        yield f"{self.since.version} ({self.since.digest[:12]}) → " + (
            f"{self.edition.version} ({self.edition.digest[:12]})"
        )
        if not self.sections:
            yield "no changes"
        for key, changes in self.sections.items():
            yield f"{SECTIONS[key]} ({len(changes)})"
            for change in changes:
                yield f"  {names.curie(change.iri) or change.iri}  {change.label}"
                yield from (f"    {detail}" for detail in change.details)

    def markdown(self, names: Names) -> Iterator[str]:
        """Yield the changes as Markdown for a pull request; long sections are folded."""
        yield f"### {self.since.version} → {self.edition.version}"
        yield ""
        if not self.sections:
            yield "No changes."
            return
        counts = (f"{len(changes)} {SECTIONS[key]}" for key, changes in self.sections.items())
        yield ", ".join(counts) + "."
        for key, changes in self.sections.items():
            folded = len(changes) > FOLDED
            yield ""
            yield (
                f"<details><summary>{SECTIONS[key]} ({len(changes)})</summary>"
                if folded
                else (f"**{SECTIONS[key]}** ({len(changes)})")
            )
            yield ""
            for change in changes:
                name = names.curie(change.iri) or change.iri
                yield f"- [`{name}`](<{change.iri}>) {_escaped(change.label)}"
                yield from (f"  - {_escaped(detail)}" for detail in change.details)
            if folded:
                yield ""
                yield "</details>"


def _escaped(text: str) -> str:
    """Escape text for one line of Markdown (CommonMark §2.4)."""
    return re.sub(r"([\\`*_{}\[\]<>#|~@&!])", r"\\\1", " ".join(text.split()))


def to_json(history: list[Changes]) -> str:
    """Return a history, latest release first, as JSON: the same text for the same history."""
    releases = [
        {
            "edition": asdict(changes.edition),
            "since": asdict(changes.since),
            # The name in format 1, which files of earlier releases have.
            "found": {
                key: [asdict(c) for c in section] for key, section in changes.sections.items()
            },
        }
        for changes in history
    ]
    return json.dumps({"format": 1, "releases": releases}, indent=1, ensure_ascii=False) + "\n"


def from_json(text: str) -> list[Changes]:
    """Read what :func:`to_json` wrote.

    :raises ValueError: if the text is something else.
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
