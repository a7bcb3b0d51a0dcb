"""The engine: ``run(query, formats, limits) → Result``, in processes that can be killed.

A query that exceeds its time or memory limit, or whose client leaves, costs one worker and
disturbs no other query. :class:`service.engine.pool.Pool` is the engine of one event loop.
"""
