"""Queries for the first rows of all triples: the rewritten query returns the same rows."""

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.sparql.first_rows import first_rows
from service.sparql.plans import planned


@pytest.mark.parametrize(
    ("query", "better"),
    [
        (
            "SELECT ?s ?p ?o WHERE { ?s ?p ?o . } ORDER BY ?s ?p LIMIT 9 OFFSET 3",
            "SELECT ?s ?p ?o WHERE { { SELECT ?s { { SELECT DISTINCT ?s { ?s ?p ?o . } } } "
            "ORDER BY ?s LIMIT 12 } ?s ?p ?o . } ORDER BY ?s ?p LIMIT 9 OFFSET 3",
        ),
        (
            "PREFIX : <a:b>\nselect $p{ $s ?p ?o }order by desc( ?s )\nlimit 5",
            "PREFIX : <a:b>\nselect $p{ { SELECT $s { { SELECT DISTINCT $s { $s ?p ?o } } } "
            "ORDER BY desc( ?s ) LIMIT 5 } $s ?p ?o }order by desc( ?s )\nlimit 5",
        ),
    ],
)
def test_the_query_first_finds_the_first_subjects(query: str, better: str) -> None:
    assert planned(query) == better
    ox.Store().query(better)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?s { ?s ?p ?o } ORDER BY ?p LIMIT 5",  # not by subject
        "SELECT ?s { ?s ?p ?o } ORDER BY STR(?s) LIMIT 5",
        "SELECT ?s { ?s ?p ?o } ORDER BY ?s",
        "SELECT ?s { ?s ?p ?s } ORDER BY ?s LIMIT 5",
        "SELECT ?s { ?s a ?o } ORDER BY ?s LIMIT 5",
        "SELECT DISTINCT ?p { ?s ?p ?o } ORDER BY ?s LIMIT 5",  # may need more subjects
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } ORDER BY ?s LIMIT 5",
        "SELECT ?s FROM <a:g> { ?s ?p ?o } ORDER BY ?s LIMIT 5",
        "SELECT ?s { ?s ?p ?o } ORDER BY ?s LIMIT 5 VALUES ?p { 1 }",
    ],
)
def test_other_queries_are_not_rewritten(query: str) -> None:
    assert first_rows(query) == query


nodes = st.sampled_from([*(ox.NamedNode(f"urn:x:{c}") for c in "abcde"), ox.BlankNode("b")])
predicates = st.sampled_from([ox.NamedNode("urn:x:p"), ox.NamedNode("urn:x:q")])
values = st.one_of(nodes, st.sampled_from([ox.Literal("x"), ox.Literal("y")]))
quads = st.lists(st.builds(ox.Quad, nodes, predicates, values, nodes), max_size=30)
keys = st.sampled_from(["{}", "ASC({})", "DESC({})"])
orders = st.builds(
    lambda first, second, others: f"{first.format('?s')} {second.format(others[0])} {others[1]}",
    *(keys, keys, st.permutations(["?p", "?o"])),
)


def rows(store: ox.Store, query: str) -> list[str]:
    results = store.query(query, use_default_graph_as_union=True)
    assert isinstance(results, ox.QuerySolutions)
    return [str(row) for row in results]


@given(quads, orders, st.integers(0, 9), st.integers(0, 9))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_the_rows_are_the_same(data: list[ox.Quad], order: str, limit: int, offset: int) -> None:
    store = ox.Store()
    store.extend(data)
    query = f"SELECT ?s ?p ?o {{ ?s ?p ?o }} ORDER BY {order} LIMIT {limit} OFFSET {offset}"
    assert planned(query) != query
    assert rows(store, planned(query)) == rows(store, query)
