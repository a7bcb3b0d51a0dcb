"""The engine: queries run in processes that can be ended, one query at a time in each.

:class:`Host` keeps the opened store and the workers; :class:`AsyncEngine` and :class:`Engine`
ask them, the first from an event loop, the second from any thread. A query that outlives its
time, its memory or its client costs one worker, and nobody else notices.
"""

from service.engine.client import AsyncEngine, Engine, Job, Limits, Result
from service.engine.host import Host

__all__ = ["AsyncEngine", "Engine", "Host", "Job", "Limits", "Result"]
