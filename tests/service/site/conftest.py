"""The application over the small and the real release, and the whole service."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.library import Library
from service.release import Release
from service.settings import Settings
from service.site.application import create_app

from ...system.server import running, running_endpoint
from .client import client_of


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
    """The address of the whole service over the small release."""
    with running(small_release.path, engine_workers="2") as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture(scope="module")
def real(real_release: Release) -> FlaskClient:
    """A client of the real release."""
    return client_of(real_release)


@pytest.fixture(scope="module")
def library(real: FlaskClient) -> Library:
    """The library of the real release."""
    opened = real.application.extensions["site"].library
    assert isinstance(opened, Library)
    return opened
