"""Linked data: 303 from an IRI's address to the one document that describes it.

"Cool URIs for the Semantic Web", 303 to one generic document: ``/id/X`` answers 303 to
``/doc/id/X``, which negotiates; ``/doc/id/X.ttl`` and the like are chosen by suffix. A program
that asks for JSON gets the card of the resource; one that asks for JSON-LD, its description.
"""

from collections.abc import Callable, Iterable, Mapping

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from service import cards, formats
from service.formats import Format
from service.iris import BASE, EXPECTED, LICENCE, MAPPING, ONTOLOGY, QUESTION
from service.library import Description, describe, is_version
from service.names import Names
from service.problems import UnknownResource
from service.rdf.writers import represent
from service.site import documents
from service.site.addresses import CONTEXT_LINK, in_format, iri_at, is_iri, wanted
from service.site.site import site

bp = Blueprint("linked_data", __name__)

SPACE = f"<any({','.join(cards.SPACES)}):space>"
"""The first part of the path of one of our IRIs."""

PARENTS = {
    "id": "find.terms",
    "claim": "lists.statements",
    "passage": "lists.passages",
    "tension": "disagreements.tensions",
    "question": "lists.questions",
    "source": "lists.sources",
    "mapping": "lists.mappings",
}
"""Where the list is of everything whose IRI begins so."""

OVERVIEWS = {"schema": "linked_data.document", "graph": "self_description.endpoint"}
"""The page that names them all, where there is no list: of relations and kinds that is the
ontology's."""

FORMATS = {f.extension: f for f in formats.DOCUMENTS}
"""The formats of documents by the suffix of an address."""

TABLES = {QUESTION: formats.CSV, MAPPING: formats.TSV}
"""The format of a table by how IRIs begin: the answer to a question, and a mapping set as SSSOM."""

SUFFIXES = {**FORMATS, "owl": formats.RDF_XML, "xml": formats.RDF_XML}
"""The same by the suffixes that tools add to an IRI; owlready2 tries these and reads no Turtle."""


@bp.get(f"/{SPACE}/", strict_slashes=False)
@bp.get(f"/doc/{SPACE}/", strict_slashes=False)
def parent(space: str) -> BaseResponse:
    """Answer 303 from the beginning of IRIs to the list of them, in the format that is asked for.

    Who cuts an address back comes here.

    :raises UnknownResource: if there is no such list.
    """
    endpoint = (PARENTS | OVERVIEWS).get(space) if site().source else None
    if endpoint is None:
        raise UnknownResource(f"There is no list of all IRIs that begin with {space}/.")
    query = request.query_string.decode("latin-1")
    address = url_for(endpoint, path="ontology" if space == "schema" else None)
    response = redirect(f"{address}?{query}" if query else address, 303)
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@bp.get(f"/{SPACE}/<path:local>")
@bp.get("/ontology")
@bp.get("/ontology.<suffix>")
@bp.get("/ontology/<version>")
def resource(**parts: str) -> BaseResponse:
    """Answer 303 from the address of an IRI to its document.

    An IRI with a suffix, or with ``format=``, leads to the document in that format; so does a
    CURIE in the place of an IRI's last part.

    :raises UnknownResource: if the release has no triple of the IRI.
    :raises NotAcceptable: if ``format=`` names no format of documents.
    """
    given = iri_at(request.path)
    stem, dot, suffix = given.rpartition(".")
    named = SUFFIXES.get(suffix) or _extra(stem).get(suffix) if dot else None
    readings = ((given, None), (stem, named)) if named else ((given, None),)
    for reading, chosen in readings:
        if iri := _known(reading):
            return _to_document(iri, chosen)
    raise UnknownResource(
        f"This release says nothing of <{given}>. Search for its name, or check the address.",
        iri=given,
    )


def _to_document(iri: str, chosen: Format | None) -> BaseResponse:
    if name := request.args.get("format"):
        offers = (*formats.DOCUMENTS, *_extra(iri).values())
        chosen = wanted((chosen,) if chosen else offers, "This document", name)
    address = Names.document(iri) or ""
    response = redirect(f"{address}.{chosen.extension}" if chosen else address, 303)
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _known(iri: str) -> str | None:
    """Return an IRI that the release knows, also if a CURIE stands in its last part."""
    library = site().library
    meant = library.names.iri(iri.rpartition("/")[2]) or ""
    candidates = (iri, meant) if meant.startswith(BASE) and is_iri(meant) else (iri,)
    return next((i for i in candidates if library.knows(i) or is_version(library, i)), None)


def _extra(iri: str) -> dict[str, Format]:
    """Return the formats by suffix that only documents of some sorts have."""
    extra = next((f for begin, f in TABLES.items() if iri.startswith(begin)), None)
    return {extra.extension: extra} if extra and site().source else {}


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
    extra = _extra(iri_at(f"/{local or path}"))
    named = (FORMATS | extra).get(suffix) if dot else None
    iri = iri_at(f"/{local if named else path}")
    name = request.args.get("format")
    if not named and _is_ontology(iri) and "Accept" not in request.headers:
        name = name or formats.RDF_XML.name
    offers = (named,) if named else (*formats.DOCUMENTS, *extra.values())
    chosen = named if named and not name else wanted(offers, "This document", name)
    address = Names.document(iri) or ""
    known = site().library.knows(iri)
    return respond(
        address,
        chosen,
        lambda: _body(iri, chosen),
        offers=(*formats.DOCUMENTS, *extra.values()),
        known=known,
        negotiated=not named,
    )


def respond(
    address: str,
    chosen: Format,
    body: Callable[[], bytes],
    *,
    offers: Iterable[Format] = formats.DOCUMENTS,
    known: bool = True,
    negotiated: bool = True,
) -> Response:
    """Return a document in one format, with links to the others.

    :param address: of the document in any format.
    :param offers: the formats that it comes in.
    :param known: whether there is such a document, so that a client's copy may still be good.
    :param negotiated: whether the ``Accept`` field may have chosen the format.
    """
    response = Response(mimetype=chosen.media_type)
    # Weak, since the same tag stands for the compressed body too (RFC 9110 §8.8.3.3).
    etag = site().etag(chosen.extension)
    response.set_etag(etag, weak=True)
    if not (request.if_none_match.contains_weak(etag) and known):
        response.set_data(body())
    response.headers["Link"] = _links(address, chosen, offers)
    if negotiated:
        response.vary.add("Accept")
        response.headers["Content-Location"] = in_format(address, chosen)
    return response


def _is_ontology(iri: str) -> bool:
    return iri == ONTOLOGY or is_version(site().library, iri)


def _links(address: str, chosen: Format, offers: Iterable[Format]) -> str:
    """Return the ``Link`` field of a document (RFC 8288): other formats, data, licence.

    JSON names no other formats: PyLD cannot load by its address what has several.
    """
    links = [
        f'<{in_format(address, f)}>; rel="alternate"; type="{f.media_type}"'
        for f in offers
        if f is not chosen and chosen not in (formats.CARD, formats.JSON_LD)
    ]
    turtle = formats.TURTLE
    links.append(f'<{in_format(address, turtle)}>; rel="describedby"; type="{turtle.media_type}"')
    if site().source:
        links.append(f'<{LICENCE}>; rel="license"')
        if chosen is formats.CARD:
            links.append(CONTEXT_LINK)
    return ", ".join(links)


NON_RDF: Mapping[Format, Callable[[Description], bytes]] = {
    formats.HTML: lambda d: documents.page(d, site()).encode(),
    formats.CARD: lambda d: cards.as_json(cards.card_of(d), site().release.manifest),
    formats.CSV: lambda d: cards.answer_table(d.text(EXPECTED)),
    formats.TSV: lambda d: cards.mapping_table(d.library, d.iri),
}
"""Writes a description in each format that is not RDF."""


def _body(iri: str, chosen: Format) -> bytes:
    library, release = site().library, site().release
    if writer := NON_RDF.get(chosen):
        return writer(describe(library, iri))
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
    return response
