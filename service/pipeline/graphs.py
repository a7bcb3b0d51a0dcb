"""The named graphs of a release in the making: one Oxigraph store, from the sources to the dumps.

Beside the graphs of a release the store holds graphs that stay behind: what the sources are
checked by (``shapes``, ``waivers``, ``prefixes``), and what rules note for later rules
(``names``, ``working``).
"""

from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

from service import iris
from service.rdf.terms import Subject, Term, text
from service.release import GRAPHS, graph_iri

_DEFAULT = ox.DefaultGraph()


def graph(name: str) -> ox.NamedNode:
    """Return the name of a graph in the store, from its local name."""
    return ox.NamedNode(graph_iri(name))


def add(store: ox.Store, name: str, triples: Iterable[ox.Triple]) -> None:
    """Add triples to a graph of the store."""
    node = graph(name)
    store.extend([ox.Quad(t.subject, t.predicate, t.object, node) for t in triples])


def triples(store: ox.Store, *names: str, predicate: str | None = None) -> Iterator[ox.Triple]:
    """Yield the triples of graphs, all or those with a predicate."""
    node = ox.NamedNode(predicate) if predicate else None
    for name in names:
        for quad in store.quads_for_pattern(None, node, None, graph(name)):
            yield quad.triple


def unite(store: ox.Store) -> None:
    """Fill the default graph with what the graphs of a release hold; no triple is added later.

    Queries of the union are three times as fast then.
    """
    for name in GRAPHS:
        store.update(f"ADD GRAPH <{graph_iri(name)}> TO DEFAULT")


def copy(store: ox.Store) -> ox.Store:
    """Return another store with the same quads."""
    other = ox.Store()
    other.extend(list(store))
    return other


def values(store: ox.Store, subject: Subject, predicate: str) -> list[Term]:
    """Return the values of a property in any graph, sorted."""
    quads = store.quads_for_pattern(subject, ox.NamedNode(predicate), None, None)
    return sorted({quad.object for quad in quads}, key=str)


def header(store: ox.Store, predicate: str) -> str:
    """Return the first value of a property in the ontology's header, or ""."""
    return next(map(text, values(store, ox.NamedNode(iris.ONTOLOGY), predicate)), "")


def query(
    store: ox.Store,
    text: str,
    prefixes: Mapping[str, str] | None = None,
    default: Iterable[str] = GRAPHS,
    named: Iterable[str] = GRAPHS,
) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    """Return the result of a query.

    :param prefixes: those that it may use without declaring them.
    :param default: the graphs whose union is the default graph.
    :param named: the graphs that ``GRAPH`` can name.
    """
    united = tuple(default) == GRAPHS and any(store.quads_for_pattern(None, None, None, _DEFAULT))
    return store.query(
        text,
        prefixes=dict(prefixes or {}),
        default_graph=None if united else list(map(graph, default)),
        named_graphs=list(map(graph, named)),
    )


def select(store: ox.Store, text: str, *names: str) -> ox.QuerySolutions:
    """Return the solutions of a SELECT query of our own over the union of graphs.

    It may use the prefixes cdmo, oa, owl, rdfs and sh.
    """
    solutions = query(store, text, _PREFIXES, names)
    assert isinstance(solutions, ox.QuerySolutions)
    return solutions


_PREFIXES = {
    "cdmo": iris.CDMO,
    "oa": iris.OA,
    "owl": iris.OWL,
    "rdfs": iris.RDFS,
    "sh": iris.SH,
}
