"""The query page without scripts, and the data that its editor fetches."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.problems import BadRequest
from service.site.query.page import MAX_SNIPPET, query_form

from .client import page, words

TERM = "https://w3id.org/cdmo/id/CDMO_0000003"


def test_the_form_works_without_a_script_and_escapes_the_query(app: Flask) -> None:
    with app.test_request_context("/sparql"):
        html = query_form('SELECT ?x { ?x ?y "</textarea><script>" }')
    assert re.search(r'<form class="query"[^>]* action="/query" method="get">', html)
    assert "</textarea><script>" not in html
    assert "Which drugs are used off-label?" in html


def test_solutions_are_a_table_with_labels_and_links(client: FlaskClient) -> None:
    query = "SELECT ?drug WHERE { ?c <https://w3id.org/cdmo/schema/offLabel> true ; "
    query += "<https://w3id.org/cdmo/schema/subject> ?drug }"
    html = client.get("/query", query_string={"query": query}).text
    assert "1 row" in words(html)
    assert '<a href="/doc/id/CDMO_0000003">bisphosphonate</a> <code>CDMO:0000003</code>' in html


def test_booleans_and_graphs_are_shown_too(client: FlaskClient) -> None:
    ask = client.get("/query", query_string={"query": "ASK { ?s ?p ?o }"})
    assert "Yes." in words(ask.text)
    graph = client.get("/query", query_string={"query": f"DESCRIBE <{TERM}>"})
    assert "CDMO:0000003" in graph.text


def test_a_malformed_query_is_shown_with_the_line_of_the_mistake(client: FlaskClient) -> None:
    response = client.get("/query", query_string={"query": "SELECT ?x\nWHERE { ?x ?y }"})
    assert response.status_code == 400
    assert "line 2" in words(response.text).lower()
    assert "SELECT ?x" in words(response.text)


def test_an_update_is_refused_on_the_page_too(client: FlaskClient) -> None:
    response = client.get("/query", query_string={"query": "DELETE WHERE { ?s ?p ?o }"})
    assert response.status_code == 403


def test_a_question_is_shown_with_its_rows(client: FlaskClient) -> None:
    html = page(client, "/query?question=off-label")
    assert "cdmo:offLabel true" in html
    assert '<a href="/doc/id/CDMO_0000003">bisphosphonate</a>' in html


def test_a_long_query_is_not_repeated_as_code(app: Flask) -> None:
    with app.test_request_context("/query"):
        assert "Use it elsewhere" in query_form("ASK {}")
        assert "Use it elsewhere" not in query_form("#" * MAX_SNIPPET + "\nASK {}")


def test_the_policy_of_the_query_page_has_no_exception(client: FlaskClient) -> None:
    """The editor needs no inline styles and no inline scripts."""
    policy = client.get("/query").headers["Content-Security-Policy"]
    assert policy == client.get("/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy


def test_names_come_with_label_curie_and_path(client: FlaskClient) -> None:
    answer = client.post("/query/names", json=[TERM, "http://example.org/x", TERM])
    assert answer.json == {
        TERM: ["bisphosphonate", "CDMO:0000003", "/doc/id/CDMO_0000003"],
        "http://example.org/x": ["http://example.org/x", None, None],
    }


@pytest.mark.parametrize(
    "body",
    [
        '["a b"]',
        '[""]',
        r'["\ud800"]',
        r'["\u0000"]',
        "[7]",
        '"http://example.org/x"',
        "no JSON",
        "",
        "[" * 200_000,
        f"[{'9' * 10_000}]",
    ],
    ids=lambda body: body[:20],
)
def test_a_body_other_than_an_array_of_iris_is_refused(client: FlaskClient, body: str) -> None:
    answer = client.post("/query/names", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json
    assert answer.json["type"] == f"/problems/{BadRequest.slug}"


def test_the_vocabulary_has_terms_classes_and_relations(client: FlaskClient) -> None:
    answer = client.get("/query/vocabulary").json
    assert answer
    roles = {curie: role for curie, _, _, role, _, _ in answer["names"]}
    assert roles["CDMO:0000003"] == "term"
    assert roles["cdmo:Claim"] == "class"
    assert roles["cdmo:treats"] == "relation"
    assert roles["rdfs:label"] == "relation"
    assert answer["prefixes"]["cdmo"] == "https://w3id.org/cdmo/schema/"


def test_the_examples_are_the_questions(client: FlaskClient) -> None:
    examples = client.get("/query/examples").json
    assert examples
    assert {"off-label"} <= {example["name"] for example in examples}
    assert all(example["label"] and example["query"] for example in examples)
