"""Evaluation where the engine departs from SPARQL 1.1: unknown functions, ``SELECT *``."""

import pyoxigraph as ox
import pytest

from service.engine.evaluation import evaluate


@pytest.fixture(scope="module")
def store() -> ox.Store:
    store = ox.Store()
    store.update('INSERT DATA { <s:a> <s:p> "one", "two" }')
    return store


def rows(store: ox.Store, query: str) -> list[tuple[str | None, ...]]:
    results = evaluate(store, query)
    assert isinstance(results, ox.QuerySolutions)
    return [tuple(term.value if term else None for term in row) for row in results]


def columns(store: ox.Store, query: str) -> list[str]:
    results = evaluate(store, query)
    assert isinstance(results, ox.QuerySolutions)
    return [variable.value for variable in results.variables]


@pytest.mark.parametrize(
    "call",
    ["<f:x>(?o)", "<f:x>(<f:y>(?o), 1)", "<f:x>()", "xsd:gYearish(?o)", "<f:x>(1) + <f:y>(2)"],
)
def test_an_unknown_function_is_an_error_and_the_row_stays(store: ox.Store, call: str) -> None:
    """SPARQL 1.1 Query §17.6, §10.1: the variable is left unbound."""
    prefix = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>"
    query = f"{prefix} SELECT ?o ?x {{ ?s ?p ?o BIND({call} AS ?x) }} ORDER BY ?o"
    assert rows(store, query) == [("one", None), ("two", None)]


def test_coalesce_handles_the_error(store: ox.Store) -> None:
    query = 'SELECT (COALESCE(<f:x>(?o), "else") AS ?x) { ?s ?p ?o }'
    assert rows(store, query) == [("else",), ("else",)]


@pytest.mark.parametrize(
    "filter_", ["<f:x>(?o)", "!<f:x>(?o)", "EXISTS { ?s ?p ?o FILTER <f:x>(?o) }"]
)
def test_a_filter_with_an_error_leaves_nothing(store: ox.Store, filter_: str) -> None:
    assert rows(store, f"SELECT ?o {{ ?s ?p ?o FILTER({filter_}) }}") == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT * { ?z ?b ?a . ?a ?c ?d }", "zbacd"),
        ("SELECT*{ ?z ?b ?a }", "zba"),
        ("select distinct * { ?z ?b ?a }", "zba"),
        ("PREFIX a: <a:> # SELECT * { ?a }\nSELECT # ?a *\n REDUCED * { $z ?b $a }", "zba"),
        ('SELECT * { ?z ?b "?a" . ?y ?b ?a }', "zbya"),
        ("SELECT * { OPTIONAL { ?z ?y ?x } BIND(1 AS ?b) FILTER(?nowhere = 1) }", "zyxb"),
        ("SELECT * { { SELECT * { ?z ?b ?a } } ?a ?d ?c }", "zbadc"),
        ("SELECT * { ?z ?b ?c } VALUES ?a { 1 }", "zbca"),
        ("PREFIX s: <http://e/service#> SELECT * { ?z ?b ?a }", "zba"),
        ("SELECT (1 * 2 AS ?z) (3 AS ?a) { }", "za"),
        ("SELECT * {}", ""),
    ],
)
def test_columns_come_in_the_order_in_which_variables_appear(
    store: ox.Store, query: str, expected: str
) -> None:
    assert "".join(columns(store, query)) == expected


def test_named_columns_keep_their_order(store: ox.Store) -> None:
    assert columns(store, "SELECT ?o ?s { ?s ?p ?o }") == ["o", "s"]


def test_the_rows_are_the_same(store: ox.Store) -> None:
    assert rows(store, "SELECT * { ?z <s:p> ?a } ORDER BY ?a") == [("s:a", "one"), ("s:a", "two")]


def test_queries_are_not_rewritten_if_the_setting_says_so(
    store: ox.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.engine.evaluation.planned", lambda _: "ASK { FILTER(false) }")
    assert not evaluate(store, "ASK { ?s ?p ?o }")
    assert evaluate(store, "ASK { ?s ?p ?o }", plans=False)


def test_a_query_whose_rewriting_fails_is_evaluated_as_it_is_written(
    store: ox.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.engine.evaluation.planned", lambda _: "ASK {")
    assert evaluate(store, "ASK { ?s ?p ?o }")
