"""README's commands and example, and the operator's page, agree with the program."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from service import cli
from service.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPERATORS = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")


def settings_table() -> str:
    """Return the table of settings, as the operator's page must have it between two markers."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for setting in fields(Settings):
        default = "" if setting.default in (None, "", ()) else f"`{setting.default}`"
        rows.append(
            f"| `{PREFIX}{setting.name.upper()}` | {default} | {setting.metadata['help']} |"
        )
    return "\n".join(rows)


def test_the_page_for_operators_lists_every_setting() -> None:
    table = re.search(r"<!-- settings -->\n(.*?)\n<!-- /settings -->", OPERATORS, re.DOTALL)
    assert table, "deploy/README.md has lost its settings markers"
    assert table[1].strip() == settings_table()


def test_readme_names_the_two_commands() -> None:
    assert "make serve" in README
    assert "make test" in README


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`make ([a-z]+)", README))))
def test_make_has_every_target_of_readme(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("verb", sorted(set(re.findall(r"`cdmo ([a-z-]+)", README))))
def test_every_command_of_readme_has_help_with_examples(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main([verb, "--help"])
    assert end.value.code == 0
    assert "examples:" in capsys.readouterr().out


def test_all_files_have_the_same_version() -> None:
    version = re.search(r'__version__ = "(.+)"', (ROOT / "service/__init__.py").read_text())
    assert version
    assert f"## {version[1]} (" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"version: {version[1]}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f'owl:versionInfo "{version[1]}"' in (ROOT / "ontology/ontology.ttl").read_text()


@pytest.mark.slow
def test_the_example_query_has_the_rows_that_readme_shows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    example = re.search(r"```sparql\n(.*?)\n```\n\n```text\n(.*?)\n```", README, re.DOTALL)
    assert example, "README.md has lost its example"
    assert cli.main(["query", example[1]]) == 0
    assert capsys.readouterr().out.strip() == example[2].strip()


def test_the_constraints_have_a_version_of_each_dependency_within_its_bounds() -> None:
    constraints = (ROOT / "deploy" / "constraints.txt").read_text().splitlines()
    pinned = {
        canonicalize_name(requirement.name): str(requirement.specifier).removeprefix("==")
        for requirement in map(Requirement, constraints[1:])
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for requirement in map(Requirement, project["dependencies"]):
        assert "<" in str(requirement.specifier), f"{requirement.name} has no upper bound"
        assert pinned[canonicalize_name(requirement.name)] in requirement.specifier, (
            requirement.name
        )
