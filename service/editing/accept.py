"""Accept what the release answers as the expected rows of questions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches, unified_diff

import pyoxigraph as ox

from service.editing.edits import Edits
from service.editing.expected import set_rows
from service.pipeline import integrity
from service.problems import UsageError


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
    """Return the questions of the sources that a release answers otherwise, sorted by name.

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
        near = get_close_matches(name, known, n=1)
        raise UsageError(
            f"There is no question '{name}'." + (f" Did you mean {near[0]}?" if near else "")
        )
    return [d for d in differing if d.question.name in wanted]


def accept(edits: Edits, differing: Iterable[Difference]) -> None:
    """Write the rows of the release as those expected."""
    for difference in differing:
        set_rows(edits, difference.question.iri, difference.answer)
