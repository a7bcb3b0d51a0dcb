"""The pool's end of a worker's socket: whole messages, and how the worker ended."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from service.engine.link import WorkerEndedError, WorkerLink
from service.engine.messages import LENGTH, NOT_STARTED, PART_BYTES


def message(payload: bytes) -> bytes:
    return LENGTH.pack(len(payload)) + payload


def over_a_socket(act: Callable[[WorkerLink, socket.socket], Awaitable[None]]) -> None:
    """Act on a link, and on the socket at its other end."""

    async def run() -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        link = await WorkerLink.open(ours)
        with theirs:
            await act(link, theirs)
        link.close()

    asyncio.run(run())


def test_a_message_may_come_in_pieces_and_several_at_once() -> None:
    sent = message(b"4711") + message(b"first") + message(b"") + message(b"last")

    async def act(link: WorkerLink, worker: socket.socket) -> None:
        for byte in sent:
            worker.send(bytes([byte]))
            await asyncio.sleep(0)
        assert [await link.receive() for _ in range(3)] == [b"first", b"", b"last"]
        assert link.pid == 4711

    over_a_socket(act)


def test_a_slow_reader_makes_the_worker_wait_and_loses_nothing() -> None:
    parts = [bytes([number]) * PART_BYTES for number in range(100)]

    async def act(link: WorkerLink, worker: socket.socket) -> None:
        worker.sendall(message(b"1"))
        writing = asyncio.create_task(
            asyncio.to_thread(worker.sendall, b"".join(map(message, parts)))
        )
        await asyncio.sleep(0.1)
        assert not writing.done()
        assert [await link.receive() for _ in parts] == parts
        await writing

    over_a_socket(act)


@pytest.mark.parametrize(
    ("rest", "number"),
    [
        (b"\x09", 9),
        (message(b"half of a result")[:9] + b"\x09", 9),
        (b"", 0),
        (bytes([NOT_STARTED]), NOT_STARTED),
    ],
    ids=["idle", "while it sends", "in silence", "not started"],
)
def test_the_last_byte_says_how_a_worker_ended(rest: bytes, number: int) -> None:
    async def act(link: WorkerLink, worker: socket.socket) -> None:
        if number != NOT_STARTED:
            worker.sendall(message(b"1"))
        worker.sendall(rest)
        worker.close()
        with pytest.raises(WorkerEndedError) as end:
            await link.receive()
        assert (end.value.number, link.ended) == (number, True)

    over_a_socket(act)


def test_of_a_connection_that_breaks_no_byte_says_how_the_worker_ended() -> None:
    async def act(link: WorkerLink, worker: socket.socket) -> None:
        worker.sendall(message(b"1") + message(b"half of a result")[:9])
        await asyncio.sleep(0.05)
        link.connection_lost(ConnectionResetError())
        with pytest.raises(WorkerEndedError) as end:
            await link.receive()
        assert end.value.number == 0

    over_a_socket(act)
