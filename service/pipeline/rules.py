"""Run the rules of ``ontology/rules``, by which claims become triples and axioms.

A rule is a CONSTRUCT query that opens like a check: its statement, why, ``# graph:`` (the graph of
its triples) and ``# stage:``. The rules of a stage see the triples of earlier stages, not those of
their own stage. Triples of the graph ``names`` give blank nodes an IRI (``owl:sameAs``); those of
``working`` are for later rules only. Neither graph is released.
"""

from itertools import groupby

import pyoxigraph as ox

from service import iris
from service.pipeline import graphs
from service.pipeline.loading import Loaded
from service.pipeline.queries import QueryFile, read_queries
from service.rdf.blank_nodes import relabelled
from service.release import GRAPHS

OPTIONS = {
    "why": ".+",
    "graph": "ontology|stated|qualified|hedged|prospective|claims|about|names|working",
    "stage": "[1-9]",
}


def read_rules(loaded: Loaded) -> list[QueryFile]:
    """Return the rules in the order in which they run.

    :raises SourceError: with violations, if a file is not such a query.
    """
    rules = read_queries(loaded.sources.ontology / "rules", OPTIONS, loaded.names.prefixes)
    return sorted(rules, key=_stage)


def run(loaded: Loaded) -> None:
    """Add the triples that rules derive from claims to the store; the sources have no errors."""
    store = loaded.store
    rules = read_rules(loaded)
    for _, stage in groupby(rules, key=_stage):
        written: dict[str, list[bytes]] = {}
        for rule in stage:
            written.setdefault(rule.options["graph"], []).append(_result(rule, loaded))
        for name, results in written.items():
            for triples in results:
                graphs.load(store, name, triples)
                loaded.contents.add(name, triples)
        if "names" in written:
            for where in (f"WITH {graphs.graph('claims')}", ""):  # there, and in the union
                store.update(f"PREFIX owl: <{iris.OWL}> {where} {_NAME_BLANK_NODES}")
            loaded.contents.read(store, ["claims"])
    graphs.unite(store)
    graphs.withdraw(store, "working")


def _result(rule: QueryFile, loaded: Loaded) -> bytes:
    """Return the triples of a rule as N-Triples, remembered by its inputs."""
    named = (*GRAPHS, "prefixes")

    def compute() -> bytes:
        graphs.unite(loaded.store)  # if all is remembered, uniting once at the end is quicker
        triples = graphs.query(loaded.store, rule.text, loaded.names.prefixes, None, named)
        assert isinstance(triples, ox.QueryTriples)
        settled = relabelled(triples, rule.path.stem)
        return ox.serialize(settled, format=ox.RdfFormat.N_TRIPLES) or b""

    union = (*GRAPHS, "working")
    return loaded.contents.result(f"rule {rule.path.stem}", compute, rule.text, union, named)


def _stage(rule: QueryFile) -> str:
    return rule.options["stage"]


_NAMES = f"GRAPH {graphs.graph('names')}"
_NAME_BLANK_NODES = f"""
DELETE {{ ?s ?property ?o }} INSERT {{ ?subject ?property ?object }}
WHERE {{
  {{ {_NAMES} {{ ?s owl:sameAs ?name }} ?s ?property ?o }}
  UNION
  {{ {_NAMES} {{ ?o owl:sameAs ?name }} ?s ?property ?o }}
  OPTIONAL {{ {_NAMES} {{ ?s owl:sameAs ?subjectName }} FILTER(ISIRI(?subjectName)) }}
  OPTIONAL {{ {_NAMES} {{ ?o owl:sameAs ?objectName }} FILTER(ISIRI(?objectName)) }}
  BIND(COALESCE(?subjectName, ?s) AS ?subject)
  BIND(COALESCE(?objectName, ?o) AS ?object)
}}
"""
"""Puts the IRIs that rules give blank nodes in their places."""
