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
from service.server.cache import KeptAnswers
from service.server.compression import Compression
from service.server.guard import Guard
from service.server.hangup import on_hangup
from service.server.monitor import Monitor, log_access
from service.server.probes import Probes
from service.server.public import BasePath
from service.server.rates import Rates
from service.server.sparql import Queries
from service.server.wsgi import Pages
from service.settings import Settings
from service.site.application import create_app
from service.site.errors import render

log = logging.getLogger(__name__)

END_SECONDS = 0.1
"""How often a release that is no longer served looks whether its last request has ended."""


class Layers:
    """What serves one release: its engine, and the layers that a request passes.

    From left to right: :class:`Guard` (checks, problems, fields for all), :class:`Probes`,
    :class:`KeptAnswers`, :class:`Compression`, :class:`Queries` (``/sparql``), and else
    :class:`Pages` (Flask).

    :ivar requests: how many it answers now.
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

    :class:`Monitor`, if it is asked for, and the rates of clients stay when the layers of another
    release take the place of those that answer.

    :param latest: the folder that SIGHUP lets it open; None if SIGHUP does nothing.
    :param watched: whether pages look for another release, and show what keeps it from being.
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
            from service.server.metrics import Metrics  # noqa: PLC0415 - only where it is wanted

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
        gc.freeze()  # what is loaded now stays: no collection has to look through it
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
        """Serve the release in a folder; one that cannot be opened is logged, the old one stays."""
        async with self._swapping:
            pool = None
            try:
                release = await asyncio.to_thread(open_release, folder)
                if release == self.release:
                    return
                await asyncio.to_thread(refuse_damaged, release)
                for opened in (open_store, open_queried):  # now, not with the first page
                    await asyncio.to_thread(opened, release)
                pool = Pool(release, self._settings)
                pool.launch()  # here: the kernel ends it with the thread that launched it
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
        """End the engine of a release once its last request has ended; forget the release."""
        try:
            while layers.requests:
                await asyncio.sleep(END_SECONDS)
        finally:
            self._ending.remove(layers)
            await layers.pool.close()
        del layers
        gc.unfreeze()  # it was loaded to stay
        gc.collect()
        gc.freeze()

    def _cancel(self, query_id: str) -> bool:
        """End a query, be it of the release that is served or of one whose requests still run."""
        return any(layers.pool.cancel(query_id) for layers in (self._layers, *self._ending))


def create() -> Application:
    """Return the application of the release that ``SERVICE_RELEASE`` names.

    For other ASGI servers: ``uvicorn --factory service.server.app:create --http h11``.

    :raises ReleaseError: if it names none.
    """
    settings = Settings.from_environment(os.environ)
    if settings.release is None:
        raise ReleaseError("Set SERVICE_RELEASE to the folder of a release.")
    release = open_release(settings.release)
    return Application(settings, release, Pool(release, settings))
