"""The application over the release in little, with a real engine."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.engine import Engine, Host, Limits
from service.release import Release
from service.settings import Settings
from service.web import create_app


@pytest.fixture(scope="session")
def app(small_release: Release) -> Iterator[Flask]:
    settings = Settings(engine_workers=2, web_workers=1)
    with Host(small_release.store_path, settings) as host:
        engine = Engine(host.address, Limits.of(settings))
        yield create_app(settings, small_release, engine)
        engine.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
