"""What programs ask an endpoint about itself: the service description, and VoID."""

from collections.abc import Iterable

import pyoxigraph as ox
from flask import Blueprint, Response, request

from service import formats, iris
from service.endpoint import PATH
from service.formats import Format
from service.rdf.service_description import partitions, service_description
from service.rdf.terms import integer, triple
from service.rdf.writers import represent
from service.site.addresses import host_address, wanted
from service.site.query.page import query_form
from service.site.site import Site, site

bp = Blueprint("self_description", __name__)

_BARE = (formats.GRAPHS[0], formats.HTML, *formats.GRAPHS[1:])
"""What a request without a query may get; programs that accept anything get Turtle."""


@bp.route(PATH, methods=["GET", "POST", "QUERY"])
def endpoint() -> Response:
    """Answer a request without a query: a page for people, the description for programs."""
    name = request.args.get("format")
    chosen = wanted(formats.GRAPHS if name else _BARE, "The service description", name)
    if chosen is formats.HTML:
        return _respond(formats.HTML, query_form().encode())
    manifest = site().release.manifest
    address = host_address() + PATH.removeprefix("/")
    triples = service_description(address, manifest.all_graphs, ox.Literal(manifest.title))
    triples += _names_of_graphs(site())
    return _respond(chosen, represent(triples, chosen, site().library.names))


def _names_of_graphs(site: Site) -> Iterable[ox.Triple]:
    """Yield what the dataset says that its graphs are called and hold."""
    for graph in sorted(site.release.manifest.all_graphs):
        for property_ in (iris.TITLE, iris.DESCRIPTION):
            node = ox.NamedNode(graph), ox.NamedNode(property_)
            quads = site.library.store.quads_for_pattern(*node, None)
            yield from dict.fromkeys(quad.triple for quad in quads)


@bp.get("/.well-known/void")
def void() -> Response:
    """Describe the dataset: VoID with its partitions, DCAT of the release."""
    chosen = wanted(formats.GRAPHS, "VoID", request.args.get("format"))
    return _respond(chosen, represent(_dataset(site()), chosen, site().library.names))


def _dataset(site: Site) -> Iterable[ox.Triple]:
    """Return VoID of the dataset: the release's own file, or counted from the store."""
    release = site.release
    if "void.ttl" in release.manifest.files:
        quads = ox.parse(path=release.dump("void.ttl"), format=ox.RdfFormat.TURTLE)
        return [quad.triple for quad in quads]
    manifest, store = release.manifest, site.library.store
    return [
        triple(iris.DATASET, iris.TYPE, iris.VOID + "Dataset"),
        triple(iris.DATASET, iris.TITLE, ox.Literal(manifest.title)),
        triple(iris.DATASET, iris.VOID + "triples", integer(sum(manifest.graphs.values()))),
        *partitions(store, iris.DATASET, sorted(manifest.graphs)),
    ]


def _respond(chosen: Format, body: bytes) -> Response:
    response = Response(body, content_type=chosen.content_type)
    response.vary.add("Accept")
    response.set_etag(site().etag(chosen.name), weak=True)
    return response
