"""A closed-loop load generator: some connections, each sending its next request when answered."""

import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from urllib.parse import quote

READ_BYTES = 1 << 18


@dataclass
class Outcome:
    """What one run saw; times in seconds, in order of completion."""

    seconds: float
    latencies: list[float] = field(default_factory=list)
    first_bytes: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    failures: int = 0

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency below which a share of the answers came, in milliseconds."""
        ordered = sorted(self.latencies) or [float("nan")]
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


def requests(path: str, queries: list[str], accept: str) -> list[bytes]:
    """Return ready-made GET requests."""
    return [
        (
            f"GET {path}?query={quote(query, safe='')} HTTP/1.1\r\nHost: bench\r\n"
            f"Accept: {accept}\r\n\r\n"
        ).encode()
        for query in queries
    ]


class _Client:
    def __init__(self, port: int, feed: Iterator[bytes]) -> None:
        self.port, self.feed = port, feed
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), 60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self) -> None:
        self.buffer = bytearray()
        self.begun, self.first = time.perf_counter(), 0.0
        self.length, self.chunked, self.close, self.body = -1, False, False, -1
        self.status = 0
        self.socket.sendall(next(self.feed))

    def read(self) -> bool:
        """Take what has come; say whether the answer is complete."""
        data = self.socket.recv(READ_BYTES)
        if not self.first:
            self.first = time.perf_counter() - self.begun
        if not data:
            self.close = True
            return True
        self.buffer += data
        if self.body < 0:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return False
            head = bytes(self.buffer[:end]).lower()
            self.body = end + 4
            self.status = int(head[9:12])
            self.chunked = b"transfer-encoding: chunked" in head
            self.close = b"connection: close" in head
            if b"content-length: " in head:
                self.length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
        if self.chunked:
            return self.buffer.endswith(b"\r\n0\r\n\r\n")
        return len(self.buffer) - self.body >= self.length >= 0


def run(port: int, feed: list[bytes], *, seconds: float, connections: int = 8) -> Outcome:
    """Send requests over and over for a time.

    :param feed: requests; the connections take them in turn.
    """
    source = cycle(feed)
    selector = selectors.DefaultSelector()
    start = time.perf_counter()
    found = Outcome(seconds)
    for _ in range(connections):
        client = _Client(port, source)
        client.send()
        selector.register(client.socket, selectors.EVENT_READ, client)
    while time.perf_counter() - start < seconds:
        for key, _ in selector.select(1):
            client = key.data
            try:
                complete = client.read()
            except OSError:
                client.close, client.status, complete = True, 0, True
            if not complete:
                continue
            if client.status == 200:
                found.latencies.append(time.perf_counter() - client.begun)
                found.first_bytes.append(client.first)
                found.sizes.append(len(client.buffer) - client.body)
            else:
                found.failures += 1
            if client.close:
                selector.unregister(client.socket)
                client.socket.close()
                client.connect()
                selector.register(client.socket, selectors.EVENT_READ, client)
            client.send()
    found.seconds = time.perf_counter() - start
    for key in list(selector.get_map().values()):
        key.data.socket.close()
    return found
