"""Each competency question returns exactly its expected rows, in order, over the real release."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from rdflib import OWL, RDF, RDFS, Graph, URIRef

from service.iris import BASE
from service.pipeline import graphs, integrity
from service.pipeline.sources import load, locate
from service.pipeline.vocabulary import CDMO, SCHEMA
from service.release import Release, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rdflib.term import Node

    from tests.ontology.conftest import Whole

    Unasked = Callable[[Iterable[Node]], list[str]]

LOADED, _ = load(locate())
QUESTIONS = {
    iri.removeprefix(f"{BASE}question/"): (query, expected)
    for iri, query, expected in integrity.questions(LOADED.graphs["questions"])
}
PILLARS = ("Condition", "Manifestation", "Test", "Intervention")


@pytest.fixture(scope="session")
def store(built: Release) -> ox.Store:
    return open_store(built)


def rows(text: str) -> list[list[str]]:
    """Return CSV as rows, the header first."""
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_returns_its_rows_in_order(name: str, store: ox.Store) -> None:
    query, expected = QUESTIONS[name]
    assert rows(integrity.ask(store, query)) == rows(expected)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_says_in_which_order_it_wants_its_rows(name: str) -> None:
    """Without, the engine may choose, and the test above would hold by chance."""
    assert "ORDER BY" in QUESTIONS[name][0]


def test_there_are_at_least_a_hundred() -> None:
    assert len(QUESTIONS) >= 100


def test_a_file_holds_the_question_that_it_is_named_after() -> None:
    folder = LOADED.sources.ontology / "questions"
    assert {path.stem for path in folder.glob("*.ttl")} == set(QUESTIONS)


def test_no_two_questions_ask_the_same() -> None:
    """Two words for one query: the second tells nobody more."""
    queries = [" ".join(query.split()) for query, _ in QUESTIONS.values()]
    labels = [str(label).lower() for label in LOADED.graphs["questions"].objects(None, RDFS.label)]
    assert len(set(queries)) == len(queries)
    assert len(set(labels)) == len(labels)


def test_some_questions_have_no_answer() -> None:
    """What the document does not say is as much worth knowing as what it says."""
    assert sum(len(rows(expected)) == 1 for _, expected in QUESTIONS.values()) >= 10


def chapters(claims: Graph) -> Iterator[str]:
    """Yield the labels of the document's top-level sections."""
    for section in claims.subjects(CDMO.partOf, URIRef(f"{BASE}source/cdct")):
        yield str(claims.value(section, RDFS.label))


def test_every_chapter_is_asked_about() -> None:
    keywords = {str(word) for word in LOADED.graphs["questions"].objects(None, SCHEMA.keywords)}
    asked = set(chapters(LOADED.graphs["claims"]))
    assert asked
    assert asked <= keywords


@pytest.fixture(scope="session")
def unasked(whole: Whole) -> Unasked:
    """Give the labels of those terms that no question names, in its query or in its rows."""
    said = {
        word
        for query, expected in QUESTIONS.values()
        for words in (*re.findall(r'"([^"\n]+)"|<([^<>\s]+)>', query), *rows(expected))
        for word in words
    }

    def labels(terms: Iterable[Node]) -> list[str]:
        found = {(whole.label(t), str(t)) for t in terms if isinstance(t, URIRef)}
        return sorted(label for label, iri in found if label not in said and iri not in said)

    return labels


@pytest.mark.parametrize("pillar", PILLARS)
def test_every_term_of_a_pillar_serves_a_question(
    pillar: str, whole: Whole, unasked: Unasked
) -> None:
    everything = graphs.union(whole.ontology, whole.inferred)
    terms = set(everything.subjects(RDFS.subClassOf, CDMO[pillar]))
    assert len(terms) >= 20
    assert unasked(terms) == []


def test_every_term_serves_a_question(whole: Whole, unasked: Unasked) -> None:
    terms = {t for t in whole.ontology.subjects() if str(t).startswith(f"{BASE}id/")}
    retired = set(whole.ontology.subjects(OWL.deprecated))
    assert len(terms - retired) >= 240
    assert unasked(terms - retired) == []


def test_every_section_serves_a_question(whole: Whole, unasked: Unasked) -> None:
    """What its claims speak of is what questions ask for and what answers name."""
    sections = set(whole.claims.subjects(RDF.type, CDMO.Section))
    assert sections
    for section in sections:
        passages = set(whole.claims.subjects(CDMO.section, section))
        spoken = {c for p in passages for c in whole.claims.subjects(CDMO.statedIn, p)}
        ends = (CDMO.subject, CDMO.object)
        terms = {t for c in spoken for end in ends for t in whole.claims.objects(c, end)}
        assert terms
        assert unasked(terms) == []
