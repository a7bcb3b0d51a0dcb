"""The reads of a query: a result depends only on the predicates that the query reads."""

from collections.abc import Mapping
from pathlib import Path

import pyoxigraph as ox
import pytest

from service import iris
from service.pipeline import checks, graphs, integrity
from service.pipeline.contents import Contents
from service.pipeline.loading import load
from service.pipeline.memory import Memory
from service.pipeline.reads import reads
from service.rdf.terms import is_iri, text
from service.release import GRAPHS, Release, open_store
from service.sources import locate

EX = "http://example.org/"
PREFIXES = {"": EX}


def predicates(query: str) -> set[str] | None:
    known = reads(query, PREFIXES).predicates
    return None if known is None else {iri.removeprefix(EX) for iri in known}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("?x :p ?y", {"p"}),
        ("?x :p 'a ?b :q' ; :q 1.5 , -2 , true , 'x'@en , '1'^^:t .", {"p", "q"}),
        ("?x :p 1 . ?y :q 2.", {"p", "q"}),
        ("?x :p 1.5 ; :q ?limit # LIMIT\n", {"p", "q"}),
        ("?x :p/^:q|(:r+/:s) ?y # :not\n", {"p", "q", "r", "s"}),
        ("[ :p ?x ] :q [ :r :s ]", {"p", "q", "r"}),
        ("?x <http://example.org/p> ?y OPTIONAL { ?y :q ?z }", {"p", "q"}),
        ("?x :p ?y FILTER(?y > 3 && NOT EXISTS { ?y :q ?z })", {"p", "q"}),
        ("?x :p ?y BIND(EXISTS { ?x :q ?y } AS ?z)", {"p", "q"}),
        ("{ ?x :p ?y } UNION { ?x :q ?y } MINUS { ?x :r ?y }", {"p", "q", "r"}),
        ("GRAPH ?g { ?x :p ?y } VALUES ?x { :q }", {"p"}),
        ("{ SELECT ?x (COUNT(?y) AS ?n) { ?x :p ?y } GROUP BY ?x } ?x :q ?n", {"p", "q"}),
    ],
)
def test_predicates_of_patterns_are_read(pattern: str, expected: set[str]) -> None:
    assert predicates(f"SELECT * {{ {pattern} }}") == expected
    assert predicates(f"CONSTRUCT {{ ?a ?b ?c }} WHERE {{ {pattern} }}") == expected


@pytest.mark.parametrize(
    "pattern",
    [
        "?x ?p ?y",
        "?x :p ?y ; ?q ?z",
        "?x !:p ?y",
        "?x :p ?y FILTER EXISTS { ?y ?q ?z }",
        "?x :unknown:p ?y ; nowhere:q ?z",
        "SERVICE :endpoint { ?x :p ?y }",
        "?x :p ?y . ?z<?y&&EXISTS{?a ?b ?c}",
        "?x :p << ?a :q ?b >>",
    ],
)
def test_a_query_that_is_not_understood_reads_everything(pattern: str) -> None:
    assert predicates(f"SELECT * {{ {pattern} }}") is None


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("?x :p* ?y", None),
        ("?x :p? ?y . GRAPH ?g { ?x :q ?z }", None),
        ("?x :p* ?y BIND(:a AS ?x)", None),
        ("?x :p* :a . ?x :q* ?z", None),
        ("?x :q ?z . { SELECT ?x (COUNT(*) AS ?n) { ?x :p* ?y } GROUP BY ?x }", None),
        ("?x :p* ?y . ?y :q ?z", {"p", "q"}),
        ("?x :p*/:q ?z", {"p", "q"}),
        ("?x :p* ?y . ?y :r* ?z . ?z a :C", {"p", "r", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"}),
        ("?x :q ?z OPTIONAL { ?x :p? ?y }", {"p", "q"}),
        ("?x :q ?z FILTER NOT EXISTS { ?z :p* :a }", {"p", "q"}),
    ],
)  # fmt: skip
def test_a_path_of_length_zero_reads_every_node_unless_a_pattern_binds_it(
    pattern: str, expected: set[str] | None
) -> None:
    assert predicates(f"SELECT * {{ {pattern} }}") == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("VALUES ?q { :a :b } ?x ?q ?y", {"a", "b"}),
        ("VALUES (?q ?z) { (:a 1) (:b 'x') } ?x ?q ?y", {"a", "b"}),
        ("VALUES ?q { :a UNDEF } ?x ?q ?y", None),
        ("{ VALUES ?q { :a } } ?x ?q ?y", None),
        ("VALUES ?q { :a } ?x :p ?y FILTER NOT EXISTS { GRAPH ?g { ?y ?q ?x } }", {"a", "p"}),
        ("VALUES ?q { :a } { SELECT ?q { ?x ?q ?y } }", None),
        ("?x ?q ?y BIND(:a AS ?q)", None),
    ],
)
def test_a_variable_as_predicate_reads_its_values(pattern: str, expected: set[str] | None) -> None:
    assert predicates(f"SELECT * {{ {pattern} }}") == expected


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        ("?q rdfs:subPropertyOf+ :p . ?x ?q ?y", set()),
        ("?q rdfs:subPropertyOf* :p . ?x ?q ?y", {"p"}),
        ("?x :r ?y . ?q rdfs:subPropertyOf :p MINUS { ?y ?q ?x }", {"r"}),
        ("?x cdmo:relation ?r . ?r rdfs:subPropertyOf* ?q . ?x ?q ?y", set()),
        ("?x :r ?y . ?y rdfs:subPropertyOf* ?q . ?x ?q ?y", None),
        ("?q rdfs:subPropertyOf/:p ?z . ?x ?q ?y", None),
    ],
)
def test_a_variable_as_predicate_reads_the_objects_of_its_links(
    pattern: str, named: set[str] | None
) -> None:
    prefixes = {**PREFIXES, "rdfs": iris.RDFS, "cdmo": iris.CDMO}
    read = reads(f"SELECT * {{ {pattern} }}", prefixes)
    if named is None:
        assert read.predicates is None
    else:
        assert iris.SUBPROPERTY in read.links
        assert read.predicates is not None
        assert {f"{EX}{name}" for name in named} <= read.predicates


def test_an_arbitrary_choice_of_solutions_reads_everything() -> None:
    for query in ("SELECT * { ?x :p ?y } LIMIT 1", "SELECT (SAMPLE(?y) AS ?z) { ?x :p ?y }"):
        assert predicates(query) is None


@pytest.mark.parametrize("function", ["NOW()", "N\\u004fW ()", "rand()", "STRUUID()"])
def test_a_query_of_time_or_chance_is_never_remembered(function: str, tmp_path: Path) -> None:
    query = f"SELECT * {{ ?x :p ?y FILTER(?y < {function}) }}"
    contents = Contents(Memory(tmp_path / "remembered.sqlite"), PREFIXES)
    results = [contents.result("rows", lambda n=n: n, query, GRAPHS) for n in (b"1", b"2")]  # type: ignore[misc]
    assert results == [b"1", b"2"]


@pytest.mark.slow
def test_our_queries_find_the_same_in_what_they_read(real_release: Release) -> None:
    """Each question and check runs over the real release, and over its reads alone."""
    loaded, _ = load(locate())
    prefixes = loaded.names.prefixes
    queries = [(c.text, c.names("graphs") or GRAPHS) for c in checks.read_checks(loaded)]
    queries += [(q.query, GRAPHS) for q in integrity.questions(loaded.store)]
    whole = open_store(real_release)
    node = ox.NamedNode(f"{EX}node")
    noise = [ox.Quad(node, node, node, graphs.graph(name)) for name in GRAPHS]
    understood = 0
    for query, default in queries:
        read = reads(query, prefixes)
        if read.predicates is None:
            continue
        understood += 1
        part = ox.Store()
        part.extend(noise)
        links = [t for link in read.links for t in graphs.triples(whole, *GRAPHS, predicate=link)]
        ends = (text(end) for t in links for end in (t.subject, t.object))
        named = {end for end in ends if is_iri(end)}
        for iri in read.predicates | named:
            part.extend(list(whole.quads_for_pattern(None, ox.NamedNode(iri), None, None)))
        result, expected = (rows(store, query, prefixes, default) for store in (part, whole))
        assert result == expected, query
    assert understood > len(queries) * 0.8


def rows(
    store: ox.Store, query: str, prefixes: Mapping[str, str], default: tuple[str, ...]
) -> list[str]:
    solutions = graphs.query(store, query, prefixes, default)
    assert isinstance(solutions, ox.QuerySolutions)
    return sorted(str([*row]) for row in solutions)
