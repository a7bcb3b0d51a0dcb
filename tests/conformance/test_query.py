"""W3C SPARQL 1.1 tests: query evaluation, result formats and syntax, over HTTP."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from itertools import permutations
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from ..system.server import Server
from . import manifests
from .conftest import folder, parameters
from .manifests import QueryTest, address

FORM = "application/x-www-form-urlencoded"
ROOT = folder()
EVALUATED = (
    [t for t in manifests.query_tests(ROOT, manifests.EVALUATION) if "Syntax" not in t.kind]
    if ROOT
    else []
)
SYNTAX = (
    [
        t
        for t in manifests.query_tests(ROOT, (*manifests.EVALUATION, *manifests.SYNTAX))
        if "Syntax" in t.kind
    ]
    if ROOT
    else []
)
Row = tuple[tuple[str, str], ...]
Result = tuple[frozenset[str], list[Row]] | bool


def ask(server: Server, test: QueryTest, accept: str) -> tuple[int, bytes]:
    """Send the query with the dataset that the test names."""
    base = f"BASE <{address(test.query)}>\n"
    fields = [("query", base + test.query.read_bytes().decode("utf-8"))]
    if not re.search(r"\bFROM\b", fields[0][1]):  # otherwise the query names its dataset
        default = [address(p) for p in test.data] or ["urn:empty"]
        fields += [("default-graph-uri", graph) for graph in default]
        fields += [("named-graph-uri", address(p)) for p in test.graphs]
    response, body = server.ask(
        "POST", "/sparql", urlencode(fields).encode(), Accept=accept, Content_Type=FORM
    )
    return response.status, body


def rows(data: bytes, form: ox.QueryResultsFormat) -> Result:
    """Return the variables and the rows of a result, or a boolean."""
    result = ox.parse_query_results(data, form)
    if isinstance(result, ox.QueryBoolean):
        return bool(result)
    names = [v.value for v in result.variables]
    return frozenset(names), [
        tuple(sorted((n, _text(t)) for n in names if (t := solution[n]) is not None))
        for solution in result
    ]


def _text(term: object) -> str:
    """Write a term; numbers of equal value have equal text."""
    if isinstance(term, ox.Literal) and term.datatype.value.rpartition("#")[2] in {
        "decimal",
        "double",
        "float",
    }:
        return f"{float(term.value):.12g}^^{term.datatype.value}"
    return str(term)


def same_rows(left: Iterable[Row], right: Iterable[Row]) -> bool:
    """Tell whether two bags of rows are equal but for the names of blank nodes."""
    first, second = list(left), list(right)
    if Counter(first) == Counter(second):
        return True
    ours = sorted({v for row in first for _, v in row if v.startswith("_:")})
    theirs = sorted({v for row in second for _, v in row if v.startswith("_:")})
    if len(ours) != len(theirs) or len(ours) > 8:
        return False
    for order in permutations(theirs):
        names = dict(zip(ours, order, strict=True))
        renamed = [tuple((n, names.get(v, v)) for n, v in row) for row in first]
        if Counter(tuple(sorted(r)) for r in renamed) == Counter(second):
            return True
    return False


def result_set(data: bytes, base: str) -> list[Row]:
    """Return the rows of a result written as RDF (DAWG result set vocabulary)."""
    store = ox.Store()
    store.load(data, ox.RdfFormat.TURTLE, base_iri=base)
    query = """PREFIX rs: <http://www.w3.org/2001/sw/DataAccess/tests/result-set#>
        SELECT ?row ?name ?value { ?set rs:solution ?row
          OPTIONAL { ?row rs:binding [ rs:variable ?name ; rs:value ?value ] } }"""
    bindings: dict[str, list[tuple[str, str]]] = {}
    for row in store.query(query):  # type: ignore[union-attr]
        pairs = bindings.setdefault(str(row["row"]), [])
        if row["name"] is not None:
            pairs.append((row["name"].value, _text(row["value"])))
    return [tuple(sorted(pairs)) for pairs in bindings.values()]


def graph(data: bytes, form: ox.RdfFormat, base: str | None = None) -> ox.Dataset:
    """Return the triples with canonical names for blank nodes."""
    triples = ox.Dataset(ox.parse(data, form, base_iri=base))
    triples.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return triples


def csv_rows(data: bytes) -> list[Row]:
    """Return the rows of a CSV result, blank nodes without their names."""
    return [
        tuple(sorted((k, "_:" if v.startswith("_:") else v) for k, v in row.items()))
        for row in csv.DictReader(io.StringIO(data.decode()))
    ]


def assert_same(result: Result, expected: Result) -> None:
    """Compare two results: booleans, or variables and rows."""
    if isinstance(result, bool) or isinstance(expected, bool):
        assert result == expected
    else:
        assert result[0] == expected[0]
        assert same_rows(result[1], expected[1]), result


@pytest.mark.parametrize("test", parameters(EVALUATED))
def test_evaluation(server: Server, test: QueryTest) -> None:
    assert test.result is not None
    expected = test.result.read_bytes()
    match test.result.suffix:
        case ".srx" | ".srj":
            status, body = ask(server, test, "application/sparql-results+json")
            assert status == 200, body
            form = (
                ox.QueryResultsFormat.XML
                if test.result.suffix == ".srx"
                else ox.QueryResultsFormat.JSON
            )
            assert_same(rows(body, ox.QueryResultsFormat.JSON), rows(expected, form))
        case ".csv":
            status, body = ask(server, test, "text/csv")
            assert status == 200, body
            assert Counter(csv_rows(body)) == Counter(csv_rows(expected))
        case ".tsv":
            status, body = ask(server, test, "text/tab-separated-values")
            assert status == 200, body
            tsv = ox.QueryResultsFormat.TSV
            assert_same(rows(body, tsv), rows(expected, tsv))
        case _ if b"ResultSet" in expected:
            status, body = ask(server, test, "application/sparql-results+json")
            assert status == 200, body
            result = rows(body, ox.QueryResultsFormat.JSON)
            assert not isinstance(result, bool)
            assert same_rows(result[1], result_set(expected, address(test.result)))
        case _:
            status, body = ask(server, test, "application/n-triples")
            assert status == 200, body
            expected_graph = graph(expected, ox.RdfFormat.TURTLE, address(test.result))
            assert graph(body, ox.RdfFormat.N_TRIPLES) == expected_graph


@pytest.mark.parametrize("test", parameters(SYNTAX))
def test_syntax(server: Server, test: QueryTest) -> None:
    """A valid query is answered, or refused by a rule; an invalid one is a 400 with its line."""
    status, body = ask(server, test, "*/*")
    if "Negative" in test.kind:
        assert status == 400, body
        assert b'"line"' in body
    else:
        assert status in {200, 403}, body
