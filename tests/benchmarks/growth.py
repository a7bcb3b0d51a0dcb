"""Measure growth with the data: 10,000, 100,000, a million and five million triples.

``make bench-growth`` runs this over a simple ontology of each size, served by
``cdmo serve --data``, by ``oxigraph serve`` and, if its jar is present, by Fuseki. Table and
picture go to ``dist/bench/``. The largest size takes minutes, and 3 GB of disk and memory.
"""

import argparse
import contextlib
import http.client
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable
from http import HTTPStatus
from math import inf, log
from pathlib import Path
from statistics import median
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))
import bench  # type: ignore[import-not-found]  # beside this script
import natural  # type: ignore[import-not-found]  # and this one

SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
TRIPLES = 8
"""The number of triples of a term, roughly."""
OURS, BESIDE, OXIGRAPH = "ours", "ours, build --with", "oxigraph serve"
GRAPH = "http://e/"
"""The graph for all servers; stores have more indexes for named graphs than for the default one."""
NAMES = (
    "import sys; from pathlib import Path; from service.library import CATALOGUE, write_catalogue; "
    "from service.names import Names; from service.release import open_release, open_store; "
    "release = open_release(Path(sys.argv[1])); names = Names(release.manifest.prefixes); "
    "write_catalogue(open_store(release), names, release.path / CATALOGUE)"
)
LOAD_BESIDE = (
    "import sys; from pathlib import Path; from service.pipeline.beside import load_beside; "
    "load_beside([Path(sys.argv[1])], Path(sys.argv[2]), (), print)"
)
FLAT = ("point ms", "term page ms", "mix ms")
"""Figures that should be the same for any size of the data, up to a factor of two."""
MEMORY_MB, LOAD_SHARE = 400, 0.7

MANY = 48
"""The number of requested terms."""
STROKES = (
    'stroke="#0b6e4f" stroke-dasharray="1 3"',
    'stroke="#0b6e4f"',
    'stroke="#44546a" stroke-dasharray="6 3"',
    'stroke="#8a8f98" stroke-dasharray="2 3"',
)
"""The colours of our lines and of the peers' lines."""


def loaded(*commands: tuple[str, ...], what: str = "load") -> dict[str, float]:
    """Return the time and memory of commands that load data; they must succeed."""
    begun, processor, memory = time.perf_counter(), 0.0, 0.0
    environ = {**os.environ, "PYTHONPATH": str(bench.ROOT)}
    for command in commands:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=bench.ROOT, env=environ)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        processor += usage.ru_utime + usage.ru_stime
        memory = max(memory, usage.ru_maxrss / 1024)
    return {
        f"{what} s": time.perf_counter() - begun,
        f"{what}, processor s": processor,
        f"{what}, memory MB": memory,
    }


class Request(NamedTuple):
    """A request to a server."""

    path: str
    accept: str = "text/html"


def asked(path: str, query: str) -> Request:
    """Return the request for a query's answer."""
    address = f"{path}?{urllib.parse.urlencode({'query': query})}"
    return Request(address, bench._accepted(query, bench.JSON))


def requests(path: str, terms: int, *, ours: bool) -> dict[str, list[Request]]:
    """Return requests about terms spread over the data, by sort."""
    chosen = random.Random(5).sample(range(terms), MANY)
    texts = {
        "point ms": [asked(path, bench.point(i)) for i in chosen],
        "mix ms": [asked(path, query) for query in bench.mixed(chosen)[:: MANY // 8 + 1]],
        "label search ms": [asked(path, bench.label_search(f"skin {i}")) for i in chosen[:4]],
    }
    if ours:
        texts["term page ms"] = [Request(f"/resource?iri=http://e/t{i}") for i in chosen]
        texts["search page ms"] = [Request(f"/search?q=skin+muscle+{i}") for i in chosen[:16]]
    return texts


def ask(server: bench.Running, several: list[Request], rounds: int, within: bytes = b"") -> float:
    """Return the median over requests of each one's least time, in milliseconds.

    Requests are sent one after the other, in rounds: other load on the machine only adds time.

    :param within: text that each response must contain; a server without the data would be fast.
    """
    least = dict.fromkeys(several, inf)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    for _ in range(rounds):
        for request in several:
            begun = time.perf_counter()
            connection.request("GET", request.path, headers={"Accept": request.accept})
            with connection.getresponse() as response:
                body = response.read()
                if response.status != HTTPStatus.OK or within not in body:
                    raise ValueError(f"{server.peer.name}: {response.status} {request.path}")
            least[request] = min(least[request], 1000 * (time.perf_counter() - begun))
    connection.close()
    return median(least.values())


def measure(
    arguments: argparse.Namespace, triples: int, folder: Path
) -> dict[str, dict[str, float]]:
    """Return the figures of each server at one size."""
    terms = triples // TRIPLES
    values = {n: folder / n for n in ("data.ttl", "store", "release", "beside")}
    data = values["data.ttl"]
    bench.write_data(data, terms)
    values["release"].mkdir()
    oxigraph = str(arguments.peers / "oxigraph")
    values["beside"].mkdir()
    at_store = ("--location", str(values["store"]))
    commands: dict[str, list[tuple[str, ...]]] = {
        BESIDE: [(sys.executable, "-c", LOAD_BESIDE, str(data), str(values["beside"]))],
        OXIGRAPH: [
            (oxigraph, "load", *at_store, "--graph", GRAPH, "--file", str(data)),
            (oxigraph, "optimize", *at_store),  # as our loading does
        ],
        OURS: [(sys.executable, "-c", bench.LOAD, str(data), str(values["release"]))],
    }
    at = "127.0.0.1:{port}"
    union = "--union-default-graph"
    on_disk = (oxigraph, "serve-read-only", "--location", "{store}", "--bind", at, union)
    peers = [
        bench.Peer(
            OURS,
            (*bench.OURS, "--release", "{release}"),
            # On a busy machine, a search of all labels may exceed the time limit.
            environ=(("SERVICE_CACHE_BYTES", "0"), ("SERVICE_QUERY_SECONDS", "300")),
            ours=True,
        ),
        bench.Peer(OXIGRAPH, on_disk, "/query"),
    ]
    figures: dict[str, dict[str, float]] = {}
    for name, many in commands.items():
        bench._say(f"{triples:,} triples: {name} loads")
        figures[name] = loaded(*many)
    names = (sys.executable, "-c", NAMES, str(values["release"]))
    figures[OURS] |= loaded(names, what="names")
    if arguments.fuseki and arguments.fuseki.exists():
        bench._say(f"{triples:,} triples: Fuseki loads")
        begun = time.perf_counter()
        peers.append(natural.fuseki(arguments.fuseki.resolve(), folder, data, GRAPH))
        figures[natural.FUSEKI] = {"load s": time.perf_counter() - begun}
    values = {"store": values["store"], "release": values["release"]}
    for peer in peers:
        bench._say(f"{triples:,} triples: {peer.name} answers")
        with bench.running(peer, values):
            pass  # fills the system's caches
        with bench.running(peer, values) as server:
            into = figures[peer.name]
            into["start s"] = server.cold_seconds
            if peer.ours:
                first = [Request("/search?q=skin")]
                into["first search s"] = ask(server, first, 1) / 1000
            for name, several in requests(peer.path, terms, ours=peer.ours).items():
                within = b'"value"' if name == "point ms" else b""
                into[name] = ask(server, several, arguments.rounds, within)
            into["memory MB"] = bench.memory_mb(server.pid)
    return figures


def aims(results: dict[int, dict[str, dict[str, float]]]) -> str:
    """Return the targets and the measured ratios, as Markdown."""
    least, most = min(results), max(results)
    ours = {triples: figures[OURS] for triples, figures in results.items()}
    lines = ["| aim | reached | wanted |", "|---|---:|---:|"]
    for name in FLAT:
        ratio = ours[most][name] / ours[least][name]
        lines.append(f"| {name} at {most:,} triples, of that at {least:,} | {ratio:.2f} | <= 2 |")
    peak = max(figures["memory MB"] for figures in ours.values())
    lines.append(f"| memory of all processes (PSS), MB | {peak:.0f} | <= {MEMORY_MB} |")
    for key in ("load s", "load, processor s"):
        share = results[most][OXIGRAPH][key] / ours[most][key]
        lines.append(
            f"| speed of loading, of `oxigraph load` ({key}) | {share:.2f} | >= {LOAD_SHARE} |"
        )
    return "\n".join(lines) + "\n"


def table(results: dict[int, dict[str, dict[str, float]]]) -> str:
    """Return all figures as Markdown with a column for each size."""
    names = dict.fromkeys(name for figures in results.values() for name in figures)
    keys = dict.fromkeys(key for f in results.values() for by in f.values() for key in by)
    head = " | ".join(f"{triples:,}" for triples in results)
    lines = [f"| figure | server | {head} |", "|---|---|" + "---:|" * len(results)]
    for key in sorted(keys):
        for name in names:
            if any(key in figures.get(name, {}) for figures in results.values()):
                cells = (f.get(name, {}).get(key) for f in results.values())
                text = " | ".join("" if cell is None else f"{cell:,.2f}" for cell in cells)
                lines.append(f"| {key} | {name} | {text} |")
    return "\n".join(lines) + "\n"


def picture(results: dict[int, dict[str, dict[str, float]]]) -> str:
    """Return a small chart of each figure as SVG, with logarithmic axes."""
    keys = sorted({key for figures in results.values() for by in figures.values() for key in by})
    names = [*dict.fromkeys(name for figures in results.values() for name in figures)]
    columns, width, height = 3, 270, 200
    rows = -(-len(keys) // columns)
    xs = scale(list(results), 44, width - 16)
    parts = [
        f'<line x1="{20 + 150 * i}" y1="16" x2="{44 + 150 * i}" y2="16" {STROKES[i]}/>'
        f'<text x="{50 + 150 * i}" y="20">{name}</text>'
        for i, name in enumerate(names)
    ]
    for place, key in enumerate(keys):
        x, y = place % columns * width, 30 + place // columns * height
        values = {
            n: {t: f[n][key] for t, f in results.items() if key in f.get(n, {})} for n in names
        }
        ys = scale([v for by in values.values() for v in by.values()], height - 32, 30)
        parts.append(
            f'<g transform="translate({x} {y})"><text x="44" y="18" class="t">{key}</text>'
        )
        parts += [
            f'<text x="{xs(t):.0f}" y="{height - 12}" text-anchor="middle">{short(t)}</text>'
            f'<line x1="{xs(t):.0f}" y1="26" x2="{xs(t):.0f}" y2="{height - 26}" class="g"/>'
            for t in results
        ]
        for i, by in enumerate(values.values()):
            points = " ".join(f"{xs(t):.1f},{ys(value):.1f}" for t, value in by.items())
            parts.append(f'<polyline points="{points}" fill="none" {STROKES[i]}/>')
        ends = sorted({v for by in values.values() for v in by.values()})
        parts += [
            f'<text x="38" y="{ys(value) + 4:.1f}" text-anchor="end">{figure(value)}</text>'
            for value in (ends[0], ends[-1])
        ]
        parts.append("</g>")
    style = (
        "<style>text{font:11px sans-serif;fill:#222}.t{font-weight:bold}.g{stroke:#ddd}"
        "polyline,line{stroke-width:2}line.g{stroke-width:1}</style>"
        '<rect width="100%" height="100%" fill="#fff"/>'
    )
    size = f'width="{columns * width}" height="{30 + rows * height}"'
    title = "<title>What one request takes, by the number of triples</title>"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">{title}{style}'
    return f"{head}{''.join(parts)}</svg>\n"


def scale(values: list[float] | list[int], start: float, end: float) -> Callable[[float], float]:
    """Return a function from values to positions between two ends, on a logarithmic scale.

    The scale spans a factor of at least a hundred, so that slow growth looks slow.
    """
    low, high = log(min(values)), log(max(values))
    spread = max(high - low, log(100))
    middle = (low + high) / 2
    return lambda value: (start + end) / 2 + (log(value) - middle) / spread * (end - start)


def figure(value: float) -> str:
    """Return a figure with at least two digits."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def short(triples: int) -> str:
    """Return a number of triples in short, such as "5 M"."""
    return f"{triples // 1_000_000} M" if triples >= 1_000_000 else f"{triples // 1_000} k"


def main() -> None:
    """Measure all sizes and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, required=True, help="folder of the peers' commands")
    parser.add_argument("--fuseki", type=Path, help="jena-fuseki-server-5.6.0.jar (needs Java 17)")
    parser.add_argument("--out", type=Path, default=bench.ROOT / "dist" / "bench")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="triples; others stay")
    parser.add_argument("--rounds", type=int, default=9, help="how often each request is sent")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    kept = arguments.out / "growth.json"
    before = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    results = {int(triples): figures for triples, figures in before.items()}
    for triples in arguments.sizes:
        folder = Path(tempfile.mkdtemp(prefix="growth-"))
        try:
            results[triples] = measure(arguments, triples, folder)
        finally:
            with contextlib.suppress(OSError):
                shutil.rmtree(folder)
        results = dict(sorted(results.items()))
        kept.write_text(json.dumps(results, indent=1), encoding="utf-8")
    text = f"{aims(results)}\n{table(results)}"
    (arguments.out / "growth.md").write_text(text, encoding="utf-8")
    (arguments.out / "growth.svg").write_text(picture(results), encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
