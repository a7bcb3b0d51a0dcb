"""The writer of each graph format: the graph that is read back is the one written."""

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic

from service import formats, iris
from service.formats import Format
from service.iris import BASE
from service.library import Library, describe
from service.names import Names
from service.rdf.writers import WRITERS, represent

# rdflib 7.6 warns about its own use of deprecated names.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")

EVERY_FORMAT = pytest.mark.parametrize("graph_format", formats.GRAPHS, ids=lambda f: f.name)

EXAMPLE = "https://example.org/"


def read_by_rdflib(data: bytes, graph_format: Format) -> rdflib.Graph:
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data=data, format=graph_format.media_type)
    graph = rdflib.Graph()
    for triple in dataset.triples((None, None, None)):
        graph.add(triple)
    return graph


def read_by_oxigraph(data: bytes, graph_format: Format) -> list[ox.Triple]:
    rdf_format = ox.RdfFormat.from_media_type(graph_format.media_type)
    return [quad.triple for quad in ox.parse(data, rdf_format)]


def test_every_graph_format_has_one_writer() -> None:
    assert set(WRITERS) == set(formats.GRAPHS)


def test_every_format_holds_the_same_graph_for_every_resource(small: Library) -> None:
    documents = [iri for iri in small.documents if iri.startswith(BASE)]
    assert len(documents) > 200
    for iri in documents:
        triples = describe(small, iri).triples
        graphs = {f: read_by_rdflib(represent(triples, f, small.names), f) for f in WRITERS}
        for graph_format, graph in graphs.items():
            assert len(graph) == len(triples), (iri, graph_format.name)
            assert isomorphic(graph, graphs[formats.N_TRIPLES]), (iri, graph_format.name)


AWKWARD_VALUES: list[ox.NamedNode | ox.BlankNode | ox.Literal] = [
    ox.Literal("plain"),
    ox.Literal("hello", language="en"),
    ox.Literal("bonjour", language="fr"),
    ox.Literal("007", datatype=ox.NamedNode(iris.XSD_INTEGER)),
    ox.Literal("7", datatype=ox.NamedNode(iris.XSD_INTEGER)),
    ox.Literal("9007199254740993", datatype=ox.NamedNode(iris.XSD_INTEGER)),
    ox.Literal("1", datatype=ox.NamedNode(iris.XSD_BOOLEAN)),
    ox.Literal("true", datatype=ox.NamedNode(iris.XSD_BOOLEAN)),
    ox.Literal("2026-11-22", datatype=ox.NamedNode(iris.XSD_DATE)),
    ox.Literal("1.0E0", datatype=ox.NamedNode(iris.XSD_DOUBLE)),
    ox.Literal('{"a": 1}', datatype=ox.NamedNode(iris.RDF + "JSON")),
    ox.Literal("x", datatype=ox.NamedNode("urn:datatype")),
    ox.Literal('</script> & "quotes" \\ \n new line'),
    ox.Literal("naïve ☤ 𝔘𝔫𝔦"),
    ox.NamedNode("https://example.org/elsewhere"),
    ox.NamedNode("mailto:someone@example.org"),
    ox.NamedNode(BASE + "claim/0000001#cdct-002"),
    ox.BlankNode("x"),
]


@EVERY_FORMAT
def test_awkward_values_survive(small: Library, graph_format: Format) -> None:
    subject = ox.NamedNode(BASE + "id/CDMO_0000001")
    predicate = ox.NamedNode(BASE + "schema/note")
    triples = [ox.Triple(subject, predicate, value) for value in AWKWARD_VALUES]
    data = represent(triples, graph_format, small.names)
    # Read by Oxigraph: rdflib would read "007" as "7".
    values = {triple.object for triple in read_by_oxigraph(data, graph_format)}
    assert {x for x in values if not isinstance(x, ox.BlankNode)} == set(AWKWARD_VALUES[:-1])
    assert len(values) == len(AWKWARD_VALUES)


@EVERY_FORMAT
@pytest.mark.parametrize("value", AWKWARD_VALUES[:-1], ids=str)
def test_an_awkward_value_survives_alone(
    small: Library, graph_format: Format, value: ox.NamedNode | ox.Literal
) -> None:
    triple = ox.Triple(ox.NamedNode("urn:a:b"), ox.NamedNode(iris.LABEL), value)
    data = represent([triple], graph_format, small.names)
    assert read_by_oxigraph(data, graph_format) == [triple]


@EVERY_FORMAT
@pytest.mark.parametrize(
    "prefixes",
    [
        pytest.param({"dct": EXAMPLE, "dcterms": EXAMPLE}, id="two of one namespace"),
        pytest.param({"ex": EXAMPLE, "EX": EXAMPLE + "a/"}, id="two that differ by case"),
        pytest.param({"a": EXAMPLE, "b": EXAMPLE + "a/"}, id="nested namespaces"),
        pytest.param({"": EXAMPLE}, id="empty"),
        pytest.param({"urn": EXAMPLE}, id="also a scheme"),
        pytest.param({"https": EXAMPLE}, id="also the scheme of the namespace"),
        pytest.param({"id": EXAMPLE, "type": EXAMPLE + "a/"}, id="also keywords"),
        pytest.param({"label": EXAMPLE}, id="also a key"),
        pytest.param({"rdf": EXAMPLE}, id="usually of another namespace"),
        pytest.param({"xml": EXAMPLE, "xmlns": EXAMPLE + "a/"}, id="reserved in XML"),
        pytest.param({"0a": EXAMPLE, "a b": EXAMPLE + "a/"}, id="no prefix in Turtle"),
        pytest.param({"é": EXAMPLE, "a.b": EXAMPLE + "a/"}, id="unusual"),
        pytest.param({"ex": "https://example.org/A"}, id="namespace without delimiter"),
    ],
)
def test_any_prefixes_leave_the_triples_as_they_are(
    prefixes: dict[str, str], graph_format: Format
) -> None:
    names = ["", "a", "a/", "a/b", "A1", "A//1", "A:1"]
    nodes = [ox.NamedNode(EXAMPLE + name) for name in names] + [ox.NamedNode("urn:a")]
    triples = {
        ox.Triple(node, ox.NamedNode(EXAMPLE + "p"), other) for node in nodes for other in nodes
    }
    triples |= {ox.Triple(node, ox.NamedNode(iris.TYPE), node) for node in nodes}
    triples |= {ox.Triple(node, ox.NamedNode(iris.LABEL), ox.Literal("é")) for node in nodes}
    data = represent(triples, graph_format, Names(prefixes))
    assert set(read_by_oxigraph(data, graph_format)) == triples


def test_turtle_declares_the_prefixes_that_it_uses_and_no_other(small: Library) -> None:
    triple = ox.Triple(
        ox.NamedNode(BASE + "id/CDMO_0000001"), ox.NamedNode(iris.LABEL), ox.Literal("x")
    )
    data = represent([triple], formats.TURTLE, small.names).decode()
    assert data.count("@prefix") == 2
    assert "CDMO:0000001 rdfs:label" in data


def test_names_are_written_with_the_first_prefix_of_a_namespace() -> None:
    triple = ox.Triple(ox.NamedNode(EXAMPLE + "a"), ox.NamedNode(iris.LABEL), ox.Literal("x"))
    names = Names({"one": EXAMPLE, "another": EXAMPLE})
    assert b"one:a" in represent([triple], formats.TURTLE, names)
    assert b'"one:a"' in represent([triple], formats.JSON_LD, names)


@EVERY_FORMAT
def test_blank_nodes_are_labelled_alike_in_every_run(small: Library, graph_format: Format) -> None:
    iri = BASE + "id/CDMO_0000012"
    again = Library(ox.Store(), small.names)
    again.store.extend(
        ox.Quad(_renamed(q.subject), q.predicate, _renamed(q.object), q.graph_name)
        for q in small.store
    )
    data = represent(describe(small, iri).triples, graph_format, small.names)
    assert data == represent(describe(again, iri).triples, graph_format, small.names)


def _renamed(node: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple):  # type: ignore[no-untyped-def]
    return ox.BlankNode(f"z{node.value[::-1]}") if isinstance(node, ox.BlankNode) else node
