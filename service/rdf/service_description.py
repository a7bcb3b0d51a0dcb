"""Describe a SPARQL endpoint and the dataset behind it: Service Description and VoID.

A release holds both about itself at its published address; a server gives them at its own.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import pyoxigraph as ox

from service import formats, iris
from service.rdf.terms import integer, triple

_SD, _VOID = iris.SD, iris.VOID


def service_description(
    address: str, graphs: Mapping[str, int], title: ox.Literal
) -> Iterator[ox.Triple]:
    """Yield the SPARQL 1.1 Service Description (§3) of an endpoint.

    The number of triples depends on the number of graphs alone, not on their counts.

    :param address: IRI of the endpoint as the client sees it. It names the service too:
        Comunica looks for that subject.
    :param graphs: IRI of each named graph and its number of triples. The default graph is
        their union.
    :param title: of the dataset.
    """
    dataset, default = f"{address}#dataset", f"{address}#default"
    yield triple(address, iris.TYPE, _SD + "Service")
    yield triple(address, _SD + "endpoint", address)
    yield triple(address, _SD + "supportedLanguage", _SD + "SPARQL11Query")
    yield triple(address, _SD + "feature", _SD + "UnionDefaultGraph")
    yield triple(address, _SD + "defaultDataset", dataset)
    for format_ in formats.FORMATS:
        if format_.kinds:
            yield triple(address, _SD + "resultFormat", format_.iri)
    yield triple(dataset, iris.TYPE, _SD + "Dataset")
    yield triple(dataset, iris.TITLE, title)
    yield triple(dataset, _SD + "defaultGraph", default)
    yield triple(default, iris.TYPE, _SD + "Graph")
    yield triple(default, _VOID + "triples", integer(sum(graphs.values())))
    for number, (graph, count) in enumerate(sorted(graphs.items()), 1):
        entry = f"{address}#named-{number}"
        yield triple(dataset, _SD + "namedGraph", entry)
        yield triple(entry, iris.TYPE, _SD + "NamedGraph")
        yield triple(entry, _SD + "name", graph)
        yield triple(entry, _SD + "graph", graph)
        yield triple(graph, iris.TYPE, _SD + "Graph")
        yield triple(graph, _VOID + "triples", integer(count))


_PARTITIONS = (
    ("class", "entities", "SELECT ?x (COUNT(DISTINCT ?s) AS ?n) { ?s a ?x } GROUP BY ?x"),
    ("property", "triples", "SELECT ?x (COUNT(*) AS ?n) { GRAPH ?g { ?s ?x ?o } } GROUP BY ?x"),
)


def partitions(store: ox.Store, dataset: str, graphs: Sequence[str]) -> Iterator[ox.Triple]:
    """Yield how many members each class has and how many triples each property (VoID §4.5).

    :param dataset: IRI of the dataset; those of its partitions begin with it.
    :param graphs: IRIs of the named graphs to count in.
    """
    for kind, measure, query in _PARTITIONS:
        rows = store.query(
            query,
            default_graph=list(map(ox.NamedNode, graphs)),
            named_graphs=list(map(ox.NamedNode, graphs)),
        )
        assert isinstance(rows, ox.QuerySolutions)
        slugs: set[str] = set()
        for node, count in sorted((tuple(row) for row in rows), key=str):
            if not isinstance(node, ox.NamedNode):
                continue  # a class without a name has nothing to show it by
            slug = _slug(node.value, slugs)
            part = f"{dataset}-{kind}-{slug}"
            yield triple(dataset, f"{_VOID}{kind}Partition", part)
            yield triple(part, _VOID + kind, node)
            yield triple(part, _VOID + measure, count)


def _slug(iri: str, taken: set[str]) -> str:
    """Return an IRI as letters, digits and hyphens, unlike those taken, and take it."""
    slug = name = re.sub(r"[^A-Za-z0-9]+", "-", re.sub(r"^https?://", "", iri)).strip("-")
    number = 1
    while slug in taken:
        number += 1
        slug = f"{name}-{number}"
    taken.add(slug)
    return slug
