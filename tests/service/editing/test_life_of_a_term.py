"""The guide's commands for renaming, moving, merging, splitting, retiring and releasing.

Each command of the editors' guide is run as it is written there, on a copy of the real sources.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from service.sources import Sources, locate
from tests.first_version import before_any_release

ROOT = locate().root
GUIDE = (locate().ontology / "README.md").read_text("utf-8")
_SPAN = re.compile(r"`(cdmo (?:rename|move|merge|split|retire|release) [^`…]*)`")
_CONSOLE = re.compile(r"^\$ (cdmo (?:[^\n]*\\\n)*[^\n]*)", re.MULTILINE)


def commands(section: str) -> list[str]:
    """Return the commands of a section, except those with a placeholder."""
    _, _, behind = GUIDE.partition(f"\n## {section}")
    text = behind.partition("\n## ")[0]
    return [*_SPAN.findall(text), *_CONSOLE.findall(text)]


SECTIONS = [
    *("To rename a term", "To move a term", "To merge two terms", "To split a term"),
    *("To retire a term", "To release a version"),
]


def test_each_section_shows_its_verb() -> None:
    for section in SECTIONS:
        assert any(f"cdmo {section.split()[1]} " in c for c in commands(section)), section


@pytest.mark.slow
@pytest.mark.parametrize("section", SECTIONS)
def test_commands_of_the_guide_work_as_described(real: Sources, section: str) -> None:
    root = before_any_release(real).root
    (root / "CHANGELOG.md").write_text("## Unreleased\n\n- A change.\n")
    git = "git -c user.name=Tiny -c user.email=tiny@example.org"
    shell(root, f"git init -q && git add -A && {git} commit -qm All")
    for command in commands(section):
        done = shell(root, command)
        assert done.returncode == 0, done.stderr
    done = shell(root, "cdmo check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert shell(root, "git diff --quiet").returncode == 1, "nothing has changed"


def shell(folder: Path, command: str) -> "subprocess.CompletedProcess[str]":
    """Run a command of the guide in a folder, with the ``cdmo`` under test."""
    script = f'cdmo() {{ "{sys.executable}" -m service "$@"; }}\n{command}'
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    words = ["bash", "-c", script]
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
