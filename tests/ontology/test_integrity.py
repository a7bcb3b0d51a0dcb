"""Checks that no query can express, each with a bad and a good example."""

from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from service import iris
from service.pipeline import graphs, integrity
from service.pipeline.loading import Loaded, load
from service.pipeline.violations import Violation
from service.rdf.terms import integer, triple
from service.sources import Sources, locate

LOADED, _ = load(locate())
QUESTION = f"{iris.QUESTION}which-tests"
TERM = f"{iris.TERM}CDMO_0009501"

PREFIX = "PREFIX cdmo: <https://w3id.org/cdmo/schema/>\n"
SELECT = "SELECT ?test ?site WHERE { ?test cdmo:samples ?site } ORDER BY ?test ?site"

OTHERWISE = [("question-answered-otherwise", "error", "question:which-tests")]
DROPPED = [("released-iri-dropped", "error", "CDMO:0009501")]


def with_question(query: str, expected: str) -> Loaded:
    """Return sources with one question, over a test that samples two sites."""
    store = ox.Store()
    question = [
        triple(QUESTION, iris.SELECT, ox.Literal(query)),
        triple(QUESTION, iris.EXPECTED, ox.Literal(expected)),
    ]
    biopsies = [
        triple("urn:biopsy", iris.CDMO + "samples", f"urn:{site}") for site in ("skin", "muscle")
    ]
    graphs.add(store, "questions", question)
    graphs.add(store, "stated", biopsies)
    return replace(LOADED, store=store)


def with_released(folder: Path, *lines: str, declared: str = "") -> Loaded:
    """Return sources with a list of released IRIs, and a block for one IRI."""
    (folder / integrity.RELEASED).write_text("".join(f"{line}\n" for line in lines), "utf-8")
    store = ox.Store()
    if declared:
        graphs.add(store, "claims", [triple(declared, iris.ORDER, integer(1))])
    return replace(LOADED, sources=Sources(folder, folder), store=store)


def rules(violations: list[Violation]) -> list[tuple[str, str, str]]:
    return [(v.rule, v.severity, v.entity) for v in violations]


class TestReleasedIris:
    """Every released IRI stays declared."""

    def test_a_dropped_iri_is_reported_with_its_line(self, tmp_path: Path) -> None:
        other = f"{iris.TERM}CDMO_0009502"
        loaded = with_released(tmp_path, "# Only grows.", TERM, declared=other)
        violations = integrity.check_released_iris(loaded)
        assert rules(violations) == DROPPED
        assert (violations[0].file, violations[0].line) == (tmp_path / integrity.RELEASED, 2)

    @pytest.mark.parametrize("line", [TERM, f"  {TERM}  "])
    def test_an_iri_declared_in_any_graph_passes(self, tmp_path: Path, line: str) -> None:
        loaded = with_released(tmp_path, "# Only grows.", "", line, declared=TERM)
        assert integrity.check_released_iris(loaded) == []

    def test_a_curie_is_reported(self, tmp_path: Path) -> None:
        loaded = with_released(tmp_path, "CDMO:0009501", declared=TERM)
        assert rules(integrity.check_released_iris(loaded)) == [("released-iri-form", "error", "")]

    def test_an_iri_that_is_only_mentioned_counts_as_dropped(self, tmp_path: Path) -> None:
        loaded = with_released(tmp_path, TERM)
        mention = triple(f"{iris.CLAIM}0009501", iris.SUBJECT, TERM)
        graphs.add(loaded.store, "claims", [mention])
        assert rules(integrity.check_released_iris(loaded)) == DROPPED

    def test_a_missing_list_is_reported(self, tmp_path: Path) -> None:
        loaded = replace(LOADED, sources=Sources(tmp_path, tmp_path))
        assert rules(integrity.check_released_iris(loaded)) == [
            ("released-iri-dropped", "error", "")
        ]


class TestQueries:
    """A question's query is complete SPARQL, with its prefixes."""

    @pytest.mark.parametrize(
        "query",
        [
            SELECT,  # its prefix is not declared in it
            PREFIX + SELECT.replace("?site }", "?site"),
            PREFIX + "INSERT DATA { <urn:biopsy> cdmo:samples <urn:skin> }",
            "",
        ],
    )
    def test_an_unreadable_query_is_an_error(self, query: str) -> None:
        violations = integrity.check_queries(with_question(query, "test,site\n"))
        assert rules(violations) == [("question-query-invalid", "error", "question:which-tests")]

    def test_a_query_with_its_prefixes_passes(self) -> None:
        assert integrity.check_queries(with_question(PREFIX + SELECT, "test,site\n")) == []

    def test_our_queries_pass(self) -> None:
        assert integrity.check_queries(LOADED) == []


class TestAnswers:
    """A question returns the rows that it expects."""

    @pytest.mark.parametrize(
        ("expected", "difference"),
        [
            ("test,site\nurn:biopsy,urn:skin\n", "not expected ('urn:biopsy', 'urn:muscle')"),
            (
                "test,site\nurn:biopsy,urn:muscle\nurn:biopsy,urn:skin\nurn:mri,urn:skin\n",
                "missing ('urn:mri', 'urn:skin')",
            ),
            (
                "test,site\nurn:biopsy,urn:muscle\nurn:biopsy,urn:skin\nurn:biopsy,urn:skin\n",
                "missing ('urn:biopsy', 'urn:skin')",
            ),
            ("test\nurn:biopsy\n", "the columns are [('test', 'site')]"),
            ("", "the columns are [('test', 'site')]"),
        ],
    )
    def test_different_rows_are_an_error_that_names_them(
        self, expected: str, difference: str
    ) -> None:
        violations = integrity.check_answers(with_question(PREFIX + SELECT, expected))
        assert rules(violations) == OTHERWISE
        assert difference in violations[0].message

    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_the_same_rows_pass_with_any_line_ends(self, end: str) -> None:
        expected = end.join(["test,site", "urn:biopsy,urn:muscle", "urn:biopsy,urn:skin", ""])
        assert integrity.check_answers(with_question(PREFIX + SELECT, expected)) == []

    def test_the_same_rows_in_another_order_are_an_error(self) -> None:
        expected = "test,site\nurn:biopsy,urn:skin\nurn:biopsy,urn:muscle\n"
        assert rules(integrity.check_answers(with_question(PREFIX + SELECT, expected))) == OTHERWISE

    def test_an_empty_answer_is_only_a_header(self) -> None:
        query = PREFIX + "SELECT ?test WHERE { ?test cdmo:detects ?finding }"
        assert integrity.check_answers(with_question(query, "test\n")) == []

    @pytest.mark.parametrize(
        "query",
        [
            PREFIX + "ASK { ?test cdmo:samples ?site }",
            "SELECT ?test WHERE { SERVICE <http://127.0.0.1:9/> { ?test a ?kind } }",
        ],
        ids=["another form", "another endpoint"],
    )
    def test_a_query_that_cannot_be_run_has_no_rows(self, query: str) -> None:
        assert rules(integrity.check_answers(with_question(query, "test\n"))) == OTHERWISE

    @pytest.mark.parametrize(
        ("answer", "expected", "difference"),
        [
            ("a,b\n1,2\n", "a,b\n1,2\n", ""),
            ("a,b\r\n1,2\r\n", "a,b\n1,2\n", ""),
            ("a\n1\n2\n", "a\n2\n1\n", "the rows stand in another order"),
            ("a\n1\n1\n", "a\n1\n", "2 rows, expected 1: not expected ('1',)"),
            ("a\n1\n", "a\n1\n1\n", "1 rows, expected 2: missing ('1',)"),
            ("a\n1\n", "b\n1\n", "the columns are [('a',)], expected are [('b',)]"),
        ],
    )
    def test_rows_are_compared_as_a_bag(self, answer: str, expected: str, difference: str) -> None:
        assert integrity.compare(answer, expected) == difference
