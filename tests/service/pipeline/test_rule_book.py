"""The rule book explains every rule that a violation can name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from service import cli
from service.pipeline.loading import load
from service.pipeline.rule_book import Rule, read_rules
from service.sources import locate

SERVICE = Path(__file__).parents[3] / "service"
EXAMPLES = SERVICE.parent / "tests" / "ontology" / "data"
MODULES = sorted(
    p for room in ("pipeline", "editing", "cli") for p in (SERVICE / room).rglob("*.py")
)
NAME = re.compile(r"[a-z]+(?:-[a-z0-9.]+)*")


@pytest.fixture(scope="module")
def rules() -> dict[str, Rule]:
    return read_rules(load(locate())[0])


def named(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the rules of the violations that a module makes, with ``*`` for variable parts."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        owner = function.value if isinstance(function, ast.Attribute) else None
        name = getattr(function, "attr", None) or getattr(function, "id", None)
        keywords = [k.value for k in node.keywords if k.arg == "rule"]
        if name not in {"error", "violation", "Violation"} or not (node.args or keywords):
            continue
        rule = (node.args or keywords)[0]
        start = "mapping-" if getattr(owner, "id", "") == "mapping_set" else ""
        if isinstance(rule, ast.Constant):
            yield node.lineno, start + str(rule.value)
        elif isinstance(rule, ast.JoinedStr):
            parts = (p.value if isinstance(p, ast.Constant) else "*" for p in rule.values)
            yield node.lineno, start + "".join(map(str, parts))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_every_rule_that_code_names_is_explained(path: Path, rules: dict[str, Rule]) -> None:
    for line, name in named(path):
        pattern = re.escape(name).replace(r"\*", ".+")
        assert any(re.fullmatch(pattern, rule) for rule in rules), f"{path.name}:{line}: {name}"


def test_a_rule_has_a_condition_a_reason_and_a_remedy(rules: dict[str, Rule]) -> None:
    for rule in rules.values():
        assert NAME.fullmatch(rule.name), rule.name
        assert rule.demand.endswith((".", ",")), rule.name
        assert rule.why, rule.name
        assert rule.hint, rule.name
        assert rule.severity in ("error", "warning"), rule.name


def test_a_rule_has_a_bad_and_a_good_example_that_is_executed(rules: dict[str, Rule]) -> None:
    """Those of checks and shapes run in ``ontology/``, the others in ``test_rule_examples``.

    The rule that the formatter loses nothing has no bad example: no file is known to break it.
    """
    assert not rules["format"].bad
    in_ontology = {path.name.split(".")[0] for path in EXAMPLES.glob("*.bad.ttl")}
    for rule in rules.values():
        if rule.name == "format":
            continue
        assert rule.bad, rule.name
        assert rule.good, rule.name
        assert rule.bad != rule.good, rule.name
        assert rule.file or rule.name in in_ontology, f"{rule.name}: in no file, so never executed"


def test_the_command_explains_a_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "claim-outside-domain"]) == 0
    text = capsys.readouterr().out
    parts = ("claim-outside-domain (error; ", "Why: ", "To mend: ", "Bad:\n\n    claim:", "Good:")
    assert all(part in text for part in parts)


def test_the_command_lists_all_rules(
    rules: dict[str, Rule], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["explain"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == sorted(rules)


def test_an_unknown_rule_is_answered_with_a_similar_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "claim-outside-domian"]) == 2
    assert "Did you mean claim-outside-domain?" in capsys.readouterr().err
