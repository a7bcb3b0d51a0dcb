"""Checks that no query can express: released IRIs, the questions' queries and their rows."""

import csv
import io
from collections import Counter
from contextlib import suppress

import pyoxigraph as ox

from service.pipeline import graphs
from service.pipeline.concurrency import concurrently
from service.pipeline.files import lines, read_text
from service.pipeline.loading import WRITTEN, Loaded
from service.pipeline.queries import calls_out, syntax_error
from service.pipeline.violations import Violation, error
from service.rdf.terms import text

RELEASED = "released-iris.txt"


def check_released_iris(loaded: Loaded) -> list[Violation]:
    """Return a violation for each IRI that was released and is no longer declared."""
    path = loaded.sources.ontology / RELEASED
    if not path.is_file():
        hint = "Put an empty file there; a release fills it."
        return [error("released-iri-dropped", path, None, "is missing", hint)]
    declared = {text(t.subject) for t in graphs.triples(loaded.store, *WRITTEN)}
    hint = "Put its block back; to retire a term, see obsolete.ttl in the editors' guide."
    message = "has been released and is no longer declared"
    violations = []
    for number, line in enumerate(lines(read_text(path)), 1):
        iri = line.strip()
        if iri and not iri.startswith("#") and (loaded.names.iri(iri) or iri) not in declared:
            place, name = (path, number), loaded.name(iri)
            violations.append(error("released-iri-dropped", *place, message, hint, entity=name))
    return violations


def questions(store: ox.Store) -> list[tuple[str, str, str]]:
    """Return IRI, query and expected rows (CSV) of each competency question, sorted by IRI."""
    query = """
        SELECT ?question ?query ?expected
        WHERE { ?question sh:select ?query OPTIONAL { ?question cdmo:expected ?expected } }"""
    rows = graphs.select(store, query, "questions")
    return sorted((text(iri), text(select), text(expected)) for iri, select, expected in rows)


def check_queries(loaded: Loaded) -> list[Violation]:
    """Return a violation for each question whose query cannot be pasted anywhere and run."""
    hint = "Paste the query into the query page; its prefixes must be declared in it."
    violations = []
    for iri, query, _ in questions(loaded.store):
        if calls_out(query):
            message = "asks another endpoint, which no build does"
            hint_of_call = "Leave SERVICE out of it."
            violations.append(
                loaded.violation("question-query-invalid", iri, message, hint_of_call)
            )
            continue
        try:
            ox.Store().query(query)
        except SyntaxError as error:
            message = "line {}, {}".format(*syntax_error(error))
            violations.append(loaded.violation("question-query-invalid", iri, message, hint))
    return violations


def check_answers(loaded: Loaded) -> list[Violation]:
    """Return a warning for each question that has other rows than those expected.

    Questions whose query cannot be read are left to :func:`check_queries`.
    """
    hint = "Correct the claims or the expected rows; a test compares the two."

    def check_answer(question: tuple[str, str, str]) -> list[Violation]:
        iri, query, expected = question
        with suppress(SyntaxError):
            if difference := compare(answer(loaded.store, query), expected):
                rule = "question-answered-otherwise"
                return [loaded.violation(rule, iri, difference, hint, "warning")]
        return []

    return [v for found in concurrently(check_answer, questions(loaded.store)) for v in found]


def answer(store: ox.Store, query: str) -> str:
    """Return the answer to a SELECT query as CSV with a header (SPARQL 1.1 CSV results).

    The graphs of a release are the default graph. The answer to another form of query is empty,
    and to one that asks another endpoint, which is not done.

    :raises SyntaxError: if it is no query.
    """
    if calls_out(query):
        return ""
    result = graphs.query(store, query)
    if not isinstance(result, ox.QuerySolutions):
        return ""
    return (result.serialize(format=ox.QueryResultsFormat.CSV) or b"").decode("utf-8")


def compare(answer: str, expected: str) -> str:
    """Return in words how an answer differs from the expected rows, or an empty text.

    Rows are compared as a bag: only a query with ORDER BY gives them an order.
    """
    rows, expected_rows = _rows(answer), _rows(expected)
    if rows[:1] != expected_rows[:1]:
        return f"the columns are {rows[:1]}, expected are {expected_rows[:1]}"
    bag, expected_bag = Counter(rows[1:]), Counter(expected_rows[1:])
    differences = [f"missing {row}" for row in list((expected_bag - bag).elements())[:3]]
    differences += [f"not expected {row}" for row in list((bag - expected_bag).elements())[:3]]
    if not differences:
        return ""
    return f"{len(rows) - 1} rows, expected {len(expected_rows) - 1}: " + "; ".join(differences)


def _rows(table: str) -> list[tuple[str, ...]]:
    return [tuple(row) for row in csv.reader(io.StringIO(table)) if row]
