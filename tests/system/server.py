"""Start a real server on a free port, or only the engine.

No server outlives the test run: when pytest ends, in whatever way, the kernel kills the server.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

from service.endpoint import Endpoint
from service.engine.pool import Pool
from service.release import Release
from service.settings import Settings

from . import processes

ROOT = Path(__file__).parents[2]
START = """
import os, sys
from pathlib import Path
from service.engine.sandbox import die_with_parent
die_with_parent(int(sys.argv[2]))
from service.release import open_release
from service.server.run import serve
from service.settings import Settings
sys.exit(serve(Settings.from_environment(os.environ), open_release(Path(sys.argv[1]))))
"""


@dataclass(frozen=True)
class Server:
    """A running server.

    :param pid: the id of its first process, whose session all its processes share.
    """

    port: int
    pid: int

    @property
    def url(self) -> str:
        """The address of its endpoint."""
        return f"http://127.0.0.1:{self.port}/sparql"

    def ask(
        self, method: str, target: str, body: bytes | None = None, **headers: str
    ) -> tuple[HTTPResponse, bytes]:
        """Send a request, read the whole response; ``_`` in a header's name stands for a hyphen."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, target, body, fields)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def get(self, query: str, accept: str = "*/*", **parameters: str) -> tuple[HTTPResponse, bytes]:
        """Send a query by GET."""
        target = "/sparql?" + urlencode({"query": query, **parameters})
        return self.ask("GET", target, Accept=accept)


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """Wait until a condition holds; return whether it does."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@contextlib.contextmanager
def connected(port: int, seconds: float = 10) -> Iterator[socket.socket]:
    """Connect to a server of this machine.

    :param seconds: the time limit of a read.
    """
    with socket.create_connection(("127.0.0.1", port), seconds) as client:
        yield client


def in_namespace(first: str, *command: str) -> list[str]:
    """Return a command that runs in its own mount namespace, after the shell commands ``first``."""
    return ["unshare", "--mount", "sh", "-ec", f'{first}\nexec "$@"', "sh", *command]


def has_namespaces() -> bool:
    """Tell whether a process can have its own mounts: as root, on Linux."""
    if sys.platform != "linux" or os.geteuid() or not shutil.which("unshare"):
        return False
    return (
        subprocess.run(in_namespace("", "true"), capture_output=True, check=False).returncode == 0
    )


def free_port() -> int:
    """Return a port that no server listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def launch(
    release: Path, port: int, first: str = "", log: str = "", **settings: str
) -> "subprocess.Popen[bytes]":
    """Serve a release in its own session; return once the server responds.

    The calling thread must live as long as the server: the kernel kills the server with it.

    :param first: shell commands to run before, in the server's own mount namespace.
    :param log: the file for its standard error.
    """
    environ = {k: v for k, v in os.environ.items() if not k.startswith("SERVICE_")}
    environ |= {f"SERVICE_{name.upper()}": value for name, value in settings.items()}
    environ |= {"SERVICE_PORT": str(port), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", START, str(release), str(os.getpid())]
    if first:
        command = in_namespace(first, *command)
    with Path(log).open("wb") if log else contextlib.nullcontext() as stderr:
        process = subprocess.Popen(
            command, env=environ, cwd=ROOT, stderr=stderr, start_new_session=True
        )
    address = (settings.get("host", "127.0.0.1"), port)
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(address, 60) as client:
            client.sendall(b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            if client.recv(100):
                return process
        assert process.poll() is None, "the server ended before it responded"
        time.sleep(0.05)
    process.kill()
    process.wait()
    raise AssertionError("the server does not respond")


def read_all(client: socket.socket) -> bytes:
    """Return the last mebibytes that arrive before the other side closes."""
    data = b""
    with contextlib.suppress(ConnectionError):
        while part := client.recv(1 << 20):
            data = data[-(1 << 20) :] + part
    return data


@contextlib.contextmanager
def running(release: Path, first: str = "", log: str = "", **settings: str) -> Iterator[Server]:
    """Serve a release until the block ends, and check that the server ends cleanly.

    :param first: as for :func:`launch`; so is ``log``.
    """
    port = free_port()
    process = launch(release, port, first, log, **settings)
    try:
        yield Server(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0, "the server did not stop cleanly"


@contextlib.contextmanager
def serving(folder: Path, *arguments: str, log: Path, **settings: str) -> Iterator[Server]:
    """Run ``cdmo serve`` in a folder until the block ends, and check that it ends cleanly."""
    port = free_port()
    command = [sys.executable, "-m", "service", "serve", "--port", str(port), *arguments]
    environ = {k: v for k, v in os.environ.items() if not k.startswith("SERVICE_")}
    environ |= {f"SERVICE_{name.upper()}": value for name, value in settings.items()}
    environ |= {"PYTHONPATH": str(ROOT)}
    with log.open("w") as stderr:
        process = subprocess.Popen(
            command, cwd=folder, env=environ, stderr=stderr, start_new_session=True
        )
    server = Server(port, process.pid)
    try:
        assert wait_until(lambda: ready(server), 60), log.read_text()
        yield server
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0, log.read_text()
        assert wait_until(lambda: not processes.of_session(process.pid))
    finally:
        for pid in processes.of_session(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def ready(server: Server) -> bool:
    with contextlib.suppress(OSError):
        return server.ask("GET", "/readyz")[0].status == 200
    return False


@contextlib.contextmanager
def running_endpoint(release: Release, settings: Settings) -> Iterator[Endpoint]:
    """Run a release's engine in the event loop of a thread until the block ends."""
    pool = Pool(release, settings)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(pool.start(), loop).result()
        yield Endpoint(release, pool)
    finally:
        asyncio.run_coroutine_threadsafe(pool.close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
