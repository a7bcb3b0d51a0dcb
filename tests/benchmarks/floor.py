"""The floor: a constant answer from the same server, with nothing behind it."""

import asyncio
import socket
import sys

import uvloop

from service.site.exchange import Exchange
from service.site.http1 import Server

FIELDS = [("Content-Type", "application/sparql-results+json")]
BODY = b'{"head":{},"boolean":true}'


async def answer(asked: Exchange) -> None:
    """Answer anything with the same bytes."""
    asked.respond(200, FIELDS, BODY)


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(Server(answer, 0).serve(listener, asyncio.Event()))
