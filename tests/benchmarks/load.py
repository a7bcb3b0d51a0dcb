"""A closed-loop load generator: each connection sends its next request after an answer."""

import re
import select
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from urllib.parse import quote

READ_BYTES = 1 << 18
_FIELDS = re.compile(rb"\r\n(?i:content-length: *([0-9]+)|connection: *(close))\r")


@dataclass
class Outcome:
    """The outcome of one run; times are in seconds, in order of completion."""

    seconds: float
    latencies: list[float] = field(default_factory=list)
    first_bytes: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    failures: int = 0

    @property
    def per_second(self) -> float:
        """The number of answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency in milliseconds below which a share of the answers lies."""
        ordered = sorted(self.latencies) or [float("nan")]
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


def request(path: str, query: str, accept: str) -> bytes:
    """Return the bytes of a GET request."""
    return (
        f"GET {path}?query={quote(query, safe='')} HTTP/1.1\r\nHost: bench\r\n"
        f"Accept: {accept}\r\n\r\n"
    ).encode()


def requests(path: str, queries: list[str], accept: str) -> list[bytes]:
    """Return the bytes of GET requests."""
    return [request(path, query, accept) for query in queries]


class _Client:
    """One connection; it does as little as possible, since it shares the server's processors."""

    def __init__(self, port: int, feed: Iterator[bytes]) -> None:
        self.port, self.feed = port, feed
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), 60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self) -> None:
        self.first, self.body, self.close = 0.0, -1, False
        self.status, self.size, self.last = 0, 0, b""
        self.parts: list[bytes] = []
        self.begun = time.perf_counter()
        self.socket.sendall(next(self.feed))

    def read(self) -> bool:
        """Read the available bytes; return whether the answer is complete."""
        data = self.socket.recv(READ_BYTES)
        if not self.first:
            self.first = time.perf_counter() - self.begun
        if not data:
            self.close = True
            return True
        if self.body < 0:
            data = b"".join((*self.parts, data))
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self.parts = [data]
                return False
            self.parts = []
            self.body = end + 4
            self.size = -self.body
            self.status = int(data[9:12])
            self.length = -1
            for length, close in _FIELDS.findall(data, 0, end + 2):
                if length:
                    self.length = int(length)
                self.close = self.close or bool(close)
        self.size += len(data)
        return self.size >= self.length if self.length >= 0 else self._ended(data)

    def _ended(self, data: bytes) -> bool:
        self.last = data if len(data) >= 7 else self.last + data
        return self.last.endswith(b"\r\n0\r\n\r\n")


def run(port: int, feed: list[bytes], *, seconds: float, connections: int = 8) -> Outcome:
    """Send requests repeatedly for a time.

    :param feed: the requests, which the connections share.
    """
    source = cycle(feed)
    selector = select.epoll()
    start = time.perf_counter()
    outcome = Outcome(seconds)
    clients: dict[int, _Client] = {}

    def register(client: _Client) -> None:
        clients[client.socket.fileno()] = client
        selector.register(client.socket, select.EPOLLIN)

    for _ in range(connections):
        client = _Client(port, source)
        client.send()
        register(client)
    end = start + seconds
    while time.perf_counter() < end:
        for descriptor, _ in selector.poll(1):
            client = clients[descriptor]
            try:
                complete = client.read()
            except OSError:
                client.close, client.status, complete = True, 0, True
            if not complete:
                continue
            if client.status == 200:
                outcome.latencies.append(time.perf_counter() - client.begun)
                outcome.first_bytes.append(client.first)
                outcome.sizes.append(client.size)
            else:
                outcome.failures += 1
            if client.close:
                selector.unregister(descriptor)
                del clients[descriptor]
                client.socket.close()
                client.connect()
                register(client)
            client.send()
    outcome.seconds = time.perf_counter() - start
    for client in clients.values():
        client.socket.close()
    selector.close()
    return outcome
