"""The project's setup for editors and git agrees with what the commands print."""

import json
import re
from pathlib import Path

import pytest

from service.cli import FAMILIES
from service.cli.verbs import Verbs
from service.pipeline.violations import Violation

ROOT = Path(__file__).parents[1]
TASKS = json.loads((ROOT / ".vscode" / "tasks.json").read_text("utf-8"))["tasks"]
MATCHERS = [task["problemMatcher"] for task in TASKS if task["problemMatcher"]]
OUTPUT = str(
    Violation(
        *("claim-without-passage", "error", ROOT / "ontology" / "claims" / "causes.ttl", 12),
        *("claim:0000012", "A claim cites at least one passage.", "Add cdmo:citation [...]."),
        column=5,
    )
)


@pytest.mark.parametrize("matcher", MATCHERS)
def test_the_problem_matcher_reads_a_finding(
    matcher: dict[str, dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    pattern = matcher["pattern"]
    first, *more = OUTPUT.split("\n")
    match = re.fullmatch(str(pattern["regexp"]), first)
    assert match
    parts = {name: match[int(str(pattern[name]))] for name in pattern if name != "regexp"}
    assert parts["file"].endswith("ontology/claims/causes.ttl")
    assert (parts["line"], parts["column"]) == ("12", "5")
    assert (parts["severity"], parts["code"]) == ("error", "claim-without-passage")
    assert parts["message"] == "claim:0000012: A claim cites at least one passage."
    assert not any(re.match(str(pattern["regexp"]), line) for line in more)


def test_a_watching_task_recognises_begin_and_end_of_a_check() -> None:
    (background,) = [m["background"] for m in MATCHERS if "background" in m]
    assert re.search(background["beginsPattern"], "Checking ontology and mappings")
    for line in ("All checks passed.", "1 errors, 2 warnings"):
        assert re.search(background["endsPattern"], line)


def test_tasks_and_hooks_run_existing_commands() -> None:
    verbs = Verbs()
    for family in FAMILIES:
        family.add_verbs(verbs)
    hooks = re.findall(r"entry: cdmo (.*)", (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    tasks = [task["command"].partition("cdmo ")[2] for task in TASKS]
    assert len(hooks) == 2
    for command in (*hooks, *tasks):
        assert verbs.parser.parse_args(command.split()).run
