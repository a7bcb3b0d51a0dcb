"""Asking the workers from any thread."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from service.engine.client import AsyncEngine, Result
from service.engine.job import Job, Limits
from service.engine.link import WhenSlow


@dataclass
class Answer:
    """An answer for threads; iterate ``body`` to its end or close it."""

    query_id: str
    seconds: float | None
    compressed: bool
    body: Iterator[bytes]


class Engine:
    """Asks the workers of a host from any thread.

    The same as :class:`AsyncEngine`, whose event loop runs in a thread of its own; the thread
    starts with the first query.
    """

    def __init__(self, address: Path, limits: Limits) -> None:
        self._address, self._limits = address, limits
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._engine: AsyncEngine | None = None

    def run(self, job: Job, *, when_slow: WhenSlow | None = None) -> Answer:
        """Ask a worker; see :meth:`AsyncEngine.run` for what it raises.

        :param when_slow: told in another thread; what it is given may be called in any.
        """
        engine, loop = self._started()

        def told(end: Callable[[], object]) -> None:
            if when_slow:
                when_slow(partial(loop.call_soon_threadsafe, end))

        running = engine.run(job, when_slow=told if when_slow else None)
        result = asyncio.run_coroutine_threadsafe(running, loop).result()
        if result.complete:
            body = iter((result.first,))
            return Answer(result.query_id, result.seconds, result.compressed, body)
        return Answer(result.query_id, None, result.compressed, self._body(result, loop))

    def cancel(self, query_id: str) -> bool:
        """End a query; see :meth:`AsyncEngine.cancel`."""
        return self._started()[0].cancel(query_id)

    def close(self) -> None:
        """Stop the thread."""
        with self._lock:
            if self._loop and self._engine:
                self._loop.call_soon_threadsafe(self._engine.close)
                # One more turn of the loop, in which the closed transports let go of their sockets.
                self._loop.call_soon_threadsafe(self._loop.call_soon, self._loop.stop)
                while self._loop.is_running():
                    time.sleep(0.001)
                self._loop.close()
            self._loop = self._engine = None

    def _body(self, result: Result, loop: asyncio.AbstractEventLoop) -> Iterator[bytes]:
        try:
            yield result.first
            rest = result.rest()
            while True:
                step = asyncio.run_coroutine_threadsafe(_next(rest), loop)
                chunk = step.result()
                if chunk is None:
                    return
                yield chunk
        finally:
            loop.call_soon_threadsafe(result.close)

    def _started(self) -> tuple[AsyncEngine, asyncio.AbstractEventLoop]:
        with self._lock:
            if self._engine is None or self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._engine = AsyncEngine(self._address, self._limits)
                threading.Thread(
                    target=self._loop.run_forever, name="engine client", daemon=True
                ).start()
            return self._engine, self._loop


async def _next(chunks: AsyncIterator[bytes]) -> bytes | None:
    async for chunk in chunks:
        return chunk
    return None
