"""What programs ask an endpoint about itself: Service Description and VoID."""

from collections.abc import Iterator

import pyoxigraph as ox

from service.iris import BASE
from service.release import Manifest, Release

_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_VOID = "http://rdfs.org/ns/void#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_DCTERMS = "http://purl.org/dc/terms/"

_RESULTS = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "RDF_XML",
    "JSON-LD",
    "TriG",
    "N-Quads",
)


def service_description(address: str, manifest: Manifest) -> list[ox.Triple]:
    """Return the SPARQL 1.1 Service Description (§3).

    :param address: IRI of the endpoint as the client sees it.
    """
    named = ox.NamedNode
    # The endpoint's address names the service too: Comunica looks for that subject.
    about = endpoint = named(address)
    dataset, graph = named(f"{address}#dataset"), named(f"{address}#default")
    total = sum(manifest.graphs.values())
    found = [
        _t(about, _RDF + "type", named(_SD + "Service")),
        _t(about, _SD + "endpoint", endpoint),
        _t(about, _SD + "supportedLanguage", named(_SD + "SPARQL11Query")),
        _t(about, _SD + "feature", named(_SD + "UnionDefaultGraph")),
        _t(about, _SD + "defaultDataset", dataset),
        _t(dataset, _RDF + "type", named(_SD + "Dataset")),
        _t(dataset, _DCTERMS + "title", ox.Literal(manifest.title)),
        _t(dataset, _SD + "defaultGraph", graph),
        _t(graph, _RDF + "type", named(_SD + "Graph")),
        _t(graph, _VOID + "triples", _integer(total)),
    ]
    found += [_t(about, _SD + "resultFormat", named(_FORMATS + name)) for name in _RESULTS]
    for number, (iri, triples) in enumerate(sorted(manifest.graphs.items()), 1):
        entry, content = named(f"{address}#named-{number}"), named(f"{address}#graph-{number}")
        found += [
            _t(dataset, _SD + "namedGraph", entry),
            _t(entry, _RDF + "type", named(_SD + "NamedGraph")),
            _t(entry, _SD + "name", named(iri)),
            _t(entry, _SD + "graph", content),
            _t(content, _RDF + "type", named(_SD + "Graph")),
            _t(content, _VOID + "triples", _integer(triples)),
        ]
    return found


def dataset(release: Release, store: ox.Store) -> list[ox.Triple]:
    """Return VoID of the dataset: the release's own file, or counted from the store."""
    if "void.ttl" in release.manifest.files:
        path = release.dump("void.ttl")
        return [q.triple for q in ox.parse(path=path, format=ox.RdfFormat.TURTLE)]
    return list(_counted(release.manifest, store))


def _counted(manifest: Manifest, store: ox.Store) -> Iterator[ox.Triple]:
    about = ox.NamedNode(BASE + ".well-known/void#dataset")
    yield _t(about, _RDF + "type", ox.NamedNode(_VOID + "Dataset"))
    yield _t(about, _DCTERMS + "title", ox.Literal(manifest.title))
    yield _t(about, _VOID + "triples", _integer(sum(manifest.graphs.values())))
    partitions = (
        ("classPartition", "class", "SELECT ?x (COUNT(DISTINCT ?s) AS ?n) { ?s a ?x } GROUP BY ?x"),
        ("propertyPartition", "property", "SELECT ?x (COUNT(*) AS ?n) { ?s ?x ?o } GROUP BY ?x"),
    )
    for link, key, query in partitions:
        rows = store.query(query, use_default_graph_as_union=True)
        assert isinstance(rows, ox.QuerySolutions)
        found = sorted((str(r["x"]), r["x"], r["n"]) for r in rows if r["x"])
        for number, (_, node, count) in enumerate(found, 1):
            if not isinstance(node, ox.NamedNode) or not isinstance(count, ox.Literal):
                continue
            part = ox.NamedNode(f"{about.value}-{key}-{number}")
            yield _t(about, _VOID + link, part)
            yield _t(part, _VOID + key, node)
            measure = "entities" if key == "class" else "triples"
            yield _t(part, _VOID + measure, count)


def _t(subject: ox.NamedNode, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), value)


def _integer(number: int) -> ox.Literal:
    return ox.Literal(str(number), datatype=ox.NamedNode(_XSD + "integer"))
