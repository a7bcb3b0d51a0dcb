"""Mappings: terms of other vocabularies beside ours, as SSSOM mapping sets record them."""

from collections import defaultdict
from dataclasses import dataclass

from service import iris
from service.library.data import Ref, ReleaseData
from service.rdf.terms import text

PREDICATES = (*iris.MATCHES, iris.EQUIVALENT_CLASS)
"""The mapping predicates, strongest first."""


@dataclass(frozen=True, slots=True)
class Match:
    """A term of another vocabulary beside one of ours.

    :param words: how the target compares with our term, in plain words.
    :param justification: how the match was found.
    :param negative: whether the mapping says that the two do not match so.
    """

    target: Ref
    predicate: Ref
    words: str
    justification: Ref | None = None
    negative: bool = False

    @property
    def strength(self) -> int:
        """The place of the predicate; the lower, the stronger."""
        return PREDICATES.index(self.predicate.iri)


def make_match(
    data: ReleaseData,
    *,
    predicate: str,
    target: str,
    label: str = "",
    justification: str = "",
    modifier: str = "",
) -> Match:
    """Return a match from the slots of a mapping, which are IRIs but for the target's label."""
    ref = data.ref(predicate)
    return Match(
        data.labelled(label or data.ref(target).label, target),
        ref,
        data.display(predicate, iris.SHORT_LABEL) or ref.label,
        _justification(data, justification) if justification else None,
        modifier.endswith("Not"),
    )


def _justification(data: ReleaseData, iri: str) -> Ref:
    return data.labelled(data.display(iri, iris.SHORT_LABEL) or data.ref(iri).label, iri)


def read_matches(data: ReleaseData) -> dict[str, list[Match]]:
    """Return the matches of each term, the strongest first."""
    matches: dict[str, set[Match]] = defaultdict(set)
    for row in data.select("mappings"):
        slots = {name: text(value) for name, value in row.items()}
        matches[slots.pop("term")].add(make_match(data, **slots))
    return {
        iri: sorted(group, key=lambda match: (match.strength, match.target))
        for iri, group in sorted(matches.items())
    }
