"""Third-party programs use the OpenAPI document."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.release import Release

from .server import Server, running

pytestmark = pytest.mark.slow

CONFIGURATION = Path(__file__).parent / "schemathesis.toml"


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    with running(small_release.path) as server:
        yield server


def test_schemathesis_finds_nothing(server: Server, tmp_path: Path) -> None:
    """Examples, edge cases and random values get no 500, and responses match the document."""
    program = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("needs schemathesis: install .[test]")
    done = subprocess.run(
        [
            *(program, "--config-file", CONFIGURATION, "run"),
            f"http://127.0.0.1:{server.port}/openapi.json",
            *("--phases", "examples,coverage,fuzzing", "--max-examples", "3"),
            *("--generation-deterministic", "--continue-on-failure"),
            *("--warnings", "off", "--no-color"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert "No issues found" in done.stdout
