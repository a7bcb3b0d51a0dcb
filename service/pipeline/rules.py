"""Run the rules of ``ontology/rules``, by which claims become triples and axioms.

A rule is a CONSTRUCT query that opens like a check: what it states, why, ``# graph:`` (where its
triples go) and ``# stage:``. The rules of a stage see what earlier stages wrote, not what the
others of their stage write. Triples of the graph ``names`` give blank nodes an IRI
(``owl:sameAs``); those of ``working`` are for later rules only. Neither graph is released.
"""

from collections.abc import Iterator
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
    """Add to the store of sources without errors what follows from their claims."""
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
            names = [t for triples in written["names"] for t in _read(triples)]
            _name_blank_nodes(store, names)
            loaded.contents.read(store, ["claims"])
    graphs.unite(store)
    graphs.withdraw(store, "working")


def _result(rule: QueryFile, loaded: Loaded) -> bytes:
    """Return as N-Triples what a rule states, remembered by what it reads."""
    named = (*GRAPHS, "prefixes")

    def compute() -> bytes:
        graphs.unite(loaded.store)  # where all is remembered, once at the end is quicker
        triples = graphs.query(loaded.store, rule.text, loaded.names.prefixes, None, named)
        assert isinstance(triples, ox.QueryTriples)
        settled = relabelled(triples, rule.path.stem)
        return ox.serialize(settled, format=ox.RdfFormat.N_TRIPLES) or b""

    union = (*GRAPHS, "working")
    return loaded.contents.result(f"rule {rule.path.stem}", compute, rule.text, union, named)


def _read(triples: bytes) -> Iterator[ox.Triple]:
    return (quad.triple for quad in ox.parse(triples, ox.RdfFormat.N_TRIPLES))


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
