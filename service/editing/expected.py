"""The expected rows of questions: they follow from an edit, or an editor accepts them."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import unified_diff

import pyoxigraph as ox

from service import iris
from service.editing.edits import Edits
from service.editing.trial import try_out
from service.pipeline import attempt, integrity
from service.pipeline.violations import did_you_mean
from service.problems import UsageError

Same = Callable[[str, str], bool]
"""Tells whether expected rows and an answer are the same except for the changes of an edit."""


def follow(edits: Edits, same: Same = lambda *_: False) -> list[str]:
    """Write the answers of questions into their expected rows where an edit alone changes them.

    The edit is tried out for it, so that no edit is written after which a check fails.

    :param same: where it is false, rows follow only if they were right before the edit.
    :return: a line that names the questions whose rows followed because they were right, and one
        for each question whose rows were left as they are.
    :raises SourceError: with violations, if the edit is at odds with a check.
    """
    answers = try_out(edits).answers
    differ = {
        q.iri: (q.expected, answers[q.iri])
        for q in integrity.questions(edits.loaded.store)
        if answers.get(q.iri) and _rows(answers[q.iri]) != _rows(q.expected)
    }
    others = {iri for iri, pair in differ.items() if not same(*pair)}
    right = _right_before(edits) if others else set()
    follows = [iri for iri in differ if iri not in others or iri in right]
    for iri in follows:
        set_rows(edits, iri, differ[iri][1])
    notes = []
    if right:
        names = ", ".join(sorted(map(edits.loaded.name, right & others)))
        notes.append(f"{len(right & others)} questions have other rows now: {names}")
    return notes + [
        f"{edits.loaded.name(iri)} was answered otherwise than it expects before, so its rows stay."
        for iri in sorted(others - right)
    ]


def set_rows(edits: Edits, question: str, answer: str) -> None:
    """Write an answer, as CSV, as the expected rows of a question."""
    path, block = edits.block(question)
    rows = ox.Literal(answer.replace("\r\n", "\n"))
    triples = [
        ox.Triple(t.subject, t.predicate, rows) if t.predicate.value == iris.EXPECTED else t
        for t in block.triples
    ]
    edits.replace(path, block.subject, triples)


def _right_before(edits: Edits) -> set[str]:
    """Return the questions that have their expected rows in the sources as they are on disk."""
    loaded, _ = attempt(edits.loaded.sources, edits.memory)
    return {
        q.iri
        for q in integrity.questions(loaded.store)
        if _rows(integrity.remembered_answer(loaded, q.query)) == _rows(q.expected)
    }


def _rows(table: str) -> list[tuple[str, ...]]:
    return [tuple(row) for row in csv.reader(io.StringIO(table)) if row]


@dataclass(frozen=True, slots=True)
class Difference:
    """A question that the release answers with other rows than those expected.

    :param answer: the rows of the release, as CSV.
    """

    question: integrity.Question
    answer: str

    @property
    def is_fault(self) -> bool:
        """Whether a check reports it; counts of the dataset change with every claim."""
        return bool(self.question.compare(self.answer))

    def lines(self) -> Iterator[str]:
        """Yield the rows that are missing, after "-", and those not expected, after "+"."""
        expected, answer = (
            t.strip("\n").split("\n") for t in (self.question.expected, self.answer)
        )
        for line in list(unified_diff(expected, answer, lineterm="", n=0))[2:]:
            if not line.startswith("@@"):
                yield line


def differences(edits: Edits, store: ox.Store) -> list[Difference]:
    """Return the questions whose answers from a release are not as expected, sorted by name.

    :param store: the release.
    """
    answers = (
        Difference(question, integrity.answer(store, question.query))
        for question in integrity.questions(edits.loaded.store)
    )
    return [d for d in answers if integrity.compare(d.answer, d.question.expected)]


def named(differing: Iterable[Difference], names: Iterable[str], edits: Edits) -> list[Difference]:
    """Return the differences of questions with these names; those that agree are left out.

    :raises UsageError: if there is no such question.
    """
    known = {question.name for question in integrity.questions(edits.loaded.store)}
    wanted = {name.removeprefix("question:") for name in names}
    for name in sorted(wanted - known):
        hint = did_you_mean(name, known)
        raise UsageError(f"There is no question '{name}'. {hint}".strip())
    return [d for d in differing if d.question.name in wanted]


def accept(edits: Edits, differing: Iterable[Difference]) -> None:
    """Write the rows of the release as those expected."""
    for difference in differing:
        set_rows(edits, difference.question.iri, difference.answer)
