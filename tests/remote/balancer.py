"""HAProxy with a configuration of ``deploy/``, on the ports of a test."""

import contextlib
import csv
import shutil
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.system.server import wait_until

from .engines import ROOT, accepts, missing, start, stop


@dataclass(frozen=True)
class Balancer:
    """A running HAProxy.

    :param socket: the socket for its statistics.
    """

    socket: Path

    def retries(self) -> int:
        """Return the number of requests that it has retried."""
        return sum(int(row["wretr"] or 0) for row in self._rows() if row["svname"] == "BACKEND")

    def up(self) -> int:
        """Return the number of servers that it counts as up."""
        kinds = {"FRONTEND", "BACKEND"}
        return sum(r["status"] == "UP" for r in self._rows() if r["svname"] not in kinds)

    def _rows(self) -> list[dict[str, str]]:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(self.socket))
            client.sendall(b"show stat\n")
            data = b"".join(iter(lambda: client.recv(1 << 16), b""))
        return [*csv.DictReader(data.decode().removeprefix("# ").splitlines())]


@contextlib.contextmanager
def haproxy(name: str, folder: Path, ports: Mapping[int, int]) -> Iterator[Balancer]:
    """Run HAProxy until the block ends.

    :param name: the file name of the configuration.
    :param ports: each port in the configuration, in order, to the port to use instead.
    """
    if not shutil.which("haproxy"):
        missing("HAProxy", "Debian: apt install haproxy")
    text = (ROOT / "deploy" / name).read_text()
    for standing, meant in ports.items():
        assert f":{standing}\n" in text
        text = text.replace(f":{standing}\n", f":{meant}\n")
    folder.mkdir()
    address = folder / "socket"
    text = text.replace("global\n", f"global\n    stats socket {address}\n")
    (folder / "haproxy.cfg").write_text(text)
    process = start(folder, "haproxy", "-db", "-f", "haproxy.cfg")
    try:
        front = next(iter(ports.values()))
        assert wait_until(lambda: accepts(front), 20), (folder / "log").read_text()
        yield Balancer(address)
    finally:
        stop(process)
