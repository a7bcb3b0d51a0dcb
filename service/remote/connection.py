"""HTTP to an engine: send one request, and tell a whole response from a cut one."""

import base64
import select
import ssl
from collections.abc import Callable, Iterable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, NamedTuple
from urllib.parse import unquote, urlencode, urlsplit

from service.problems import RemoteFault

CONNECT_SECONDS = 2
"""An engine that accepts no connection within this time counts as down."""
PATIENCE_SECONDS = 3
"""An engine that is silent for this time is checked again, if there are others."""
SHOWN_BYTES = 300
"""The most bytes of a failing engine's message that are passed on."""
FORM = "application/x-www-form-urlencoded"


class Replica(NamedTuple):
    """One of the engines that hold the same data.

    :param url: the address for queries, perhaps with name and password; never shown to clients.
    :param engine: the name of its adapter.
    :param number: its place among the replicas, from 1.
    :param digest: the digest of the release that it held at the last check; "" if unknown.
    """

    url: str
    engine: str
    number: int
    digest: str = ""

    @property
    def name(self) -> str:
        """Its name for clients; operators know the order of the replicas."""
        return f"engine {self.number}"


def shown(url: str) -> str:
    """Return an address without name and password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


class Reply:
    """A response, as a file from which its body is read.

    :raises RemoteFault: by all methods, if the connection breaks or the body is cut.
    """

    def __init__(self, connection: HTTPConnection, response: HTTPResponse, where: str) -> None:
        self._connection = connection
        self._response = response
        self._where = where
        self.status = response.status
        self.fields = response.headers
        self.media_type = response.headers.get_content_type()

    def check_framing(self) -> None:
        """Refuse a compressed body, and one that only the connection ends: a cut looks the same."""
        if self._response.length is None and not self._response.chunked:
            raise RemoteFault(f"The response of {self._where} does not say where it ends.")
        if self.fields.get("Content-Encoding", "identity") != "identity":
            raise RemoteFault(f"The response of {self._where} is compressed, unasked.")

    def read(self, size: int | None = None) -> bytes:
        """Return the next bytes; b"" at the end of a whole body."""
        try:
            data = self._response.read(size)
        except (OSError, HTTPException, ValueError) as error:
            raise self._cut(error) from None
        if not data and self._response.length:  # http.client accepts that if a size is given
            raise self._cut("its end is missing")
        return data

    def close(self) -> None:
        """Close the connection; an engine that notices cancels the query."""
        self._connection.close()

    def _cut(self, reason: object) -> RemoteFault:
        return RemoteFault(f"The response of {self._where} breaks off: {reason}.")


def send(
    method: str,
    url: str,
    body: bytes | Iterable[bytes] | None,
    fields: Mapping[str, str],
    *,
    seconds: float,
    name: str = "",
    is_up: Callable[[], bool] | None = None,
) -> Reply:
    """Send a request and return the response once it begins. Redirects are not followed.

    :param body: bytes, or parts of unknown total size, which are sent in chunks.
    :param seconds: the time limit of each read, not of the whole response.
    :param name: the server's name in problems; by default its address.
    :param is_up: called now and then while waiting; if it returns False, the wait ends.
    :raises RemoteFault: if the server cannot be reached, or its response is no HTTP.
    """
    parts = urlsplit(url)
    host, where = parts.hostname or "", name or shown(url)
    connection: HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = HTTPSConnection(host, parts.port, timeout=CONNECT_SECONDS, context=context)
    else:
        connection = HTTPConnection(host, parts.port, timeout=CONNECT_SECONDS)
    sent = {"Accept-Encoding": "identity", **fields}
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        sent["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.connect()
        connection.sock.settimeout(seconds)
        connection.request(method, target, body, sent)
        while is_up and not select.select([connection.sock], [], [], PATIENCE_SECONDS)[0]:
            if not is_up():
                raise TimeoutError("it stands still")
        return Reply(connection, connection.getresponse(), where)
    except (OSError, HTTPException, ValueError) as error:
        connection.close()
        raise RemoteFault(f"{where} cannot be reached: {error or type(error).__name__}.") from None


def post_form(
    url: str,
    parameters: Iterable[tuple[str, str]],
    accept: str,
    seconds: float,
    **options: Any,
) -> Reply:
    """Send a form, the SPARQL Protocol's second way to send a query (§2.1.2).

    :param options: those of :func:`send`.
    """
    body = urlencode(tuple(parameters)).encode()
    return send(
        "POST", url, body, {"Content-Type": FORM, "Accept": accept}, seconds=seconds, **options
    )
