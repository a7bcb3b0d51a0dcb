"""Processes of our own beside this one.

Each has a listening socket, and ends when its standard input closes, so that it never outlives
who started it.
"""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Mapping

STOP_SECONDS = 5
"""A process that does not end within this is killed."""


def launch(
    module: str,
    *arguments: str,
    listener: socket.socket,
    environ: Mapping[str, str],
    stdout: int | None = None,
) -> "subprocess.Popen[bytes]":
    """Start ``python -m module``.

    :param listener: it has this too, under the same descriptor.
    :param environ: its environment; where modules are found is added.
    :param stdout: as :class:`subprocess.Popen` takes it.
    """
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=stdout,
        pass_fds=(listener.fileno(),),
        env={**environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )


def let_go(process: "subprocess.Popen[bytes]") -> None:
    """Close what leads to a process, which tells it to end."""
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process and wait until it is gone."""
    let_go(process)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
