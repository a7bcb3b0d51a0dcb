"""The application over the release in little."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.release import Release
from service.settings import Settings
from service.web import create_app


@pytest.fixture(scope="session")
def app(small_release: Release) -> Flask:
    """Pages only: no query reaches the engine here."""
    return create_app(Settings(), small_release, None)  # type: ignore[arg-type]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
