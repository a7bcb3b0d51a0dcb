"""Checks that no query can express: released IRIs, the questions' queries and their rows."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.pipeline import graphs
from service.pipeline.causes import difference, reads_otherwise
from service.pipeline.files import lines, read_text
from service.pipeline.loading import WRITTEN, Loaded
from service.pipeline.queries import UNBOUND, form_line, syntax_error, unbound
from service.pipeline.violations import Violation, error
from service.rdf.terms import text
from service.release import GRAPHS
from service.sparql.references import references
from service.sparql.tokens import tokens

RELEASED = "released-iris.txt"
ANSWERED_OTHERWISE = "question-answered-otherwise"
"""The one rule whose errors stop no build: `cdmo accept` needs the answers of a release."""


def check_released_iris(loaded: Loaded) -> list[Violation]:
    """Return a violation for each IRI that was released and is no longer declared."""
    path = loaded.sources.ontology / RELEASED
    if not path.is_file():
        hint = "Put an empty file there; a release fills it."
        return [error("released-iri-dropped", path, None, "is missing", hint)]
    declared = declared_iris(loaded)
    hint = "Put its block back; to retire a term, see obsolete.ttl in the editors' guide."
    message = "has been released and is no longer declared"
    violations = []
    for number, iri in _listed(path):
        if not iri.startswith(iris.BASE):
            mend, fault = "Write the whole IRI, as a release does.", "is no IRI of ours"
            violations.append(error("released-iri-form", path, number, fault, mend))
        if (loaded.names.iri(iri) or iri) not in declared:
            place, name = (path, number), loaded.name(iri)
            violations.append(error("released-iri-dropped", *place, message, hint, entity=name))
    return violations


def released_iris(loaded: Loaded) -> set[str]:
    """Return every IRI that a release has published."""
    path = loaded.sources.ontology / RELEASED
    listed = _listed(path) if path.is_file() else ()
    return {loaded.names.iri(iri) or iri for _, iri in listed}


def _listed(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a list that are no comments, with their numbers."""
    for number, line in enumerate(lines(read_text(path)), 1):
        if (iri := line.strip()) and not iri.startswith("#"):
            yield number, iri


def declared_iris(loaded: Loaded) -> set[str]:
    """Return every IRI of ours that a release of the sources declares, mapping sets too.

    Annotations for pages declare no IRI, and a part (``#``) is no IRI of its own.
    """
    *modules, about = WRITTEN
    subjects = {text(t.subject) for t in graphs.triples(loaded.store, *modules)}
    subjects |= {text(t.subject) for t in graphs.triples(loaded.store, about, predicate=iris.TYPE)}
    subjects |= {
        iris.MAPPING + path.name.removesuffix(".sssom.tsv")
        for path in loaded.sources.mappings.glob("*.sssom.tsv")
    }
    return {iri for iri in subjects if iri.startswith(iris.BASE) and "#" not in iri}


@dataclass(frozen=True, slots=True, order=True)
class Question:
    """A competency question.

    :param expected: its expected rows as CSV, with a header.
    :param counts_dataset: whether its rows count the dataset itself: each claim may change them,
        so different rows are no fault, and the build writes the current ones.
    """

    iri: str
    query: str
    expected: str
    counts_dataset: bool = False

    @property
    def name(self) -> str:
        """The local name."""
        return self.iri.removeprefix(iris.QUESTION)

    def compare(self, answer: str) -> str:
        """Return in words how an answer differs from the expected rows, or an empty text."""
        if self.counts_dataset:
            return compare(_header(answer), _header(self.expected))
        return compare(answer, self.expected)


def questions(store: ox.Store) -> list[Question]:
    """Return the competency questions, sorted by IRI."""
    query = """
        SELECT ?question ?query ?expected ?counts
        WHERE {
          ?question sh:select ?query
          OPTIONAL { ?question cdmo:expected ?expected }
          OPTIONAL { ?question cdmo:countsDataset ?counts }
        }"""
    rows = graphs.select(store, query, "questions")
    return sorted(
        Question(text(iri), text(select), text(expected), text(counts) == "true")
        for iri, select, expected, counts in rows
    )


def check_queries(loaded: Loaded) -> list[Violation]:
    """Return a violation for each fault of a question's query that keeps it from being asked."""
    return [
        on_line(loaded, loaded.violation(rule, question.iri, message, hint), iris.SELECT, line)
        for question in questions(loaded.store)
        for rule, line, message, hint in _faults(question.query)
    ]


def _faults(query: str) -> Iterator[tuple[str, int, str, str]]:
    """Yield rule, line, message and hint of each fault of a query."""
    rule = "question-query-invalid"
    if references(query).services:
        yield rule, 1, "asks another endpoint, which no build does", "Leave SERVICE out of it."
        return
    try:
        result = ox.Store().query(query)
    except SyntaxError as fault:
        line, message = syntax_error(fault, query)
        hint = "Paste the query into the query page; its prefixes must be declared in it."
        yield rule, line, f"line {line}, {message}", hint
        return
    if not isinstance(result, ox.QuerySolutions):
        yield rule, form_line(query), "is no SELECT query", "A question selects rows."
    elif not is_ordered(query):
        message = "does not say in which order its rows stand"
        yield "question-unordered", 1, message, "Say so by ORDER BY."
    for line, name in unbound(query):
        message = f"names ?{name}, which its query binds nowhere"
        yield "query-variable-unbound", line, message, UNBOUND


def is_ordered(query: str) -> bool:
    """Tell whether a query orders its rows."""
    words = [token.keyword for token in tokens(query)]
    return ("ORDER", "BY") in pairwise(words)


def on_line(loaded: Loaded, violation: Violation, predicate: str, line: int) -> Violation:
    """Return a violation of a question, at a line of its query or of its expected rows."""
    iri = loaded.names.iri(violation.entity) or violation.entity
    place = loaded.place(iri, ox.NamedNode(predicate))
    return replace(violation, line=(place.line or 1) + line - 1, column=None)


def check_answers(loaded: Loaded) -> list[Violation]:
    """Return an error for each question whose answer differs from its expected rows.

    Questions whose query cannot be read are left to :func:`check_queries`.
    """
    hint = "Correct the claims, or if the rows are right run: cdmo accept"

    def check_answer(question: Question) -> list[Violation]:
        with suppress(SyntaxError):
            table = remembered_answer(loaded, question.query)
            if difference := question.compare(table):
                mend, cause = f"{hint} {question.name}", renamed(table, question.expected)
                violation = loaded.violation(
                    ANSWERED_OTHERWISE, question.iri, difference, mend, cause=cause
                )
                line = first_line(table, question.expected)
                return [on_line(loaded, violation, iris.EXPECTED, line)]
        return []

    return [
        v for of_one in graphs.concurrently(check_answer, questions(loaded.store)) for v in of_one
    ]


def remembered_answer(loaded: Loaded, query: str) -> str:
    """Return an answer, remembered by the graphs and predicates that the query reads."""
    return loaded.contents.result(
        "answer", lambda: answer(loaded.store, query).encode(), query, GRAPHS
    ).decode()


def count_anew(loaded: Loaded) -> None:
    """Write the current rows of the questions that count the dataset."""
    store = loaded.store

    def rows(question: Question) -> str:
        with suppress(SyntaxError):
            return remembered_answer(loaded, question.query)
        return question.expected

    counting = [question for question in questions(store) if question.counts_dataset]
    graph, expected = graphs.graph("questions"), ox.NamedNode(iris.EXPECTED)
    for question, table in zip(counting, graphs.concurrently(rows, counting), strict=True):
        iri = ox.NamedNode(question.iri)
        for quad in list(store.quads_for_pattern(iri, expected, None, graph)):
            store.remove(quad)
        store.add(ox.Quad(iri, expected, ox.Literal(table), graph))
    if counting:
        loaded.contents.read(store, ["questions"])


def answer(store: ox.Store, query: str) -> str:
    """Return the answer to a SELECT query as CSV with a header (SPARQL 1.1 CSV results).

    The graphs of a release are the default graph. The answer is empty for another form of query,
    and for a query to another endpoint, which is not asked.

    :raises SyntaxError: if it is no query.
    """
    if references(query).services:
        return ""
    result = graphs.query(store, query)
    if not isinstance(result, ox.QuerySolutions):
        return ""
    table = (result.serialize(format=ox.QueryResultsFormat.CSV) or b"").decode("utf-8")
    return table.replace("\r\n", "\n")


def compare(answer: str, expected: str) -> str:
    """Return in words how an answer differs from the expected rows, or an empty text.

    The order counts: each question sets it by ORDER BY.
    """
    rows, expected_rows = _rows(answer), _rows(expected)
    if rows[:1] != expected_rows[:1]:
        return f"the columns are {rows[:1]}, expected are {expected_rows[:1]}"
    bag, expected_bag = Counter(rows[1:]), Counter(expected_rows[1:])
    differences = [f"missing {row}" for row in list((expected_bag - bag).elements())[:3]]
    differences += [f"not expected {row}" for row in list((bag - expected_bag).elements())[:3]]
    if not differences:
        return "" if rows == expected_rows else "the rows stand in another order"
    return f"{len(rows) - 1} rows, expected {len(expected_rows) - 1}: " + "; ".join(differences)


def first_line(answer: str, expected: str) -> int:
    r"""Return the line of the first expected row that is not in its place in an answer; else 1.

    >>> first_line("a,b\nx,1\ny,2\n", "a,b\nx,1\ny,3\n")
    3
    """
    rows, expected_rows = _rows(answer), csv.reader(io.StringIO(expected))
    bag = Counter(rows)
    is_same_bag = bag == Counter(_rows(expected))
    line = 1
    for number, row in enumerate(filter(None, expected_rows)):
        cells = tuple(row)
        if (rows[number] != cells) if is_same_bag else not bag[cells]:
            return line
        bag[cells] -= 1
        line = expected_rows.line_num + 1
    return 1


def renamed(answer: str, expected: str) -> str:
    r"""Return in words which name changed, if an answer differs in nothing else.

    >>> renamed("drug,effect\naspirin,ease\n", "drug,effect\nASA,ease\n")
    "'ASA' reads 'aspirin' now"
    """
    bag, expected_bag = Counter(_rows(answer)), Counter(_rows(expected))
    missing, others = list((expected_bag - bag).elements()), list((bag - expected_bag).elements())
    if not missing or len(missing) != len(others):
        return ""
    for row in others:
        pairs = {difference(*cells) for cells in zip(missing[0], row, strict=False)} - {("", "")}
        old, new = pairs.pop() if len(pairs) == 1 else ("", "")
        if old and sorted(_replaced(cells, old, new) for cells in missing) == sorted(others):
            return reads_otherwise(old, new)
    return ""


def _replaced(cells: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda _: new, c) for c in cells)


def _header(table: str) -> str:
    return table.strip().partition("\n")[0]


def _rows(table: str) -> list[tuple[str, ...]]:
    return [tuple(row) for row in csv.reader(io.StringIO(table)) if row]
