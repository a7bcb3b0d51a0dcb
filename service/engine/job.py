"""What is asked of the engine, and how much may be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one web process may ask of the engine.

    :param light: workers that answer queries of which none is long.
    :param long: queries that may be long at once, each with a worker of its own.
    :param waiting: queries that may wait for a worker; one more is refused.
    :param wait_seconds: how long one may wait.
    """

    query_seconds: float
    query_memory_bytes: int
    max_result_bytes: int
    light: int
    long: int
    waiting: int
    wait_seconds: float = 10.0

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Share the operator's limits among the web processes."""
        return cls(
            settings.query_seconds,
            settings.query_memory_bytes,
            settings.max_result_bytes,
            # Light ones follow each other, so they need fewer.
            light=max(2, settings.engine_workers // (2 * settings.web_workers)),
            long=settings.engine_workers,
            waiting=settings.max_waiting,
        )


class Job(NamedTuple):
    """A query, judged and ready to run.

    :param writer: the format that the engine writes (:mod:`service.formats`), or
        :data:`service.engine.frames.READING`.
    :param own_dataset: whether the query's own ``FROM`` says the dataset.
    :param seconds: the client's time limit, None for ours; ours is the highest.
    :param coding: in which it is sent unless it is short, :mod:`service.compression`; or empty.
    :param prefixes: to write a graph with.
    :param max_bytes: largest result, where it is less than ours.
    """

    text: str
    writer: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    own_dataset: bool = False
    seconds: float | None = None
    coding: str = ""
    prefixes: Mapping[str, str] | None = None
    max_bytes: int | None = None
