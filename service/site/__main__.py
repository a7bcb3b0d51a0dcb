"""``python -m service.site`` is one web process; :func:`service.site.server.serve` starts them."""

import asyncio
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvloop

from service.engine import AsyncEngine, Engine, Limits, sandbox
from service.release import open_release
from service.settings import Settings
from service.site import create_app
from service.site.endpoint import Endpoint
from service.site.gateway import Gateway
from service.site.http1 import Server
from service.site.wsgi import Pages

if TYPE_CHECKING:
    from flask import Flask


def main(options: dict[str, Any]) -> None:
    """Answer until standard input closes or a signal comes.

    :param options: ``listener``, a descriptor; ``release`` and ``engine``, the folders of both;
        ``settings`` as variables.
    """
    sandbox.die_with_parent()
    settings = Settings.from_environment(options["settings"])
    release, engine = open_release(Path(options["release"])), Path(options["engine"])
    limits = Limits.of(settings)
    endpoint = Endpoint(settings, release)

    def pages() -> "Flask":
        app = create_app(settings, release, Engine(engine, limits))
        app.extensions["endpoint"] = endpoint
        return app

    gateway = Gateway(settings, Pages(pages), endpoint, lambda: AsyncEngine(engine, limits))
    server = Server(gateway.answer, settings.max_query_bytes)

    async def run() -> None:
        loop, end = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(sys.stdin.fileno(), end.set)
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, end.set)
        gateway.prepare()
        await server.serve(socket.socket(fileno=options["listener"]), end)
        os._exit(0)  # nobody waits for what threads still do

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


main(json.loads(sys.argv[1]))
