"""The application over the small release: with an engine, and as an operator starts it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.release import Release
from service.settings import Settings
from service.site.application import create_app

from ...system.server import running, running_endpoint


@pytest.fixture(scope="session")
def app(small_release: Release) -> Iterator[Flask]:
    settings = Settings(engine_workers=4)
    with running_endpoint(small_release, settings) as endpoint:
        yield create_app(settings, small_release, endpoint)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def address(small_release: Release) -> Iterator[str]:
    """The address of the whole service as an operator starts it."""
    with running(small_release.path, engine_workers="2") as server:
        yield f"http://127.0.0.1:{server.port}"
