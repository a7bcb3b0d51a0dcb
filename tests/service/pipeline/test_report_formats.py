"""Findings for people and for programs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service import cli
from service.pipeline.causes import Finding, fold
from service.pipeline.report_formats import to_github, to_json, to_sarif, to_text
from service.pipeline.rule_book import Rule
from service.pipeline.violations import Place, Related, Violation
from service.sources import Sources

from ...system.npm import installed

SCHEMA = Path(__file__).parents[2] / "system" / "sarif"
RULES = {"iri-dangling": Rule("iri-dangling", "It is declared.", "Else.", "Do.", "error", "source")}


@pytest.fixture
def findings(tmp_path: Path) -> list[Finding]:
    """An undeclared name, used twice, and a warning without a file."""
    file, other = tmp_path / "a file.ttl", tmp_path / "b.ttl"
    related = (Related(Place(other, 2, 3), "the first block"),)
    return fold(
        [
            Violation(
                *("iri-dangling", "error", file, 7, "claim:1", "names nothing: 100%, or so"),
                hint="Declare it.", column=5, related=related, value="CDMO:9",
            ),
            Violation(
                *("iri-dangling", "error", other, 9, "claim:2", "names nothing"), value="CDMO:9"
            ),
            Violation("not-judged", "warning", None, None, "", "Not judged."),
        ]
    )  # fmt: skip


def test_text_has_the_form_of_compiler_messages(findings: list[Finding], tmp_path: Path) -> None:
    assert to_text(findings).splitlines() == [
        f"{tmp_path}/a file.ttl:7:5: error[iri-dangling]: claim:1: names nothing: 100%, or so",
        f"  = note: {tmp_path}/b.ttl:2:3: the first block",
        "  = help: Declare it.",
        "  = +1 that follows: CDMO:9 is declared nowhere",
        "warning[not-judged]: Not judged.",
    ]
    assert f"  {tmp_path}/b.ttl:9:1: error" in to_text(findings, every=True)


def test_json_has_every_finding_with_its_consequences(
    findings: list[Finding], tmp_path: Path
) -> None:
    document = json.loads(to_json(findings, tmp_path, {}))
    assert {k: document[k] for k in ("version", "errors", "warnings")} == {
        "version": 1,
        "errors": 2,
        "warnings": 1,
    }
    first, last = document["findings"]
    assert [(v["file"], v["line"], v["column"]) for v in (first, *first["follow"], last)] == [
        ("a file.ttl", 7, 5),
        ("b.ttl", 9, None),
        (None, None, None),
    ]
    assert first["related"] == [
        {"file": "b.ttl", "line": 2, "column": 3, "note": "the first block"}
    ]
    assert first["cause"] == "CDMO:9 is declared nowhere"
    keys = {"rule", "severity", "file", "line", "column", "entity", "value", "message", "help"}
    assert first.keys() == keys | {"cause", "related", "follow"}


def test_workflow_commands_are_escaped(findings: list[Finding], tmp_path: Path) -> None:
    first, last = to_github(findings, tmp_path, {}).splitlines()
    assert first == (
        "::error file=a file.ttl,line=7,col=5,title=iri-dangling::"
        "claim:1: names nothing: 100%25, or so%0ADeclare it."
        "%0A+1 that follow: CDMO:9 is declared nowhere"
    )
    assert last == "::warning title=not-judged::Not judged."


def test_a_colon_in_a_file_name_is_escaped(tmp_path: Path) -> None:
    violation = Violation("rule", "error", tmp_path / "a:b,c.ttl", 1, "", "no")
    assert "file=a%3Ab%2Cc.ttl,line=1" in to_github(fold([violation]), tmp_path, {})


@pytest.fixture
def sarif(findings: list[Finding], tmp_path: Path) -> Any:
    return json.loads(to_sarif(findings, tmp_path, RULES))


def test_sarif_follows_its_schema(sarif: Any, pytestconfig: pytest.Config) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    (path,) = installed(SCHEMA, pytestconfig).glob(
        "node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0*.json"
    )
    schema = json.loads(path.read_text("utf-8"))
    jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()).validate(sarif)


def test_sarif_names_the_cause_of_each_consequence(sarif: Any) -> None:
    (run,) = sarif["runs"]
    root, follower, placeless = run["results"]
    assert root["message"]["text"] == "claim:1: names nothing: 100%, or so\nDeclare it."
    (location,) = root["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20file.ttl", "uriBaseId": "ROOT"},
        "region": {"startLine": 7, "startColumn": 5},
    }
    assert follower["properties"] == {"follows": 0, "cause": "CDMO:9 is declared nowhere"}
    assert "locations" not in placeless
    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [
        "iri-dangling",
        "iri-dangling",
        "not-judged",
    ]
    assert rules[0]["shortDescription"] == {"text": "It is declared."}


def test_the_command_writes_only_findings_to_standard_output(
    tiny: Sources,
    edit: Callable[[str, str, str], Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("service.sources.locate", lambda: tiny)
    edit("ontology/claims/claims.ttl", "cdmo:object CDMO:0000400", "cdmo:object CDMO:0000499")
    assert cli.main(["check", "--format", "sarif"]) == 1
    output = capsys.readouterr()
    (run,) = json.loads(output.out)["runs"]
    first = run["results"][0]
    assert first["ruleId"] == "claim-object-unknown"
    assert run["results"][1]["properties"]["cause"] == "CDMO:0000499 is declared nowhere"
    assert all("shortDescription" in rule for rule in run["tool"]["driver"]["rules"])
    assert "errors" in output.err
