"""The checks that no query can express: a bad and a good example of each."""

from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import SH, Graph, Literal, URIRef

from service.iris import BASE
from service.pipeline import integrity
from service.pipeline.sources import Loaded, Sources, load, locate
from service.pipeline.violations import Violation
from service.pipeline.vocabulary import CDMO

LOADED, _ = load(locate())
QUESTION = URIRef(f"{BASE}question/which-tests")
TERM = f"{BASE}id/CDMO_0009501"

PREFIX = "PREFIX cdmo: <https://w3id.org/cdmo/schema/>\n"
SELECT = "SELECT ?test ?site WHERE { ?test cdmo:samples ?site } ORDER BY ?test"

DROPPED = [("released-iri-dropped", "error", "CDMO:0009501")]


def with_question(query: str, expected: str) -> Loaded:
    """Return the sources with one question in place of theirs."""
    graph = Graph()
    graph.add((QUESTION, SH.select, Literal(query)))
    graph.add((QUESTION, CDMO.expected, Literal(expected)))
    return replace(LOADED, graphs={**LOADED.graphs, "questions": graph})


def with_released(folder: Path, *lines: str) -> Loaded:
    """Return the sources with a list of released IRIs in place of theirs."""
    (folder / integrity.RELEASED).write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return replace(LOADED, sources=Sources(folder, folder))


def declared(*iris: str) -> Graph:
    graph = Graph()
    for iri in iris:
        graph.add((URIRef(iri), CDMO.order, Literal(1)))
    return graph


def rules(violations: list[Violation]) -> list[tuple[str, str, str]]:
    return [(v.rule, v.severity, v.entity) for v in violations]


@pytest.fixture
def biopsies() -> ox.Store:
    """A test that samples two sites."""
    store = ox.Store()
    store.load(
        b"<urn:biopsy> <https://w3id.org/cdmo/schema/samples> <urn:skin> , <urn:muscle> .",
        format=ox.RdfFormat.TURTLE,
        to_graph=ox.NamedNode("urn:graph"),
    )
    return store


class TestReleasedIris:
    """An IRI that a release has published stays declared."""

    @pytest.mark.parametrize("line", [TERM, "CDMO:0009501"])
    def test_one_that_is_dropped_is_told_with_its_line(self, tmp_path: Path, line: str) -> None:
        loaded = with_released(tmp_path, "# Only grows.", line)
        found = integrity.check_released_iris(loaded, declared(f"{BASE}id/CDMO_0009502"))
        assert rules(found) == DROPPED
        assert (found[0].file, found[0].line) == (tmp_path / integrity.RELEASED, 2)

    @pytest.mark.parametrize("line", [TERM, "CDMO:0009501", f"  {TERM}  "])
    def test_one_that_is_declared_in_any_graph_is_fine(self, tmp_path: Path, line: str) -> None:
        loaded = with_released(tmp_path, "# Only grows.", "", line)
        assert integrity.check_released_iris(loaded, declared(), declared(TERM)) == []

    def test_one_that_is_only_spoken_of_is_dropped(self, tmp_path: Path) -> None:
        graph = Graph()
        graph.add((URIRef(f"{BASE}claim/0009501"), CDMO.subject, URIRef(TERM)))
        found = integrity.check_released_iris(with_released(tmp_path, TERM), graph)
        assert rules(found) == DROPPED

    def test_the_list_itself_is_missed(self, tmp_path: Path) -> None:
        loaded = replace(LOADED, sources=Sources(tmp_path, tmp_path))
        assert rules(integrity.check_released_iris(loaded)) == [
            ("released-iri-dropped", "error", "")
        ]


class TestQueries:
    """A question's query is SPARQL that can be pasted anywhere."""

    @pytest.mark.parametrize(
        "query",
        [
            SELECT,  # its prefix is not declared in it
            PREFIX + SELECT.replace("?site }", "?site"),
            PREFIX + "INSERT DATA { <urn:biopsy> cdmo:samples <urn:skin> }",
            "",
        ],
    )
    def test_one_that_cannot_be_read_is_an_error(self, query: str) -> None:
        found = integrity.check_queries(with_question(query, "test,site\n"))
        assert rules(found) == [("question-query-invalid", "error", "question:which-tests")]

    def test_one_with_its_prefixes_is_fine(self) -> None:
        assert integrity.check_queries(with_question(PREFIX + SELECT, "test,site\n")) == []

    def test_ours_are_fine(self) -> None:
        assert integrity.check_queries(LOADED) == []


class TestAnswers:
    """A question returns the rows that it lists."""

    @pytest.mark.parametrize(
        ("expected", "said"),
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
    def test_others_are_a_warning_that_names_them(
        self, biopsies: ox.Store, expected: str, said: str
    ) -> None:
        found = integrity.check_answers(with_question(PREFIX + SELECT, expected), biopsies)
        assert rules(found) == [("question-answered-otherwise", "warning", "question:which-tests")]
        assert said in found[0].message

    @pytest.mark.parametrize(
        "expected",
        [
            "test,site\nurn:biopsy,urn:muscle\nurn:biopsy,urn:skin\n",
            "test,site\r\nurn:biopsy,urn:skin\r\nurn:biopsy,urn:muscle\r\n",
        ],
    )
    def test_the_same_are_fine_in_any_order(self, biopsies: ox.Store, expected: str) -> None:
        assert integrity.check_answers(with_question(PREFIX + SELECT, expected), biopsies) == []

    def test_none_is_a_header_alone(self, biopsies: ox.Store) -> None:
        query = PREFIX + "SELECT ?test WHERE { ?test cdmo:detects ?finding }"
        assert integrity.check_answers(with_question(query, "test\n"), biopsies) == []

    def test_a_query_of_another_form_gives_no_rows(self, biopsies: ox.Store) -> None:
        query = PREFIX + "ASK { ?test cdmo:samples ?site }"
        found = integrity.check_answers(with_question(query, "test\n"), biopsies)
        assert rules(found) == [("question-answered-otherwise", "warning", "question:which-tests")]

    @pytest.mark.parametrize(
        ("answer", "expected", "said"),
        [
            ("a,b\n1,2\n", "a,b\n1,2\n", ""),
            ("a,b\r\n1,2\r\n3,4\r\n", "a,b\n3,4\n1,2\n", ""),
            ("a\n1\n1\n", "a\n1\n", "2 rows, expected 1: not expected ('1',)"),
            ("a\n1\n", "a\n1\n1\n", "1 rows, expected 2: missing ('1',)"),
            ("a\n1\n", "b\n1\n", "the columns are [('a',)], expected are [('b',)]"),
        ],
    )
    def test_rows_are_compared_as_a_bag(self, answer: str, expected: str, said: str) -> None:
        assert integrity.compare(answer, expected) == said
