"""Time `cdmo check`: of unchanged sources, after an edit of one line, and the first time.

Each edit is made in a copy of this checkout's sources whose last check is remembered. Processor
time is measured besides clock time, since it depends less on other load.
"""

import os
import re
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
KINDS = ("unchanged", "label", "definition", "citation", "question", "everything anew")
Figures = dict[str, tuple[float, float]]
"""Kind of check to seconds of clock time and of processor time."""


def _edit(path: str, pattern: str, replacement: str) -> Callable[[Path], None]:
    """Return a function that changes the last line of a file that matches a pattern."""

    def edit(root: Path) -> None:
        file = root / path
        text = file.read_text("utf-8")
        *_, match = re.finditer(pattern, text)
        changed = text[: match.start()] + match.expand(replacement) + text[match.end() :]
        file.write_text(changed, "utf-8")

    return edit


EDITS = {
    "label": _edit("ontology/modules/materials.ttl", r'(rdfs:label "[^"]*)"@en', r'\1 now"@en'),
    "definition": _edit("ontology/modules/tests.ttl", r'(IAO:0000115 "[^"]*)"@en', r'\1 now"@en'),
    "citation": _edit(
        "ontology/claims/causes.ttl", r"cdmo:assertion cdmo:plain", "cdmo:assertion cdmo:possible"
    ),
    "question": _edit("ontology/questions/children.ttl", r'(rdfs:label "[^"]*)"', r'\1 now"'),
}


def _check(service: Path, root: Path, *words: str) -> tuple[float, float]:
    """Return the seconds of one check, in clock time and in processor time."""
    command = [sys.executable, "-m", "service", "check", "--dist", str(root / "dist"), *words]
    environment = {**os.environ, "PYTHONPATH": str(service)}
    before, start = _processors(), time.perf_counter()
    subprocess.run(command, cwd=root, env=environment, capture_output=True, check=False)
    return time.perf_counter() - start, _processors() - before


def _processors() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(service: Path, rounds: int) -> Figures:
    """Return the times of each kind of check, as the median of some rounds.

    :param service: the checkout with the code to measure.
    """
    times: dict[str, list[tuple[float, float]]] = {kind: [] for kind in KINDS}
    with TemporaryDirectory(prefix="cdmo-bench-") as folder:
        root = Path(folder)
        for name in ("ontology", "mappings"):
            shutil.copytree(ROOT / name, root / name)
        whole = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for _ in range(rounds):
            shutil.rmtree(root / "dist", ignore_errors=True)
            times["everything anew"].append(_check(service, root))
            times["unchanged"].append(_check(service, root))
            remembered = (root / "dist" / "remembered.sqlite").read_bytes()
            for kind, edit in EDITS.items():
                edit(root)
                times[kind].append(_check(service, root))
                for path, data in whole.items():
                    path.write_bytes(data)
                (root / "dist" / "remembered.sqlite").write_bytes(remembered)
    return {
        kind: (median(clock for clock, _ in pairs), median(used for _, used in pairs))
        for kind, pairs in times.items()
    }


def table(results: dict[str, Figures]) -> str:
    """Return the figures as a Markdown table.

    :param results: name of the measured code to its figures.
    """
    head = "".join(f" {name}: seconds | of processors |" for name in results)
    lines = [f"| `cdmo check` |{head}", "|---" * (1 + 2 * len(results)) + "|"]
    for kind in KINDS:
        cells = (
            f" {figures[kind][0]:.2f} | {figures[kind][1]:.2f} |" for figures in results.values()
        )
        lines.append(f"| {kind} |{''.join(cells)}")
    return "\n".join(lines) + "\n"


def report(before: Path | None = None, rounds: int = 3) -> str:
    """Measure this checkout and optionally an older one, and return the table."""
    checkouts = {"before": before} if before else {}
    checkouts["now"] = ROOT
    return table({name: measure(path, rounds) for name, path in checkouts.items()})
