"""The code that the query page offers, run as pasted: each tool with each query form."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from service.release import Release
from service.site.query.editor import TOOLS

from .runtimes import command, javascript, r
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
