"""Time suggestions and searches, over a release and over 200,000 random labels.

    python tests/benchmarks/searches.py [FOLDER OF RELEASES]

The searches are names in full, in part and with a typing error, and the messy names of the tests.
The output has clock time and processor time; on a loaded machine only the latter is comparable.
"""

import json
import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from service.cards import Search, search_object, to_bytes
from service.library import Entry, Index, Library, search_entries
from service.names import Names
from service.release import current, open_store

ROOT = Path(__file__).parents[2]
MESSY = ROOT / "tests" / "service" / "library" / "data"
LABELS, SAMPLE = 200_000, 300


def typed(labels: list[str], chance: random.Random) -> Iterator[str]:
    """Yield labels in the forms in which people type them."""
    for label in chance.sample(labels, min(SAMPLE, len(labels))):
        at = chance.randrange(1, max(2, len(label)))
        yield from (label, label[: max(3, at)], label[:at] + label[at + 1 :])
    for path in sorted(MESSY.glob("*-names.tsv")):
        lines = path.read_text("utf-8").splitlines()
        yield from (line.split("\t")[0] for line in lines if not line.startswith("#"))


def made_up(words: list[str], chance: random.Random) -> Iterator[Entry]:
    """Yield entries with labels of one to five words, some of which are frequent."""
    parts = [(a[: len(a) // 2 + 1], b[len(b) // 2 :]) for a in words for b in words[:60]]
    vocabulary = words + sorted({a + b for a, b in chance.sample(parts, min(18_000, len(parts)))})
    chance.shuffle(vocabulary)
    weights = [1 / (rank + 5) for rank in range(len(vocabulary))]
    for number in range(LABELS):
        label = " ".join(chance.choices(vocabulary, weights, k=chance.randrange(1, 6)))
        yield Entry(f"https://example.org/{number}", label, "term", f"/{number}")


def measure(library: Library, index: Index, texts: list[str], kind: str) -> dict[str, float]:
    """Return the median and the 95th percentile of the time of an answer, in milliseconds."""
    clock, processor = [], []
    for text in texts:
        begun, used = time.perf_counter(), time.process_time()
        to_bytes(search_object(library, index, Search(text, kind)))
        clock.append(1000 * (time.perf_counter() - begun))
        processor.append(1000 * (time.process_time() - used))
    return {
        f"{name} {percent} %": round(sorted(values)[len(values) * percent // 100], 2)
        for name, values in (("clock", clock), ("processor", processor))
        for percent in (50, 95)
    }


def main(folder: Path) -> None:
    """Measure and print a line for each index and kind of search."""
    release, chance = current(folder), random.Random(1)
    library = Library(open_store(release), Names(release.manifest.prefixes))
    entries = list(search_entries(library))
    labels = [entry.label for entry in entries if entry.group == "term"]
    words = sorted({word for label in labels for word in label.lower().split()})
    many = list(made_up(words, chance))
    for name, index, names in (
        ("release", Index(entries), labels),
        (f"{LABELS} labels", Index([*entries, *many]), [entry.label for entry in many]),
    ):
        texts = list(typed(names, chance))
        for kind in ("term", "all"):
            figures = measure(library, index, texts, kind)
            load = f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
            about = {"over": name, "kind": kind, "searches": len(texts), "load": load}
            sys.stdout.write(json.dumps({**about, **figures}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist")
