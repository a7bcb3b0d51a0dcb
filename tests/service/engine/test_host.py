"""The host process: what it tells the pool on a worker's socket."""

import errno
import os
import socket
from typing import Any

import pyoxigraph as ox
import pytest

from service.engine import messages
from service.engine.host import Host


def test_a_fork_that_fails_is_reported_and_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the number of processes is limited: one query is refused, no other."""

    def fail() -> int:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    ours, theirs = socket.socketpair()
    with ours:
        options: dict[str, Any] = {
            "control": theirs.detach(),
            "graphs": [],
            "memory_bytes": 1 << 30,
            "prefixes": {},
            "services": [],
        }
        host = Host(ox.Store(), options)
        with host.control, monkeypatch.context() as patch:
            patch.setattr(os, "fork", fail)
            pool_end, worker_end = socket.socketpair()
            with pool_end:
                host.fork(worker_end, ())
                assert pool_end.recv(10) == bytes([messages.NOT_STARTED])
                assert pool_end.recv(1) == b""  # the worker's end is closed
        assert not host.workers
