"""Slips in triples are reported at their token, and never in a valid query."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from service.library import Library
from service.sparql.hints import explain
from service.sparql.slips import find_slip
from service.sparql.tokens import tokens

RIGHT = [
    "SELECT * { ?s ?p ?o }",
    "SELECT * { ?s ?p ?o . ?a ?b ?c . }",
    "SELECT * { ?s ?p ?o ; a ?k ; . ?a ?b ?c , ?d }",
    "SELECT * { [] ?p ?o . [ ?p ?q ] . ?s ?p [ a ?k ] , ( 1 2 ) }",
    "SELECT * { ?s (<a:p>|^<a:q>)*/<a:r>+ ?o . ?o !<a:p> 3.5 , -2 , true }",
    'SELECT * { ?s ?p "x"@en , "1"^^<a:t> . FILTER(?o > 3 && ?s != ?o) ?s a ?k }',
    "SELECT * { ?s ?p ?o FILTER NOT EXISTS { ?o a ?k } OPTIONAL { ?s a ?k } BIND(1 AS ?one) }",
    "SELECT * { ?s (<a:p>/<a:q>)/(<a:r>|^<a:p>) ?o SERVICE SILENT <a:b> { ?s ?p ?k } }",
    "SELECT * { GRAPH ?g { ?s ?p ?o } { ?s a ?k } UNION { ?k a ?s } MINUS { ?s ?s ?s } }",
    "SELECT * { VALUES (?a ?b) { (1 2) (3 UNDEF) } VALUES ?c { <a:x> 2 } ?a ?b ?c }",
    "SELECT * { { SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s ORDER BY ?n LIMIT 3 } }",
    "CONSTRUCT { ?s a ?o } WHERE { ?s ?p ?o } ORDER BY ?s",
    "ASK { ?s ?p ?o FILTER REGEX(STR(?o), 'x') FILTER EXISTS { ?s a ?k } }",
]


@pytest.mark.parametrize(
    ("query", "token", "words"),
    [
        ("SELECT * { ?s ?p ?o ?a ?b ?c }", "?a", "full stop is missing between ?o and ?a"),
        ("SELECT * { ?s ?p ?o\n a ?k }", "a", "semicolon is missing between ?o and a"),
        ("SELECT * { ?s ?p ?o ?other }", "?other", "comma is missing"),
        ("SELECT * { ?s ?p ?o\n ?x a ?k FILTER(?o > 1) }", "?x", "full stop is missing"),
        ("SELECT * { ?s a . ?s ?p ?o }", ".", "object is missing after a"),
        ("SELECT * { ?s <a:p> }", "}", "object is missing after <a:p>"),
        ("SELECT * { ?s <a:p> ; a ?k }", ";", "object is missing"),
        ("SELECT * { ?s ?p ?o , }", "}", "object is missing after ?o"),
        ("SELECT * { ?s . }", ".", "?s stands alone"),
        ("SELECT ?s, ?o { ?s ?p ?o }", ",", "comma between variables"),
        ("SELECT * { ?s ?p ?o FILTER ?o > 3 }", "?o", "FILTER needs brackets"),
    ],
)
def test_a_slip_is_reported_at_its_token(query: str, token: str, words: str) -> None:
    with pytest.raises(SyntaxError) as caught:
        ox.Store().query(query)
    problem = explain(query, str(caught.value), {})
    assert problem.extras["token"] == token
    assert words in problem.detail
    assert "expected" not in problem.detail


@pytest.mark.parametrize("query", RIGHT)
def test_a_valid_query_has_no_slip(query: str) -> None:
    assert find_slip(list(tokens(query))) is None


def test_no_question_and_no_query_of_ours_has_a_slip(real_library: Library) -> None:
    own = (Path(__file__).parents[3] / "service" / "queries").glob("*.rq")
    queries = [question.query for question in real_library.questions]
    queries += [path.read_text(encoding="utf-8") for path in own]
    assert len(queries) > 200
    assert [query for query in queries if find_slip(list(tokens(query)))] == []
