"""Compare the endpoint with its peers: one run, one machine, same data, same queries.

``make bench`` installs the peers (``oxigraph``, ``rdflib-endpoint``) into an environment of their
own and runs this; table and picture go to ``dist/bench/``. Nothing here is a test.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import load  # type: ignore[import-not-found]  # beside this script

ROOT = Path(__file__).parents[2]
JSON = "application/sparql-results+json"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@dataclass(frozen=True)
class Peer:
    """A server to measure; ``command`` has ``{port}``, ``{data}`` and ``{store}``."""

    name: str
    command: tuple[str, ...]
    path: str = "/sparql"
    environ: tuple[tuple[str, str], ...] = ()
    loads_itself: bool = True


def peers(binaries: Path) -> list[Peer]:
    """Return who is measured; the first two are ours."""
    ours = (sys.executable, "-m", "service", "serve", "--port", "{port}", "--data", "{data}")
    oxigraph = str(binaries / "oxigraph")
    return [
        Peer("ours", ours),
        Peer("ours, cache off", ours, environ=(("SERVICE_CACHE_BYTES", "0"),)),
        Peer(
            "oxigraph serve, disk",
            (oxigraph, "serve-read-only", "--location", "{store}", "--bind", "127.0.0.1:{port}"),
            "/query",
        ),
        Peer(
            "oxigraph serve, memory",
            (oxigraph, "serve", "--bind", "127.0.0.1:{port}"),
            "/query",
            loads_itself=False,
        ),
        Peer(
            "rdflib-endpoint",
            (
                str(binaries / "rdflib-endpoint"),
                "serve",
                "--host",
                "127.0.0.1",
                "--port",
                "{port}",
                "{data}",
            ),
            "/",
        ),
        Peer(
            "floor (constant)", (sys.executable, str(ROOT / "tests/benchmarks/floor.py"), "{port}")
        ),
    ]


def write_data(path: Path, terms: int) -> None:
    """Write an ontology in little: about eight triples a term."""
    rng = random.Random(7)
    lines = [
        "@prefix e: <http://e/> .",
        f"@prefix rdfs: <{RDFS}> .",
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .",
    ]
    words = ["calcium", "deposit", "skin", "muscle", "enzyme", "test", "drug", "vessel"]
    for i in range(terms):
        label = " ".join(rng.choices(words, k=3))
        lines.append(
            f'e:t{i} a owl:Class ; rdfs:label "{label} {i}"@en ; rdfs:subClassOf e:t{i // 5} ; '
            f'e:definition "a {label} that is number {i}"@en ; e:order {i} ; '
            f"e:relates {', '.join(f'e:t{rng.randrange(terms)}' for _ in range(3))} ."
        )
    path.write_text("\n".join(lines), encoding="utf-8")


def point(i: int) -> str:
    """Return a query for all of one term."""
    return f"SELECT ?p ?o WHERE {{ <http://e/t{i}> ?p ?o }}"


def mixed(i: int) -> str:
    """Return one of six sorts of small query."""
    t = f"<http://e/t{i}>"
    prefix = f"PREFIX rdfs: <{RDFS}> PREFIX e: <http://e/> "
    return (
        point(i),
        f"{prefix}SELECT ?l WHERE {{ ?c rdfs:subClassOf {t} ; rdfs:label ?l }}",
        f"{prefix}SELECT ?x ?l WHERE {{ {t} e:relates ?x . ?x rdfs:label ?l }} ORDER BY ?l",
        f"{prefix}ASK {{ {t} rdfs:subClassOf* e:t0 }}",
        f"{prefix}SELECT (COUNT(*) AS ?n) WHERE {{ ?x e:relates {t} }}",
        f"{prefix}SELECT ?l ?d WHERE {{ {t} rdfs:label ?l OPTIONAL {{ {t} e:definition ?d }} }}",
    )[i % 6]


@contextlib.contextmanager
def running(peer: Peer, data: Path, store: Path) -> Iterator[tuple[int, int, float]]:
    """Start a peer; give its port, process id and seconds to its first answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    values = {"port": port, "data": data, "store": store}
    command = [part.format(**values) for part in peer.command]
    environ = {**os.environ, **dict(peer.environ), "PYTHONPATH": str(ROOT)}
    begun = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        probe_url = f"http://127.0.0.1:{port}{peer.path}?" + urllib.parse.urlencode(
            {"query": "ASK {}"}
        )
        for _ in range(3000):
            try:
                with urllib.request.urlopen(probe_url, timeout=5):
                    break
            except urllib.error.HTTPError:
                raise
            except OSError:
                time.sleep(0.01)
        cold = time.perf_counter() - begun
        if not peer.loads_itself:
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/store?default",
                data.read_bytes(),
                {"Content-Type": "text/turtle"},
                method="POST",
            )
            urllib.request.urlopen(request).close()
        yield port, process.pid, cold
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def memory_mb(pid: int) -> float:
    """Return the proportional set size of a process and all below it, in MB."""
    total = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError, ValueError):
            session = int((folder / "stat").read_text().rpartition(")")[2].split()[3])
            if session == pid:
                lines = (folder / "smaps_rollup").read_text().splitlines()
                total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def measure(peer: Peer, data: Path, store: Path, *, seconds: float, terms: int) -> dict[str, float]:
    """Return all figures of one peer."""
    rng = random.Random(11)
    fresh = list(range(terms))
    rng.shuffle(fresh)
    found: dict[str, float] = {}

    with running(peer, data, store) as (port, pid, cold):
        found["cold start s"] = cold

        def record(
            name: str, queries: list[str], accept: str = JSON, connections: int = 8
        ) -> load.Outcome:
            feed = load.requests(peer.path, queries, accept)
            load.run(port, feed[:50], seconds=min(0.5, seconds), connections=connections)
            outcome = load.run(port, feed, seconds=seconds, connections=connections)
            found[f"{name} /s"] = outcome.per_second
            for share in (0.5, 0.95, 0.99):
                found[f"{name} p{share * 100:.0f} ms"] = outcome.percentile(share)
            if outcome.failures:
                found[f"{name} failed"] = outcome.failures
            return outcome

        record("point", [point(i) for i in fresh])
        record("mixed", [mixed(i) for i in fresh])
        record("repeated", [point(1)])
        label = (
            f"PREFIX rdfs: <{RDFS}> SELECT ?s ?l {{ ?s rdfs:label ?l "
            'FILTER(CONTAINS(LCASE(?l), "%s")) } LIMIT 20'
        )
        record("label search", [label % f"{w} {i}" for i in range(300) for w in ("skin", "drug")])
        if "constant" not in peer.name:
            rows = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT %d"
            for kind, accept in (("json", JSON), ("csv", "text/csv")):
                outcome = record(
                    f"10k rows {kind}", [rows % (10_000 - i) for i in range(40)], accept, 1
                )
                firsts = sorted(outcome.first_bytes) or [float("nan")]
                found[f"10k rows {kind} first byte ms"] = firsts[len(firsts) // 2] * 1000
        found["memory MB"] = memory_mb(pid)
        if "constant" not in peer.name:
            found |= _runaways(peer, port, [point(i) for i in fresh], seconds)
    return found


def _runaways(peer: Peer, port: int, points: list[str], seconds: float) -> dict[str, float]:
    feed = load.requests(peer.path, points, JSON)
    quiet = load.run(port, feed, seconds=seconds, connections=2).percentile(0.95)
    extra = {"timeout": "4"} if peer.name.startswith("ours") else {}
    url = f"http://127.0.0.1:{port}{peer.path}?" + urllib.parse.urlencode(
        {"query": RUNAWAY, **extra}
    )
    ended: list[float] = []

    def runaway() -> None:
        begun = time.perf_counter()
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url, timeout=8).close()
        ended.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=runaway) for _ in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    during = load.run(port, feed, seconds=2.5, connections=2)
    for thread in threads:
        thread.join()
    return {
        "quiet p95 ms": quiet,
        "p95 ms during 8 runaways": during.percentile(0.95),
        "ratio during/quiet": during.percentile(0.95) / quiet,
        "last runaway ended s": max(ended),
    }


def table(results: dict[str, dict[str, float]]) -> str:
    """Return the figures as a Markdown table, with our ratio to each peer's throughput."""
    names = list(results)
    keys = list(dict.fromkeys(k for found in results.values() for k in found))
    lines = ["| figure | " + " | ".join(names) + " |", "|---|" + "---:|" * len(names)]
    for key in keys:
        cells = [f"{results[n][key]:,.2f}" if key in results[n] else "" for n in names]
        lines.append(f"| {key} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def picture(results: dict[str, dict[str, float]]) -> str:
    """Return bars of throughput as SVG; no library is needed to look at it."""
    keys = [k for k in next(iter(results.values())) if k.endswith("/s")]
    width, row, y = 760, 16, 24
    parts: list[str] = []
    for key in keys:
        parts.append(f'<text x="4" y="{y}" font-weight="bold">{key}</text>')
        y += 6
        top = max(found.get(key, 0) for found in results.values()) or 1
        for name, found in results.items():
            if key not in found:
                continue
            length = found[key] / top * (width - 330)
            fill = "#0b6e4f" if name.startswith("ours") else "#8a8f98"
            parts.append(
                f'<text x="170" y="{y + 12}" text-anchor="end">{name}</text>'
                f'<rect x="176" y="{y + 2}" width="{length:.1f}" height="{row - 4}" fill="{fill}"/>'
                f'<text x="{182 + length:.1f}" y="{y + 12}">{found[key]:,.0f}</text>'
            )
            y += row
        y += 22
    style = (
        '<style>text{font:12px sans-serif}</style><rect width="100%" height="100%" fill="#fff"/>'
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y}">'
    return f"{head}{style}{''.join(parts)}</svg>\n"


def main() -> None:
    """Measure everyone and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, required=True, help="folder of the peers' commands")
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "bench")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    parser.add_argument("--terms", type=int, default=1250, help="about eight triples each")
    parser.add_argument("--only", help="names that begin so, separated by commas")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        data, store = Path(folder) / "data.ttl", Path(folder) / "store"
        write_data(data, arguments.terms)
        subprocess.run(
            [arguments.peers / "oxigraph", "load", "--location", store, "--file", data],
            check=True,
            capture_output=True,
        )
        results = {}
        for peer in peers(arguments.peers):
            if arguments.only and not peer.name.startswith(tuple(arguments.only.split(","))):
                continue
            sys.stderr.write(f"{peer.name} …\n")
            results[peer.name] = measure(
                peer, data, store, seconds=arguments.seconds, terms=arguments.terms
            )
            (arguments.out / "bench.json").write_text(json.dumps(results, indent=1))
    report = table(results)
    (arguments.out / "bench.md").write_text(report, encoding="utf-8")
    (arguments.out / "bench.svg").write_text(picture(results), encoding="utf-8")
    sys.stdout.write(report)


if __name__ == "__main__":
    main()
