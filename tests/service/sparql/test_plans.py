"""Plans: which queries are rewritten, which are not, and that no answer changes."""

from collections import Counter

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from service.sparql.plans import planned

P = "PREFIX : <urn:x:> "

MOVED = {
    "triples before an OPTIONAL": (
        "SELECT * { ?a :p ?b OPTIONAL { ?a :q ?c } ?b :r ?d }",
        "SELECT * { ?a :p ?b . ?b :r ?d OPTIONAL { ?a :q ?c } }",
    ),
    "groups, before all OPTIONALs and BIND": (
        "ASK { ?a :p ?b OPTIONAL { ?a :q ?c } BIND(STR(?a) AS ?s) { ?b :r 1 } UNION { ?b :q 2 } }",
        "ASK { ?a :p ?b { ?b :r 1 } UNION { ?b :q 2 } OPTIONAL { ?a :q ?c } BIND(STR(?a) AS ?s) }",
    ),
    "never before an OPTIONAL that may bind a variable of theirs": (
        "SELECT * { ?a :p ?b OPTIONAL { ?a :q ?c } ?c :r ?d }",
        "SELECT * { ?a :p ?b OPTIONAL { ?a :q ?c } LATERAL { ?c :r ?d } }",
    ),
    "never before an OPTIONAL with a condition on a variable of theirs": (
        "SELECT * { ?a :p ?b OPTIONAL { ?a :q ?c FILTER(?d != ?c) } ?b :r ?d }",
        "SELECT * { ?a :p ?b OPTIONAL { ?a :q ?c FILTER(?d != ?c) } LATERAL { ?b :r ?d } }",
    ),
    "triples of one graph, step by step": (
        "SELECT * { OPTIONAL { ?a :q ?c } GRAPH :g { ?a :p ?b . ?b a ?d } ?b :r ?d }",
        "SELECT * { OPTIONAL { ?a :q ?c } LATERAL { GRAPH :g { ?a :p ?b . ?b a ?d } } "
        "LATERAL { ?b :r ?d } }",
    ),
    "with a prefix that is called after services": (
        "PREFIX sd: <http://e/service#> SELECT * { ?a :p ?b OPTIONAL { ?a :q ?c } ?b :r ?d }",
        "PREFIX sd: <http://e/service#> SELECT * { ?a :p ?b . ?b :r ?d OPTIONAL { ?a :q ?c } }",
    ),
    "in EXISTS from what the row binds, step by step": (
        "ASK { ?a :p ?b FILTER NOT EXISTS { ?x :r/:q ?y ; :p ?b . FILTER(?y != ?a) } }",
        "ASK { ?a :p ?b FILTER NOT EXISTS { ?x :p ?b LATERAL { ?x :r ?step0 } "
        "LATERAL { ?step0 :q ?y } FILTER(?y != ?a) } }",
    ),
    "in EXISTS of an expression": (
        "SELECT (EXISTS { ?x :q 'one'@en, 2 . ?x a ?b } AS ?e) { ?a :p ?b }",
        "SELECT (EXISTS { ?x :q 'one'@en LATERAL { ?x :q 2 } LATERAL { ?x a ?b } } AS ?e) "
        "{ ?a :p ?b }",
    ),
}


@pytest.mark.parametrize(("before", "after"), MOVED.values(), ids=MOVED)
def test_joins_move_before_optionals(before: str, after: str) -> None:
    assert " ".join(planned(before).split()) == after


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?a :p ?b . ?b :r ?d OPTIONAL { ?a :q ?c } }",
        "SELECT * { ?a :p ?b OPTIONAL { SERVICE <urn:s> { ?a :q ?c } } ?b :r ?d }",
        "SELECT * { ?a :p _:b OPTIONAL { ?a :q ?c } ?a :r _:b }",
        "SELECT * { OPTIONAL { ?a :q ?c } GRAPH ?g { ?a :p ?b } GRAPH :g { FILTER(?a = 1) } }",
        "SELECT * { ?a :p ?b OPTIONAL { ?a :q ?c } BIND(RAND() AS ?d) ?b :r ?e }",
        "SELECT ?a { { SELECT ?a { ?a :p ?b } LIMIT 3 } OPTIONAL { ?a :q ?c } }",
        "SELECT * { ?a :p ?b OPTIONAL { ?a :q ?c } ?b :r ?d } }",
        "CONSTRUCT { ?a :p ?b . ?a :q ?c } { ?a :p ?b OPTIONAL { ?a :q ?c } }",
    ],
)
def test_groups_with_unknown_elements_are_not_rewritten(query: str) -> None:
    assert planned(query) == query


def test_a_text_that_is_no_query_is_no_error() -> None:
    query = MOVED["in EXISTS from what the row binds, step by step"][0] + " VALUES ?x { 1 'a'^^:b }"
    for start in range(0, len(query), 7):
        for end in range(start, len(query)):
            planned(f"ASK {{ OPTIONAL {{ {query[start:end]} }} EXISTS {{ {query[:end]}")
            planned(
                f"ASK {{ OPTIONAL {{ {query[start:end]} }} FILTER EXISTS {{ {query[:end]} }} }} }}"
            )


# -- no answer changes -----------------------------------------------------------------------

NODES = [":a", ":b", ":c", ":d"]
PREDICATES = [":p", ":q", ":r"]
VARIABLES = ["?a", "?b", "?c", "?d", "?e"]

nodes = st.sampled_from(NODES)
predicates = st.sampled_from(PREDICATES)
variables = st.sampled_from(VARIABLES)
values = st.sampled_from([*NODES, "1", '"x"', '"x"@en', "true"])
paths = st.recursive(
    predicates,
    lambda inner: st.one_of(
        st.builds("{}/{}".format, inner, inner),
        st.builds("({}|{})".format, inner, inner),
        st.builds("({}){}".format, inner, st.sampled_from("*+?")),
        st.builds("^({})".format, inner),
    ),
    max_leaves=3,
)
verbs = st.one_of(predicates, predicates, paths, st.just("!(:p|^:q)"), st.just("a"), variables)
triples = st.builds(
    "{} {} {}{}".format,
    st.one_of(variables, variables, nodes),
    verbs,
    st.one_of(variables, variables, values),
    st.one_of(
        st.just(" . "),
        st.just(" . "),
        st.builds(" ; {} {} . ".format, verbs, variables),
        st.builds(" , {} . ".format, variables),
        st.just(" ; . "),
    ),
)
expressions = st.one_of(
    st.builds("{} {} {}".format, variables, st.sampled_from(["=", "!=", "<"]), variables),
    st.builds("BOUND({})".format, variables),
    st.builds("!BOUND({})".format, variables),
    st.builds("isIRI({})".format, variables),
    st.builds('COALESCE(STR({}), "-") != "-"'.format, variables),
)
fresh = st.sampled_from(["?x", "?y", "?z"])


def groups(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return groups of a few elements, of which some contain groups."""
    element = st.one_of(
        triples,
        triples,
        triples,
        st.builds("OPTIONAL {} ".format, inner),
        st.builds("OPTIONAL {} ".format, inner),
        st.builds("{} UNION {} ".format, inner, inner),
        st.builds("{} ".format, inner),
        st.builds("MINUS {} ".format, inner),
        st.builds("GRAPH {} {} ".format, st.sampled_from([":g", ":h", "?a", "?g"]), inner),
        st.builds("GRAPH {} {{ {}{}}} ".format, st.sampled_from([":g", ":h"]), triples, triples),
        st.builds("FILTER({}) ".format, expressions),
        st.builds("FILTER {} {} ".format, st.sampled_from(["EXISTS", "NOT EXISTS"]), inner),
        st.builds("FILTER(!EXISTS {} || {}) ".format, inner, expressions),
        st.builds("BIND(STR({}) AS {}) ".format, variables, fresh),
        st.builds("BIND(EXISTS {} AS {}) ".format, inner, fresh),
        st.builds("VALUES {} {{ {} {} }} ".format, variables, values, values),
        st.builds(
            "VALUES ({} ?e) {{ ({} UNDEF) ({} {}) }} ".format, variables, values, values, values
        ),
        st.builds("{{ SELECT {} {} }} ".format, st.just("?a ?b"), inner),
    )
    return st.lists(element, min_size=1, max_size=5).map("".join).map("{{ {}}}".format)


patterns = groups(groups(groups(triples.map("{{ {}}}".format))))
queries = st.builds(
    "{}{} {}".format,
    st.just(P),
    st.sampled_from(
        ["SELECT *", "SELECT ?a ?b ?x", "SELECT DISTINCT ?c", "ASK", "CONSTRUCT { ?a :p ?b }"]
    ),
    patterns,
)  # fmt: skip
quads = st.lists(st.tuples(nodes, predicates, values, st.sampled_from([":g", ":h"])), max_size=16)


def solutions(store: ox.Store, query: str) -> Counter[str]:
    results = store.query(query, use_default_graph_as_union=True)
    if isinstance(results, ox.QuerySolutions):
        names = sorted(v.value for v in results.variables)
        return Counter(str([str(row[name]) for name in names]) for row in results)
    if isinstance(results, ox.QueryTriples):
        return Counter(set(map(str, results)))
    return Counter([str(bool(results))])


def store_of(data: list[tuple[str, str, str, str]]) -> ox.Store:
    store = ox.Store()
    for s, p, o, g in data:
        store.update(f"{P} INSERT DATA {{ GRAPH {g} {{ {s} {p} {o} }} }}")
    return store


@pytest.mark.slow
def test_no_answer_changes() -> None:
    @settings(
        max_examples=500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(queries, quads)
    def agree(query: str, data: list[tuple[str, str, str, str]]) -> None:
        store, better = store_of(data), planned(query)
        try:
            expected = solutions(store, query)
        except SyntaxError:
            return
        event("changed" if better != query else "the same")
        assert solutions(store, better) == expected, better

    agree()
