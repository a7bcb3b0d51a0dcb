"""Mappings: terms of other vocabularies beside ours, as SSSOM mapping sets record them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from service import iris
from service.library.data import Ref, ReleaseData, Row

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
    def rank(self) -> tuple[bool, int, Ref]:
        """The place of the match in a list: what is denied last, else the strongest first."""
        return self.negative, PREDICATES.index(self.predicate.iri), self.target


@dataclass(frozen=True, slots=True)
class MappingRow:
    """A row of a mapping set.

    :param match: None if the set looked for a match of the term and found none.
    """

    mapping_set: Ref
    term: Ref
    match: Match | None


def read_mapping_rows(data: ReleaseData) -> list[MappingRow]:
    """Return the rows of all mapping sets, in the order of their IRIs."""
    return [
        MappingRow(data.ref(row["set"]), data.ref(row["term"]), _match(data, row))
        for row in data.select("mappings")
        if row["predicate"] in PREDICATES
    ]


def _match(data: ReleaseData, row: Row) -> Match | None:
    target, predicate = row["target"], data.ref(row["predicate"])
    if target == iris.NO_TERM_FOUND:
        return None
    reason = data.ref(row["justification"]) if row["justification"] else None
    return Match(
        data.labelled(row["label"] or data.ref(target).label, target),
        predicate,
        data.in_short(predicate),
        data.labelled(data.in_short(reason), reason.iri) if reason else None,
        row["modifier"].endswith("Not"),
    )


def matches_by_term(rows: Iterable[MappingRow]) -> dict[str, list[Match]]:
    """Return the matches of each of our terms, those that are denied left out, strongest first."""
    matches: dict[str, set[Match]] = defaultdict(set)
    for row in rows:
        if row.match and not row.match.negative and row.term.iri.startswith(iris.TERM):
            matches[row.term.iri].add(row.match)
    return {
        iri: sorted(group, key=lambda match: match.rank) for iri, group in sorted(matches.items())
    }
