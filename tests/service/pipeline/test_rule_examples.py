"""The examples of rules in code: the bad one is reported, the good one is not.

Each is put into the tiny project. If the good example is in its file already, the bad one replaces
it; otherwise either is appended. The file may be the document, a sheet of an export or an ontology
that another program has saved.
"""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from service.editing.edits import Edits
from service.editing.owl import saved
from service.editing.sheets import exchange
from service.pipeline import check
from service.pipeline.loading import load
from service.pipeline.memory import Memory
from service.pipeline.rule_book import Rule, read_rules
from service.pipeline.violations import Violation
from service.problems import SourceError
from service.sources import Sources, locate

RULES = [rule for rule in read_rules(load(locate())[0]).values() if rule.file]
DOCUMENT, SAVED = "document.txt", "saved.ttl"
ANY_BLOCK = """\
@prefix CDMO: <https://w3id.org/cdmo/id/CDMO_> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
CDMO:0000303 a owl:Class .
"""
TABLE = """\
#vocabulary: Human Phenotype Ontology
#source: made up
#version: 1
#license: https://example.org/licence
#updated: 2026-11-28
#lists: all terms
id\tlabel\tobsolete\treplaced_by
HP:0000951\tAbnormality of the skin\t\t
HP:0000989\tPruritus\t\t
HP:0009002\tobsolete Itching\ttrue\tHP:0000989
"""
"""A table of terms for the tiny mapping set."""


@dataclass
class World:
    """The tiny project in a folder, with a table of terms, its document and its sheets."""

    folder: Path
    kept: dict[Path, bytes | None] = field(default_factory=dict)
    clean: dict[str, list[Violation]] = field(default_factory=dict)

    @property
    def sources(self) -> Sources:
        return Sources(self.folder / "ontology", self.folder / "mappings")

    def put(self, rule: Rule, example: str) -> None:
        """Put an example into its file; ``restore`` removes it."""
        name = example if rule.file == "*" else rule.file
        is_sheet = rule.stage == "import" and name != SAVED
        path = self.folder / (f"sheets/{name}" if is_sheet else name)
        self.kept[path] = path.read_bytes() if path.exists() else None
        path.parent.mkdir(exist_ok=True)
        text = path.read_bytes().decode("utf-8") if path.exists() else ""
        if rule.file == "*":
            text = text or (ANY_BLOCK if path.suffix.lower() == ".ttl" else "id\na\n")
        elif rule.is_whole or not text:
            text = f"{example}\n"
        elif rule.good in text:
            text = text.replace(rule.good, example, 1)
        else:
            text = text.rstrip("\n") + f"\n{example}\n"
        path.write_bytes(text.encode("utf-8"))

    def restore(self) -> None:
        for path, data in self.kept.items():
            path.unlink(missing_ok=True)
            if data is not None:
                path.write_bytes(data)
        self.kept.clear()

    def violations(self, rule: Rule) -> list[Violation]:
        """Return the violations that the check, or the rule's verb, reports."""
        try:
            if rule.stage != "import":
                text = (self.folder / DOCUMENT).read_bytes().decode("utf-8")
                documents = [text] if rule.stage == "document" else []
                memory = Memory(self.folder / "remembered.sqlite", "as it is")
                return check(self.sources, *documents, memory=memory)
            edits = Edits.of(self.sources)
            if rule.file == SAVED:
                saved.edits_of(edits, self.folder / SAVED)
            else:
                exchange.edits_of(edits, self.folder / "sheets", delete=False)
        except SourceError as fault:
            violations: list[Violation] = fault.extras["violations"]
            return violations
        return []

    def reported(self, rule: Rule, example: str) -> set[tuple[str, str]]:
        """Return entity and message of each violation of a rule that an example causes."""
        stage = rule.stage
        if stage not in self.clean:
            self.clean[stage] = [] if stage == "import" else self.violations(rule)
        self.put(rule, example)
        changed = any(path.read_bytes() != data for path, data in self.kept.items())
        listed = self.violations(rule) if changed else self.clean[stage]
        self.restore()
        before, after = (
            {(v.entity, v.message) for v in violations if v.rule == rule.name}
            for violations in (self.clean[stage], listed)
        )
        return after - before


@pytest.fixture(scope="module")
def world(tiny_sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("examples") / "tiny"
    shutil.copytree(tiny_sources.ontology.parent, folder)
    shutil.copy(locate().mappings / "accessions.tsv", folder / "mappings")
    (folder / "mappings" / "terms").mkdir()
    (folder / "mappings" / "terms" / "hp.tsv").write_text(TABLE, encoding="utf-8")
    world = World(folder)
    exchange.export(Edits.of(world.sources).loaded, folder / "sheets")
    return world


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_bad_example_is_reported_and_the_good_one_is_not(world: World, rule: Rule) -> None:
    assert world.reported(rule, rule.bad)
    assert not world.reported(rule, rule.good)
