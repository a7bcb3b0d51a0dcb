"""Sending the hostile and mistaken requests of ``hostile.jsonl``, one a line.

A ``query`` is sent by POST, ``raw`` as it stands (Latin-1); a part ``["x", 3]`` stands for ``xxx``.
"""

import contextlib
import json
import socket
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

CASES: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "hostile.jsonl").read_text(encoding="utf-8").splitlines()
]


def whole(parts: str | list[Any]) -> str:
    """Return a text of which parts are repeated."""
    if isinstance(parts, str):
        return parts
    return "".join(p if isinstance(p, str) else p[0] * p[1] for p in parts)


def send(port: int, case: dict[str, Any], *, patience: float = 25, **parameters: str) -> bytes:
    """Send a case and return all that comes back; nothing if the connection is closed.

    :param patience: seconds to wait for more of an answer.
    :param parameters: that go with a query, for example ``timeout``.
    :raises OSError: if there is no connection, or no more patience.
    """
    if "query" in case:
        body = urlencode({"query": whole(case["query"]), **parameters}).encode()
        head = (
            "POST /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
            f"{len(body)}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
        )
        data = head.encode() + body
    else:
        data = whole(case["raw"]).encode("latin-1")
        data = data.replace(b"Host: x\r\n", b"Host: x\r\nConnection: close\r\n", 1)
    with socket.create_connection(("127.0.0.1", port), patience) as client:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            if case.get("slow"):
                for i in range(0, len(data), 8):
                    client.sendall(data[i : i + 8])
                    time.sleep(0.02)
            else:
                client.sendall(data)
        if case.get("half_close") or "Host:" not in case.get("raw", ["Host:"])[0]:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_WR)
        answer = bytearray()
        with contextlib.suppress(ConnectionResetError):
            while data := client.recv(1 << 18):
                answer += data
        return bytes(answer)
