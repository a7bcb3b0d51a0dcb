"""Send the hostile and mistaken requests of ``hostile.jsonl``, which has one a line.

A ``query`` is sent by POST, ``raw`` bytes as they are (Latin-1); ``["x", 3]`` means ``xxx``.
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


def expand(parts: str | list[Any]) -> str:
    """Expand the repetitions in a text."""
    if isinstance(parts, str):
        return parts
    return "".join(p if isinstance(p, str) else p[0] * p[1] for p in parts)


def send(port: int, case: dict[str, Any], *, patience: float = 25, **parameters: str) -> bytes:
    """Send a case and return the response; b"" if the connection is closed without one.

    :param patience: seconds to wait for each part of the response.
    :param parameters: parameters to send with a query, for example ``timeout``.
    :raises OSError: if there is no connection, or the response does not come in time.
    """
    if "query" in case:
        body = urlencode({"query": expand(case["query"]), **parameters}).encode()
        head = (
            "POST /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
            f"{len(body)}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
        )
        data = head.encode() + body
    else:
        data = expand(case["raw"]).encode("latin-1")
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
        response = bytearray()
        with contextlib.suppress(ConnectionResetError):
            while data := client.recv(1 << 18):
                response += data
        return bytes(response)
