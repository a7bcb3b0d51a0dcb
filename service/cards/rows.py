"""Cards as rows of a table, written as CSV (RFC 4180).

A statement has a row for each of its citations, so that none of them is lost; any other thing has
one. ``|`` separates several values of a cell. Columns are added at the end, never changed.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from service.cards.objects import QUALIFIERS
from service.library import rows_of

Form = Literal["words", "id", "count"]
"""The form of things in a cell: the label, the CURIE (or else the IRI), or their number."""

_FORMS: Mapping[str, Form] = {"id": "id", "count": "count"}

BETWEEN = "|"


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    :param path: the keys that lead to its value, separated by dots; "" for the thing itself.
    """

    name: str
    path: str
    form: Form = "words"


def _columns(*names: str) -> tuple[Column, ...]:
    """Read ``key`` and ``name=path``; the end of a name, ``_id`` or ``_count``, tells its form."""
    columns = []
    for item in names:
        name, _, path = item.partition("=")
        form = _FORMS.get(name.rpartition("_")[2], "words")
        columns.append(Column(name, path or name.removesuffix(f"_{form}"), form))
    return tuple(columns)


COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "statements": (
        Column("claim", "", "id"),
        *_columns("label", "subject", "subject_id", "relation", "relation_id", "object"),
        *_columns("object_id", "polarity", "standing", "firmness"),
        *_columns("section=citation.passage.section", "passage=citation.passage.order"),
        *_columns("stated=citation.standing", "assertion=citation.assertion"),
        *_columns("frequency=citation.frequency", "advice=citation.advice", "aim=citation.aim"),
        *_columns("collective=citation.collective", "hedge=citation.hedge"),
        *_columns("section_id=citation.passage.section", "passage_id=citation.passage"),
        *_columns("citation_firmness=citation.firmness", "citation=citation.id", *QUALIFIERS),
    ),
    "terms": (
        Column("term", "", "id"),
        *_columns("iri=id", "label", "kind", "definition", "exactSynonyms", "relatedSynonyms"),
        *_columns("narrowSynonyms", "broadSynonyms", "parents", "parents_id", "origin"),
        *_columns("statements_count", "mappings_count", "statementsAbout_count", "tensions_count"),
    ),
    "mappings": (
        *_columns("term", "term_id", "predicate", "predicate_id", "target=targetLabel"),
        *_columns("target_id", "confidence", "justification", "mappingSet", "note", "iri=id"),
    ),
    "questions": (
        Column("question", "", "id"),
        *_columns("iri=id", "label", "comment", "keywords", "columns", "rows_count"),
    ),
    "tensions": (
        Column("tension", "", "id"),
        *_columns("iri=id", "label", "tensionKind", "description", "decision", "concerns_id"),
        *_columns("otherSide_id"),
    ),
    "passages": (
        Column("passage", "", "id"),
        *_columns("iri=id", "order", "passageKind", "section", "section_id"),
        *_columns("start=position.start", "end=position.end", "sha256", "assertsNothing"),
        *_columns("mentions", "claims_id", "claims_count"),
    ),
}
"""The columns of each list."""


def table(name: str, cards: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the cards of a list as CSV with a header."""
    columns = COLUMNS[name]
    rows = (
        [_cell(_at(row, column.path), column.form) for column in columns]
        for card in cards
        for row in _rows(name, card)
    )
    return to_csv([column.name for column in columns], rows)


def answer_table(expected: str) -> bytes:
    """Return the answer to a question, as it is recorded, as CSV."""
    rows = rows_of(expected)
    return to_csv(next(iter(rows), []), rows[1:])


def to_csv(header: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """Return a header and rows as CSV."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue().encode()


def _rows(name: str, card: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a card: one for each citation of a statement, with the whole of both."""
    if name != "statements":
        yield card
        return
    for citation in card["citations"] or [{}]:
        yield {**card, "citation": citation}


def _at(row: Mapping[str, Any], path: str) -> Any:
    value: Any = row
    for key in path.split(".") if path else ():
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _cell(value: Any, form: Form) -> str:
    if isinstance(value, list):
        many = [_cell(one, form) for one in value]
        return str(len(many)) if form == "count" else BETWEEN.join(many)
    if isinstance(value, Mapping):
        names = ("curie",) if form == "id" else ("label", "value")
        value = next((value[name] for name in names if name in value), value.get("id"))
    return json.dumps(value) if isinstance(value, bool) else "" if value is None else str(value)
