"""Run the checks of ``ontology/checks`` and ``ontology/shapes`` and report what they find.

A check is a SPARQL query ``<name>-violation.rq`` that selects ``?entity ?property ?value`` and
must return nothing, or a SHACL property shape ``shape:<name>``. A query opens with comments: the
rule in one sentence, why, and optionally ``# help:``, ``# severity: warning``,
``# stage: release`` (with what is derived and inferred; otherwise the sources alone) and
``# graphs:`` (the graphs it looks at; otherwise all).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal

import pyoxigraph as ox
import pyshacl
from rdflib import RDF, RDFS, SH, BNode, Graph, URIRef
from rdflib.term import Node

from service.pipeline.sources import Loaded
from service.pipeline.violations import Severity, Violation
from service.pipeline.vocabulary import CDMO, SHAPE
from service.problems import SourceError
from service.release import GRAPHS, graph_iri

Stage = Literal["source", "release"]
SUFFIX = "-violation.rq"


@dataclass(frozen=True, slots=True)
class Check:
    """A violation query and what its opening comments say.

    :param graphs: local names of the graphs it looks at.
    """

    name: str
    rule: str
    why: str
    hint: str
    severity: Severity
    stage: Stage
    graphs: tuple[str, ...]
    query: str


def read_checks(folder: Path) -> list[Check]:
    """Read the violation queries of a folder, sorted by name."""
    return [_read_check(path) for path in sorted(folder.glob("*" + SUFFIX))]


def _read_check(path: Path) -> Check:
    text = path.read_text(encoding="utf-8")
    comments = [line[1:].strip() for line in text.splitlines() if line.startswith("#")]
    said: dict[str, str] = {}
    for comment in comments[1:]:
        key, _, value = comment.partition(":")
        said[key.lower()] = value.strip()
    if len(comments) < 2 or not said.get("why"):
        raise SourceError(f"{path} must open with its rule and, next, with '# Why: ...'.")
    severities: dict[str, Severity] = {"error": "error", "warning": "warning"}
    stages: dict[str, Stage] = {"source": "source", "release": "release"}
    severity = severities.get(said.get("severity", "error"))
    stage = stages.get(said.get("stage", "source"))
    if severity is None or stage is None:
        raise SourceError(f"{path}: the severity or the stage is not known.")
    graphs = tuple(g.strip() for g in said.get("graphs", "").split(",") if g.strip()) or GRAPHS
    name = path.name.removesuffix(SUFFIX)
    hint = said.get("help", "")
    return Check(name, comments[0], said["why"], hint, severity, stage, graphs, text)


def ask(check: Check, store: ox.Store, loaded: Loaded) -> list[Violation]:
    """Run one check and return a violation for each row."""
    graphs: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] = [
        ox.NamedNode(graph_iri(name)) for name in check.graphs
    ]
    try:
        rows = store.query(check.query, prefixes=dict(loaded.names.prefixes), default_graph=graphs)
    except SyntaxError as error:
        raise SourceError(f"The check {check.name} is not SPARQL: {error}") from None
    if not isinstance(rows, ox.QuerySolutions):
        raise SourceError(f"The check {check.name} is not a SELECT query.")
    names = [v.value for v in rows.variables]
    found = []
    for row in rows:
        said = {n: row[n] for n in names}
        entity = _owner(store, said["entity"])
        shown = [loaded.name(said[n]) for n in ("property", "value") if said.get(n) is not None]
        message = f"{check.rule} [{' '.join(shown)}]" if shown else check.rule
        file, line = loaded.place(entity)
        name = loaded.name(entity)
        found.append(Violation(check.name, check.severity, file, line, name, message, check.hint))
    return found


def _owner(store: ox.Store, term: object) -> str:
    """Return the IRI of a term, or of the block whose part a blank node is."""
    while isinstance(term, ox.BlankNode):
        quad = next(iter(store.quads_for_pattern(None, None, term, None)), None)
        if quad is None:
            return ""
        term = quad.subject
    return term.value if isinstance(term, ox.NamedNode) else ""


def run(stage: Stage, loaded: Loaded, store: ox.Store) -> list[Violation]:
    """Run every violation query of a stage."""
    checks = read_checks(loaded.sources.ontology / "checks")
    return [v for check in checks if check.stage == stage for v in ask(check, store, loaded)]


def run_shapes(loaded: Loaded, *graphs: Graph) -> list[Violation]:
    """Hold the union of graphs against the SHACL shapes."""
    # pySHACL wants stores that know contexts; ours do not.
    shapes, data = Graph(), Graph()
    for triple in loaded.graphs["shapes"]:
        shapes.add(triple)
    for triple in chain(*graphs):
        data.add(triple)
    if not len(shapes):
        return []
    _, results, _ = pyshacl.validate(
        data, shacl_graph=shapes, inference="none", inplace=True, do_owl_imports=False
    )
    return [_shape_violation(loaded, data, shapes, r) for r in _results(results)]


def _results(report: object) -> Iterator[dict[URIRef, Node]]:
    if isinstance(report, Graph):
        for result in report.subjects(RDF.type, SH.ValidationResult):
            yield {URIRef(str(p)): o for p, o in report.predicate_objects(result)}


def _shape_violation(
    loaded: Loaded, data: Graph, shapes: Graph, result: Mapping[URIRef, Node]
) -> Violation:
    shape, focus = result[SH.sourceShape], result[SH.focusNode]
    while isinstance(focus, BNode):
        focus = next(iter(data.subjects(None, focus)), URIRef(""))
    value = result.get(SH.value)
    shown = f" [{loaded.name(value)}]" if value is not None and not isinstance(value, BNode) else ""
    file, line = loaded.place(str(focus))
    return Violation(
        str(shape).removeprefix(str(SHAPE)),
        "warning" if result.get(SH.resultSeverity) == SH.Warning else "error",
        file,
        line,
        loaded.name(focus),
        f"{shapes.value(shape, SH.message)}{shown}",
        str(shapes.value(shape, SH.description) or ""),
    )


def waive(
    violations: Iterable[Violation], loaded: Loaded, stage: Stage
) -> tuple[list[Violation], list[Violation]]:
    """Take out the violations that ``waivers.ttl`` excepts, each for a reason.

    A waiver is a triple: ``CDMO:0000012 cdmo:waives [ cdmo:check "..." ; rdfs:comment "why"@en ]``.

    :returns: what is left, with a violation for each waiver without reason (at the source stage)
        or without use (at the release stage), and what has been waived.
    """
    waivers = _waivers(loaded)
    left: list[Violation] = []
    waived: list[Violation] = []
    for violation in violations:
        (waived if (violation.entity, violation.rule) in waivers else left).append(violation)
    for (entity, rule), (iri, reason) in sorted(waivers.items()):
        file, line = loaded.place(iri)
        if stage == "source" and not reason:
            said = f"waives {rule} without a reason"
            hint = "Add rdfs:comment with the reason."
            left.append(Violation("waiver-without-reason", "error", file, line, entity, said, hint))
    return left, waived


def unused_waivers(waived: Sequence[Violation], loaded: Loaded) -> list[Violation]:
    """Return a violation for each waiver that excepts nothing any more."""
    used = {(v.entity, v.rule) for v in waived}
    found = []
    for (entity, rule), (iri, _) in sorted(_waivers(loaded).items()):
        if (entity, rule) not in used:
            file, line = loaded.place(iri)
            said, hint = f"waives {rule}, which finds nothing there", "Remove the waiver."
            found.append(Violation("waiver-unused", "warning", file, line, entity, said, hint))
    return found


def _waivers(loaded: Loaded) -> dict[tuple[str, str], tuple[str, str]]:
    """Return entity and rule of each waiver, with the entity's IRI and the reason."""
    graph = loaded.graphs["waivers"]
    return {
        (loaded.name(entity), str(graph.value(waiver, CDMO.check))): (
            str(entity),
            str(graph.value(waiver, RDFS.comment) or ""),
        )
        for entity, waiver in graph.subject_objects(CDMO.waives)
    }
