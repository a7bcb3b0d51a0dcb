"""Run the code that pages offer, as a reader would; each function returns the output."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .npm import node


def command(*words: str | Path) -> Callable[[str, Path], str]:
    """Return a function that runs a file with a program and returns its output."""

    def run(code: str, folder: Path) -> str:
        file = folder / "code"
        file.write_text(code, encoding="utf-8")
        done = subprocess.run(
            [*words, file], capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def javascript(code: str, folder: Path) -> str:
    file = folder / "code.mjs"
    file.write_text(code, encoding="utf-8")
    done = node(file, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def r(code: str, folder: Path) -> str:
    program = shutil.which("Rscript")
    if program is None:
        pytest.skip("needs R")
    installed = [program, "-e", 'quit(status = !requireNamespace("httr2"))']
    if subprocess.run(installed, capture_output=True, check=False).returncode:
        pytest.skip("needs httr2 for R")
    return command(program)(code, folder)
