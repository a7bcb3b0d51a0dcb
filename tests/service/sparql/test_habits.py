"""Habits from SQL and other engines: each is reported at its token, with SPARQL's way."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from service.library import Library
from service.sparql.habits import find_habit, find_rebound
from service.sparql.hints import explain
from service.sparql.tokens import tokens

PROLOGUE = "PREFIX : <urn:x:> "


@pytest.mark.parametrize(
    ("query", "token", "words"),
    [
        ("SELECT COUNT(?x) WHERE { ?x ?p ?o }", "COUNT", "Write (COUNT(?x) AS ?n)."),
        ("SELECT ?p COUNT(*) AS ?m { ?x ?p ?o } GROUP BY ?p", "COUNT", "(COUNT(*) AS ?m)"),
        ("SELECT (COUNT(?x)) { ?x ?p ?n }", "(", "no name"),
        ("SELECT (COUNT(?x) ?n) { ?x ?p ?o }", "?n", "AS is missing before ?n"),
        ("SELECT DISTINCT(?x) { ?x ?p ?o }", "(", "?x needs no brackets"),
        ("SELECT UNIQUE ?x { ?x ?p ?o }", "UNIQUE", "DISTINCT"),
        ("SELECT ?x WHERE ?x ?p ?o", "WHERE", "WHERE { … }"),
        ("SELECT * { ?x ?p ?o FILTER NOT EXIST { ?x a ?o } }", "EXIST", "mean EXISTS?"),
        ("SELECT * { ?x ?p ?o FILTER EXIST { ?x a ?o } }", "EXIST", "mean EXISTS?"),
        ("SELECT * { ?x ?p ?o FILTER NOT_EXISTS { ?x a 1 } }", "NOT_EXISTS", "NOT EXISTS?"),
        ("SELECT * { ?x ?p ?o FILTER(COUNT(?o) > 1) }", "COUNT", "HAVING (COUNT(?o) …)"),
        ("SELECT * { ?x :l ?l FILTER(STRCONTAINS(?l,'a')) }", "STRCONTAINS", "mean CONTAINS"),
        ("SELECT * { ?x :l ?l FILTER STARTSWITH(?l,'a') }", "STARTSWITH", "mean STRSTARTS?"),
        ("SELECT * { ?x :l ?l FILTER(STRLENGTH(?l) > 1) }", "STRLENGTH", "mean STRLEN?"),
        ("SELECT * { ?x :l ?l FILTER(ZZ(?l) > 1) }", "ZZ", "no function ZZ"),
        ("SELECT * { ?x :l ?l FILTER(?l LIKE '%pain%') }", "LIKE", "CONTAINS(?l, 'pain')"),
        ("SELECT * { ?x :l LIKE 'pain' }", "LIKE", "CONTAINS(?text, 'pain')"),
        ("SELECT * { ?x :l ?l FILTER(?l CONTAINS 'a') }", "CONTAINS", "CONTAINS(?l, 'a')"),
        ("SELECT * { ?x :l ?l FILTER(?l = 1 AND ?x = 2) }", "AND", "Write &&."),
        ("SELECT * { ?x :l ?l FILTER(?l == 1) }", "=", "no =="),
        ("SELECT * { ?x :l ?l FILTER(?l IS NULL) }", "NULL", "!BOUND"),
        ("SELECT * { ?x ?p ?o } ORDER BY ?x DESC LIMIT 3", "DESC", "Write DESC(?x)."),
        ("SELECT * { ?x ?p ?o } ORDER BY DESC ?x", "DESC", "Write DESC(?x)."),
        ("SELECT * { ?x ?p ?o } ORDER ?x", "ORDER", "BY is missing"),
        ("SELECT ?p { ?x ?p ?n } GROUP BY ?p HAVING COUNT(?n) > 3", "HAVING", "brackets"),
        ("SELECT * { ?x :p ?l BIND(1 AS ?l) }", "?l", "?l has a value already before BIND"),
        ("SELECT * { BIND(1 AS ?l) { ?x ?p ?l } BIND(2 AS ?l) }", "?l", "FILTER(?l = …)"),
        ("SELECT * { ?x :firmness > 3 }", ">", ":firmness ?value . FILTER(?value > 3)"),
        ("SELECT * { ?x a ?k ; :firmness ?n >= 3 }", ">", "?n . FILTER(?n >= 3)"),
    ],
)
def test_a_habit_is_reported_with_the_way_to_write_it(query: str, token: str, words: str) -> None:
    query = PROLOGUE + query
    with pytest.raises(SyntaxError) as caught:
        ox.Store().query(query)
    problem = explain(query, str(caught.value), {})
    assert problem.extras["token"] == token
    assert words in problem.detail


def test_a_habit_has_its_place() -> None:
    query = "SELECT * {\n  ?x <a:p> ?l .\n  BIND(1 AS ?l)\n  ?x <a:q> ?m\n}"
    problem = explain(query, "error at 5:2: expected [_]", {})
    assert (problem.extras["line"], problem.extras["column"]) == (3, 13)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (COUNT(DISTINCT ?s) AS ?n) (STR(?k) AS ?t) ?p { ?s ?p ?o } GROUP BY ?p ?k",
        "SELECT ?p { ?s ?p ?o } GROUP BY ?p HAVING (COUNT(?o) > 1) ORDER BY DESC(?p) ASC(?p) ?p",
        "SELECT * { ?s ?p ?o FILTER(?l > 1) MINUS { ?s ?p ?l } BIND(STR(?o) AS ?l) }",
        "SELECT * { { ?s ?p ?l } UNION { BIND(1 AS ?l) } FILTER NOT EXISTS { ?s a ?k } }",
        "SELECT * { ?s (<a:p>/!(<a:q>|a))* ?o FILTER(?o != 1 && CONTAINS(?s, 'a')) }",
    ],
)
def test_a_valid_query_has_no_habit(query: str) -> None:
    ox.Store().query(query)
    stream = list(tokens(query))
    assert (find_habit(stream), find_rebound(stream)) == (None, None)


def test_no_question_and_no_query_of_ours_has_a_habit(real_library: Library) -> None:
    own = (Path(__file__).parents[3] / "service" / "queries").glob("*.rq")
    queries = [question.query for question in real_library.questions]
    streams = [[*tokens(query)] for query in [*queries, *(path.read_text() for path in own)]]
    assert len(streams) > 200
    assert [s for s in streams if find_habit(s) or find_rebound(s)] == []
