"""What a release says about itself: VoID, DCAT, PROV, a service description and our prefixes.

No clock is read: days come from the ontology's header, so that the same sources say the same.
Everything has an IRI, so that people can point at it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from rdflib import (
    DCAT,
    DCTERMS,
    OWL,
    PROV,
    RDF,
    RDFS,
    SH,
    VOID,
    XSD,
    Graph,
    Literal,
    Namespace,
    URIRef,
)
from rdflib.term import Node

from service import __version__
from service.names import BASE, ONTOLOGY
from service.pipeline import graphs
from service.pipeline.graphs import Graphs
from service.release import graph_iri

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
_DCAT_VERSION = URIRef(f"{DCAT}version")  # of DCAT 3; rdflib knows DCAT 2
DATASET = URIRef(BASE + ".well-known/void#dataset")
SERVICE = URIRef(BASE + "sparql")
DOWNLOADS = BASE + "downloads/"
DUMPS = {
    "dataset.nq.gz": ("application/n-quads", "the whole dataset, with its named graphs"),
    "dataset.jsonld.gz": ("application/ld+json", "the whole dataset, with its named graphs"),
    "ontology.ttl": ("text/turtle", "the ontology, OWL 2 DL"),
    "ontology.rdf": ("application/rdf+xml", "the ontology, OWL 2 DL"),
    "ontology.jsonld": ("application/ld+json", "the ontology, OWL 2 DL"),
    "ontology.nt": ("application/n-triples", "the ontology, OWL 2 DL"),
}
"""File name of each dump to its media type and what it holds."""

_TITLES = {
    "ontology": "Header, schema, terms, hierarchy and derived axioms, in OWL 2 DL",
    "relations": "Direct triples between terms, from every positive claim, hedged ones too",
    "claims": "Claims, passages, sections, sources and tensions",
    "inferred": "What follows from the axioms by reasoning and is not asserted",
    "mappings": "Mapping sets to other vocabularies, after SSSOM",
    "questions": "Competency questions, which are example queries too",
    "about": "What the dataset says about itself",
}


def describe(release: Graphs, prefixes: Mapping[str, str]) -> Graph:
    """Return the triples of the graph ``about`` for a release.

    :param release: all its graphs but ``about`` itself, whose own triples are counted too;
        what ``about`` holds already (the display order) is added to.
    """
    held = release.get("about", graphs.union())
    counts = {name: len(graph) for name, graph in release.items()}
    header = _Header(release["ontology"])
    about = graphs.union(held)
    _describe_dataset(about, header)
    _describe_partitions(about, [g for name, g in release.items() if name != "about"])
    _describe_provenance(about, header)
    _describe_service(about)
    for prefix, namespace in prefixes.items():
        declaration = URIRef(f"{ONTOLOGY}#prefix-{prefix}")
        about.add((URIRef(ONTOLOGY), SH.declare, declaration))
        about.add((declaration, SH.prefix, Literal(prefix)))
        about.add((declaration, SH.namespace, Literal(namespace, datatype=XSD.anyURI)))
    for name in counts:
        _describe_graph(about, name)
    # Each count is one triple whatever its value, so this graph can count itself.
    counts["about"] = len(about) + len(counts) + 1
    for name, count in counts.items():
        about.add((URIRef(graph_iri(name)), VOID.triples, Literal(count)))
    about.add((DATASET, VOID.triples, Literal(sum(counts.values()))))
    return about


class _Header:
    """The ontology's header, whose words the dataset repeats."""

    def __init__(self, ontology: Graph) -> None:
        self.iri = URIRef(ONTOLOGY)
        self.said = {
            p: list(ontology.objects(self.iri, p)) for p in set(ontology.predicates(self.iri))
        }

    def all(self, *properties: URIRef) -> Iterable[tuple[URIRef, Node]]:
        return ((p, o) for p in properties for o in self.said.get(p, []))

    @property
    def version(self) -> Node:
        return next(iter(self.said.get(OWL.versionIRI, [self.iri])))


def _describe_dataset(about: Graph, header: _Header) -> None:
    about.add((DATASET, RDF.type, VOID.Dataset))
    about.add((DATASET, RDF.type, DCAT.Dataset))
    for p, o in header.all(
        DCTERMS.title,
        DCTERMS.description,
        DCTERMS.creator,
        DCTERMS.publisher,
        DCTERMS.created,
        DCTERMS.modified,
        DCTERMS.license,
        DCTERMS.source,
        DCTERMS.bibliographicCitation,
    ):
        about.add((DATASET, p, o))
    for _, label in header.all(DCTERMS.title):
        about.add((DATASET, RDFS.label, label))
    for _, version in header.all(OWL.versionInfo):
        about.add((DATASET, _DCAT_VERSION, version))
    about.add((DATASET, VOID.sparqlEndpoint, SERVICE))
    about.add((DATASET, VOID.uriSpace, Literal(BASE)))
    about.add((DATASET, VOID.exampleResource, URIRef(BASE + "id/CDMO_0000001")))
    for name, (media_type, title) in DUMPS.items():
        file = URIRef(DOWNLOADS + name)
        about.add((DATASET, VOID.dataDump, file))
        about.add((DATASET, DCAT.distribution, file))
        about.add((file, RDF.type, DCAT.Distribution))
        about.add((file, DCTERMS.title, Literal(title, lang="en")))
        about.add((file, DCAT.downloadURL, file))
        types = Namespace("https://www.iana.org/assignments/media-types/")
        about.add((file, DCAT.mediaType, types[media_type]))
        if name.endswith(".gz"):
            about.add((file, DCAT.compressFormat, types["application/gzip"]))
        for p, o in header.all(DCTERMS.license):
            about.add((file, p, o))


def _describe_graph(about: Graph, name: str) -> None:
    graph = URIRef(graph_iri(name))
    about.add((DATASET, VOID.subset, graph))
    about.add((graph, RDF.type, VOID.Dataset))
    about.add((graph, RDF.type, SD.Graph))
    about.add((graph, RDFS.label, Literal(name, lang="en")))
    about.add((graph, DCTERMS.description, Literal(_TITLES[name], lang="en")))
    named = URIRef(f"{SERVICE}#{name}")
    about.add((URIRef(f"{SERVICE}#dataset"), SD.namedGraph, named))
    about.add((named, RDF.type, SD.NamedGraph))
    about.add((named, SD.name, graph))
    about.add((named, SD.graph, graph))


def _describe_partitions(about: Graph, content: Iterable[Graph]) -> None:
    """Say how often each class and property is used (VoID §4.5), ``about`` itself left out."""
    types: dict[Node, set[Node]] = {}
    uses: Counter[Node] = Counter()
    for graph in content:
        for s, p, o in graph:
            uses[p] += 1
            if p == RDF.type:
                types.setdefault(o, set()).add(s)
    for kind, members in types.items():
        part = URIRef(f"{DATASET}-class-{_slug(kind)}")
        about.add((DATASET, VOID.classPartition, part))
        about.add((part, VOID["class"], kind))
        about.add((part, VOID.entities, Literal(len(members))))
    for property_, count in uses.items():
        part = URIRef(f"{DATASET}-property-{_slug(property_)}")
        about.add((DATASET, VOID.propertyPartition, part))
        about.add((part, VOID.property, property_))
        about.add((part, VOID.triples, Literal(count)))


def _slug(iri: Node) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", re.sub(r"^https?://", "", str(iri))).strip("-")


def _describe_provenance(about: Graph, header: _Header) -> None:
    build, software = URIRef(f"{DATASET}-build"), URIRef(f"{DATASET}-software")
    about.add((DATASET, RDF.type, PROV.Entity))
    about.add((DATASET, PROV.wasGeneratedBy, build))
    for _, source in header.all(DCTERMS.source):
        about.add((DATASET, PROV.wasDerivedFrom, source))
        about.add((source, RDF.type, PROV.Entity))
    about.add((build, RDF.type, PROV.Activity))
    about.add((build, PROV.used, header.version))
    about.add((header.version, RDF.type, PROV.Entity))
    about.add((header.version, DCTERMS.isVersionOf, header.iri))
    said = "Claims are turned into direct triples and axioms; HermiT classifies the ontology."
    about.add((build, RDFS.comment, Literal(said, lang="en")))
    about.add((build, PROV.wasAssociatedWith, software))
    about.add((software, RDF.type, PROV.SoftwareAgent))
    about.add((software, RDFS.label, Literal(f"cdmo {__version__}")))


def _describe_service(about: Graph) -> None:
    dataset = URIRef(f"{SERVICE}#dataset")
    about.add((SERVICE, RDF.type, SD.Service))
    about.add((SERVICE, RDFS.label, Literal("SPARQL endpoint", lang="en")))
    about.add((SERVICE, SD.endpoint, SERVICE))
    about.add((SERVICE, SD.supportedLanguage, SD.SPARQL11Query))
    about.add((SERVICE, SD.feature, SD.UnionDefaultGraph))
    about.add((SERVICE, SD.defaultDataset, dataset))
    about.add((dataset, RDF.type, SD.Dataset))
