"""The world of two documents: the real sources, and the invented document of ``data/second/``."""

import csv
import re
import shutil
from pathlib import Path

from service.sources import Sources

ROOT = Path(__file__).parents[1]
SECOND = ROOT / "tests" / "data" / "second"
DOCUMENT = SECOND / "document.txt"


def lay_out(folder: Path) -> Sources:
    """Lay out the real sources in a folder, with the second document encoded beside the first."""
    for name in ("ontology", "mappings"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copytree(SECOND / "ontology", folder / "ontology", dirs_exist_ok=True)
    display = folder / "ontology" / "display.ttl"
    labels = (SECOND / "short-labels.ttl").read_text(encoding="utf-8")
    display.write_text(display.read_text(encoding="utf-8") + labels, encoding="utf-8")
    with (SECOND / "citations.tsv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
            cite(folder / "ontology" / "claims", row["claim"], row["citation"])
    return Sources(folder / "ontology", folder / "mappings")


def cite(folder: Path, claim: str, citation: str) -> None:
    """Add a citation to a claim in one of the files of a folder."""
    for path in folder.glob("*.ttl"):
        text = path.read_text(encoding="utf-8")
        block = re.search(rf"^claim:{claim} a .*?\] \.$", text, re.MULTILINE | re.DOTALL)
        if block:
            longer = f"{block[0].removesuffix('.')},\n{citation} ."
            path.write_text(text.replace(block[0], longer), encoding="utf-8")
            return
    raise AssertionError(f"no claim:{claim} in {folder}")
