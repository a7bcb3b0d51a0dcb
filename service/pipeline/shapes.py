"""Check the sources against the SHACL shapes of ``ontology/shapes``.

:mod:`service.pipeline.quick_shapes` validates by the parts of SHACL that are in use. pySHACL is the
reference, and validates shapes with other parts; it reads rdflib graphs, which only this module and
:meth:`service.release.Release.dataset` use.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pyoxigraph as ox

from service import iris
from service.pipeline import graphs, quick_shapes
from service.pipeline.facts import Facts
from service.pipeline.loading import Loaded
from service.pipeline.quick_shapes import Result
from service.pipeline.shape_checks import check_shapes
from service.pipeline.violations import Violation, error
from service.problems import SourceError
from service.rdf.terms import Term, text

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node


def validate(store: ox.Store, names: Sequence[str], loaded: Loaded) -> list[Violation]:
    """Return a violation for each result of the validation of graphs of a store.

    A violation is named after its property shape, ``shape:<name>``. Faulty shapes are reported
    instead of their results.
    """
    violations, shapes = check_shapes(loaded)
    if not shapes:
        return violations
    results: Iterable[Result]
    try:
        results = quick_shapes.results(store, shapes, *names)
    except quick_shapes.NotCoveredError:
        usable = ox.Store()
        graphs.add(usable, "shapes", shapes)
        try:
            results = reference_results(store, names, usable)
        except SourceError as fault:
            folder = loaded.sources.ontology / "shapes"
            hint = "See SHACL, section 2."
            return [*violations, error("shapes-invalid", folder, None, fault.detail, hint)]
    facts = Facts(shapes)
    for result in results:
        value, focus = result.value, result.focus
        step = result.path or _first_step(result.shape, facts)
        least, message, description = (
            text(facts.value(result.shape, iris.SH + name))
            for name in ("minCount", "message", "description")
        )
        if value is None and least not in ("", "1") and step and not isinstance(focus, ox.Literal):
            # If values are too few, those in the block are right: name the block.
            step = None if len(graphs.values(store, focus, step.value)) < int(least) else step
        shown = f" [{loaded.name(value)}]" if not isinstance(value, ox.BlankNode | None) else ""
        violations.append(
            loaded.violation(
                text(result.shape).removeprefix(iris.SHAPE),
                graphs.owner(store, focus),
                f"{message}{shown}",
                description,
                "warning" if result.is_warning else "error",
                part=focus if isinstance(focus, ox.BlankNode) else None,
                predicate=step,
                value=value,
            )
        )
    return violations


def _first_step(shape: Term, facts: Facts) -> ox.NamedNode | None:
    """Return the first property of a path of several."""
    first = next(iter(facts.members(shape, iris.SH + "path")), None)
    return first if isinstance(first, ox.NamedNode) else None


def reference_results(store: ox.Store, names: Sequence[str], shapes: ox.Store) -> set[Result]:
    """Return the results of pySHACL.

    :param shapes: a store with the graph ``shapes``.
    :raises SourceError: if pySHACL cannot read the shapes.
    """
    # Imported here, as importing them takes longer than a check without them.
    from pyshacl import validate as validate_  # noqa: PLC0415
    from pyshacl.errors import ReportableRuntimeError  # noqa: PLC0415
    from rdflib import RDF, SH, Graph  # noqa: PLC0415

    data, shapes_graph = rdflib_graph(store, *names), rdflib_graph(shapes, "shapes")
    try:
        _, report, _ = validate_(
            data, shacl_graph=shapes_graph, inference="none", inplace=True, do_owl_imports=False
        )
    except (ReportableRuntimeError, ValueError) as fault:  # the latter from rdflib, of a list
        raise SourceError(str(fault)) from None
    if not isinstance(report, Graph):
        return set()  # pySHACL returns bytes or an error for other formats than a graph
    results = set()
    for node in report.subjects(RDF.type, SH.ValidationResult):
        shape, focus, path, value, severity = (
            _term(report.value(node, predicate))
            for predicate in (
                *(SH.sourceShape, SH.focusNode, SH.resultPath),
                *(SH.value, SH.resultSeverity),
            )
        )
        assert shape is not None
        assert focus is not None
        single = path if isinstance(path, ox.NamedNode) else None
        is_warning = text(severity) == iris.SH + "Warning"
        results.add(Result(shape, focus, single, value, is_warning))
    return results


def rdflib_graph(store: ox.Store, *names: str) -> "Graph":
    """Return the triples of graphs of the store as one rdflib graph."""
    import logging  # noqa: PLC0415 - as above

    from rdflib import Graph  # noqa: PLC0415

    # A literal that does not fit its datatype is the violation of a check; rdflib would log it.
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
    data = ox.serialize(graphs.triples(store, *names), format=ox.RdfFormat.N_TRIPLES)
    graph = Graph(bind_namespaces="none")
    return graph.parse(data=data, format="nt", bnode_context=_SameLabels())


class _SameLabels(dict[str, str]):
    """The labels of blank nodes for rdflib: as the store has them, so that each has its place."""

    def get(self, label: str, default: object = None) -> str:
        return label


def _term(node: "Node | None") -> Term | None:
    from rdflib import BNode, Literal  # noqa: PLC0415 - as above

    if isinstance(node, Literal):
        datatype = ox.NamedNode(str(node.datatype)) if node.datatype else None
        return ox.Literal(str(node), language=node.language, datatype=datatype)
    if isinstance(node, BNode):
        return ox.BlankNode(str(node))
    return ox.NamedNode(str(node)) if node is not None else None
