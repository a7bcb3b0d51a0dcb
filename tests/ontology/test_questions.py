"""Each competency question returns exactly its expected rows, in order, over the real release."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from rdflib import OWL, RDF, RDFS, Graph, Namespace, URIRef

from service import iris
from service.engine.host import open_data
from service.pipeline import integrity
from service.pipeline.loading import load
from service.pipeline.shapes import rdflib_graph
from service.release import Release
from service.settings import Settings
from service.sources import locate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rdflib.term import Node

    from tests.ontology.conftest import Whole

    Unasked = Callable[[Iterable[Node]], list[str]]

CDMO = Namespace(iris.CDMO)
LOADED, _ = load(locate())
QUESTIONS = {question.name: question for question in integrity.questions(LOADED.store)}
QUESTION_GRAPH, CLAIMS = (rdflib_graph(LOADED.store, name) for name in ("questions", "claims"))
PILLARS = ("Condition", "Manifestation", "Test", "Intervention")


@pytest.fixture(scope="session")
def store(real_release: Release) -> ox.Store:
    """The dataset as the endpoint reads it."""
    return open_data(real_release, Settings().memory_quads)


def rows(text: str) -> list[list[str]]:
    """Return CSV as rows, the header first."""
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_returns_its_rows_in_order(name: str, store: ox.Store) -> None:
    """The comparison is that of ``cdmo check``: counts of the dataset may be outdated."""
    question = QUESTIONS[name]
    assert question.compare(integrity.answer(store, question.query)) == ""


def test_labels_in_another_language_change_no_answer(store: ox.Store) -> None:
    """Each term gets a German label beside its English one."""
    both = ox.Store()
    both.bulk_extend(store)
    label = ox.NamedNode(iris.LABEL)
    german = [
        ox.Quad(
            q.subject,
            label,
            ox.Literal(f"{q.object.value}, auf Deutsch", language="de"),
            q.graph_name,
        )
        for q in store.quads_for_pattern(None, label, None)
        if str(q.subject).startswith(f"<{iris.TERM}") and isinstance(q.object, ox.Literal)
    ]
    assert len(german) > 400
    both.extend(german)
    changed = [
        name
        for name, question in QUESTIONS.items()
        if question.compare(integrity.answer(both, question.query))
    ]
    assert changed == []


def test_a_release_has_current_counts(store: ox.Store) -> None:
    counting = [q for q in integrity.questions(store) if q.counts_dataset]
    assert len(counting) >= 20
    for question in counting:
        assert rows(question.expected) == rows(integrity.answer(store, question.query))


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_orders_its_rows(name: str) -> None:
    """Without ORDER BY the engine may choose, and the rows would agree by chance."""
    assert "ORDER BY" in QUESTIONS[name].query


def test_there_are_at_least_a_hundred_questions() -> None:
    assert len(QUESTIONS) >= 100


def test_a_file_has_the_name_of_its_question() -> None:
    folder = LOADED.sources.ontology / "questions"
    assert {path.stem for path in folder.glob("*.ttl")} == set(QUESTIONS)


def test_no_two_questions_ask_the_same() -> None:
    """The second of two equal queries would add nothing."""
    queries = [" ".join(question.query.split()) for question in QUESTIONS.values()]
    labels = [str(label).lower() for label in QUESTION_GRAPH.objects(None, RDFS.label)]
    assert len(set(queries)) == len(queries)
    assert len(set(labels)) == len(labels)


def test_some_questions_have_no_answer() -> None:
    """Gaps in the document are as much worth knowing as its statements."""
    assert sum(len(rows(question.expected)) == 1 for question in QUESTIONS.values()) >= 10


def chapters(claims: Graph) -> Iterator[str]:
    """Yield the labels of the document's top-level sections."""
    for section in claims.subjects(CDMO.partOf, URIRef(f"{iris.BASE}source/cdct")):
        yield str(claims.value(section, RDFS.label))


def test_every_chapter_is_asked_about() -> None:
    keywords = {str(word) for word in QUESTION_GRAPH.objects(None, URIRef(iris.KEYWORDS))}
    asked = set(chapters(CLAIMS))
    assert asked
    assert asked <= keywords


@pytest.fixture(scope="session")
def unasked(whole: Whole) -> Unasked:
    """A function that returns the labels of those terms that no question or answer names."""
    words = {
        word
        for q in QUESTIONS.values()
        for parts in (*re.findall(r'"([^"\n]+)"|<([^<>\s]+)>', q.query), *rows(q.expected))
        for word in parts
    }
    words |= {
        iris.TERM + "CDMO_" + number
        for question in QUESTIONS.values()
        for number in re.findall(r"CDMO:(\d+)", question.query)
    }

    def unasked_labels(terms: Iterable[Node]) -> list[str]:
        labels = {(whole.label(t), str(t)) for t in terms if isinstance(t, URIRef)}
        return sorted(label for label, iri in labels if label not in words and iri not in words)

    return unasked_labels


@pytest.mark.parametrize("pillar", PILLARS)
def test_every_term_of_a_pillar_serves_a_question(
    pillar: str, whole: Whole, unasked: Unasked
) -> None:
    graphs = (whole.ontology, whole.inferred)
    terms = {t for graph in graphs for t in graph.subjects(RDFS.subClassOf, CDMO[pillar])}
    assert len(terms) >= 20
    assert unasked(terms) == []


def test_every_term_serves_a_question(whole: Whole, unasked: Unasked) -> None:
    terms = {t for t in whole.ontology.subjects() if str(t).startswith(iris.TERM)}
    retired = set(whole.ontology.subjects(OWL.deprecated))
    assert len(terms - retired) >= 240
    assert unasked(terms - retired) == []


def test_every_section_serves_a_question(whole: Whole, unasked: Unasked) -> None:
    """Questions or answers name the terms of its claims."""
    sections = set(whole.claims.subjects(RDF.type, CDMO.Section))
    assert sections
    for section in sections:
        passages = set(whole.claims.subjects(CDMO.section, section))
        spoken = {c for p in passages for c in whole.claims.subjects(CDMO.statedIn, p)}
        ends = (CDMO.subject, CDMO.object)
        terms = {t for c in spoken for end in ends for t in whole.claims.objects(c, end)}
        assert terms
        assert unasked(terms) == []
