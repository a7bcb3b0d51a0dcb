"""Checks that no query can express: released IRIs, the questions' queries and their rows."""

import csv
import io
from collections.abc import Iterator

import pyoxigraph as ox
from rdflib import SH, Graph

from service.pipeline.sources import Loaded
from service.pipeline.violations import Severity, Violation
from service.pipeline.vocabulary import CDMO

RELEASED = "released-iris.txt"


def check_released_iris(loaded: Loaded, *graphs: Graph) -> list[Violation]:
    """Hold the IRIs that a release has published against those that are declared now."""
    path = loaded.sources.ontology / RELEASED
    if not path.is_file():
        hint = "Put an empty file there; a release fills it."
        return [Violation("released-iri-dropped", "error", path, None, "", "is missing", hint)]
    declared = {str(s) for graph in graphs for s in graph.subjects()}
    hint = "Put its block back; to retire a term, see obsolete.ttl in the editors' guide."
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        iri = line.strip()
        if iri and not iri.startswith("#") and (loaded.names.iri(iri) or iri) not in declared:
            said = "has been released and is no longer declared"
            found.append(
                Violation(
                    "released-iri-dropped", "error", path, number, loaded.name(iri), said, hint
                )
            )
    return found


def questions(graph: Graph) -> Iterator[tuple[str, str, str]]:
    """Yield IRI, query and expected rows (CSV) of each competency question, sorted by IRI."""
    for question in sorted(set(graph.subjects(SH.select)), key=str):
        query, expected = graph.value(question, SH.select), graph.value(question, CDMO.expected)
        yield str(question), str(query or ""), str(expected if expected is not None else "")


def check_queries(loaded: Loaded) -> list[Violation]:
    """Hold every question's query against SPARQL's grammar, without any help with prefixes."""
    empty = ox.Store()
    found = []
    for iri, query, _ in questions(loaded.graphs["questions"]):
        try:
            empty.query(query)
        except SyntaxError as error:
            hint = "Paste the query into the query page; its prefixes must be declared in it."
            found.append(_violation(loaded, "question-query-invalid", iri, str(error), hint))
    return found


def check_answers(loaded: Loaded, store: ox.Store) -> list[Violation]:
    """Ask every question and compare the rows with those expected; differences are warnings."""
    found = []
    for iri, query, expected in questions(loaded.graphs["questions"]):
        difference = compare(ask(store, query), expected)
        if difference:
            hint = "Correct the claims or the expected rows; a test holds the two together."
            violation = _violation(loaded, "question-answered-otherwise", iri, difference, hint)
            found.append(violation)
    return found


def ask(store: ox.Store, query: str) -> str:
    """Return the answer to a SELECT query as CSV with a header (SPARQL 1.1 CSV results)."""
    answer = store.query(query, use_default_graph_as_union=True)
    if not isinstance(answer, ox.QuerySolutions):
        return ""
    text = answer.serialize(format=ox.QueryResultsFormat.CSV)
    return (text or b"").decode("utf-8")


def compare(answer: str, expected: str) -> str:
    """Return in words how an answer differs from the expected rows, or an empty text.

    Rows are compared as a bag: only a query with ORDER BY gives them an order.
    """
    got, wanted = _rows(answer), _rows(expected)
    if got[:1] != wanted[:1]:
        return f"the columns are {got[:1]}, expected are {wanted[:1]}"
    missing, surplus = list(wanted[1:]), []
    for row in got[1:]:
        if row in missing:
            missing.remove(row)
        else:
            surplus.append(row)
    said = [f"missing {row}" for row in missing[:3]] + [
        f"not expected {row}" for row in surplus[:3]
    ]
    if not said:
        return ""
    return f"{len(got) - 1} rows, expected {len(wanted) - 1}: " + "; ".join(said)


def _rows(text: str) -> list[tuple[str, ...]]:
    return [tuple(row) for row in csv.reader(io.StringIO(text)) if row]


def _violation(loaded: Loaded, rule: str, iri: str, said: str, hint: str) -> Violation:
    file, line = loaded.place(iri)
    severity: Severity = "error" if rule == "question-query-invalid" else "warning"
    return Violation(rule, severity, file, line, loaded.name(iri), said, hint)
