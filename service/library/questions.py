"""The competency questions of a release."""

from dataclasses import dataclass

from service import iris
from service.library.data import Ref, ReleaseData
from service.rdf.terms import text


@dataclass(frozen=True, slots=True)
class Question:
    """A competency question.

    :param name: its local name.
    :param comment: the question in plain words.
    :param query: SPARQL.
    :param rows: how many rows are expected; None if that is not recorded.
    """

    ref: Ref
    name: str
    comment: str
    query: str
    keywords: tuple[str, ...]
    rows: int | None


def read_questions(data: ReleaseData) -> list[Question]:
    """Return every competency question, in the order of IRIs."""
    return [
        Question(
            data.ref(row["question"]),
            row["question"].rpartition("/")[2],
            row["comment"],
            row["select"].strip(),
            tuple(text(keyword) for keyword in data.values(row["question"], iris.KEYWORDS)),
            len(row["expected"].strip().splitlines()) - 1 if row["expected"] else None,
        )
        for row in data.select("questions")
    ]
