"""Settings: from the environment, then from the command line."""

import math
from dataclasses import fields
from pathlib import Path

import pytest

from service.problems import UsageError
from service.settings import Settings


def test_defaults_need_no_environment() -> None:
    assert Settings.from_environment({}) == Settings()


def test_a_variable_sets_its_field_in_its_type() -> None:
    settings = Settings.from_environment(
        {"SERVICE_QUERY_SECONDS": "2.5", "SERVICE_SOURCE_FILES": "a.txt:b.txt", "HOME": "/"}
    )
    assert settings.query_seconds == 2.5
    assert settings.source_files == (Path("a.txt"), Path("b.txt"))


def test_an_option_of_the_command_line_overrides_its_variable() -> None:
    environ = {"SERVICE_PORT": "1", "SERVICE_HOST": "::1"}
    settings = Settings.from_environment(environ, port=2, host=None)
    assert (settings.port, settings.host) == (2, "::1")


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"SERVICE_PORT": "http"}, "SERVICE_PORT must be of type int, not 'http'"),
        ({"SERVICE_PROT": "80"}, "SERVICE_PROT is not a setting"),
        ({"SERVICE_PORT": "70000"}, "port must be between 1 and 65535, not 70000"),
        ({"SERVICE_PORT": "0"}, "port must be between"),
        ({"SERVICE_PUBLIC_URL": "example.org/cdmo"}, "public_url must be an address such as"),
        ({"SERVICE_PUBLIC_URL": "https://e.org/a?b"}, "public_url must be an address such as"),
        ({"SERVICE_QUERY_SECONDS": "0"}, "query_seconds must be between 0.001 and"),
        ({"SERVICE_QUERY_SECONDS": "nan"}, "query_seconds must be between .* not nan"),
        ({"SERVICE_QUERY_SECONDS": "inf"}, "query_seconds must be between .* not inf"),
        ({"SERVICE_QUERY_SECONDS": "-1"}, "query_seconds must be between"),
        ({"SERVICE_QUERY_SECONDS": "1e300"}, "query_seconds must be between"),
        ({"SERVICE_QUERY_SECONDS": ""}, "SERVICE_QUERY_SECONDS must be of type float, not ''"),
        ({"SERVICE_QUERY_MEMORY_BYTES": "inf"}, "must be of type int, not 'inf'"),
        ({"SERVICE_QUERY_MEMORY_BYTES": "9" * 30}, "query_memory_bytes must be between"),
        ({"SERVICE_MAX_RESULT_BYTES": "-1"}, "max_result_bytes must be between"),
        ({"SERVICE_MAX_QUERY_BYTES": "0"}, "max_query_bytes must be between"),
        ({"SERVICE_MAX_WAITING": "-1"}, "max_waiting must be between"),
        ({"SERVICE_CACHE_BYTES": "-1"}, "cache_bytes must be between"),
        ({"SERVICE_MEMORY_QUADS": "-1"}, "memory_quads must be between"),
        ({"SERVICE_WEB_THREADS": "0"}, "web_threads must be between"),
        ({"SERVICE_WEB_THREADS": "1000000"}, "web_threads must be between"),
        ({"SERVICE_ENGINE_WORKERS": "1000000000"}, "engine_workers must be between"),
        ({"SERVICE_SERVICE_ALLOWED": "http://e/ e.org"}, "by http: or https: IRIs, not 'e.org'"),
    ],
)
def test_an_invalid_setting_is_an_error_that_names_it(
    environ: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        Settings.from_environment(environ)


def test_every_number_has_bounds() -> None:
    for field in fields(Settings):
        if isinstance(field.default, int | float) and field.type is not bool:
            least, most = field.metadata["between"]
            assert least <= field.default <= most, field.name
            for value in (least - 1, most * 2, math.nan):
                with pytest.raises(UsageError, match=f"{field.name} must be between"):
                    Settings(**{field.name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("1", True), ("No", False), ("", False)]
)
def test_a_switch_is_on_or_off(text: str, value: bool) -> None:
    assert Settings.from_environment({"SERVICE_LOG_REQUESTS": text}).log_requests is value


def test_any_other_value_of_a_switch_is_refused() -> None:
    with pytest.raises(UsageError, match="SERVICE_LOG_REQUESTS must be true or false"):
        Settings.from_environment({"SERVICE_LOG_REQUESTS": "maybe"})


@pytest.mark.parametrize("origins", ["e.org", "https://e.org/", "https://e.org, https://f.org"])
def test_an_invalid_origin_is_refused(origins: str) -> None:
    with pytest.raises(UsageError, match="cors_origins"):
        Settings(cors_origins=origins)
