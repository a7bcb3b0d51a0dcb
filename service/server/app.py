"""The ASGI application of one release."""

import gc
import os
from functools import partial

from service.endpoint import Endpoint
from service.engine.pool import Pool
from service.problems import Problem, ReleaseError
from service.release import Release, open_release
from service.server.asgi import App, Receive, Scope, Send
from service.server.cache import KeptAnswers
from service.server.compression import Compression
from service.server.guard import Guard
from service.server.monitor import Monitor, log_access
from service.server.probes import Probes
from service.server.rates import Rates
from service.server.sparql import Queries
from service.server.wsgi import Pages
from service.settings import Settings
from service.site.application import create_app
from service.site.errors import render


class Application:
    """Serves a release; its engine starts and ends with the server's lifespan.

    A request passes the layers from left to right: :class:`Monitor` (if it is asked for),
    :class:`Guard` (checks, problems, fields for all), :class:`Probes`, :class:`KeptAnswers`,
    :class:`Compression`, :class:`Queries` (``/sparql``), and else :class:`Pages` (Flask).
    """

    def __init__(self, settings: Settings, release: Release, pool: Pool) -> None:
        self._pool = pool
        endpoint = Endpoint(release, pool)
        flask_app = create_app(settings, release, endpoint)
        pages = Pages(flask_app, settings.web_threads, settings.max_waiting)
        answers = KeptAnswers(Compression(Queries(endpoint, pages)), settings.cache_bytes)
        rates = Rates(settings.requests_per_second) if settings.requests_per_second else None
        guard = Guard(
            Probes(answers, lambda: self._pool),
            partial(render, flask_app),
            settings.max_query_bytes,
            origins=settings.cors_origins,
            rates=rates,
        )
        self._http = self._monitored(guard, settings)

    def _monitored(self, app: App, settings: Settings) -> App:
        """Return an application that counts and logs its requests, if the settings ask for it."""
        metrics = None
        if settings.metrics_port:
            from service.server.metrics import Metrics  # noqa: PLC0415 - only where it is wanted

            metrics = Metrics(lambda: self._pool)
            metrics.serve(settings.metrics_host, settings.metrics_port)
        if settings.log_requests:
            log_access()
        elif not metrics:
            return app
        logs = settings.log_requests
        return Monitor(app, logs=logs, logs_queries=settings.log_queries, metrics=metrics)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or the lifespan of the server."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            raise NotImplementedError(scope["type"])

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()  # lifespan.startup
        try:
            await self._pool.start()
        except Problem as problem:
            await send({"type": "lifespan.startup.failed", "message": problem.detail})
            return
        gc.freeze()  # what is loaded now stays: no collection has to look through it
        await send({"type": "lifespan.startup.complete"})
        await receive()  # lifespan.shutdown
        await self._pool.close()
        await send({"type": "lifespan.shutdown.complete"})


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
