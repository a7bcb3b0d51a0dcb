"""The opened release: one value from which the pages and the endpoint read everything."""

import csv
import io
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from service import iris
from service.library.data import Ref, Row
from service.library.tensions import Tensions
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
    def rank(self) -> tuple[bool, int, Ref]:
        """The place of the match in a list: the strongest first, denied ones last."""
        return self.negative, PREDICATES.index(self.predicate.iri), self.target


@dataclass(frozen=True, slots=True)
class MappingRow:
    """A row of a mapping set.

    :param match: None if the set looked for a match of the term and found none.
    :param iri: its IRI, a fragment of the IRI of its set.
    """

    mapping_set: Ref
    term: Ref
    match: Match | None
    iri: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A competency question.

    :param name: its local name.
    :param comment: the question in plain words.
    :param query: SPARQL.
    :param rows: how many rows are expected; None if that is not recorded.
    :param group: the group of its own in which pages show it: "readers", "not said" (the article
        has no answer) or "builders"; "" for all others.
    :param source: the document that it is about; "" if it asks all of them.
    """

    ref: Ref
    name: str
    comment: str
    query: str
    keywords: tuple[str, ...]
    rows: int | None
    group: str = ""
    source: str = ""


class Library(Tensions):
    """An opened release, read-only."""

    @cached_property
    def mapping_rows(self) -> list[MappingRow]:
        """The rows of all mapping sets, in the order of their IRIs."""
        return [
            MappingRow(
                self.ref(row["set"]), self.ref(row["term"]), self._match(row), row["mapping"]
            )
            for row in self.select("mappings")
            if row["predicate"] in PREDICATES
        ]

    def _match(self, row: Row) -> Match | None:
        target, predicate = row["target"], self.ref(row["predicate"])
        if target == iris.NO_TERM_FOUND:
            return None
        reason = self.ref(row["justification"]) if row["justification"] else None
        return Match(
            self.labelled(row["label"] or self.ref(target).label, target),
            predicate,
            self.in_short(predicate),
            self.labelled(self.in_short(reason), reason.iri) if reason else None,
            row["modifier"].endswith("Not"),
        )

    @cached_property
    def _all_matches(self) -> Mapping[str, list[Match]]:
        matches: dict[str, dict[tuple[str, str], Match]] = defaultdict(dict)
        for row in self.mapping_rows:
            if row.match and row.term.iri.startswith(iris.TERM):
                key = row.match.predicate.iri, row.match.target.iri
                matches[row.term.iri][key] = row.match
        return {
            iri: sorted(group.values(), key=lambda m: (*m.rank[:2], m.target.curie or ""))
            for iri, group in sorted(matches.items())
        }

    def matches_of(self, iri: str) -> list[Match]:
        """Return the matches of a term, the strongest first, denied ones last."""
        return self._all_matches.get(iri, [])

    @cached_property
    def matches(self) -> Mapping[str, list[Match]]:
        """The matches of each term without denied ones, the strongest first."""
        matches = {
            iri: [match for match in group if not match.negative]
            for iri, group in self._all_matches.items()
        }
        return {iri: group for iri, group in matches.items() if group}

    def unmatched(self, iri: str) -> list[Ref]:
        """Return the mapping sets that looked for a match of a term and found none."""
        rows = [row for row in self.mapping_rows if row.term.iri == iri and not row.match]
        return sorted({row.mapping_set for row in rows})

    def vocabulary_name(self, prefix: str) -> str:
        """Return the name of the vocabulary of a prefix; the prefix itself if it has none."""
        return self.display(self.names.prefixes.get(prefix, ""), iris.SHORT_LABEL) or prefix

    @cached_property
    def mapping_sets(self) -> list[Ref]:
        """The mapping sets, in the order of IRIs."""
        return [self.ref(iri) for iri in self.instances(iris.MAPPING_SET)]

    @cached_property
    def questions(self) -> list[Question]:
        """Every competency question: first those of readers, then in the order of IRIs."""
        questions = [
            Question(
                self.ref(row["question"]),
                row["question"].rpartition("/")[2],
                row["comment"],
                row["select"].strip(),
                tuple(map(text, self.values(row["question"], iris.KEYWORDS))),
                len(rows) - 1 if (rows := rows_of(row["expected"])) else None,
                self.display(row["question"], iris.DISPLAY_GROUP),
                row["source"],
            )
            for row in self.select("questions")
        ]
        return sorted(questions, key=lambda question: self.display_order(question.ref.iri))

    @cached_property
    def documents(self) -> list[str]:
        """The IRIs of everything that has a document: each subject of ours, without fragments.

        A file that the release describes is there to be downloaded and has none.
        """
        resources = (row["resource"] for row in self.select("documents"))
        return sorted(r for r in resources if "#" not in r and not r.startswith(iris.DOWNLOADS))


def rows_of(table: str) -> list[list[str]]:
    """Return the rows of an answer as it is recorded, in CSV: the header first."""
    return [row for row in csv.reader(io.StringIO(table.strip())) if row]
