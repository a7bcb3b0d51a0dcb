"""Run the rules of ``ontology/rules``, by which claims become triples and axioms.

A rule is a CONSTRUCT query that opens like a check: what it states, why, ``# graph:`` (where its
triples go) and ``# stage:``. The rules of a stage see what earlier stages wrote, not what the
others of their stage write. Triples of the graph ``names`` give blank nodes an IRI
(``owl:sameAs``); those of ``working`` are for later rules only. Neither graph is released.
"""

from itertools import groupby

import pyoxigraph as ox

from service import iris
from service.pipeline import graphs
from service.pipeline.loading import Loaded
from service.pipeline.queries import QueryFile, read_queries
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
    """Add to the store of sources without errors what follows from their claims."""
    store = loaded.store
    rules = read_rules(loaded)
    graphs.unite(store)
    for _, stage in groupby(rules, key=_stage):
        written: dict[str, list[ox.Triple]] = {}
        for rule in stage:
            named = (*GRAPHS, "prefixes")
            triples = graphs.query(store, rule.text, loaded.names.prefixes, None, named)
            assert isinstance(triples, ox.QueryTriples)
            written.setdefault(rule.options["graph"], []).extend(triples)
        for name, triples_of_graph in written.items():
            graphs.add(store, name, triples_of_graph)
        if "names" in written:
            _name_blank_nodes(store, written["names"])
    graphs.withdraw(store, "working")


def _stage(rule: QueryFile) -> str:
    return rule.options["stage"]


def _name_blank_nodes(store: ox.Store, names: list[ox.Triple]) -> None:
    """Replace blank nodes in the claims by the IRIs that rules give them."""
    iri: dict[object, ox.NamedNode] = {
        t.subject: t.object
        for t in names
        if t.predicate.value == iris.SAME_AS and isinstance(t.object, ox.NamedNode)
    }
    for quad in graphs.quads_with_union(store, "claims"):
        subject, value = iri.get(quad.subject, quad.subject), iri.get(quad.object, quad.object)
        if (subject, value) != (quad.subject, quad.object):
            store.remove(quad)
            store.add(ox.Quad(subject, quad.predicate, value, quad.graph_name))
