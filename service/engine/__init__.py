"""The engine: ``run(query, formats, limits) → Result``, in processes that can be ended.

A query that outlives its time, its memory or its client costs one worker, and no other query
notices. :class:`Pool` is the engine of one event loop.
"""

from service.engine.pool import Formats, Limits, OnSlow, Pool
from service.engine.result import Result

__all__ = ["Formats", "Limits", "OnSlow", "Pool", "Result"]
