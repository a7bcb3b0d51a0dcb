"""Solutions with hostile terms: independent readers read the engine's solutions."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from service import formats, iris
from service.problems import NotAcceptable
from service.rdf.solutions import XmlOutput, write_solutions

# rdflib 7.6 warns about its own use of deprecated names.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")

RESULTS = "{http://www.w3.org/2005/sparql-results#}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
Rows = list[tuple[Any, ...]]


def by_lxml(data: bytes) -> Rows:
    def term(node: Any) -> Any:
        value, kind = node.text or "", node.tag.removeprefix(RESULTS)
        return term_of(kind, value, node.get("datatype"), node.get(LANGUAGE))

    document = etree.fromstring(data)
    names = [node.get("name") for node in document.iter(f"{RESULTS}variable")]
    rows = [
        {binding.get("name"): term(binding[0]) for binding in result}
        for result in document.iter(f"{RESULTS}result")
    ]
    return [tuple(row.get(name) for name in names) for row in rows]


def by_json(data: bytes) -> Rows:
    document = json.loads(data)
    return [
        tuple(
            term_of(x["type"], x["value"], x.get("datatype"), x.get("xml:lang"))
            if (x := row.get(name))
            else None
            for name in document["head"]["vars"]
        )
        for row in document["results"]["bindings"]
    ]


def term_of(kind: str, value: str, datatype: str | None, language: str | None) -> Any:
    if kind == "uri":
        return ox.NamedNode(value)
    if kind == "bnode":
        return ox.BlankNode(value)
    node = ox.NamedNode(datatype) if datatype else None
    return ox.Literal(value, datatype=node, language=language)


def by_turtle(data: bytes) -> Rows:
    """Read TSV, whose cells are terms of Turtle."""
    _, *lines = data.decode().removesuffix("\n").split("\n")
    return [tuple(cell_of(cell) for cell in line.split("\t")) for line in lines]


def cell_of(cell: str) -> Any:
    if not cell or cell.startswith("_:"):  # a blank node's label holds only within one document
        return ox.BlankNode(cell[2:]) if cell else None
    graph = rdflib.Graph().parse(data=f"<urn:s> <urn:p> {cell} .", format="turtle")
    [node] = graph.objects()
    if isinstance(node, rdflib.Literal):
        return term_of("literal", str(node), node.datatype, node.language)
    return ox.NamedNode(str(node))


READERS: dict[formats.Format, Callable[[bytes], Rows]] = {
    formats.XML: by_lxml,
    formats.JSON: by_json,
    formats.TSV: by_turtle,
}

texts = st.text(max_size=12) | st.text("\r\n\t \"'\\<>&,]\x0b\x00\x85\u2028\ufffe", max_size=6)
terms = st.one_of(
    texts.map(ox.Literal),
    texts.map(lambda text: ox.Literal(text, language="en-GB")),
    texts.map(lambda text: ox.Literal(text, datatype=ox.NamedNode("http://e/d?a&b='c'"))),
    st.integers(-(2**62), 2**62).map(ox.Literal),
    st.booleans().map(ox.Literal),
    st.sampled_from(["http://e/?a&b='c'", "urn:\u00e9", "tag:,a"]).map(ox.NamedNode),
    st.just(ox.BlankNode("b0")),
)


def written(values: list[Any], fmt: formats.Format) -> tuple[Rows, bytes]:
    """Return the engine's solutions for some values, and the document with them."""
    store = ox.Store()
    number = ox.NamedNode("http://e/p")
    store.extend(ox.Quad(ox.NamedNode(f"urn:{n}"), number, v) for n, v in enumerate(values))
    rows = [tuple(solution) for solution in select(store)]
    output = io.BytesIO()
    write_solutions(select(store), output, fmt)
    return rows, output.getvalue()


def select(store: ox.Store) -> ox.QuerySolutions:
    solutions = store.query("SELECT ?s ?x ?none { ?s <http://e/p> ?x } ORDER BY ?s")
    assert isinstance(solutions, ox.QuerySolutions)
    return solutions


@pytest.mark.parametrize("fmt", READERS, ids=lambda f: f.name)
@settings(deadline=None)
@given(values=st.lists(terms, max_size=5))
def test_solutions_are_read_back_unchanged_or_refused(
    fmt: formats.Format, values: list[Any]
) -> None:
    refusal = None
    try:
        rows, data = written(values, fmt)
    except NotAcceptable as problem:
        refusal = problem
    if refusal:
        assert fmt is formats.XML
        assert set("".join(x.value for x in values)) & set("\ufffe\uffff" + NOT_XML), refusal.detail
        return
    assert READERS[fmt](data) == rows


NOT_XML = "".join(chr(n) for n in range(32) if chr(n) not in "\t\n\r")


@settings(deadline=None)
@given(values=st.lists(terms.filter(lambda term: not isinstance(term, ox.BlankNode)), max_size=5))
def test_csv_has_the_text_of_each_value(values: list[Any]) -> None:
    rows, data = written(values, formats.CSV)
    _, *cells = csv.reader(io.StringIO(data.decode(), newline=""))
    assert [row[1] for row in cells] == [row[1].value for row in rows]


@pytest.mark.parametrize("cut", range(1, 6))
def test_a_control_character_is_found_wherever_the_engine_cuts_its_output(cut: int) -> None:
    data = "<literal>a\ufffeb</literal>".encode()
    output = XmlOutput(io.BytesIO())
    parts = [data[start : start + cut] for start in range(0, len(data), cut)]
    with pytest.raises(NotAcceptable, match=r'XML cannot hold control characters: "a\\uFFFE…"'):
        list(map(output.write, parts))


def test_a_carriage_return_is_kept() -> None:
    _, data = written([ox.Literal("a\rb"), ox.Literal("a\r\nb")], formats.XML)
    assert [row[1].value for row in by_lxml(data)] == ["a\rb", "a\r\nb"]
    assert iris.XSD_STRING.encode() not in data
