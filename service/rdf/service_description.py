"""Describe a SPARQL endpoint and its dataset: Service Description and VoID.

A release holds both about itself at its published address; a server gives them at its own.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import pyoxigraph as ox

from service import formats, iris
from service.rdf.terms import triple

_VOID = iris.VOID


def service_description(
    address: str, graphs: Mapping[str, int], title: ox.Literal
) -> list[ox.Triple]:
    """Return the SPARQL 1.1 Service Description (§3) of an endpoint.

    The number of triples depends on the number of graphs alone, not on their counts.

    :param address: IRI of the endpoint as the client sees it. It names the service too:
        Comunica looks for that subject.
    :param graphs: IRI of each named graph and its number of triples. The default graph is
        their union.
    :param title: of the dataset.
    """
    result_formats = " , ".join(f"<{f.iri}>" for f in formats.FORMATS if f.kinds)
    turtle = f"""
        PREFIX dcterms: <{iris.DCTERMS}>  PREFIX sd: <{iris.SD}>  PREFIX void: <{iris.VOID}>
        <> a sd:Service ; sd:endpoint <> ; sd:supportedLanguage sd:SPARQL11Query ;
          sd:feature sd:UnionDefaultGraph ; sd:resultFormat {result_formats} ;
          sd:defaultDataset <#dataset> .
        <#dataset> a sd:Dataset ; dcterms:title {title} ; sd:defaultGraph <#default> .
        <#default> a sd:Graph ; void:triples {sum(graphs.values())} .
    """
    for number, (graph, count) in enumerate(sorted(graphs.items()), 1):
        turtle += f"""
            <#dataset> sd:namedGraph <#named-{number}> .
            <#named-{number}> a sd:NamedGraph ; sd:name <{graph}> ; sd:graph <{graph}> .
            <{graph}> a sd:Graph ; void:triples {count} .
        """
    quads = ox.parse(turtle, ox.RdfFormat.TURTLE, base_iri=address)
    return [quad.triple for quad in quads]


_PARTITIONS = (
    ("class", "entities", "SELECT ?x (COUNT(DISTINCT ?s) AS ?n) { ?s a ?x } GROUP BY ?x"),
    ("property", "triples", "SELECT ?x (COUNT(*) AS ?n) { GRAPH ?g { ?s ?x ?o } } GROUP BY ?x"),
)


def partitions(store: ox.Store, dataset: str, graphs: Sequence[str]) -> Iterator[ox.Triple]:
    """Yield how many members each class has and how many triples each property (VoID §4.5).

    :param dataset: IRI of the dataset; the IRIs of its partitions begin with it.
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
                continue  # a class without an IRI has no name to show
            slug = _slug(node.value, slugs)
            part = f"{dataset}-{kind}-{slug}"
            yield triple(dataset, f"{_VOID}{kind}Partition", part)
            yield triple(part, _VOID + kind, node)
            yield triple(part, _VOID + measure, count)


def _slug(iri: str, taken: set[str]) -> str:
    """Return an IRI as letters, digits and hyphens, unlike ``taken`` ones, and add it to them."""
    slug = name = re.sub(r"[^A-Za-z0-9]+", "-", re.sub(r"^https?://", "", iri)).strip("-")
    number = 1
    while slug in taken:
        number += 1
        slug = f"{name}-{number}"
    taken.add(slug)
    return slug
