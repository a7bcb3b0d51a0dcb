"""Check the sources against the SHACL shapes of ``ontology/shapes``.

pySHACL reads rdflib graphs; this is the only place where the pipeline makes them.
"""

import logging
from collections.abc import Iterator

import pyoxigraph as ox
import pyshacl
from pyshacl.errors import ReportableRuntimeError
from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from service import iris
from service.pipeline import graphs
from service.pipeline.loading import Loaded
from service.pipeline.violations import Violation, error
from service.rdf.terms import Term


def rdflib_graph(store: ox.Store, *names: str) -> Graph:
    """Return the triples of graphs of the store as one rdflib graph."""
    # A literal that does not fit its datatype is the violation of a check; rdflib would log it.
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
    data = ox.serialize(graphs.triples(store, *names), format=ox.RdfFormat.N_TRIPLES)
    graph = Graph(bind_namespaces="none")
    return graph.parse(data=data, format="nt", bnode_context=_SameLabels())


class _SameLabels(dict[str, str]):
    """The labels of blank nodes for rdflib: as the store has them, so that each has its place."""

    def get(self, label: str, default: object = None) -> str:
        return label


def validate(data: Graph, loaded: Loaded) -> list[Violation]:
    """Return a violation for each result of the validation of a graph.

    A result is called after its property shape, ``shape:<name>``.
    """
    shapes = rdflib_graph(loaded.store, "shapes")
    if not len(shapes):
        return []
    try:
        _, report, _ = pyshacl.validate(
            data, shacl_graph=shapes, inference="none", inplace=True, do_owl_imports=False
        )
    except (ReportableRuntimeError, ValueError) as fault:  # the latter from rdflib, of a list
        folder = loaded.sources.ontology / "shapes"
        return [error("shapes-invalid", folder, None, str(fault), "See SHACL, section 2.")]
    return list(_violations(report, data, shapes, loaded))


def _violations(report: object, data: Graph, shapes: Graph, loaded: Loaded) -> Iterator[Violation]:
    if not isinstance(report, Graph):
        return  # pySHACL returns bytes or an error for other formats than a graph
    for result in report.subjects(RDF.type, SH.ValidationResult):
        shape = report.value(result, SH.sourceShape)
        focus = report.value(result, SH.focusNode)
        path = _term(report.value(result, SH.resultPath))
        value = _term(report.value(result, SH.value))
        shown = f" [{loaded.name(value)}]" if not isinstance(value, ox.BlankNode | None) else ""
        yield loaded.violation(
            str(shape).removeprefix(iris.SHAPE),
            _owner(data, focus),
            f"{shapes.value(shape, SH.message)}{shown}",
            str(shapes.value(shape, SH.description) or ""),
            "warning" if report.value(result, SH.resultSeverity) == SH.Warning else "error",
            part=_term(focus) if isinstance(focus, BNode) else None,
            predicate=path if isinstance(path, ox.NamedNode) else None,
            value=value,
        )


def _term(node: Node | None) -> Term | None:
    if isinstance(node, Literal):
        datatype = ox.NamedNode(str(node.datatype)) if node.datatype else None
        return ox.Literal(str(node), language=node.language, datatype=datatype)
    if isinstance(node, BNode):
        return ox.BlankNode(str(node))
    return ox.NamedNode(str(node)) if node is not None else None


def _owner(data: Graph, node: Node | None) -> str:
    """Return the IRI of a node, or of the block whose part a blank node is."""
    seen: set[Node] = set()
    while isinstance(node, BNode) and node not in seen:
        seen.add(node)
        node = next(iter(data.subjects(None, node)), None)
    return str(node) if isinstance(node, URIRef) else ""
