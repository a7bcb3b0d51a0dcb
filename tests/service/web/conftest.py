"""The application over the release in little, with a real engine, and a real browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from service.engine import Engine, Host, Limits
from service.release import Release
from service.settings import Settings
from service.web import create_app

ROOT = Path(__file__).parents[3]
CHROMIUM = next((p for n in ("chromium", "chromium-browser") if (p := shutil.which(n))), None)
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SERVE = """
import sys
from pathlib import Path
from service.release import open_release
from service.settings import Settings
from service.web.server import serve
settings = Settings(port=int(sys.argv[2]), web_workers=1, engine_workers=2)
raise SystemExit(serve(settings, open_release(Path(sys.argv[1]))))
"""
DESKTOP = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def app(small_release: Release) -> Iterator[Flask]:
    settings = Settings(engine_workers=2, web_workers=1)
    prefixes = small_release.manifest.prefixes
    with Host(small_release.store_path, settings, prefixes=prefixes) as host:
        engine = Engine(host.address, Limits.of(settings))
        yield create_app(settings, small_release, engine)
        engine.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have a browser: apt-get install chromium")
        pytest.skip("no chromium on PATH; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def address(small_release: Release) -> Iterator[str]:
    """The whole service as an operator starts it, over the release in little."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", SERVE, str(small_release.path), str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if "Stop with" in line:
                break
        else:
            pytest.fail(f"the service did not start: exit code {process.wait()}")
        found = f"http://127.0.0.1:{port}"
        _wait_for(found)
        yield found
    finally:
        process.terminate()
        process.stderr.close()
        assert process.wait(timeout=20) == 0


def _wait_for(address: str) -> None:
    """Wait until the web processes answer; they are announced as they start."""
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"{address}/robots.txt", timeout=10):
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail("the service does not answer")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    found = browser.new_context(viewport=DESKTOP)  # type: ignore[arg-type]
    yield found
    found.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
