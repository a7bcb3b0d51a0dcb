"""What the tokens of a query say, and the hints for those who wrote one that is none."""

import pyoxigraph as ox
import pytest

from service.grammar import outline, unescape
from service.hints import explain

PREFIXES = {"CHEBI": "http://purl.obolibrary.org/obo/CHEBI_", "rdfs": "http://e/rdfs#"}


def test_from_is_resolved_by_prefix_and_base() -> None:
    found = outline(
        "BASE <http://e/> PREFIX a: <x#> SELECT * FROM a:b FROM NAMED <c/../d> { ?s ?p ?o }"
    )
    assert (found.default_graphs, found.named_graphs) == (("http://e/x#b",), ("http://e/d",))


@pytest.mark.parametrize(
    "text",
    [
        'ASK { ?s ?p "SERVICE <http://e/> { }" }',
        "ASK { ?s ?p '''a ' SERVICE <http://e/>''' }",
        "ASK { ?SERVICE ?p ?o } # SERVICE <http://e/>",
        "PREFIX service: <http://e/> ASK { ?s service:SERVICE <http://e/SERVICE> }",
        "ASK { ?s ?p _:SERVICE . ?s ?p 'x'@service }",
    ],
)
def test_letters_are_not_keywords(text: str) -> None:
    assert outline(text).services == ()


def test_service_is_found_wherever_it_stands() -> None:
    text = "SELECT * { { SELECT * { ?s ?p ?o OPTIONAL { sErViCe#x\n silent ?where {} } } } }"
    assert outline(text).services == ("?where",)


def test_code_points_are_unescaped_outside_strings_and_iris_only() -> None:
    assert unescape(r'\u0041SK { ?s <http://e/\u0041> "\u0041" }') == (
        r'ASK { ?s <http://e/\u0041> "\u0041" }'
    )


def test_what_may_change_is_known() -> None:
    assert outline("SELECT (NOW() AS ?t) {}").volatile
    assert outline("CONSTRUCT { [] ?p ?o } { ?s ?p ?o }").volatile
    assert not outline("SELECT ?now { ?now ?p ?o }").volatile


@pytest.mark.parametrize(
    ("query", "place", "token", "says"),
    [
        ("SELECT * { chebi:1 ?p ?o }", (1, 12), "chebi:1", "Did you mean CHEBI:"),
        ("SELECT * {\n  ?s rdf:type ?o }", (2, 6), "rdf:type", "PREFIX"),
        ("SELECT ?x ?n { ?x ?p ?o }\nGROUP BY ?n", (1, 8), "?x", "projected but not grouped"),
        ("SELECT * { ?s ?p ?o } GROUP BY ?s", (1, 8), "*", "cannot be used with GROUP BY"),
        ("SELECT (1 AS ?s) { ?s ?p ?o }", (1, 14), "?s", "twice"),
        ("SELECT * { ?s ?p ?o", (1, 10), "{", "never closed"),
        ("SELECT * { ?s ?p ?o } }", (1, 23), "}", "closes nothing"),
        ('SELECT * { ?s ?p "abc }', (1, 18), '"', "does not end"),
        ("SELECT ?s WHER { ?s ?p ?o }", (1, 11), "WHER", "Did you mean WHERE"),
        ("hello", (1, 1), "hello", ""),
        ("", (1, 1), "", "empty"),
    ],
)
def test_a_mistake_is_explained(query: str, place: tuple[int, int], token: str, says: str) -> None:
    with pytest.raises(SyntaxError) as caught:
        ox.Store().query(query)
    problem = explain(query, str(caught.value), PREFIXES)
    assert (problem.extras["line"], problem.extras["column"]) == place
    assert problem.extras["token"] == token
    assert says in problem.detail
