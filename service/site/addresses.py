"""IRIs and the host from requests.

Whatever a client sends becomes an IRI here and nowhere else, so that the rest of the site meets
only IRIs that the store takes.
"""

import pyoxigraph as ox
from flask import request

from service.names import Names
from service.problems import BadRequest, UnknownResource

MAX_IRI = 2_000
"""Characters in an IRI from a request; the longest in a release has some hundred."""


def is_iri(text: str) -> bool:
    """Tell whether a text is an absolute IRI (RFC 3987 §2.2) of a length that a release may use."""
    if len(text) > MAX_IRI:
        return False
    try:
        ox.NamedNode(text)
    except ValueError:  # a UnicodeEncodeError, for half a surrogate pair, is one too
        return False
    return True


def iri_at(path: str) -> str:
    """Return the IRI at a path of this site, for example ``/id/CDMO_0000001``.

    :raises UnknownResource: if no IRI can have that path.
    """
    iri = Names.from_path(path)
    if not is_iri(iri):
        raise UnknownResource(f"There is nothing here: {path[:100]!r} is no part of an IRI.")
    return iri


def host_address() -> str:
    """Return the address of this host as the client names it, for example ``http://localhost/``.

    :raises BadRequest: if the ``Host`` field of the request names no host.
    """
    # Werkzeug's own ``host_url`` has no host where a name has an underscore.
    host = request.headers.get("Host") or request.host
    address = f"{request.scheme}://{host}/"
    if "/" in host or not is_iri(address):
        raise BadRequest(f"{host[:100]!r} in the Host field is no host.")
    return address
