"""The ASGI application: the layers of a release, and how another release takes its place."""

import asyncio
import gc
import logging
import os
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

from service.endpoint import Endpoint
from service.engine.pool import Pool
from service.problems import Problem, ReleaseError
from service.release import Release, open_queried, open_release, open_store, refuse_damaged
from service.server.asgi import App, Receive, Scope, Send
from service.server.base_path import BasePath
from service.server.cache import KeptAnswers
from service.server.compression import Compression
from service.server.guard import Guard
from service.server.hangup import on_hangup
from service.server.monitor import Monitor, log_access
from service.server.probes import Probes
from service.server.rates import Rates
from service.server.sparql import Queries
from service.server.wsgi import Pages
from service.settings import Settings
from service.site.application import create_app
from service.site.errors import render

log = logging.getLogger(__name__)

END_SECONDS = 0.1
"""The interval between checks whether the last request of a replaced release has ended."""


class Layers:
    """The engine of one release, and the layers that answer its requests.

    A request passes, in this order, :class:`Guard` (checks, problems, header fields),
    :class:`Probes`, :class:`KeptAnswers`, :class:`Compression`, :class:`Queries` (``/sparql``),
    and last :class:`Pages` (Flask).

    :ivar requests: the number of requests it is answering.
    """

    def __init__(
        self,
        settings: Settings,
        release: Release,
        pool: Pool,
        rates: Rates | None,
        *,
        cancel: Callable[[str], bool],
        watched: bool = False,
    ) -> None:
        self.release = release
        self.pool = pool
        self.requests = 0
        endpoint = Endpoint(release, pool)
        flask_app = create_app(settings, release, endpoint, watched=watched)
        pages = Pages(flask_app, settings.web_threads, settings.max_waiting)
        answers = KeptAnswers(Compression(Queries(endpoint, pages, cancel)), settings.cache_bytes)
        self.http: App = Guard(
            Probes(answers, lambda: pool),
            partial(render, flask_app),
            settings.max_query_bytes,
            origins=settings.cors_origins,
            rates=rates,
        )
        if settings.base_path:
            self.http = BasePath(self.http, settings.base_path)


class Application:
    """Serves a release; its engine starts and ends with the server's lifespan.

    When another release takes over, the layers are replaced; the rates of clients and the
    :class:`Monitor`, if there is one, stay.

    :param latest: the folder to open at SIGHUP; None if SIGHUP does nothing.
    :param watched: whether pages poll for a newer release, and show why there is none.
    """

    def __init__(
        self,
        settings: Settings,
        release: Release,
        pool: Pool,
        *,
        latest: Path | None = None,
        watched: bool = False,
    ) -> None:
        rates = Rates(settings.requests_per_second) if settings.requests_per_second else None
        self._layers_of = partial(
            Layers, settings, rates=rates, cancel=self._cancel, watched=watched
        )
        self._settings = settings
        self._latest = latest
        self._layers = self._layers_of(release, pool)
        self._ending: list[Layers] = []
        self._swapping = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._http = self._monitored(settings)

    @property
    def release(self) -> Release:
        """The release that is served."""
        return self._layers.release

    def _monitored(self, settings: Settings) -> App | None:
        """Return an application that counts and logs requests, if the settings ask for it."""
        metrics = None
        if settings.metrics_port:
            from service.server.metrics import Metrics  # noqa: PLC0415 - only if there are metrics

            metrics = Metrics(lambda: self._layers.pool)
            metrics.serve(settings.metrics_host, settings.metrics_port)
        if settings.log_requests:
            log_access()
        elif not metrics:
            return None
        logs = settings.log_requests

        def app(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
            return self._layers.http(scope, receive, send)

        return Monitor(app, logs=logs, logs_queries=settings.log_queries, metrics=metrics)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or the lifespan of the server."""
        if scope["type"] == "http":
            layers = self._layers
            layers.requests += 1
            try:
                await (self._http or layers.http)(scope, receive, send)
            finally:
                layers.requests -= 1
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            raise NotImplementedError(scope["type"])

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()  # lifespan.startup
        try:
            await self._layers.pool.start()
        except Problem as problem:
            await send({"type": "lifespan.startup.failed", "message": problem.detail})
            return
        gc.freeze()  # what is loaded now stays: collections need not traverse it
        if self._latest:
            on_hangup(partial(self._start, self._swap_to, self._latest))
        await send({"type": "lifespan.startup.complete"})
        await receive()  # lifespan.shutdown
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._layers.pool.close()
        await send({"type": "lifespan.shutdown.complete"})

    # -- another release --------------------------------------------------------------------------

    def _start(self, work: Callable[..., Coroutine[Any, Any, None]], *arguments: Any) -> None:
        task = asyncio.get_running_loop().create_task(work(*arguments))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _swap_to(self, folder: Path) -> None:
        """Serve the release in a folder; if it cannot be opened, log that and keep the old one."""
        async with self._swapping:
            pool = None
            try:
                release = await asyncio.to_thread(open_release, folder)
                if release == self.release:
                    return
                await asyncio.to_thread(refuse_damaged, release)
                for opened in (open_store, open_queried):  # now, not at the first page
                    await asyncio.to_thread(opened, release)
                pool = Pool(release, self._settings)
                pool.launch()  # in this thread: the kernel kills the host with its thread
                layers = await asyncio.to_thread(self._layers_of, release, pool)
                await pool.start()
            except (Exception, asyncio.CancelledError) as error:
                if pool:
                    await pool.close()
                if not isinstance(error, Exception):
                    raise
                reason = error.detail if isinstance(error, Problem) else error
                log.error(
                    "%s stays: %s cannot be served: %s", self.release.path.name, folder, reason
                )
                return
            old, self._layers = self._layers, layers
            log.warning("now serving %s", release.path.name)
            self._ending.append(old)
            self._start(self._end, old)
            del old

    async def _end(self, layers: Layers) -> None:
        """End a release's engine after its last request, and free its memory."""
        try:
            while layers.requests:
                await asyncio.sleep(END_SECONDS)
        finally:
            self._ending.remove(layers)
            await layers.pool.close()
        del layers
        gc.unfreeze()  # the release was frozen when it was loaded
        gc.collect()
        gc.freeze()

    def _cancel(self, query_id: str) -> bool:
        """End a query of the served release, or of a replaced one whose requests still run."""
        return any(layers.pool.cancel(query_id) for layers in (self._layers, *self._ending))


def create() -> Application:
    """Return the application of the release that ``SERVICE_RELEASE`` names.

    For other ASGI servers: ``uvicorn --factory service.server.app:create --http h11``.

    :raises ReleaseError: if there is no release in that folder.
    """
    settings = Settings.from_environment(os.environ)
    if settings.release is None:
        raise ReleaseError("Set SERVICE_RELEASE to the folder of a release.")
    release = open_release(settings.release)
    return Application(settings, release, Pool(release, settings))
