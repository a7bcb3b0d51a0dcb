"""Answers of questions: links of cells, display words, and the statements behind a row."""

import csv
import io

import pytest

from service import iris
from service.library import Answer, Answers, Library, Question, describe
from service.rdf.terms import text


@pytest.fixture(scope="module")
def answers(real_library: Library) -> dict[str, tuple[Question, Answer]]:
    read = Answers(real_library).read
    return {
        q.name: (q, read(q.query, describe(real_library, q.ref.iri).text(iris.EXPECTED)))
        for q in real_library.questions
    }


def test_a_cell_links_to_the_resource_it_names(small: Library) -> None:
    answer = Answers(small).read("", "drug,passage,firm\nbisphosphonate,2,hedged\n")
    assert [cell.path for cell in answer.rows[0]] == [
        "/doc/id/CDMO_0000003",
        "/doc/passage/cdct-002",
        None,
    ]
    assert answer.rows[0][2].label == "hedged"


def test_yes_and_no_are_words(small: Library) -> None:
    (row,) = Answers(small).read("", "drug,small,large\npain,true,false\n").rows
    assert [cell.label for cell in row] == ["pain", "yes", "no"]


def test_a_row_with_a_relation_has_its_statement(small: Library) -> None:
    answer = Answers(small).read(
        "", "drug,relation,what\nbisphosphonate,treats,calcinosis\nbisphosphonate,treats,pain\n"
    )
    labels = [[claim.ref.label for claim in claims] for claims in answer.statements]
    assert labels == [
        ["bisphosphonate treats calcinosis (off-label)"],
        ["bisphosphonate does not treat pain"],
    ]


def test_a_row_has_no_statement_of_the_other_polarity(small: Library) -> None:
    rows = "drug,polarity,relation,what\nbisphosphonate,positive,treats,pain\n"
    assert Answers(small).read("", rows).statements == ((),)


def test_a_constant_of_the_query_may_be_an_end_of_the_statement(small: Library) -> None:
    query = "VALUES ?condition { CDMO:0000001 } # calcinosis"
    answer = Answers(small).read(query, "drug,relation\nbisphosphonate,treats\n")
    assert [len(claims) for claims in answer.statements] == [1]


def test_a_row_without_a_relation_has_no_statement(small: Library) -> None:
    query = "VALUES ?condition { CDMO:0000001 } # calcinosis"
    assert Answers(small).read(query, "missing\nbisphosphonate\n").statements == ((),)


def test_nearly_every_answer_has_links(answers: dict[str, tuple[Question, Answer]]) -> None:
    bare = [
        name
        for name, (_, answer) in answers.items()
        if answer.rows
        and not any(cell.path for row in answer.rows for cell in row)
        and not any(answer.statements)
    ]
    assert len(bare) <= 0.1 * len(answers), bare


def test_each_term_statement_and_section_in_a_cell_is_linked(
    real_library: Library, answers: dict[str, tuple[Question, Answer]]
) -> None:
    labels = {t.ref.label for t in real_library.terms.values() if not t.obsolete}
    labels |= {c.ref.label for c in real_library.claims.values()}
    labels |= {s.ref.label for s in real_library.sections.values()}
    cells = [cell for _, answer in answers.values() for row in answer.rows for cell in row]
    assert [cell.label for cell in cells if cell.label in labels and not cell.path] == []


def test_cells_use_the_words_of_pages(
    real_library: Library, answers: dict[str, tuple[Question, Answer]]
) -> None:
    shown = {cell.label for _, answer in answers.values() for row in answer.rows for cell in row}
    names = {s.ref.label for s in real_library.standings.values()} - {
        s.words for s in real_library.standings.values()
    }
    assert names
    assert not shown & (names | {"true", "false", "positive", "negative"})


def test_a_statement_agrees_with_its_row(
    real_library: Library, answers: dict[str, tuple[Question, Answer]]
) -> None:
    """Row or query contain its subject and object; a row with a relation has the statement's.

    Statements are in the order of the cells, and those of a term in the term's order.
    """
    relations = {r.ref.label for r in real_library.relations.values()}
    linked = 0
    for question, answer in answers.values():
        expected = describe(real_library, question.ref.iri).text(iris.EXPECTED).strip()
        lines = [line for line in csv.reader(io.StringIO(expected)) if line][1:]
        for line, cells, claims in zip(lines, answer.rows, answer.statements, strict=True):
            of_cells = [c for cell in cells for c in real_library.claims_of_term.get(cell.iri, ())]
            assert list(claims) == [c for c in dict.fromkeys(of_cells) if c in claims]
            for claim in claims:
                linked += 1
                for end in (claim.subject, claim.object):
                    assert end.label in line or end.iri.rpartition("_")[2] in question.query
                assert claim.relation.ref.label in line or not relations & set(line)
    assert linked > 500


def test_unanswered_questions_are_in_their_own_group(real_library: Library) -> None:
    groups = {"readers": 0, "not said": 0, "builders": 0, "": 0}
    for question in real_library.questions:
        groups[question.group] += 1
        keywords = set(map(text, real_library.values(question.ref.iri, iris.KEYWORDS)))
        assert question.group == "not said" or "not answered" not in keywords, question.name
        assert question.group != "not said" or question.rows == 0, question.name
    assert 12 <= groups["readers"] <= 14
    assert groups["not said"] >= 12
    assert groups["builders"] >= 30
