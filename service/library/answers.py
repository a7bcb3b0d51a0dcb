"""The answer to a question as a page shows it: linked cells, and the statements for each row.

A question records its rows as text. A cell that is the label of a term, a statement, a section or a
tension stands for it; in a column of passages a number stands for a passage.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from service import iris
from service.library.data import Ref
from service.library.document import Claim
from service.library.library import Library, rows_of

MAX_STATEMENTS = 4
"""The most statements beside a row; where more fit, the row tells something else."""

MAX_VALUES = 5
"""Different values of a column that are counted in words."""

YES_OR_NO = {"true": "yes", "false": "no"}
_TERMS = re.compile(r"\bCDMO:(\d+)\b")


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question.

    :param heads: the variables of its query.
    :param rows: the cells of each row.
    :param statements: the statements that each row restates, where that is clear.
    :param named: how many different terms of one kind stand in the first column, with the plural
        name of the kind; None if it has others too.
    :param put: how often each value stands in the column that says how firmly something is put.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[Ref, ...], ...]
    statements: tuple[tuple[Claim, ...], ...]
    named: tuple[int, str] | None
    put: tuple[tuple[str, int], ...]


class Answers:
    """Reads the answers of a release's questions."""

    def __init__(self, library: Library) -> None:
        self.library = library

    @cached_property
    def _refs(self) -> dict[str, Ref]:
        """The resource of a cell by its label: first terms, then statements, and so on."""
        library = self.library
        refs: dict[str, Ref] = {}
        for group in (
            (term.ref for term in library.terms.values() if not term.obsolete),
            (claim.ref for claim in library.claims.values()),
            (section.ref for section in library.sections.values()),
            (tension.ref for tension in library.tensions.values()),
            (enumeration.ref for enumeration in library.lists.values()),
        ):
            for ref in group:
                refs.setdefault(ref.label, ref)
        return refs

    @cached_property
    def _words(self) -> dict[str, str]:
        """The words of pages for parts of the schema, such as a standing, by their labels."""
        library = self.library
        shown = (
            library.ref(iri)
            for iri, values in library.displayed.items()
            if iri.startswith(iris.CDMO) and iris.SHORT_LABEL in values
        )
        return {ref.label: library.in_short(ref) for ref in shown} | YES_OR_NO

    @cached_property
    def _passages(self) -> dict[str, Ref]:
        return {str(p.order): p.ref for p in self.library.passages.values()}

    def read(self, query: str, expected: str) -> Answer:
        """Return an answer.

        :param expected: the rows as CSV with a header line; "" if none are recorded.
        """
        lines = rows_of(expected)
        heads = tuple(lines[0]) if lines else ()
        rows = [tuple(map(self._cell, heads, row)) for row in lines[1:]]
        constants = {f"{iris.TERM}CDMO_{number}" for number in _TERMS.findall(query)}
        put = [h for h in heads if h in {"howPut", "standing"}]
        values = Counter(row[heads.index(put[0])].label for row in rows) if len(put) == 1 else {}
        return Answer(
            heads,
            tuple(rows),
            tuple(
                self._statements(row, cells, constants)
                for row, cells in zip(lines[1:], rows, strict=True)
            ),
            self._named({row[0].iri for row in rows}),
            tuple(values.items()) if len(values) <= MAX_VALUES else (),
        )

    def _named(self, resources: set[str]) -> tuple[int, str] | None:
        kinds = {next(iter(self.library.kinds_of(iri)), "") for iri in resources}
        kind = self.library.kinds.get(kinds.pop()) if len(kinds) == 1 else None
        return (len(resources), kind.plural) if kind else None

    def _cell(self, head: str, text: str) -> Ref:
        if text.startswith(("http://", "https://")):
            return self.library.resource_ref(text)
        if head == "passage" and text in self._passages:
            return self._passages[text]
        return self._refs.get(text) or Ref(self._words.get(text, text), "")

    def _statements(
        self, row: list[str], cells: Iterable[Ref], constants: set[str]
    ) -> tuple[Claim, ...]:
        """Return the statements that join the terms of a row by its relation.

        Where it names none, some passage must put them as the row says. A row that has neither
        tells something else, such as a fact that is nowhere stated.
        """
        library = self.library
        # In the order of the cells: that of a set differs from process to process.
        terms = dict.fromkeys(cell.iri for cell in cells if cell.iri in library.terms).keys()
        relations = {iri for iri, r in library.relations.items() if r.ref.label in row}
        candidates = {c.ref.iri: c for iri in terms for c in library.claims_of_term.get(iri, ())}
        claims = [
            claim
            for claim in candidates.values()
            if {claim.subject.iri, claim.object.iri} <= terms | constants
            and (claim.relation.ref.iri in relations if relations else _is_put_so(claim, row))
            and not (
                (claim.negative and "positive" in row) or (not claim.negative and "negative" in row)
            )
        ]
        for narrower in (
            [c for c in claims if _is_put_so(c, row)],
            [c for c in claims if terms <= {c.subject.iri, c.object.iri, *_values(c)}],
        ):
            claims = [c for c in claims if c in narrower] or claims
        return tuple(claims) if len(claims) <= MAX_STATEMENTS else ()


def _is_put_so(claim: Claim, row: list[str]) -> bool:
    return any(citation.words in row for citation in claim.citations)


def _values(claim: Claim) -> Iterable[str]:
    return (qualification.value.iri for qualification in claim.qualifiers)
