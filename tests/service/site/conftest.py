"""The application over the small release: with an engine, and as an operator starts it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.engine import Engine, Host, Limits
from service.release import Release
from service.settings import Settings
from service.site import create_app

from .server import running


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
def address(small_release: Release) -> Iterator[str]:
    """The address of the whole service as an operator starts it."""
    with running(small_release.path, engine_workers="2") as server:
        yield f"http://127.0.0.1:{server.port}"
