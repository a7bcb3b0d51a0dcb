"""An engine that sends scripted responses, and records the queries."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs

JSON = "application/sparql-results+json"
XML = "application/sparql-results+xml"
UNMARKED = (
    b'<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="digest"/></head>'
    b"<results></results></sparql>"
)
"""The answer of a store that names no release."""


def marked(digest: str) -> bytes:
    """Return the answer of a store that names its release."""
    row = f'<result><binding name="digest"><literal>{digest}</literal></binding></result>'
    return UNMARKED.replace(b"<results>", f"<results>{row}".encode())


@dataclass
class FakeEngine:
    """A server on a free port.

    :param script: the bytes of the response to a query; then the connection closes.
    :param health: the same for a check; b"" for the answer of a store without a release of ours.
    :param stays_silent: whether it keeps the connection open after the response.
    :param stands_still: whether it accepts connections and does nothing else.
    :param asked: the parameters of each query.
    :param left: set when a client leaves before the response is complete.
    """

    port: int
    script: list[bytes] = field(default_factory=list)
    health: bytes = b""
    stays_silent: bool = False
    stands_still: bool = False
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/sparql"

    def reset(self) -> None:
        """Undo what an earlier test has set."""
        self.stays_silent = self.stands_still = False
        self.asked.clear()
        self.left.clear()


def response(
    body: bytes, media_type: str = JSON, status: str = "200 OK", *fields: str, framed: bool = True
) -> bytes:
    """Return a response, with or without its length."""
    head = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", "Connection: close", *fields]
    if framed:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode() + body


def chunked(*parts: bytes, media_type: str = JSON, end: bytes = b"0\r\n\r\n") -> bytes:
    """Return a response in chunks."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return head.encode() + body + end


@contextmanager
def fake_engine() -> Iterator[FakeEngine]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        engine = FakeEngine(listener.getsockname()[1])

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    threading.Thread(target=answer, args=(engine, client), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield engine
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def answer(engine: FakeEngine, client: socket.socket) -> None:
    with client, suppress(OSError):
        data = b""
        while b"\r\n\r\n" not in data:
            data += client.recv(1 << 16)
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        while len(body) < length:
            body += client.recv(1 << 16)
        parameters = parse_qs(body.decode())
        if engine.stands_still:
            client.recv(1)
            return
        if "urn:x-cdmo:published" in parameters["query"][0]:
            client.sendall(engine.health or response(UNMARKED, XML))
            return
        engine.asked.append(parameters)
        script = engine.script.pop(0) if len(engine.script) > 1 else engine.script[0]
        client.sendall(script)
        if engine.stays_silent and not client.recv(1):
            engine.left.set()
