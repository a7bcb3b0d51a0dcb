"""Time every page of a release, each requested once, so that none is a kept answer."""

import os
import time
import urllib.parse
from http.client import HTTPConnection

HEADERS = {"Accept": "text/html", "Accept-Encoding": "gzip"}
SLOWEST = 5
"""The number of pages that the report names."""


def paths(port: int) -> list[str]:
    """Return the path of every page in a server's sitemap."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/sitemap.xml")
    places = connection.getresponse().read().decode().split("<loc>")[1:]
    connection.close()
    return [urllib.parse.urlsplit(place.split("<")[0]).path for place in places]


def seconds(port: int, pages: list[str]) -> dict[str, float]:
    """Return the time from request to last byte of each page, over one connection."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    times = {}
    for page in pages:
        started = time.perf_counter()
        connection.request("GET", page, headers=HEADERS)
        answer = connection.getresponse()
        answer.read()
        times[page] = time.perf_counter() - started
        if answer.status != 200:
            raise SystemExit(f"{page} answers {answer.status}")
    connection.close()
    return times


def report(times: dict[str, float]) -> str:
    """Return the figures in words, with the load of the machine."""
    ordered = sorted(times.values())
    shares = {"median": 0.5, "p95": 0.95, "p99": 0.99}
    figures = {name: ordered[int(share * len(ordered))] for name, share in shares.items()}
    words = ", ".join(f"{name} {value * 1000:.1f} ms" for name, value in figures.items())
    busy = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    slowest = sorted(times, key=lambda page: -times[page])[:SLOWEST]
    return "".join(
        [
            f"{len(times)} pages, each once: {words}, worst {ordered[-1] * 1000:.1f} ms ({busy})\n",
            *(f"  {times[page] * 1000:.1f} ms  {page}\n" for page in slowest),
        ]
    )
