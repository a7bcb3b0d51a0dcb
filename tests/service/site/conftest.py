"""The application over the release in little, with a real engine, and a real browser."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from service.engine import Engine, Host, Limits
from service.release import Release
from service.settings import Settings
from service.site import create_app

from .server import running

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
    with running(small_release.path, engine_workers="2") as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    found = browser.new_context(viewport=DESKTOP)  # type: ignore[arg-type]
    yield found
    found.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
