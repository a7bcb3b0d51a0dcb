"""The service's settings: one frozen value, built once, passed on.

Nothing else reads the environment. Each field carries its help and unit; a test compares the table
in deploy/README.md with them.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints

from service.problems import UsageError

PREFIX = "SERVICE_"
"""An environment variable's name is ``SERVICE_`` and the field's name in capitals."""


_ENDPOINT = re.compile(r"https?://[^\s<>\"{}|\\^`]+")
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}
_ORIGIN = re.compile(r"https?://[^\s/?#,;]+")
_PUBLIC_URL = re.compile(r"https?://[A-Za-z0-9._~:\[\]-]+(?P<base>(?:/[A-Za-z0-9._~-]+)*)/?")
_MANY = 1 << 50
"""Stands for no limit, in bytes; every system call accepts it."""


def _setting(default: Any, help_text: str, least: float = 0, most: float = 0) -> Any:
    """Return a dataclass field; ``least`` and ``most`` bound a number."""
    return field(default=default, metadata={"help": help_text, "between": (least, most)})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of an operator. Sizes are in bytes, times in seconds."""

    host: str = _setting("127.0.0.1", "address to listen on")
    port: int = _setting(8080, "port to listen on", 1, 65535)
    trusted_proxies: str = _setting(
        "127.0.0.1,::1",
        "addresses or networks of proxies whose X-Forwarded fields are believed, between commas",
    )
    public_url: str = _setting(
        "",
        "address under which clients reach the service, with a path if it stands below one:"
        " https://example.org/cdmo (empty: as each request names it)",
    )
    web_threads: int = _setting(8, "threads for pages", 1, 1024)
    web_memory_bytes: int = _setting(
        2_147_483_648, "memory limit of the process that serves, in bytes", 1, _MANY
    )
    engine_workers: int = _setting(
        16, "queries that run at once, each in a process; half of them may be long", 1, 1024
    )
    query_seconds: float = _setting(30.0, "time limit of one query, in seconds", 0.001, 1e6)
    query_memory_bytes: int = _setting(
        1_073_741_824, "memory limit of one query, in bytes", 1, _MANY
    )
    engine_memory_bytes: int = _setting(
        4_294_967_296, "memory limit of all queries together, in bytes", 1, _MANY
    )
    max_query_bytes: int = _setting(1_048_576, "largest accepted request body, in bytes", 1, _MANY)
    max_result_bytes: int = _setting(268_435_456, "largest result of one query, in bytes", 1, _MANY)
    spool_bytes: int = _setting(
        1_073_741_824, "disk space for results that clients read slowly, in bytes", 0, _MANY
    )
    max_waiting: int = _setting(64, "queries that may wait for a place", 0, 1_000_000)
    waiting_seconds: float = _setting(
        10.0, "time that a query may wait for a place, in seconds", 0.001, 1e6
    )
    cache_bytes: int = _setting(12_582_912, "memory for kept answers, in bytes", 0, _MANY)
    requests_per_second: float = _setting(
        0.0, "requests of one client in a second, on average (0: no limit)", 0, 1e6
    )
    cors_origins: str = _setting(
        "*",
        "sites whose scripts may read answers: origins separated by spaces (*: all; empty: none)",
    )
    log_requests: bool = _setting(
        False, "whether each request is logged, as a line of JSON on standard error"
    )
    log_queries: bool = _setting(
        False, "whether that log has query strings and contents: queries and searches"
    )
    metrics_port: int = _setting(0, "port for Prometheus (0: none)", 0, 65535)
    metrics_host: str = _setting("127.0.0.1", "address of the port for Prometheus")
    memory_quads: int = _setting(
        200_000,
        "datasets of up to so many quads are queried in memory (0: always on disk)",
        0,
        _MANY,
    )
    plan_queries: bool = _setting(
        True,
        "whether queries are put in a form that the engine evaluates fast; answers are the same",
    )
    service_allowed: str = _setting(
        "", "endpoints that SERVICE may call: IRIs separated by spaces (empty: none)"
    )
    endpoints: str = _setting(
        "",
        "SPARQL endpoints that answer queries instead of the release's own store, all with the same"
        " data: IRIs between commas (empty: none)",
    )
    release: Path | None = _setting(
        None, "folder of the release, for ASGI servers other than `cdmo serve` (empty: none)"
    )
    source_files: tuple[Path, ...] = _setting(
        (),
        "source documents, to show passages' text beside their claims: files between colons"
        " (empty: not shown)",
    )

    def __post_init__(self) -> None:
        for setting in fields(self):
            value = getattr(self, setting.name)
            least, most = setting.metadata["between"]
            if most and not least <= value <= most:  # in this form it refuses NaN too
                raise UsageError(f"{setting.name} must be between {least} and {most}, not {value}")
        if self.cors_origins != "*":
            for origin in self.cors_origins.split():
                if not _ORIGIN.fullmatch(origin):
                    raise UsageError(
                        f"cors_origins must be * or origins such as https://e.org, not {origin!r}"
                    )
        if self.public_url and not _PUBLIC_URL.fullmatch(self.public_url):
            raise UsageError(
                "public_url must be an address such as https://example.org/cdmo, "
                f"not {self.public_url!r}"
            )
        for url in self.endpoint_urls:
            if not _ENDPOINT.fullmatch(url):
                raise UsageError(f"endpoints must be http: or https: IRIs, not {url!r}")
        if self.endpoints and self.service_allowed:
            raise UsageError("service_allowed is for the release's own store: leave out endpoints")
        for iri in self.service_allowed.split():
            if not _ENDPOINT.fullmatch(iri):
                raise UsageError(
                    f"service_allowed must name endpoints by http: or https: IRIs, not {iri!r}"
                )

    @property
    def base_path(self) -> str:
        """The path below which the service stands at its public address: "", or "/cdmo"."""
        public = _PUBLIC_URL.fullmatch(self.public_url)
        return public["base"] if public else ""

    @property
    def endpoint_urls(self) -> tuple[str, ...]:
        """The addresses in ``endpoints``."""
        return tuple(url for part in self.endpoints.split(",") if (url := part.strip()))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], **overrides: Any) -> "Settings":
        """Build settings from ``SERVICE_*`` variables, then from non-None overrides.

        :param environ: usually ``os.environ``.
        :param overrides: field names to values, as from a command line; None means not given.
        :raises UsageError: for a value of the wrong type or an unknown ``SERVICE_*`` variable.

        >>> Settings.from_environment({"SERVICE_PORT": "9000"}, host=None).port
        9000
        """
        types = get_type_hints(cls)
        values: dict[str, Any] = {}
        for variable in sorted(v for v in environ if v.startswith(PREFIX)):
            name = variable.removeprefix(PREFIX).lower()
            if name not in types:
                known = ", ".join(PREFIX + f.name.upper() for f in fields(cls))
                raise UsageError(f"{variable} is not a setting. Settings are: {known}")
            values[name] = _parse(variable, environ[variable], types[name])
        values.update({k: v for k, v in overrides.items() if v is not None})
        return cls(**values)


def _parse(variable: str, text: str, kind: Any) -> Any:
    if kind == Path | None:
        return Path(text) if text else None
    if kind is bool:
        if text.lower() not in _TRUE | _FALSE:
            raise UsageError(f"{variable} must be true or false, not {text!r}")
        return text.lower() in _TRUE
    if kind == tuple[Path, ...]:
        return tuple(Path(name) for name in text.split(os.pathsep) if name)
    try:
        return kind(text)
    except ValueError:
        raise UsageError(f"{variable} must be of type {kind.__name__}, not {text!r}") from None
