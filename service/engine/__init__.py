"""The engine: queries run in processes that can be ended, one query at a time in each.

:class:`Host` keeps the opened store and the workers; :class:`AsyncEngine` and :class:`Engine`
ask them, the first from an event loop, the second from any thread. A query that outlives its
time, its memory or its client costs one worker, and nobody else notices.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from service.engine.client import AsyncEngine, Result
    from service.engine.host import Host
    from service.engine.job import Job, Limits
    from service.engine.threads import Engine

_ROOMS = {
    "AsyncEngine": "client",
    "Engine": "threads",
    "Host": "host",
    "Job": "job",
    "Limits": "job",
    "Result": "client",
}
__all__ = ["AsyncEngine", "Engine", "Host", "Job", "Limits", "Result"]


def __getattr__(name: str) -> Any:
    # When asked for (PEP 562): the host's process starts with this package too, and needs no
    # event loop; who asks it needs no host.
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
