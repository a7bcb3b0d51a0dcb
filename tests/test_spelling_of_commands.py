"""Guides, help, comments and errors spell each command as a user types it: ``cdmo check``."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]

SPELT_OTHERWISE = re.compile(
    r"""(
      (python[\d.]*|\$python"?|sys\.executable,?\ "?)\s+-m\s+(service|cdmo)\b(?!\.)  # python -m
    | "-m",\ "service"
    | (?<![\w/.])(\./|\.venv/bin/)cdmo\b                                             # by its path
    | `service\ \w+ | ^\$\ service\ \w+                                              # by its room
    )""",
    re.VERBOSE | re.MULTILINE,
)
ALLOWED = {
    ".ci/run": "runs before the environment is on the path",
    ".ci/robot": "runs before the environment is on the path",
    ".pre-commit-hooks.yaml": "a hook of git knows no environment",
    ".vscode/tasks.json": "an editor knows no environment",
    "README.md": "says once where a checkout has the command",
    "service/__main__.py": "says that it is the same",
}
"""Files that may spell a command differently, with the reason."""


def spellings() -> dict[str, list[str]]:
    """Return the other spellings in each tracked file, except tests."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    places = {}
    for name in names.splitlines():
        path = ROOT / name
        if not path.is_file() or (name.startswith("tests/") and path.suffix == ".py"):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if lines := [m[0] for m in SPELT_OTHERWISE.finditer(text)]:
            places[name] = lines
    return places


def test_commands_have_one_spelling() -> None:
    all_spellings = spellings()
    assert {name: lines for name, lines in all_spellings.items() if name not in ALLOWED} == {}
    assert set(ALLOWED) <= set(all_spellings), "what is allowed is needed"


def test_readme_says_once_where_the_command_is_in_a_checkout() -> None:
    assert spellings()["README.md"] == [".venv/bin/cdmo"]


def test_every_command_in_guides_help_and_errors_exists() -> None:
    """A command is ``cdmo`` and a verb, in backticks or as an example."""
    from service.cli import FAMILIES
    from service.cli.verbs import Verbs

    verbs = Verbs()
    for family in FAMILIES:
        family.add_verbs(verbs)
    known = set(verbs._verbs.choices)
    command = re.compile(r"(?:`|\$ |: |^  )cdmo ([a-z][a-z-]*)\b", re.MULTILINE)
    texts = [ROOT / "README.md", *ROOT.glob("*/*.md"), *(ROOT / "service").rglob("*.py")]
    texts += [*(ROOT / "ontology" / "checks").glob("*.rq"), *(ROOT / "service").rglob("*.html")]
    unknown = {
        f"{path.relative_to(ROOT)}: cdmo {verb}"
        for path in texts
        for verb in command.findall(path.read_text(encoding="utf-8"))
        if verb not in known
    }
    assert unknown == set()
