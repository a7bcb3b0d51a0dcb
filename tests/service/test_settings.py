"""Settings: one value, from the environment and then from the command line."""

from pathlib import Path

import pytest

from service.problems import UsageError
from service.settings import Settings


def test_defaults_need_no_environment() -> None:
    assert Settings.from_environment({}) == Settings()


def test_a_variable_sets_its_field_in_its_type() -> None:
    settings = Settings.from_environment(
        {"SERVICE_QUERY_SECONDS": "2.5", "SERVICE_SOURCE_FILE": "a.txt", "HOME": "/"}
    )
    assert settings.query_seconds == 2.5
    assert settings.source_file == Path("a.txt")


def test_the_command_line_wins_over_the_environment_where_it_is_given() -> None:
    environ = {"SERVICE_PORT": "1", "SERVICE_HOST": "::1"}
    settings = Settings.from_environment(environ, port=2, host=None)
    assert (settings.port, settings.host) == (2, "::1")


def test_settings_survive_the_way_through_an_environment() -> None:
    settings = Settings(port=9, source_file=Path("x/y.txt"), query_seconds=0.25)
    assert Settings.from_environment(settings.to_environment()) == settings


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"SERVICE_PORT": "http"}, "SERVICE_PORT must be of type int, not 'http'"),
        ({"SERVICE_PROT": "80"}, "SERVICE_PROT is not a setting"),
        ({"SERVICE_PORT": "70000"}, "between 0 and 65535"),
        ({"SERVICE_QUERY_SECONDS": "0"}, "greater than 0"),
    ],
)
def test_a_mistake_is_named(environ: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Settings.from_environment(environ)
