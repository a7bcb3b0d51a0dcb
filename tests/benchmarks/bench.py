"""Compare the endpoint with its peers: one run, one machine, same data, same queries.

``make bench`` installs the peers (``oxigraph``, ``rdflib-endpoint``) into their own environment
and runs this; table and picture go to ``dist/bench/``. All servers are up at once and take turns
for several rounds, so that other load on the machine affects all alike; the median of the rounds
counts. Nothing here is a test.
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
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "system"))
import editing  # type: ignore[import-not-found]  # beside this script
import hostile  # type: ignore[import-not-found]  # with the tests of the endpoint
import load  # type: ignore[import-not-found]  # beside this script too
import pages  # type: ignore[import-not-found]  # and this one

ROOT = Path(__file__).parents[2]
JSON = "application/sparql-results+json"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
RUNAWAY_SECONDS = 4.0
ATTACK_SECONDS = 60.0
LOAD = (
    "import sys; from pathlib import Path; from service.pipeline.foreign import load; "
    "load({'http://e/': Path(sys.argv[1])}, Path(sys.argv[2]))"
)

OURS = (sys.executable, "-m", "service", "serve", "--port", "{port}")

Figures = dict[str, dict[str, list[float]]]
"""Server name to figure name to a figure for each round.

For one server the median counts. Two servers take turns, so they are compared round by round, and
the median of the ratios counts.
"""


@dataclass(frozen=True)
class Peer:
    """A server to measure; ``command`` may use ``{port}``, ``{data}``, ``{store}``, ``{release}``.

    :param ours: whether it accepts ``timeout=``.
    :param bare: whether its answer is constant, so that its results are not compared.
    :param folder: its working folder.
    """

    name: str
    command: tuple[str, ...]
    path: str = "/sparql"
    environ: tuple[tuple[str, str], ...] = ()
    loads_itself: bool = True
    ours: bool = False
    bare: bool = False
    folder: Path = ROOT


@dataclass(frozen=True)
class Running:
    """A running server."""

    peer: Peer
    port: int
    pid: int
    cold_seconds: float


_GRANIAN = f"{sys.executable} -m granian --interface asginl --no-ws --loop uvloop --port {{port}}"
FLOOR = Peer(
    "floor (constant)",
    (*_GRANIAN.split(), "--working-dir", str(ROOT / "tests" / "benchmarks"), "floor:app"),
    bare=True,
)


def peers(binaries: Path, before: Path | None, shapes: list[str]) -> list[Peer]:
    """Return the servers to measure; the first two are ours.

    :param before: an older checkout with its environment, to measure as well.
    :param shapes: commands of variants of this service, each as ``name=command``.
    """
    uncached = (("SERVICE_CACHE_BYTES", "0"),)
    serve = ("-m", "service", "serve", "--port", "{port}")
    ours = (sys.executable, *serve, "--release", "{release}")
    servers = [
        Peer("ours", ours, ours=True),
        Peer("ours, cache off", ours, environ=uncached, ours=True),
    ]
    if before:
        command = (str(before / ".venv/bin/python"), *serve, "--data", "{data}")
        servers += [
            Peer("before", command, ours=True, folder=before),
            Peer("before, cache off", command, environ=uncached, ours=True, folder=before),
        ]
    for shape in shapes:
        name, _, line = shape.partition("=")
        factory = (*uncached, ("SERVICE_RELEASE", "{release}"))
        servers.append(Peer(name, tuple(line.split()), environ=factory, ours=True))
    oxigraph = str(binaries / "oxigraph")
    at = "127.0.0.1:{port}"
    here = ("--host", "127.0.0.1", "--port", "{port}")
    on_disk = (oxigraph, "serve-read-only", "--location", "{store}", "--bind", at)
    return [
        *servers,
        Peer("oxigraph, disk", on_disk, "/query"),
        Peer("oxigraph, memory", (oxigraph, "serve", "--bind", at), "/query", loads_itself=False),
        Peer("rdflib-endpoint", (str(binaries / "rdflib-endpoint"), "serve", *here, "{data}"), "/"),
        FLOOR,
    ]


TARGETS = (
    ("fresh mixed queries", "ours, cache off", "mixed /s", "rdflib-endpoint", ">=", 15),
    ("fresh mixed queries", "ours, cache off", "mixed /s", "oxigraph, disk", ">=", 0.18),
    ("repeated queries", "ours", "repeated /s", "oxigraph, disk", ">=", 0.8),
    ("label search, fresh", "ours, cache off", "label search /s", "oxigraph, disk", ">=", 1),
    ("10k rows, JSON", "ours, cache off", "10k rows json p50 ms", "oxigraph, memory", "<=", 1.2),
    ("10k rows, CSV", "ours, cache off", "10k rows csv p50 ms", "oxigraph, memory", "<=", 1.2),
    ("cold start", "ours", "cold start s", "rdflib-endpoint", "<=", 0.6),
    ("kept term page", "ours", "kept page /s", FLOOR.name, ">=", 0.5),
)
"""Targets: what is compared, of which server, which figure, with which server, and the ratio."""

MEMORY_MB = 220
"""The most memory of the service over its own release."""


def write_data(path: Path, terms: int) -> None:
    """Write a simple ontology: about eight triples a term."""
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
    """Return a query for all triples of a term."""
    return f"SELECT ?p ?o WHERE {{ <http://e/t{i}> ?p ?o }}"


def mixed(terms: list[int]) -> list[str]:
    """Return queries of eight sorts about each term, all different."""
    head = f"PREFIX rdfs: <{RDFS}> PREFIX e: <http://e/> "
    queries = []
    for count in range(8 * len(terms)):
        i = terms[count % len(terms)]
        t = f"<http://e/t{i}>"
        sorts = (
            point(i),
            f"{head}SELECT ?l WHERE {{ ?c rdfs:subClassOf {t} ; rdfs:label ?l }}",
            f"{head}SELECT ?x ?l WHERE {{ {t} e:relates ?x . ?x rdfs:label ?l }} ORDER BY ?l",
            f"{head}ASK {{ {t} rdfs:subClassOf* e:t0 }}",
            f"{head}SELECT (COUNT(*) AS ?n) WHERE {{ ?x e:relates {t} }}",
            f"{head}SELECT ?l ?d WHERE {{ {t} rdfs:label ?l OPTIONAL {{ {t} e:definition ?d }} }}",
            f"DESCRIBE {t}",
            f"{head}CONSTRUCT {{ ?x e:l ?l }} WHERE {{ {t} e:relates ?x . ?x rdfs:label ?l }}",
        )
        queries.append(sorts[(i + count // len(terms)) % 8])
    return queries


def label_search(word: str) -> str:
    """Return a query that searches all labels."""
    return (
        f"PREFIX rdfs: <{RDFS}> SELECT ?s ?l {{ ?s rdfs:label ?l "
        f'FILTER(CONTAINS(LCASE(?l), "{word}")) }} LIMIT 20'
    )


@contextlib.contextmanager
def running(peer: Peer, values: dict[str, Path]) -> Iterator[Running]:
    """Start a peer and wait for its first answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [part.format(port=port, **values) for part in peer.command]
    environ = {name: value.format(**values) for name, value in peer.environ}
    environ |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPATH": str(peer.folder)}  # compile once
    begun = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=peer.folder,
        env={**os.environ, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # In the session of the load generator, which would otherwise wait for its share of the
        # processors (sched(7), autogrouping) behind runaways that the service gives low priority.
        process_group=0,
    )
    try:
        url = f"http://127.0.0.1:{port}{peer.path}?" + urllib.parse.urlencode({"query": "ASK {}"})
        for _ in range(3000):
            try:
                with urllib.request.urlopen(url, timeout=5):
                    break
            except urllib.error.HTTPError:
                raise
            except OSError:
                time.sleep(0.01)
        cold = time.perf_counter() - begun
        if not peer.loads_itself:
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/store?default",
                values["data"].read_bytes(),
                {"Content-Type": "text/turtle"},
                method="POST",
            )
            urllib.request.urlopen(request).close()
        yield Running(peer, port, process.pid, cold)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def memory_mb(pid: int) -> float:
    """Return the proportional set size of a process and its descendants, in MB."""
    total = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError, ValueError):
            group = int((folder / "stat").read_text().rpartition(")")[2].split()[2])
            if group == pid:
                lines = (folder / "smaps_rollup").read_text().splitlines()
                total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def _accepted(query: str, accept: str) -> str:
    """Return the ``Accept`` field for a query; some peers read only its first media type."""
    is_graph = "DESCRIBE" in query or "CONSTRUCT" in query
    return "application/n-triples" if is_graph else accept


def throughput(
    servers: list[Running],
    figures: Figures,
    name: str,
    queries: list[str] | list[bytes],
    *,
    seconds: float,
    rounds: int,
    accept: str = JSON,
    connections: int = 8,
) -> None:
    """Query all servers in turn for some rounds, and record the figures of each round.

    :param queries: queries, or complete requests, the same for all servers.
    """
    _say(name)
    outcomes: dict[str, list[load.Outcome]] = {server.peer.name: [] for server in servers}
    feeds = {
        s.peer.name: [
            q if isinstance(q, bytes) else load.request(s.peer.path, q, _accepted(q, accept))
            for q in queries
        ]
        for s in servers
    }
    for server in servers:
        feed = feeds[server.peer.name][:50]
        load.run(server.port, feed, seconds=min(0.5, seconds), connections=connections)
    for _ in range(rounds):
        for server in servers:
            feed = feeds[server.peer.name]
            outcomes[server.peer.name].append(
                load.run(server.port, feed, seconds=seconds, connections=connections)
            )
            # The next round continues after the last query, so that queries stay new.
            done = len(outcomes[server.peer.name][-1].latencies) % len(feed)
            feeds[server.peer.name] = feed[done:] + feed[:done]
    for server in servers:
        turns, into = outcomes[server.peer.name], figures[server.peer.name]
        into[f"{name} /s"] = [o.per_second for o in turns]
        for share in (0.5, 0.95, 0.99):
            into[f"{name} p{share * 100:.0f} ms"] = [o.percentile(share) for o in turns]
        if connections == 1:
            firsts = [1000 * first for o in turns for first in o.first_bytes]
            into[f"{name} first byte ms"] = firsts or [float("nan")]
        if failures := sum(o.failures for o in turns):
            into[f"{name} failed"] = [failures]


def runaways(server: Running, points: list[str], seconds: float) -> dict[str, float]:
    """Send point queries while nothing else runs, and while eight runaway queries do."""
    peer, port = server.peer, server.port
    feed = load.requests(peer.path, points, JSON)
    extra = {"timeout": str(RUNAWAY_SECONDS)} if peer.ours else {}
    query = urllib.parse.urlencode({"query": RUNAWAY, **extra})
    ended: list[float] = []

    def runaway() -> None:
        begun = time.perf_counter()
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}{peer.path}?{query}", timeout=8).close()
        ended.append(time.perf_counter() - begun)

    quiet = load.run(port, feed, seconds=seconds, connections=2).percentile(0.95)
    threads = [threading.Thread(target=runaway) for _ in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    during = load.run(port, feed, seconds=RUNAWAY_SECONDS - 1.5, connections=2).percentile(0.95)
    for thread in threads:
        thread.join()
    figures = {"quiet p95 ms": quiet, "during 8 runaways p95 ms": during, "ratio": during / quiet}
    if peer.ours:
        figures["last runaway over its limit by s"] = max(ended) - RUNAWAY_SECONDS
        time.sleep(0.5)
        figures["processors busy afterwards"] = _busy(server.pid)
    return figures


def attack(server: Running, points: list[str], seconds: float) -> dict[str, float]:
    """Send point queries for a minute while hostile requests of the corpus are sent."""
    feed = load.requests(server.peer.path, points, JSON)
    quiet = load.run(server.port, feed, seconds=seconds, connections=2).percentile(0.95)
    cases = random.Random(3).sample(hostile.CASES, len(hostile.CASES))
    over = threading.Event()
    end = time.monotonic() + ATTACK_SECONDS

    def send() -> None:
        for case in cases:
            if time.monotonic() < end:
                with contextlib.suppress(OSError):
                    hostile.send(server.port, case, patience=3, timeout="1")
        over.set()

    threading.Thread(target=send, daemon=True).start()
    latencies: list[float] = []
    while not over.is_set():
        latencies += load.run(server.port, feed, seconds=0.5, connections=2).latencies
    during = load.Outcome(0, latencies).percentile(0.95)
    return {"during the attack p95 ms": during, "attack ratio": during / quiet}


def _busy(group: int) -> float:
    """Return the number of processors that a process group keeps busy."""

    def ticks() -> int:
        total = 0
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, IndexError):
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                if int(fields[2]) == group:
                    total += int(fields[11]) + int(fields[12])
        return total

    before = ticks()
    time.sleep(2)
    return (ticks() - before) / os.sysconf("SC_CLK_TCK") / 2


def kept_pages(seconds: float, rounds: int) -> Figures:
    """Return the throughput of a kept page of our release, and of a constant answer of its size."""
    path = "/doc/id/CDMO_0000001.html"
    request = f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()
    with running(Peer("ours", OURS), {}) as ours:
        with urllib.request.urlopen(f"http://127.0.0.1:{ours.port}{path}") as response:
            size = str(len(response.read()))
        with running(replace(FLOOR, environ=(("FLOOR_BYTES", size),)), {}) as floor:
            figures: Figures = {ours.peer.name: {}, floor.peer.name: {}}
            throughput(
                [ours, floor], figures, "kept page", [request], seconds=seconds, rounds=rounds
            )
    return figures


def our_release() -> dict[str, float]:
    """Return the memory of the service over CDMO itself after varied queries and pages."""
    _say("memory, our release")
    with running(Peer("", OURS), {}) as server:
        time.sleep(2)
        sizes = {"at rest": memory_mb(server.pid)}
        feed = [
            f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()
            for path in pages.paths(server.port)
        ]
        load.run(server.port, feed, seconds=len(feed) / 100, connections=4)
        sizes["after all pages"] = memory_mb(server.pid)
        for thousand in range(1, 21):
            queries = [
                f"SELECT ?s ?p ?o {{ ?s ?p ?o FILTER(?s != <http://e/{thousand}.{i}>) }} LIMIT {i}"
                for i in range(1000)
            ]
            load.run(server.port, load.requests("/sparql", queries, JSON), seconds=2)
            if thousand in {1, 5, 10, 20}:
                sizes[f"after some queries, time {thousand}"] = memory_mb(server.pid)
        return sizes


def table(results: Figures) -> str:
    """Return the figures as a Markdown table."""
    names = list(results)
    keys = list(dict.fromkeys(k for figures in results.values() for k in figures))
    lines = ["| figure | " + " | ".join(names) + " |", "|---|" + "---:|" * len(names)]
    for key in keys:
        cells = [f"{median(results[n][key]):,.2f}" if key in results[n] else "" for n in names]
        lines.append(f"| {key} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def ratios(results: Figures) -> str:
    """Return each target with the measured ratio, as a Markdown table."""
    lines = ["| aim | against | ratio | wanted | |", "|---|---|---:|---:|---|"]

    def row(aim: str, against: str, ratio: float, sign: str, wanted: float) -> None:
        met = ratio >= wanted if sign == ">=" else ratio <= wanted
        mark = "met" if met else "missed"
        lines.append(f"| {aim} | {against} | {ratio:.2f} | {sign} {wanted:g} | {mark} |")

    for aim, one, figure, other, sign, wanted in TARGETS:
        if figure in results.get(one, {}) and figure in results.get(other, {}):
            pairs = zip(results[one][figure], results[other][figure], strict=True)
            row(aim, other, median(a / b for a, b in pairs), sign, wanted)
    ours = results.get("ours, cache off", {})
    for figure, aim in (("ratio", "p95 during 8 runaways"), ("attack ratio", "p95 under attack")):
        if figure in ours:
            row(aim, "itself, quiet", median(ours[figure]), "<=", 3)
    if sizes := results.get("ours", {}).get("our release, memory MB"):
        row("memory of all processes, MB", f"{MEMORY_MB} MB", sizes[0], "<=", MEMORY_MB)
    return "\n".join(lines) + "\n"


def picture(results: Figures) -> str:
    """Return a bar chart of throughput as SVG."""
    keys = [k for k in next(iter(results.values())) if k.endswith("/s")]
    width, row, y = 760, 16, 24
    parts: list[str] = []
    for key in keys:
        parts.append(f'<text x="4" y="{y}" font-weight="bold">{key}</text>')
        y += 6
        top = max(median(figures.get(key, [0])) for figures in results.values()) or 1
        for name, figures in results.items():
            if key not in figures:
                continue
            value = median(figures[key])
            length = value / top * (width - 330)
            fill = "#0b6e4f" if name.startswith("ours") else "#8a8f98"
            parts.append(
                f'<text x="170" y="{y + 12}" text-anchor="end">{name}</text>'
                f'<rect x="176" y="{y + 2}" width="{length:.1f}" height="{row - 4}" fill="{fill}"/>'
                f'<text x="{182 + length:.1f}" y="{y + 12}">{value:,.0f}</text>'
            )
            y += row
        y += 22
    style = (
        '<style>text{font:12px sans-serif}</style><rect width="100%" height="100%" fill="#fff"/>'
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y}">'
    return f"{head}{style}{''.join(parts)}</svg>\n"


def measure(servers: list[Running], *, seconds: float, rounds: int, terms: int) -> Figures:
    """Return all figures of the running servers."""
    rng = random.Random(11)
    fresh = list(range(terms))
    rng.shuffle(fresh)
    points = [point(i) for i in fresh]
    figures: Figures = {s.peer.name: {} for s in servers}

    def take_turns(
        name: str, queries: list[str], who: list[Running], accept: str = JSON, connections: int = 8
    ) -> None:
        throughput(
            who,
            figures,
            name,
            queries,
            seconds=seconds,
            rounds=rounds,
            accept=accept,
            connections=connections,
        )

    take_turns("point", points, servers)
    take_turns("mixed", mixed(fresh), servers)
    take_turns("repeated", [point(1)], servers)
    labels = [label_search(f"{word} {i}") for i in range(300) for word in ("skin", "drug")]
    take_turns("label search", labels, servers)
    real = [server for server in servers if not server.peer.bare]
    rows = [f"SELECT ?s ?p ?o WHERE {{ ?s ?p ?o }} LIMIT {10_000 - i}" for i in range(40)]
    for kind, accept in (("json", JSON), ("csv", "text/csv")):
        take_turns(f"10k rows {kind}", rows, real, accept, 1)
    for server in servers:
        figures[server.peer.name]["memory MB"] = [memory_mb(server.pid)]
    for server in real:  # last, since some peers do not survive it
        _say(f"runaways, {server.peer.name}")
        if server.peer.name.endswith("cache off"):  # so that no answer is a kept one
            figures[server.peer.name] |= _once(attack(server, points, seconds))
        figures[server.peer.name] |= _once(runaways(server, points, seconds))
    return figures


def _once(figures: dict[str, float]) -> dict[str, list[float]]:
    return {name: [value] for name, value in figures.items()}


def _say(what: str) -> None:
    sys.stderr.write(f"{what} …\n")


def main() -> None:
    """Measure all servers and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, required=True, help="folder of the peers' commands")
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "bench")
    parser.add_argument("--seconds", type=float, default=1.0, help="of a server's turn")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each server")
    parser.add_argument("--terms", type=int, default=1250, help="about eight triples each")
    parser.add_argument("--only", help="names of servers, separated by semicolons")
    parser.add_argument("--before", type=Path, help="an older checkout with its environment")
    parser.add_argument(
        "--shape", action="append", default=[], help="another server of ours: NAME=COMMAND"
    )
    parser.add_argument(
        "--pages", action="store_true", help="only request each page of our release once"
    )
    parser.add_argument("--check", action="store_true", help="only time cdmo check after edits")
    arguments = parser.parse_args()
    if arguments.check:
        sys.stdout.write(editing.report(arguments.before))
        return
    if arguments.pages:
        with running(Peer("ours", OURS), {}) as server:
            sys.stdout.write(pages.report(pages.seconds(server.port, pages.paths(server.port))))
        return
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        values = {name: Path(folder) / name for name in ("data", "store", "release")}
        values["data"] = values["data"].with_suffix(".ttl")
        write_data(values["data"], arguments.terms)
        values["release"].mkdir()
        store = ("--location", values["store"], "--file", values["data"])
        for command in (
            (arguments.peers / "oxigraph", "load", *store),
            (sys.executable, "-c", LOAD, values["data"], values["release"]),
        ):
            subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        chosen = arguments.only.split(";") if arguments.only else None
        servers = []
        colds: dict[str, list[float]] = {}
        for peer in peers(arguments.peers, arguments.before, arguments.shape):
            if chosen is None or peer.name in chosen:
                _say(f"start of {peer.name}")
                starts = []
                for _ in range(4):
                    with running(peer, values) as server:
                        starts.append(server.cold_seconds)
                colds[peer.name] = starts[1:]  # the first start fills the system's caches
                servers.append(stack.enter_context(running(peer, values)))
        results = measure(
            servers, seconds=arguments.seconds, rounds=arguments.rounds, terms=arguments.terms
        )
        for name, starts in colds.items():
            results[name]["cold start s"] = starts
        stack.close()
        memory: dict[str, float] = {}
        if chosen is None:
            for name, figures in kept_pages(arguments.seconds, arguments.rounds).items():
                results[name] |= figures
            memory = our_release()
    if memory:
        results["ours"]["our release, memory MB"] = [max(memory.values())]
    report = f"{ratios(results)}\n{table(results)}"
    if memory:
        report += f"\n{table({'our release, memory of all processes (PSS), MB': _once(memory)})}"
        report += f"\n{editing.report(arguments.before)}"
    (arguments.out / "bench.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    (arguments.out / "bench.md").write_text(report, encoding="utf-8")
    (arguments.out / "bench.svg").write_text(picture(results), encoding="utf-8")
    sys.stdout.write(report)


if __name__ == "__main__":
    main()
