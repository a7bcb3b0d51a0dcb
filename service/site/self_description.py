"""What programs ask an endpoint about itself: the service description, and VoID."""

from collections.abc import Callable, Iterable

import pyoxigraph as ox
from flask import Blueprint, Response, request

from service import formats, iris
from service.endpoint import PATH
from service.formats import Format
from service.problems import NotAcceptable
from service.rdf.service_description import partitions, service_description
from service.rdf.terms import integer, triple
from service.rdf.writers import represent
from service.site.addresses import host_address
from service.site.query.form import query_form
from service.site.site import Site, site

bp = Blueprint("self_description", __name__)

_BARE = (formats.GRAPHS[0], formats.HTML, *formats.GRAPHS[1:])
"""What a request without a query may get; programs that accept anything get Turtle."""


@bp.route(PATH, methods=["GET", "POST", "QUERY"])
def endpoint() -> Response:
    """Answer a request without a query: a page for people, the description for programs."""
    name = request.args.get("format")
    accept = request.headers.get("Accept")
    chosen = formats.by_name(name, formats.GRAPHS) if name else formats.negotiate(accept, _BARE)
    if chosen is formats.HTML:
        return _respond(formats.HTML, query_form().encode())
    manifest = site().release.manifest
    address = host_address() + PATH.removeprefix("/")
    triples = service_description(address, manifest.graphs, ox.Literal(manifest.title))
    return _represent(chosen, lambda: triples, "The service description")


@bp.get("/.well-known/void")
def void() -> Response:
    """Describe the dataset: VoID with its partitions, DCAT of the release."""
    chosen = formats.negotiate(request.headers.get("Accept"), formats.GRAPHS)
    return _represent(chosen, lambda: _dataset(site()), "VoID")


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


def _represent(
    chosen: Format | None, triples: Callable[[], Iterable[ox.Triple]], subject: str
) -> Response:
    if chosen is None:
        offers = [offer.media_type for offer in formats.GRAPHS]
        raise NotAcceptable(f"{subject} comes as {', '.join(offers)}.", offers=offers)
    return _respond(chosen, represent(triples(), chosen, site().library.names))


def _respond(chosen: Format, body: bytes) -> Response:
    response = Response(body, content_type=chosen.content_type)
    response.vary.add("Accept")
    response.set_etag(site().etag(chosen.name), weak=True)
    response.headers["Cache-Control"] = "public, no-cache"
    response.make_conditional(request)
    return response
