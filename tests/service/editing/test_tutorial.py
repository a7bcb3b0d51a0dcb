"""The commands of ``ontology/tutorial.md``, executed as written over the real sources."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TUTORIAL = (ROOT / "ontology" / "tutorial.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.slow


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TUTORIAL, re.MULTILINE | re.DOTALL)


def test_a_text_becomes_statements_beside_those_of_the_first_document(tmp_path: Path) -> None:
    for name in ("service", "ontology", "mappings", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    document, answer = blocks("text")
    (tmp_path / "short.txt").write_text(document, encoding="utf-8")
    lines = [line for block in blocks("console") for line in block.splitlines()]
    assert len(lines) == 10
    printed = ""
    for line in lines:
        words = shlex.split(line)
        assert words[:2] == ["$", "cdmo"]
        result = subprocess.run(
            [sys.executable, "-m", "service", *words[2:]],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert result.returncode == 0, f"{line}\n{result.stdout}{result.stderr}"
        printed = result.stdout
    assert printed == answer
