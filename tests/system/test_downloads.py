"""Files of a release are sent from the disk in pieces, however large they are."""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.release import MANIFEST, Release

from .processes import of_session
from .server import Server, connected, running

SIZE = 400 << 20
"""Bytes of a file that would not fit into the memory that the server may take."""

NAME = "large.bin"


@pytest.fixture(scope="module")
def server(small_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the small release with a large file, which has holes instead of blocks."""
    folder = tmp_path_factory.mktemp("large") / "release"
    shutil.copytree(small_release.path, folder)
    with (folder / NAME).open("wb") as file:
        file.truncate(SIZE)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"][NAME] = "0" * 64
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with running(folder, cache_bytes="1000000") as server:
        yield server


def peak_bytes(server: Server) -> int:
    """Return the largest resident set that any process of a server has had."""
    sizes = []
    for pid in of_session(server.pid):
        status = Path(f"/proc/{pid}/status").read_text()
        [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
        sizes.append(int(line.split()[1]) << 10)
    return max(sizes)


def test_a_large_file_is_sent_whole_in_pieces(server: Server) -> None:
    before = peak_bytes(server)
    with connected(server.port, 60) as client:
        request = f"GET /downloads/{NAME} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        client.sendall(request.encode())
        head, _, body = client.recv(1 << 16).partition(b"\r\n\r\n")
        received = len(body)
        time.sleep(1)  # a server that does not wait for its reader fills its memory now
        while data := client.recv(1 << 20):
            received += len(data)
    assert head.startswith(b"HTTP/1.1 200")
    assert f"content-length: {SIZE}".encode() in head.lower()
    assert received == SIZE
    assert peak_bytes(server) - before < 50 << 20


def test_a_range_of_a_large_file_is_sent_alone(server: Server) -> None:
    response, body = server.ask("GET", f"/downloads/{NAME}", Range=f"bytes={SIZE - 100}-")
    assert (response.status, len(body)) == (206, 100)
    assert response.headers["Content-Range"] == f"bytes {SIZE - 100}-{SIZE - 1}/{SIZE}"
