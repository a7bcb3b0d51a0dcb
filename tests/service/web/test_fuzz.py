"""Differential fuzzing: random queries have the same answers here and in rdflib's own engine."""

import json
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import Graph, Literal, Variable

from service.describe import Library
from service.release import Release

from .server import Server, running

RDFS = "http://www.w3.org/2000/01/rdf-schema#"
CDMO = "https://w3id.org/cdmo/schema/"
PREDICATES = (
    "a",
    f"<{RDFS}label>",
    f"<{RDFS}subClassOf>",
    f"<{RDFS}domain>",
    f"<{RDFS}range>",
    f"<{CDMO}subject>",
    f"<{CDMO}object>",
    f"<{CDMO}relation>",
    f"<{CDMO}citation>",
    f"<{CDMO}modality>",
)
VARIABLES = ("?a", "?b", "?c", "?d")


def triples(predicates: tuple[str, ...] = PREDICATES) -> st.SearchStrategy[str]:
    """Patterns that are joined to ``?a``, so that nothing multiplies without end."""
    return st.builds(
        lambda p, o, inverse: f"{o} {p} ?a ." if inverse else f"?a {p} {o} .",
        st.sampled_from(predicates),
        st.sampled_from(VARIABLES[1:]),
        st.booleans(),
    )


def filters() -> st.SearchStrategy[str]:
    """Filters of which both engines mean the same."""
    variable = st.sampled_from(VARIABLES)
    return st.one_of(
        st.builds("FILTER(BOUND({}))".format, variable),
        st.builds("FILTER(!BOUND({}))".format, variable),
        st.builds("FILTER({} = {})".format, variable, variable),
        st.builds("FILTER(isIRI({}))".format, variable),
        st.builds("FILTER(isLiteral({}))".format, variable),
        st.builds('FILTER(CONTAINS(STR({}), "{}"))'.format, variable, st.sampled_from("aeiost")),
        st.builds("FILTER EXISTS {{ ?a {} ?x }}".format, st.sampled_from(PREDICATES)),
        st.builds("FILTER NOT EXISTS {{ ?a {} ?x }}".format, st.sampled_from(PREDICATES)),
    )


@st.composite
def queries(draw: st.DrawFn) -> str:
    """SELECTs of joins, OPTIONAL, UNION, MINUS, paths, filters and counting."""
    parts = [f"?a {draw(st.sampled_from(PREDICATES))} ?b ."]
    parts += draw(st.lists(triples(), max_size=2))
    for word in ("OPTIONAL", "MINUS"):
        if draw(st.booleans()):
            parts.append(f"{word} {{ {draw(triples())} }}")
    if draw(st.booleans()):
        parts.append(f"{{ {draw(triples())} }} UNION {{ {draw(triples())} }}")
    if draw(st.booleans()):
        path = draw(
            st.sampled_from([f"<{RDFS}subClassOf>+", f"a/<{RDFS}label>", f"^<{CDMO}subject>"])
        )
        parts.append(f"?a {path} ?d .")
    parts += draw(st.lists(filters(), max_size=2))
    body = " ".join(parts)
    shape = draw(st.sampled_from(["rows", "distinct", "count", "grouped"]))
    if shape == "count":
        return f"SELECT (COUNT(*) AS ?n) WHERE {{ {body} }}"
    if shape == "grouped":
        return f"SELECT ?b (COUNT(DISTINCT ?a) AS ?n) WHERE {{ {body} }} GROUP BY ?b"
    return f"SELECT {'DISTINCT ' if shape == 'distinct' else ''}?a ?b ?c ?d WHERE {{ {body} }}"


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    with running(small_release.path) as found:
        yield found


@pytest.fixture(scope="module")
def reference(small: Library) -> Graph:
    """The union of all graphs in rdflib's own store."""
    graph = Graph()
    lines = {f"{q.subject} {q.predicate} {q.object} ." for q in small.store}
    graph.parse(data="\n".join(lines), format="nt")
    return graph


def _value(term: object) -> str:
    if isinstance(term, Literal):
        return f"{term}@{term.language}" if term.language else str(term)
    return str(term)


def _ours(server: Server, query: str) -> Counter[tuple[tuple[str, str], ...]]:
    response, body = server.get(query)
    assert response.status == 200, body
    found: Counter[tuple[tuple[str, str], ...]] = Counter()
    for row in json.loads(body)["results"]["bindings"]:
        cells = {
            name: f"{cell['value']}@{cell['xml:lang']}" if "xml:lang" in cell else cell["value"]
            for name, cell in row.items()
            if cell["type"] != "bnode"
        }
        found[tuple(sorted(cells.items()))] += 1
    return found


def _theirs(graph: Graph, query: str) -> Counter[tuple[tuple[str, str], ...]]:
    found: Counter[tuple[tuple[str, str], ...]] = Counter()
    result = graph.query(query)
    names = [Variable(name) for name in result.vars or ()]
    for row in result.bindings:
        cells = {
            str(n): _value(row[n]) for n in names if n in row and type(row[n]).__name__ != "BNode"
        }
        found[tuple(sorted(cells.items()))] += 1
    if "GROUP BY" in query:
        # rdflib makes one empty row of no groups; SPARQL 1.1 §18.5.1 has none then.
        del found[()]
    return found


@pytest.mark.slow
def test_both_engines_agree(server: Server, reference: Graph) -> None:
    @settings(
        max_examples=60,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(queries())
    def agree(query: str) -> None:
        assert _ours(server, query) == _theirs(reference, query), query

    agree()
