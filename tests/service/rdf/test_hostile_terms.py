"""Every writer of graphs with hostile terms: independent readers read the same graph.

If a format cannot hold a term, the writer refuses the graph and names the term.
"""

import itertools
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from xml.parsers import expat

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pyld import jsonld

from service import formats, iris
from service.formats import Format
from service.names import Names
from service.problems import NotAcceptable
from service.rdf.terms import is_iri
from service.rdf.turtle import write as house_turtle
from service.rdf.writers import represent

# rdflib 7.6 warns about its own use of deprecated names.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")

RDF, XSD = iris.RDF, iris.XSD
Graph = list[ox.Triple]

EVERY_FORMAT = pytest.mark.parametrize("fmt", formats.GRAPHS, ids=lambda f: f.name)
NARROW = {formats.RDF_XML, formats.JSON_LD}


@pytest.fixture(autouse=True, scope="module")
def lexical_forms() -> Iterator[None]:
    """Make rdflib keep lexical forms, and not log invalid values."""
    rdflib.NORMALIZE_LITERALS = False
    logger = logging.getLogger("rdflib.term")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(level)
    rdflib.NORMALIZE_LITERALS = True


# -- readers ----------------------------------------------------------------------------------


def by_rdflib(data: bytes, fmt: Format) -> Graph:
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data=data, format=fmt.media_type)
    return [ox.Triple(*map(of_rdflib, triple)) for triple in dataset.triples((None, None, None))]


def of_rdflib(node: object):  # type: ignore[no-untyped-def]
    if isinstance(node, rdflib.BNode):
        return ox.BlankNode("b" + str(node).encode().hex())
    if isinstance(node, rdflib.Literal):
        datatype = None if node.language else ox.NamedNode(node.datatype or iris.XSD_STRING)
        return ox.Literal(str(node), datatype=datatype, language=node.language)
    return ox.NamedNode(str(node))


def by_oxigraph(data: bytes, fmt: Format) -> Graph:
    rdf_format = ox.RdfFormat.from_media_type(fmt.media_type)
    return [quad.triple for quad in ox.parse(data, rdf_format)]


def by_pyld(data: bytes, _: Format) -> Graph:
    dataset = jsonld.to_rdf(json.loads(data))
    return [
        ox.Triple(*(of_pyld(triple[part]) for part in ("subject", "predicate", "object")))
        for triple in dataset.get("@default", [])
    ]


def of_pyld(node: dict[str, str]):  # type: ignore[no-untyped-def]
    value = node["value"]
    if node["type"] == "blank node":
        return ox.BlankNode("b" + value.encode().hex())
    if node["type"] == "literal":
        language = node.get("language")
        datatype = None if language else ox.NamedNode(node["datatype"])
        return ox.Literal(value, datatype=datatype, language=language)
    return ox.NamedNode(value)


def readers(fmt: Format, graph: Graph) -> list[Callable[[bytes, Format], Graph]]:
    """Return the readers of a format that can read all terms of a graph."""
    if fmt is formats.JSON_LD:
        return [by_pyld, by_oxigraph]
    # rdflib 7.6 cannot read names that end in an escaped full stop, which Turtle allows.
    iris_of = {text for triple in graph for text in re.findall(r"<([^>]*)>", str(triple))}
    dotted = fmt in {formats.TURTLE, formats.TRIG} and any(iri.endswith(".") for iri in iris_of)
    return [by_oxigraph] if dotted or any(map(is_new, graph)) else [by_rdflib, by_oxigraph]


def is_new(triple: ox.Triple) -> bool:
    """Whether a triple is not RDF 1.1."""
    value = triple.object
    return isinstance(value, ox.Triple) or (isinstance(value, ox.Literal) and bool(value.direction))


def canonical(graph: Iterable[ox.Triple]) -> ox.Dataset:
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in graph)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


# -- terms ------------------------------------------------------------------------------------

SCHEMES = ["http://e/", "https://e.org/o#", "urn:", "doi:", "tag:", "x-a.b+c:", "mailto:"]
SCHEMES += ["label:", "id:", "type:", "rdfs:", "ex:", "http:", "ns:", RDF, iris.RDFS, iris.CDMO]
TAILS = ["", "a", "A1", "12", "a/12", "a#b", "#", "#1", "//x", "a//b", "a:b", ":", "a.", "a.b", "."]
TAILS += ["label", "type", "id", "subject", "li", "_1", "Description", "nodeID", "a'b", "a(b)", "é"]
TAILS += [
    "_",
    "-",
    "a-",
    "%20a",
    "a%C3%A9",
    "a?b=c&d=e",
    "~x",
    "!$*+,;=@",
    "\u0300",
    "中/文",
    "𝔘𝔫𝔦",
]

PREFIXES = ["", "doi", "urn", "tag", "mailto", "http", "https", "label", "comment", "id", "type"]
PREFIXES += [
    "rdf",
    "rdfs",
    "xml",
    "xmlns",
    "XMLa",
    "cdmo",
    "CDMO",
    "ex",
    "ns",
    "a.b",
    "é",
    "\u00b5",
]
PREFIXES += ["\u00b5", "0a", "a b", "_", "a-", "a.", "@type", "subject", "vocab", "rdf:"]

prefixes = st.dictionaries(
    st.sampled_from(PREFIXES),
    st.one_of(
        st.sampled_from([s for s in SCHEMES if s not in {"http:"}]),
        st.sampled_from(["http://e/a", "http://e/a/", "urn:a", "https://e.org/o#l", "http://e/12"]),
        st.sampled_from(
            ["http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/", RDF + "l"]
        ),
    ),
    max_size=5,
)
named = (
    st.builds(
        "".join,
        st.tuples(
            st.sampled_from(SCHEMES), st.sampled_from(TAILS) | st.text("aé1/#:.-_%'", max_size=8)
        ),
    )
    .filter(is_iri)
    .map(ox.NamedNode)
)
blank = st.sampled_from(["a", "b", "0", "a.b", "_", "_61"]).map(ox.BlankNode)
texts = st.one_of(
    st.text(max_size=20),
    st.text("\t\n\r \"'\\<>&]", max_size=8),
    st.sampled_from(
        ["a\rb", "\r\n", " ", "\ta\n", "]]>", "&amp;", "\x0b", "\x00", "\ufffe", "\x85"]
    ),
    st.sampled_from(
        ["\u2028", "true", "0.1", "-0", "1e400", "INF", "NaN", "007", "@id", "http://e/"]
    ),
)
tags = st.sampled_from(
    ["en", "EN", "en-GB", "zh-Hans", "pt-br", "x-private", "de-1996", "de-CH-1901"]
)
datatypes = st.one_of(
    st.sampled_from([XSD + name for name in ("string", "integer", "boolean", "decimal", "date")]),
    st.sampled_from([RDF + name for name in ("JSON", "HTML", "XMLLiteral", "PlainLiteral")]),
    named.map(lambda node: node.value),
)


def is_read_anew(literal: ox.Literal) -> bool:
    """Whether rdflib normalises a Turtle literal, or rejects it."""
    datatype = literal.datatype.value
    if datatype in {XSD + "integer", XSD + "decimal"}:
        return re.match(r"\+|-0|0\d|-?\.|\d+\.$", literal.value) is not None
    return datatype == RDF + "langString" and not literal.language


literals = st.one_of(
    texts.map(ox.Literal),
    st.builds(lambda text, tag: ox.Literal(text, language=tag), texts, tags),
    st.builds(lambda text, d: ox.Literal(text, datatype=ox.NamedNode(d)), texts, datatypes),
    st.integers().map(ox.Literal),
    st.booleans().map(ox.Literal),
).filter(lambda value: not is_read_anew(value))
predicates = named | st.sampled_from(
    [iris.TYPE, iris.FIRST, iris.REST, iris.LABEL, iris.COMMENT, iris.CDMO + "subject", RDF + "li"]
).map(ox.NamedNode)
triples = st.builds(ox.Triple, named | blank, predicates, named | blank | literals)
newer = st.builds(
    ox.Triple,
    named,
    named,
    triples
    | st.builds(
        lambda text, way: ox.Literal(text, language="ar", direction=way),
        texts,
        st.sampled_from([ox.BaseDirection.RTL, ox.BaseDirection.LTR]),
    ),
)
graphs = st.lists(triples, max_size=6) | st.lists(triples | newer, max_size=3)


# -- the rule ---------------------------------------------------------------------------------

NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
SYNTAX = {RDF + name for name in ["RDF", "ID", "about", "parseType", "resource", "nodeID"]}
SYNTAX |= {RDF + name for name in ["datatype", "Description", "li"]}
OF_XML = ("http://www.w3.org/2000/xmlns/", "http://www.w3.org/XML/1998/namespace")


def may_be_refused(triple: ox.Triple, fmt: Format) -> bool:
    """Whether a format cannot hold a triple, by its specification."""
    if fmt not in NARROW or is_new(triple):
        return fmt in NARROW
    text = triple.object.value if isinstance(triple.object, ox.Literal) else ""
    return fmt is formats.RDF_XML and (
        NO_XML.search(text) is not None
        or triple.predicate.value in SYNTAX
        or triple.predicate.value.startswith(OF_XML)
        or not ends_in_a_name(triple.predicate.value)
    )


def ends_in_a_name(iri: str) -> bool:
    """Whether a suffix of an IRI can be an element's name; no suffix begins within an escape."""
    starts = [n for n in range(len(iri)) if "%" not in iri[max(0, n - 2) : n]]
    return any(is_element(iri[start:]) for start in starts)


def is_element(name: str) -> bool:
    """Whether expat, which follows XML 1.0, fourth edition, reads an element with a name."""
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(f"<{name}/>", True)
    except expat.ExpatError:
        return False
    return ":" not in name and name.isprintable() and not set(name) & set(" /")


@EVERY_FORMAT
@settings(deadline=None)
@given(graph=graphs, declared=prefixes)
def test_a_graph_is_read_back_unchanged_or_refused(
    fmt: Format, graph: Graph, declared: dict[str, str]
) -> None:
    refusal = None
    try:
        data = represent(graph, fmt, Names(declared))
    except NotAcceptable as problem:
        refusal = problem
    if refusal:
        assert any(may_be_refused(triple, fmt) for triple in graph), refusal.detail
        assert refusal.extras["offers"]
        return
    expected = canonical(graph)
    for read in readers(fmt, graph):
        assert canonical(read(data, fmt)) == expected, data.decode()
    # libxml2 demands namespaces that are URIs.
    if fmt is formats.RDF_XML and data.isascii():
        etree.fromstring(data)


@EVERY_FORMAT
def test_a_long_chain_of_blank_nodes_survives(fmt: Format) -> None:
    """Long lists and deeply nested axioms are such chains."""
    nodes = [ox.BlankNode(f"n{number}") for number in range(5000)]
    rest, first = ox.NamedNode(iris.REST), ox.NamedNode(iris.FIRST)
    chain = [ox.Triple(a, rest, b) for a, b in itertools.pairwise(nodes)]
    chain += [ox.Triple(node, first, ox.Literal(n)) for n, node in enumerate(nodes)]
    for read in readers(fmt, [])[:1]:
        assert canonical(read(represent(chain, fmt, Names({})), fmt)) == canonical(chain)


def test_a_long_name_is_refused_quickly_and_briefly() -> None:
    iri = ox.NamedNode("http://e/" + "a-1" * 300_000 + "/")
    with pytest.raises(NotAcceptable) as refusal:
        represent([ox.Triple(iri, iri, iri)], formats.RDF_XML, Names({}))
    assert len(refusal.value.detail) < 500


@pytest.mark.parametrize("datatype", ["langString", "dirLangString"])
@EVERY_FORMAT
def test_a_language_string_without_a_tag_is_refused(fmt: Format, datatype: str) -> None:
    node = ox.NamedNode("http://e/a")
    value = ox.Literal("x", datatype=ox.NamedNode(RDF + datatype))
    for triple in (
        ox.Triple(node, node, value),
        ox.Triple(node, node, ox.Triple(node, node, value)),
    ):
        with pytest.raises(NotAcceptable, match=rf'"x"\^\^<.*#{datatype}>|triple terms'):
            represent([triple], fmt, Names({}))


@pytest.mark.parametrize("fmt", NARROW, ids=lambda f: f.name)
def test_an_invalid_iri_is_refused(fmt: Format) -> None:
    """A lenient parser accepts it."""
    lines = ["<http://e/a b> <urn:p> <urn:o> .", '<urn:s> <urn:p> "x"^^<http://e/{}> .']
    for line in lines:
        quads = ox.parse(line, ox.RdfFormat.N_TRIPLES, lenient=True)
        with pytest.raises(NotAcceptable, match="what is no IRI: <http://e/"):
            represent([quad.triple for quad in quads], fmt, Names({}))


@pytest.mark.parametrize(
    ("turtle", "fmt", "message"),
    [
        ('<urn:a> <urn:p> "a\\u000Bb" .', formats.RDF_XML, r'control characters: "a\\u000Bb"\.'),
        ("<urn:a> <urn:p/1> 2 .", formats.RDF_XML, r"does not end in a name: <urn:p/1>\."),
        ("<urn:a> <urn:p> <<( <urn:a> <urn:b> 1 )>> .", formats.JSON_LD, "triple terms: <urn:a>"),
        ('<urn:a> <urn:p> "x"@ar--rtl .', formats.JSON_LD, 'the direction of a text: "x"@ar--rtl'),
    ],
)
def test_a_refusal_names_the_term_and_other_formats(turtle: str, fmt: Format, message: str) -> None:
    graph = [quad.triple for quad in ox.parse(turtle, ox.RdfFormat.TURTLE)]
    with pytest.raises(NotAcceptable, match=f"{fmt.label} cannot hold .*{message}") as refusal:
        represent(graph, fmt, Names({}))
    offers = refusal.value.extras["offers"]
    assert "text/turtle" in offers
    assert not {other.media_type for other in NARROW} & set(offers)


@pytest.mark.parametrize("iri", ["urn:class/12", RDF + "li", RDF + "Description"])
def test_a_class_without_a_name_in_xml_is_written_as_a_value(iri: str) -> None:
    triple = ox.Triple(ox.NamedNode("urn:a"), ox.NamedNode(iris.TYPE), ox.NamedNode(iri))
    data = represent([triple], formats.RDF_XML, Names({}))
    assert by_rdflib(data, formats.RDF_XML) == [triple]


@settings(deadline=None)
@given(graph=graphs)
def test_the_turtle_of_the_ontology_holds_the_same_triples(graph: Graph) -> None:
    named = {"e": "http://e/", "rdf": RDF, "cdmo": iris.CDMO, "o": "https://e.org/o#"}
    if any(isinstance(triple.object, ox.Triple) for triple in graph):
        return
    data = house_turtle(graph, named).encode()
    for read in readers(formats.TURTLE, graph):
        assert canonical(read(data, formats.TURTLE)) == canonical(graph), data.decode()
