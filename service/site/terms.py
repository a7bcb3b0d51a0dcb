"""Linked data: 303 from an IRI's address to the one document that describes it.

"Cool URIs for the Semantic Web", 303 to one generic document: ``/id/X`` answers 303 to
``/doc/id/X``, which negotiates; ``/doc/id/X.ttl`` and the like are chosen by suffix.
"""

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from service import formats
from service.iris import LICENCE, ONTOLOGY
from service.library import describe, is_version
from service.names import Names
from service.problems import NotAcceptable, UnknownResource
from service.rdf.writers import represent
from service.site import documents
from service.site.site import site

bp = Blueprint("terms", __name__)

SPACES = "any(id,schema,claim,passage,tension,question,source,mapping,graph)"
"""The first parts of the paths of our IRIs."""

MEDIA_TYPES = {
    "html": "text/html",
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
}
"""Media types of documents by suffix."""

DOCUMENT_FORMATS = (
    ("ttl", "Turtle"),
    ("jsonld", "JSON-LD"),
    ("nt", "N-Triples"),
    ("rdf", "RDF/XML"),
)
"""Formats of a document beside HTML, by suffix, with their names."""


def _offer(suffix: str) -> formats.Format:
    known = (formats.HTML, *formats.GRAPHS)
    return next(f for f in known if f.media_type == MEDIA_TYPES[suffix])


OFFERS = tuple(_offer(suffix) for suffix in ("ttl", "html", "jsonld", "rdf", "nt"))
"""In our order of preference: ``*/*`` gets the first."""


@bp.get(f"/<{SPACES}:space>/<path:local>")
def resource(space: str, local: str) -> BaseResponse:
    """Answer 303 from the address of an IRI to its document.

    :raises UnknownResource: if the release says nothing of the IRI.
    """
    iri = Names.from_path(f"/{space}/{local}")
    if not site().library.knows(iri):
        raise UnknownResource(
            f"This release says nothing of <{iri}>. Search for its name, or check the address.",
            iri=iri,
        )
    response = redirect(Names.document(iri) or "", 303)
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@bp.get("/ontology")
@bp.get("/ontology/<version>")
def ontology(version: str = "") -> BaseResponse:
    """Answer 303 from the ontology's IRI, or a version's, to the document of the ontology."""
    path = f"{ONTOLOGY}/{version}" if version else ONTOLOGY
    describe(site().library, path)
    return redirect(Names.document(path) or "", 303)


@bp.get("/doc/<path:path>")
def document(path: str) -> Response:
    """Describe a resource in the format that the suffix names or the client prefers.

    ``*/*`` without ``text/html`` gets Turtle: that is a program, not a person.

    :raises UnknownResource: if the release says nothing of the resource.
    :raises NotAcceptable: if the client takes none of the formats on offer.
    """
    found = site()
    local, suffix = _split(path)
    iri = Names.from_path(f"/{local}")
    negotiated = suffix is None
    if suffix is None:
        suffix = _negotiate()
    response = Response(mimetype=MEDIA_TYPES[suffix])
    # Weak, since the same tag stands for the compressed body too (RFC 9110 §8.8.3.3).
    response.set_etag(found.etag(suffix), weak=True)
    held = request.if_none_match.contains_weak(found.etag(suffix))
    if not (held and found.library.knows(iri)):
        response.set_data(found.body(iri, suffix, lambda: _body(iri, suffix)))
    response.headers["Cache-Control"] = "public, no-cache"
    address = Names.document(iri) or ""
    links = [
        f'<{address}.{s}>; rel="alternate"; type="{MEDIA_TYPES[s]}"'
        for s in MEDIA_TYPES
        if s != suffix
    ]
    links.append(f'<{address}.ttl>; rel="describedby"; type="text/turtle"')
    links.append(f'<{LICENCE}>; rel="license"')
    response.headers["Link"] = ", ".join(links)
    if negotiated:
        response.vary.add("Accept")
        response.headers["Content-Location"] = f"{address}.{suffix}"
    response.make_conditional(request)
    return response


def _split(path: str) -> tuple[str, str | None]:
    """Split a document's path into the resource's path and a suffix of ours, or None."""
    local, dot, suffix = path.rpartition(".")
    return (local, suffix) if dot and suffix in MEDIA_TYPES else (path, None)


def _negotiate() -> str:
    return media_suffix(request.headers.get("Accept"))


def media_suffix(accept: str | None) -> str:
    """Return the suffix of the format that an ``Accept`` header asks for.

    :raises NotAcceptable: if it excludes everything on offer.
    """
    chosen = formats.negotiate(accept, OFFERS)
    if chosen is None:
        raise NotAcceptable(
            f"This document comes as {', '.join(MEDIA_TYPES.values())}. Ask for one of them.",
            offers=list(MEDIA_TYPES.values()),
        )
    return next(s for s, media_type in MEDIA_TYPES.items() if media_type == chosen.media_type)


def _body(iri: str, suffix: str) -> bytes:
    found = site()
    if suffix != "html" and (iri == ONTOLOGY or is_version(found.library, iri)):
        # The whole ontology lives at its own IRI and at its version's, as tools expect that
        # import it (OWL 2, §3.2).
        name = f"ontology.{suffix}"
        if name in found.release.manifest.files:
            return found.release.dump(name).read_bytes()
    description = describe(found.library, iri)
    if suffix == "html":
        return documents.page(description).encode()
    return represent(description.triples, _offer(suffix), found.library.names)
