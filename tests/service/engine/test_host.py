"""The host process: what it tells the pool on a worker's socket."""

import errno
import os
import socket

import pyoxigraph as ox
import pytest

from service.engine import messages
from service.engine.host import Host
from service.release import Release
from service.settings import Settings


def test_a_fork_that_fails_is_reported_and_ends_nothing(
    small_release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the number of processes is limited: one query is refused, no other."""

    def fail() -> int:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    control, other = socket.socketpair()
    host = Host(control, ox.Store(), small_release.manifest, Settings())
    pool_end, worker_end = socket.socketpair()
    monkeypatch.setattr(os, "fork", fail)
    with other, control, pool_end:
        host.fork(worker_end, ())
        assert pool_end.recv(10) == bytes([messages.NOT_STARTED])
        assert pool_end.recv(1) == b""  # the worker's end is closed
    assert not host.workers
