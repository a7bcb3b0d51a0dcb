"""Linked data: 303 from an IRI's address to the one document that describes it.

"Cool URIs for the Semantic Web", 303 to one generic document: ``/id/X`` answers 303 to
``/doc/id/X``, which negotiates; ``/doc/id/X.ttl`` and the like are chosen by suffix. A program
that asks for JSON gets the card of the resource; one that asks for JSON-LD, its description.
"""

from collections.abc import Callable

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from service import cards, formats
from service.formats import Format
from service.iris import LICENCE, ONTOLOGY
from service.library import describe, is_version
from service.names import Names
from service.problems import UnknownResource
from service.rdf.writers import represent
from service.site import documents
from service.site.addresses import in_format, iri_at, wanted
from service.site.site import site

bp = Blueprint("linked_data", __name__)

SPACES = "any(id,schema,claim,passage,tension,question,source,mapping,graph)"
"""The first parts of the paths of our IRIs."""

CONTEXT_LINK = (
    f'<{cards.CONTEXT_PATH}>; rel="http://www.w3.org/ns/json-ld#context"; '
    f'type="{formats.JSON_LD.media_type}"'
)
"""What makes a card JSON-LD (JSON-LD 1.1 §6.1)."""

FORMATS = {f.extension: f for f in formats.DOCUMENTS}
"""The formats of documents by the suffix of an address."""

SUFFIXES = {**FORMATS, "owl": formats.RDF_XML, "xml": formats.RDF_XML}
"""The same by the suffixes that tools add to an IRI; owlready2 tries these and reads no Turtle."""


@bp.get(f"/<{SPACES}:space>/<path:local>")
@bp.get("/ontology")
@bp.get("/ontology.<suffix>")
@bp.get("/ontology/<version>")
def resource(**parts: str) -> BaseResponse:
    """Answer 303 from the address of an IRI to its document.

    An IRI with a suffix, or with ``format=``, leads to the document in that format.

    :raises UnknownResource: if the release has no triple of the IRI.
    :raises NotAcceptable: if ``format=`` names no format of documents.
    """
    iri, chosen = iri_at(request.path), None
    if not _is_known(iri):
        stem, _, suffix = iri.rpartition(".")
        chosen = SUFFIXES.get(suffix)
        if chosen is None or not _is_known(stem):
            raise UnknownResource(
                f"This release says nothing of <{iri}>. Search for its name, or check the address.",
                iri=iri,
            )
        iri = stem
    if name := request.args.get("format"):
        chosen = wanted((chosen,) if chosen else formats.DOCUMENTS, "This document", name)
    address = Names.document(iri) or ""
    response = redirect(f"{address}.{chosen.extension}" if chosen else address, 303)
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _is_known(iri: str) -> bool:
    library = site().library
    return library.knows(iri) or is_version(library, iri)


@bp.get("/doc/<path:path>")
def document(path: str) -> Response:
    """Describe a resource in the format that the address names or the client prefers.

    The suffix names it, or the parameter ``format``.

    ``*/*`` without ``text/html`` gets Turtle: that is a program, not a person. Without ``Accept``
    the ontology is RDF/XML, which every tool for OWL 2 reads (OWL 2 Conformance §2.1).

    :raises UnknownResource: if the release has no triple of the resource.
    :raises NotAcceptable: if the client takes none of the formats on offer.
    """
    local, dot, suffix = path.rpartition(".")
    named = FORMATS.get(suffix) if dot else None
    iri = iri_at(f"/{local if named else path}")
    name = request.args.get("format")
    if not named and _is_ontology(iri) and "Accept" not in request.headers:
        name = name or formats.RDF_XML.name
    offers = (named,) if named else formats.DOCUMENTS
    chosen = named if named and not name else wanted(offers, "This document", name)
    address = Names.document(iri) or ""
    known = site().library.knows(iri)
    return respond(address, chosen, lambda: _body(iri, chosen), known=known, negotiated=not named)


def respond(
    address: str,
    chosen: Format,
    body: Callable[[], bytes],
    *,
    known: bool = True,
    negotiated: bool = True,
) -> Response:
    """Return a document in one format, with links to the others.

    :param address: of the document in any format.
    :param known: whether there is such a document, so that a client's copy may still be good.
    :param negotiated: whether the ``Accept`` field may have chosen the format.
    """
    response = Response(mimetype=chosen.media_type)
    # Weak, since the same tag stands for the compressed body too (RFC 9110 §8.8.3.3).
    etag = site().etag(chosen.extension)
    response.set_etag(etag, weak=True)
    if not (request.if_none_match.contains_weak(etag) and known):
        response.set_data(body())
    response.headers["Link"] = _links(address, chosen)
    if negotiated:
        response.vary.add("Accept")
        response.headers["Content-Location"] = in_format(address, chosen)
    response.make_conditional(request)
    return response


def _is_ontology(iri: str) -> bool:
    return iri == ONTOLOGY or is_version(site().library, iri)


def _links(address: str, chosen: Format) -> str:
    """Return the ``Link`` field of a document (RFC 8288): other formats, data, licence."""
    links = [
        f'<{in_format(address, f)}>; rel="alternate"; type="{f.media_type}"'
        for f in formats.DOCUMENTS
        if f is not chosen
    ]
    turtle = formats.TURTLE
    links.append(f'<{in_format(address, turtle)}>; rel="describedby"; type="{turtle.media_type}"')
    if site().source:
        links.append(f'<{LICENCE}>; rel="license"')
        if chosen is formats.CARD:
            links.append(CONTEXT_LINK)
    return ", ".join(links)


def _body(iri: str, chosen: Format) -> bytes:
    library, release = site().library, site().release
    if chosen is formats.HTML:
        return documents.page(describe(library, iri), site()).encode()
    if chosen is formats.CARD:
        return cards.as_json(cards.card(library, iri), release.manifest)
    # The whole ontology lives at its own IRI and at its version's, as tools expect that
    # import it (OWL 2, §3.2).
    dump = f"ontology.{chosen.extension}"
    if _is_ontology(iri) and dump in release.manifest.files:
        return release.dump(dump).read_bytes()
    triples = describe(library, iri).triples
    if chosen is formats.JSON_LD and site().source:
        return cards.to_bytes(cards.linked_data(triples))
    return represent(triples, chosen, library.names)


@bp.get(cards.CONTEXT_PATH)
def context() -> Response:
    """Send the context of all our JSON. It only grows, so a copy of yesterday still serves."""
    response = Response(cards.to_bytes(cards.CONTEXT), mimetype=formats.JSON_LD.media_type)
    response.set_etag(site().etag("context"), weak=True)
    response.headers["Cache-Control"] = "public, max-age=86400, stale-while-revalidate=604800"
    response.make_conditional(request)
    return response
