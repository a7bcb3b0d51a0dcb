"""SIGHUP, by which an operator announces another release.

The signal is blocked, and a thread waits for it: so it is never lost, never ends the process, and
does not reach child processes.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable

WORKER = "granian-worker"
"""Granian's name for its worker process, which serves."""


def hold() -> None:
    """Block SIGHUP until :func:`on_hangup`; call this before threads and processes start."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})


def on_hangup(call: Callable[[], None]) -> None:
    """Call a function in the running event loop at each SIGHUP."""
    loop = asyncio.get_running_loop()

    def wait() -> None:
        while True:
            signal.sigwait({signal.SIGHUP})
            loop.call_soon_threadsafe(call)

    threading.Thread(target=wait, daemon=True).start()


def pass_on() -> None:
    """Pass SIGHUP on from Granian's main process to the one that serves."""
    own = os.getpid()

    def handle(*_: object) -> None:
        if os.getpid() == own:
            for process in multiprocessing.active_children():
                if process.pid and process.name == WORKER:
                    os.kill(process.pid, signal.SIGHUP)

    signal.signal(signal.SIGHUP, handle)
