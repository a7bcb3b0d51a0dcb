"""The engine: ``run(query, formats, limits) → Result``, in processes that can be ended.

A query that outlives its time, its memory or its client costs one worker, and no other query
notices. :class:`service.engine.pool.Pool` is the engine of one event loop.
"""
