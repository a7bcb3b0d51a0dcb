"""An export of the tiny release by the command."""

from pathlib import Path

import pytest

from service import cli
from service.endpoint import Endpoint
from service.engine.pool import Pool
from service.release import Release
from service.settings import Settings
from service.site.exported import Exported

PUBLIC = "https://example.org/cdmo/"


@pytest.fixture(scope="session")
def exported_tiny(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an export of the tiny release."""
    folder = tmp_path_factory.mktemp("export") / "public"
    verb = ("export", "site", str(folder), "--release", str(release.path), "--public", PUBLIC)
    assert cli.main(verb) == 0
    return folder


@pytest.fixture(scope="session")
def source(release: Release) -> Exported:
    """The site of the tiny release as an export sees it."""
    settings = Settings()
    return Exported(settings, release, Endpoint(release, Pool(release, settings)))
