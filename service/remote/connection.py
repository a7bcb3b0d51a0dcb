"""HTTP to an engine: one request, and a response whose end can be told from a cut."""

import base64
import select
import ssl
from collections.abc import Callable, Iterable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, NamedTuple
from urllib.parse import unquote, urlencode, urlsplit

from service.problems import RemoteFault

CONNECT_SECONDS = 2
"""An engine that takes no connection for so long is taken to be down."""
PATIENCE_SECONDS = 3
"""An engine that has been silent for so long is looked at again, if another one could be asked."""
SHOWN_BYTES = 300
"""So much of what a failing engine says is passed on."""
FORM = "application/x-www-form-urlencoded"


class Replica(NamedTuple):
    """One of the engines that hold the same data.

    :param url: of its query operation; it may have a name and password. Clients are not shown it.
    :param engine: name of its adapter.
    :param number: among the replicas, from 1.
    :param digest: of the release that it held when it was checked last; "" if it does not say.
    """

    url: str
    engine: str
    number: int
    digest: str = ""

    @property
    def name(self) -> str:
        """What clients are shown: operators know the order of the replicas."""
        return f"engine {self.number}"


def shown(url: str) -> str:
    """Return an address without name and password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


class Reply:
    """A response; a file that its body is read from.

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
        """Refuse a body whose end is only that of the connection: a cut looks the same."""
        if self._response.length is None and not self._response.chunked:
            raise RemoteFault(f"The response of {self._where} does not say where it ends.")
        if self.fields.get("Content-Encoding", "identity") != "identity":
            raise RemoteFault(f"The response of {self._where} is compressed, unasked.")

    def read(self, size: int | None = None) -> bytes:
        """Return the next bytes, b"" at the end of a whole body."""
        try:
            data = self._response.read(size)
        except (OSError, HTTPException, ValueError) as error:
            raise self._cut(error) from None
        if not data and self._response.length:  # http.client does not mind, if a size is given
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

    :param body: chunks of unknown size go out as they come.
    :param seconds: after which a read fails, not the whole.
    :param name: of the server, in problems; its address if there is none.
    :param is_up: asks whether it is worth waiting on, from time to time.
    :raises RemoteFault: if the server cannot be reached, or what it sends is no HTTP.
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
    """Send a form, as the SPARQL Protocol has it for queries (§2.1.2).

    :param options: of :func:`send`.
    """
    body = urlencode(tuple(parameters)).encode()
    return send(
        "POST", url, body, {"Content-Type": FORM, "Accept": accept}, seconds=seconds, **options
    )
