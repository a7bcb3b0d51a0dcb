"""IRIs, the host and the format from requests, and links below the path of the service.

Whatever a client sends becomes an IRI here and nowhere else, so that the rest of the site meets
only IRIs that the store takes. Likewise everything else knows only paths from the root of the
service, which may stand below a path of its host: the server takes that from the requests
(:mod:`service.server.base_path`) and adds it to header fields; here pages get it.
"""

import re
from collections.abc import Sequence

from flask import Response, current_app, request

from service import formats
from service.cards import CONTEXT_PATH
from service.formats import Format
from service.names import Names
from service.problems import BadRequest, NotAcceptable, UnknownResource
from service.rdf import terms

MAX_IRI = 2_000
"""Characters in an IRI from a request; the longest in a release has some hundred."""

CONTEXT_LINK = (
    f'<{CONTEXT_PATH}>; rel="http://www.w3.org/ns/json-ld#context"; '
    f'type="{formats.JSON_LD.media_type}"'
)
"""What makes a card JSON-LD (JSON-LD 1.1 §6.1)."""

_LINK = re.compile(r'(?<=\s)((?:href|src|action|formaction)=")/(?!/)')
"""A link from the root. In text a quotation mark is escaped, so that it begins only attributes."""


def is_iri(text: str) -> bool:
    """Tell whether a text is an absolute IRI (RFC 3987 §2.2) of a length that a release may use."""
    return len(text) <= MAX_IRI and terms.is_iri(text)


def iri_at(path: str) -> str:
    """Return the IRI at a path of this site, for example ``/id/CDMO_0000001``.

    :raises UnknownResource: if no IRI can have that path.
    """
    iri = Names.from_path(path)
    if not is_iri(iri):
        raise UnknownResource(f"There is nothing here: {path[:100]!r} is no part of an IRI.")
    return iri


def in_format(path: str, chosen: Format) -> str:
    """Return the address of a document in one format.

    >>> in_format("/doc/id/a", formats.TURTLE), in_format("/resource?iri=http://e/", formats.TURTLE)
    ('/doc/id/a.ttl', '/resource?iri=http://e/&format=turtle')
    """
    return f"{path}&format={chosen.name}" if "?" in path else f"{path}.{chosen.extension}"


def host_address() -> str:
    """Return the public address of the service, for example ``http://localhost/``.

    If no setting gives it, it is as the client names it.

    :raises BadRequest: if the ``Host`` field of the request names no host.
    """
    if public_url := current_app.config["PUBLIC_URL"]:
        return f"{public_url.rstrip('/')}/"
    # Werkzeug's own ``host_url`` has no host where a name has an underscore.
    host = request.headers.get("Host") or request.host
    address = f"{request.scheme}://{host}/"
    if "/" in host or not is_iri(address):
        raise BadRequest(f"{host[:100]!r} in the Host field is no host.")
    return address


def wanted(offers: Sequence[Format], subject: str, name: str | None = None) -> Format:
    """Return the format that a name or else the ``Accept`` field of the request asks for.

    :param subject: what comes in these formats, for the message.
    :raises NotAcceptable: if it is none of them.
    """
    accept = request.headers.get("Accept")
    chosen = formats.by_name(name, offers) if name else formats.negotiate(accept, offers)
    if chosen is None:
        types = [offer.media_type for offer in offers]
        raise NotAcceptable(
            f"{subject} comes as {', '.join(types)}. Ask for one of them.", offers=types
        )
    return chosen


def with_base_path(page: str) -> str:
    """Return an HTML page with the base path in its links from the root."""
    base = current_app.config["BASE_PATH"]
    return _LINK.sub(rf"\g<1>{base}/", page) if base else page


def add_base_path(response: Response) -> Response:
    """Add the base path to the links of a response that is a page."""
    if current_app.config["BASE_PATH"] and response.mimetype == formats.HTML.media_type:
        response.direct_passthrough = False
        response.set_data(with_base_path(response.get_data(as_text=True)))
    return response
