"""The code that the query page offers: each tool, each query form, run as it is pasted."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from service.release import Release
from service.site.query.snippets import TOOLS

from .npm import node
from .server import Server, running

TERM = "https://w3id.org/cdmo/id/CDMO_0000003"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
PATTERN = f"""{{ # it's `odd`: ${{x}} 'quoted'
  <{TERM}> <{LABEL}> ?label
  FILTER(?label != "\\\\ '' \\"")
}}"""
QUERIES = {
    "SELECT": f"SELECT ?label {PATTERN}",
    "ASK": f"ASK {PATTERN}",
    "CONSTRUCT": f"PREFIX x: <x:> CONSTRUCT {{ <{TERM}> <{LABEL}> ?label }} {PATTERN}",
    "DESCRIBE": f"# a comment, SELECT\nDESCRIBE <{TERM}>",
}


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    with running(small_release.path) as server:
        yield server


def command(*words: str | Path) -> Callable[[str, Path], str]:
    """Return a function that runs a file by a program and returns what it prints."""

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


RUNTIMES: dict[str, Callable[[str, Path], str]] = {
    "curl": command("/bin/sh"),
    "Python, SPARQLWrapper": command(sys.executable),
    "Python, rdflib": command(sys.executable),
    "R": r,
    "JavaScript": javascript,
}


def test_every_tool_has_its_runtime() -> None:
    assert RUNTIMES.keys() == TOOLS.keys()


@pytest.mark.parametrize("form", QUERIES)
@pytest.mark.parametrize("tool", RUNTIMES)
def test_the_code_prints_the_result(server: Server, tmp_path: Path, tool: str, form: str) -> None:
    body = urlencode({"query": QUERIES[form]}).encode()
    fields = {"Content_Type": "application/x-www-form-urlencoded"}
    _, codes = server.ask("POST", "/query/code", body, **fields)
    printed = RUNTIMES[tool](dict(json.loads(codes))[tool], tmp_path)
    assert ("true" in printed.lower()) if form == "ASK" else ("bisphosphonate" in printed), printed
