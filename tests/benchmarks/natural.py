"""Time natural queries on our release: planned, as they are written, and in Fuseki.

``make bench`` runs this. The servers take turns with each query, so that other load on the machine
affects all alike. The tables go to ``dist/bench/natural.md``, one for each file of queries:
``natural.rq`` is ours, ``natural_of_a_reader.rq`` was written by somebody who knew only the
endpoint. All servers must return the same number of rows.
"""

import argparse
import contextlib
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))
import bench  # type: ignore[import-not-found]  # beside this script

QUERIES = sorted(Path(__file__).parent.glob("natural*.rq"))
OURS, WRITTEN, FUSEKI = "ours", "ours, as written", "Fuseki"
SLOW_MS = 2_000
"""A slower query is sent only once."""
LEAST_MS, FACTOR = 100, 3
"""The target for each query: the larger of this time, and Fuseki's time by this factor."""


class Query(NamedTuple):
    """A question and its query."""

    question: str
    text: str


class Answer(NamedTuple):
    """The milliseconds of a query, and its number of rows or triples; -1 for a failure."""

    ms: float
    rows: int


def read(path: Path) -> list[Query]:
    """Return the queries of a file, each with its question before it and the file's prefixes."""
    head, *blocks = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    prefixes = "\n".join(line for line in head.splitlines() if line.startswith("PREFIX"))
    parts = (block.partition("\n") for block in blocks)
    return [Query(question, f"{prefixes}\n{text.strip()}") for question, _, text in parts]


def processor_seconds(server: bench.Running) -> float:
    """Return the processor time of a server's threads, and of its processes that have ended."""
    total, todo = 0.0, [server.pid]
    while todo:
        process = Path(f"/proc/{todo.pop()}")
        with contextlib.suppress(OSError):
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            total += (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
            for thread in (process / "task").iterdir():
                total += int((thread / "schedstat").read_text().split()[0]) / 1e9
                todo += map(int, (thread / "children").read_text().split())
    return total


def ask(server: bench.Running, query: Query, clock: Callable[[bench.Running], float]) -> Answer:
    """Send a query to a server once.

    :param clock: returns seconds.
    """
    is_graph = re.search(r"^(?:CONSTRUCT|DESCRIBE)", query.text, re.MULTILINE)
    accept = "application/n-triples" if is_graph else bench.JSON
    parameters = urllib.parse.urlencode({"query": query.text})
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}{server.peer.path}?{parameters}", headers={"Accept": accept}
    )
    begun = clock(server)
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
            body = response.read()
    except urllib.error.HTTPError as error:
        error.close()
        return Answer(1000 * (clock(server) - begun), -1)
    ms = 1000 * (clock(server) - begun)
    if is_graph:
        return Answer(ms, len(set(body.splitlines())))
    result = json.loads(body)
    return Answer(ms, len(result["results"]["bindings"]) if "results" in result else 1)


def _now(_: object) -> float:
    return time.perf_counter()


def measure(
    servers: list[bench.Running],
    queries: list[Query],
    rounds: int,
    clock: Callable[[bench.Running], float],
) -> dict[Query, dict[str, Answer]]:
    """Return each server's least time for each query, over some rounds.

    Other load on the machine only adds time.
    """
    answers: dict[Query, dict[str, list[Answer]]] = {q: {} for q in queries}
    for turn in range(rounds + 1):
        bench._say(f"round {turn} of {rounds}")
        for query in queries:
            for server in servers:
                before = answers[query].setdefault(server.peer.name, [])
                if before and before[-1].ms > SLOW_MS:
                    continue  # once is enough
                before.append(ask(server, query, clock))
    return {
        query: {
            # The first round fills caches; the processor time of an ended thread is lost.
            name: Answer(min(a.ms for a in several[1:] or several if a.ms > 0), several[-1].rows)
            for name, several in by_name.items()
        }
        for query, by_name in answers.items()
    }


def goal(by_name: dict[str, Answer]) -> float:
    """Return the target time of a query, in milliseconds."""
    return max(LEAST_MS, FACTOR * by_name[FUSEKI].ms) if FUSEKI in by_name else LEAST_MS


def report(results: dict[Query, dict[str, Answer]]) -> str:
    """Return the figures as Markdown."""
    names = list(next(iter(results.values())))
    all_ms = {name: [by_name[name].ms for by_name in results.values()] for name in names}
    over = {name: sum(r[name].ms > goal(r) for r in results.values()) for name in names}
    rows = {
        "median": {name: f"{median(ms):.1f}" for name, ms in all_ms.items()},
        "95 %": {name: f"{quantiles(ms, n=20)[-1]:.1f}" for name, ms in all_ms.items()},
        "99 %": {name: f"{quantiles(ms, n=100)[-1]:.1f}" for name, ms in all_ms.items()},
        "worst": {name: f"{max(ms):,.1f}" for name, ms in all_ms.items()},
        f"over {LEAST_MS} ms and {FACTOR} × Fuseki": {n: str(count) for n, count in over.items()},
    }
    lines = [
        f"| ms, {len(results)} queries | {' | '.join(names)} |",
        "|---|" + "---:|" * len(names),
    ]
    lines += [f"| {key} | {' | '.join(row[n] for n in names)} |" for key, row in rows.items()]
    lines += ["", f"| slowest, ms | {' | '.join(names)} |", "|---|" + "---:|" * len(names)]
    slowest = sorted(results.items(), key=lambda item: -max(a.ms for a in item[1].values()))
    for query, by_name in slowest[:15]:
        cells = [f"{by_name[n].ms:,.1f}{' (fails)' * (by_name[n].rows < 0)}" for n in names]
        lines.append(f"| {query.question} | {' | '.join(cells)} |")
    for query, by_name in results.items():
        if len({answer.rows for answer in by_name.values()}) > 1:
            lines += ["", f"Rows differ: {query.question}: {by_name}"]
    return "\n".join(lines) + "\n"


def fuseki(jar: Path, folder: Path, data: Path, graph: str = "") -> bench.Peer:
    """Return Fuseki over a file; its default graph is the union of the named ones, like ours.

    :param graph: the graph for triples; quads have their own.
    """
    store = folder / "tdb"
    into = (f"--graph={graph}",) if graph else ()
    load = ("java", "-cp", str(jar), "tdb2.tdbloader", "--loc", str(store), *into, str(data))
    subprocess.run(load, check=True, capture_output=True)
    union = ("--tdb2", "--set", "tdb2:unionDefaultGraph=true", f"--loc={store}")
    command = ("java", "-Xmx2g", "-jar", str(jar), *union, "--localhost", "--port", "{port}", "/ds")
    return bench.Peer(FUSEKI, command, "/ds", environ=(("FUSEKI_BASE", str(folder / "base")),))


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fuseki", type=Path, help="jena-fuseki-server-5.6.0.jar (needs Java 17)")
    parser.add_argument("--queries", type=Path, nargs="+", default=QUERIES)
    parser.add_argument("--out", type=Path, default=bench.ROOT / "dist" / "bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--processor", action="store_true", help="count processor time: the machine is busy"
    )
    arguments = parser.parse_args()
    clock = processor_seconds if arguments.processor else _now
    command = (*bench.OURS, "--release", "{release}")
    uncached = ("SERVICE_CACHE_BYTES", "0")
    peers = [
        bench.Peer(OURS, command, environ=(uncached,), ours=True),
        bench.Peer(
            WRITTEN, command, environ=(uncached, ("SERVICE_PLAN_QUERIES", "false")), ours=True
        ),
    ]
    release = bench.ROOT / "dist" / "current"
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        if arguments.fuseki and arguments.fuseki.exists():
            data = folder / "data.nq"
            data.write_bytes(gzip.decompress((release / "dataset.nq.gz").read_bytes()))
            peers.append(fuseki(arguments.fuseki.resolve(), folder, data))
        values = {"release": release}
        servers = [stack.enter_context(bench.running(peer, values)) for peer in peers]
        tables = [
            f"{path.name}\n\n{report(measure(servers, read(path), arguments.rounds, clock))}"
            for path in arguments.queries
        ]
    text = "\n".join(tables)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "natural.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
