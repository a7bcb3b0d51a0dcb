"""Run the checks of ``ontology/checks`` and report their violations, except waived ones.

A check is a SPARQL query ``<name>-violation.rq`` that selects ``?entity ?property ?value`` and
must return nothing. It opens with comments: the rule in one sentence, why, how to mend it, and
optionally ``# severity: warning``, ``# stage: release`` (derived and inferred triples too;
otherwise the sources alone), ``# graphs:`` (the graphs that it queries; otherwise those that
editors write in Turtle, at the release stage all of a release) and ``# related:`` (a name for
the places that explain a violation).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Literal

import pyoxigraph as ox

from service import iris
from service.pipeline import graphs
from service.pipeline.causes import reads_otherwise
from service.pipeline.loading import FOLDERS, WRITTEN, Loaded
from service.pipeline.queries import QueryFile, read_each, read_queries
from service.pipeline.remembered_findings import at_this_hour
from service.pipeline.violations import Related, Severity, Violation
from service.rdf.terms import Term, text
from service.release import GRAPHS

Stage = Literal["source", "release"]
SUFFIX = "-violation.rq"
_GRAPH = "|".join(sorted({*GRAPHS, *FOLDERS.values()}))
OPTIONS = {
    "why": ".+",
    "help": ".+",
    "severity": "|error|warning",
    "stage": "|source|release",
    "graphs": rf"|({_GRAPH})(, ({_GRAPH}))*",
    "related": ".*",
}
MANY = 5
"""The most places that explain one violation."""


def read_checks(loaded: Loaded) -> list[QueryFile]:
    """Return the violation queries, sorted by name.

    :raises SourceError: with violations, if a file is not such a query.
    """
    folder = loaded.sources.ontology / "checks"
    return read_queries(folder, OPTIONS, loaded.names.prefixes, selects="entity")


def name_of(check: QueryFile) -> str:
    """Return the name of a check, for violations and waivers."""
    return check.path.name.removesuffix(SUFFIX)


def stage_of(check: QueryFile) -> str:
    """Return the stage at which a check runs."""
    return check.options.get("stage") or "source"


def run(stage: Stage, loaded: Loaded) -> list[Violation]:
    """Run every check of a stage over the store of the sources.

    Files that hold no check are reported at the first stage; the other checks run.
    """
    folder = loaded.sources.ontology / "checks"
    queries, violations = read_each(folder, OPTIONS, loaded.names.prefixes, selects="entity")
    runnable = [check for check in queries if stage_of(check) == stage]
    results = graphs.concurrently(lambda check: list(run_check(check, loaded)), runnable)
    return [*(violations if stage == "source" else ()), *chain.from_iterable(results)]


def run_check(check: QueryFile, loaded: Loaded) -> Iterator[Violation]:
    """Run one check and yield a violation for each entity, property and value.

    A check may select ``?related``, and the ``?relatedProperty`` of a statement about it: the place
    that explains a violation, with the name in ``# related:``. ``?before`` and ``?after`` tell
    that a violation follows from a change of words.
    """
    default = check.names("graphs") or (WRITTEN if stage_of(check) == "source" else GRAPHS)
    rows = _rows(at_this_hour(check.text), default, loaded)
    variables = [variable.value for variable in rows.variables]
    grouped: dict[tuple[Term | None, ...], list[dict[str, Term | None]]] = {}
    for row in rows:
        values = {name: row[name] for name in variables}
        key = tuple(values.get(name) for name in ("entity", "property", "value"))
        grouped.setdefault(key, []).append(values)
    for solutions in grouped.values():
        yield _violation(check, loaded, solutions)


def _violation(
    check: QueryFile, loaded: Loaded, solutions: Sequence[Mapping[str, Term | None]]
) -> Violation:
    """Return the one violation of solutions that differ only in its related places."""
    first = solutions[0]
    entity, predicate, value = (first.get(n) for n in ("entity", "property", "value"))
    severity: Severity = "warning" if check.options.get("severity") == "warning" else "error"
    shown = " ".join(loaded.name(term) for term in (predicate, value) if term is not None)
    before, after = (text(first.get(name)) for name in ("before", "after"))
    is_node = isinstance(entity, ox.BlankNode)
    violation = loaded.violation(
        name_of(check),
        graphs.owner(loaded.store, entity),
        f"{check.rule} [{shown}]" if shown else check.rule,
        check.options["help"],
        severity,
        part=entity if is_node else None,
        predicate=predicate,
        value=value,
        related=_related(check, loaded, solutions),
        cause=reads_otherwise(before, after) if before and after else "",
    )
    if is_node and entity and predicate is None and (place := loaded.holding(entity)):
        return replace(violation, file=place.file, line=place.line, column=place.column)
    return violation


def _related(
    check: QueryFile, loaded: Loaded, solutions: Iterable[Mapping[str, Term | None]]
) -> list[Related]:
    """Return the places that explain a violation, at most :data:`MANY`."""
    note = check.options.get("related") or "see also"
    terms = {(text(s.get("related")), s.get("relatedProperty")) for s in solutions}
    places = (loaded.place(iri, predicate) for iri, predicate in terms if iri)
    known = sorted({p for p in places if p.file}, key=lambda p: (str(p.file), p.line or 0))
    return [Related(place, note) for place in known[:MANY]]


def _rows(query: str, default: Sequence[str], loaded: Loaded) -> ox.QuerySolutions:
    def compute() -> bytes:
        rows = graphs.query(loaded.store, query, loaded.names.prefixes, default)
        assert isinstance(rows, ox.QuerySolutions)
        return rows.serialize(format=ox.QueryResultsFormat.JSON) or b""

    data = loaded.contents.result("rows", compute, query, default)
    rows = ox.parse_query_results(data, format=ox.QueryResultsFormat.JSON)
    assert isinstance(rows, ox.QuerySolutions)
    return rows


def waive(
    violations: Iterable[Violation], loaded: Loaded
) -> tuple[list[Violation], list[Violation]]:
    """Return the violations that remain, and those that ``waivers.ttl`` excepts.

    A waiver is a triple: ``CDMO:0000012 cdmo:waives [ cdmo:check "..." ; rdfs:comment "why"@en ]``.
    """
    excepted = _waivers(loaded)
    left: list[Violation] = []
    waived: list[Violation] = []
    for violation in violations:
        (waived if (violation.entity, violation.rule) in excepted else left).append(violation)
    return left, waived


def unused_waivers(waived: Sequence[Violation], loaded: Loaded) -> list[Violation]:
    """Return a warning for each waiver that excepts nothing."""
    used = {(v.entity, v.rule) for v in waived}
    hint = "Remove the waiver."
    return [
        loaded.violation(
            *("waiver-unused", iri, f"waives {rule}, which finds nothing there", hint, "warning"),
            predicate=ox.NamedNode(iris.CDMO + "check"),
            value=ox.Literal(rule),
        )
        for (entity, rule), iri in sorted(_waivers(loaded).items())
        if (entity, rule) not in used
    ]


def _waivers(loaded: Loaded) -> dict[tuple[str, str], str]:
    """Return entity and rule of each waiver, with the entity's IRI."""
    return {(loaded.name(iri), rule): iri for iri, rule, passage in waivers(loaded) if not passage}


def waivers(loaded: Loaded) -> list[tuple[str, str, str]]:
    """Return the entity, the rule and the passage, or "", of each waiver."""
    query = """
        SELECT ?entity ?check ?passage
        WHERE {
          ?entity cdmo:waives ?waiver . ?waiver cdmo:check ?check
          OPTIONAL { ?waiver cdmo:passage ?passage }
        }"""
    rows = graphs.select(loaded.store, query, "waivers")
    return [(text(entity), text(check), text(passage)) for entity, check, passage in rows]
