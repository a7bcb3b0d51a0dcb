"""The expected rows of questions, where they follow from an edit."""

import csv
import io
from collections.abc import Callable

import pyoxigraph as ox

from service import iris
from service.editing.edits import Edits
from service.editing.trial import try_out
from service.pipeline import attempt, integrity
from service.rdf.terms import text

Same = Callable[[str, str], bool]
"""Whether expected rows and an answer say the same, but for what an edit changes."""


def follow(edits: Edits, same: Same) -> list[str]:
    """Write the answers of questions into their expected rows where an edit alone changes them.

    The edit is tried out for it, so that no edit is written after which a check fails.

    :param same: without its leave, rows follow only where they were right before the edit.
    :return: a line that names the questions with other rows by this leave, and one for each
        question whose rows were left as they are.
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
    path = edits.loaded.place(question)[0]
    assert path is not None
    block = next(b for b in edits.blocks(path).blocks if text(b.subject) == question)
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
