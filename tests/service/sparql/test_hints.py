"""Hints: a mistake in a query is reported with its position, its token and a way to mend it."""

import pyoxigraph as ox
import pytest

from service.sparql.hints import explain

PREFIXES = {"CHEBI": "http://purl.obolibrary.org/obo/CHEBI_", "rdfs": "http://e/rdfs#"}


@pytest.mark.parametrize(
    ("query", "place", "token", "words"),
    [
        ("SELECT * { chebi:1 ?p ?o }", (1, 12), "chebi:1", "Did you mean CHEBI:"),
        ("SELECT * {\n  ?s rdf:type ?o }", (2, 6), "rdf:type", "PREFIX"),
        ("SELECT ?x ?n { ?x ?p ?o }\nGROUP BY ?n", (1, 8), "?x", "projected but not grouped"),
        ("SELECT * { ?s ?p ?o } GROUP BY ?s", (1, 8), "*", "cannot be used with GROUP BY"),
        ("SELECT (1 AS ?s) { ?s ?p ?o }", (1, 14), "?s", "twice"),
        ("SELECT * { ?s ?p ?o", (1, 10), "{", "never closed"),
        ("SELECT * { ?s ?p ?o } }", (1, 23), "}", "closes nothing"),
        ('SELECT * { ?s ?p "abc }', (1, 18), '"', "does not end"),
        ('SELECT * { ?s ?p """abc }', (1, 18), '"""', "never closed"),
        ("SELECT ?s WHER { ?s ?p ?o }", (1, 11), "WHER", "Did you mean WHERE"),
        ("SELECT * { ?s 5 ?o }", (1, 20), "}", "found '}'"),
        ("hello", (1, 1), "hello", ""),
        ("", (1, 1), "", "empty"),
    ],
)
def test_a_mistake_is_explained(query: str, place: tuple[int, int], token: str, words: str) -> None:
    with pytest.raises(SyntaxError) as caught:
        ox.Store().query(query)
    problem = explain(query, str(caught.value), PREFIXES)
    assert (problem.extras["line"], problem.extras["column"]) == place
    assert problem.extras["token"] == token
    assert words in problem.detail
