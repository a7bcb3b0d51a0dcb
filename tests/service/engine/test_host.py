"""The host process: what it writes to the pool on a worker's socket."""

import errno
import os
import socket

import pyoxigraph as ox
import pytest

from service.engine import messages
from service.engine.host import Host
from service.release import Release
from service.settings import Settings


def test_a_failed_fork_is_reported_and_the_host_goes_on(
    small_release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit on processes makes fork fail: only that query is refused."""

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
