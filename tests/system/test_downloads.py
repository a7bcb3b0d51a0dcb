"""Files of a release: sent in pieces, packed or unpacked, whole or as a range of bytes."""

import gzip
import json
import subprocess
import time
from collections.abc import Iterator
from hashlib import file_digest, sha256
from pathlib import Path

import brotli
import pytest
from rdflib import Dataset

from service.release import MANIFEST, Release

from .packed import NAME as PACKED
from .packed import with_packed_file
from .processes import of_session
from .server import Server, connected, running

SIZE = 400 << 20
"""The size of a file that does not fit in the server's allowed memory."""

NAME = "large.bin"


@pytest.fixture(scope="module")
def server(small_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the small release with a large sparse file."""
    folder = with_packed_file(small_release, tmp_path_factory.mktemp("large") / "release")
    with (folder / NAME).open("wb") as file:
        file.truncate(SIZE)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    with (folder / NAME).open("rb") as file:
        manifest["files"][NAME] = file_digest(file, "sha256").hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with running(folder, cache_bytes="1000000") as server:
        yield server


def peak_bytes(server: Server) -> int:
    """Return the largest peak of resident memory among a server's processes."""
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
        time.sleep(1)  # meanwhile a server without back-pressure would fill its memory
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


RANGES = {
    "bytes=0-9": 206,
    "bytes=5-": 206,
    "bytes=-5": 206,
    "Bytes=0-0": 206,
    "bytes=99999999-": 416,
    "bytes=-0": 416,
    # The field is ignored: several ranges, another unit, no valid range (§14.2).
    "bytes=0-1,5-6": 200,
    "lines=0-9": 200,
    "bytes=9-0": 200,
    "bytes=a-b": 200,
    "bytes": 200,
    "": 200,
}


@pytest.mark.parametrize("field", RANGES)
def test_one_range_of_bytes_is_sent_and_others_are_ignored(server: Server, field: str) -> None:
    """RFC 9110 §14."""
    response, body = server.ask("GET", f"/downloads/{PACKED}", Range=field)
    whole = server.ask("GET", f"/downloads/{PACKED}")[1]
    assert response.status == RANGES[field]
    if response.status == 416:
        assert response.headers["Content-Range"] == f"bytes */{len(whole)}"
    elif response.status == 200:
        assert body == whole
        assert "Content-Range" not in response.headers


def test_a_part_of_another_version_is_not_sent(server: Server) -> None:
    """RFC 9110 §13.1.5: with If-Range a part is sent only if it continues the client's copy."""
    first, whole = server.ask("GET", f"/downloads/{PACKED}")
    for validator, status in ((first.headers["ETag"], 206), ('"other"', 200)):
        response, body = server.ask(
            "GET", f"/downloads/{PACKED}", Range="bytes=3-", If_Range=validator
        )
        assert response.status == status
        assert body == (whole[3:] if status == 206 else whole)


def test_a_packed_file_is_the_bytes_of_its_digest(server: Server) -> None:
    """No content coding applies, so that a browser saves a file that can be unpacked."""
    for accept in ("*/*", "text/html, */*;q=0.8", "application/gzip"):
        target = f"/downloads/{PACKED}"
        response, body = server.ask("GET", target, Accept=accept, Accept_Encoding="gzip, br")
        assert response.headers["Content-Type"] == "application/gzip"
        assert "Content-Encoding" not in response.headers
        assert response.headers["ETag"] == f'"{sha256(body).hexdigest()}"'


@pytest.mark.parametrize(
    ("accepted", "coding"), [("gzip", "gzip"), ("identity", None), ("br;q=1, gzip;q=0", "br")]
)
@pytest.mark.parametrize(
    ("target", "accept"),
    [
        (PACKED, "application/n-quads, */*;q=0.1"),
        (PACKED.removesuffix(".gz"), "*/*"),
        (PACKED.removesuffix(".gz"), "text/html"),
    ],
)
def test_the_data_of_a_packed_file_has_a_type_and_a_coding(
    server: Server, target: str, accept: str, accepted: str, coding: str | None
) -> None:
    packed = server.ask("GET", f"/downloads/{PACKED}")[1]
    address = f"/downloads/{target}"
    response, body = server.ask("GET", address, Accept=accept, Accept_Encoding=accepted)
    assert response.headers["Content-Type"] == "application/n-quads"
    assert "Accept-Encoding" in response.headers["Vary"]
    assert response.headers["Content-Encoding"] == coding
    decode = {"gzip": gzip.decompress, "br": brotli.decompress, None: bytes}[coding]
    assert decode(body) == gzip.decompress(packed)


@pytest.mark.parametrize("name", [PACKED, PACKED.removesuffix(".gz")])
@pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning")  # rdflib's own
def test_rdflib_reads_a_packed_file_by_its_address(
    server: Server, small_release: Release, name: str
) -> None:
    address = server.url.replace("sparql", f"downloads/{name}")
    assert len(Dataset().parse(address)) == sum(small_release.manifest.graphs.values())


@pytest.mark.parametrize("options", [[], ["--compressed"]], ids=["plain", "compressed"])
def test_curl_saves_a_packed_file(server: Server, tmp_path: Path, options: list[str]) -> None:
    file = tmp_path / PACKED
    address = server.url.replace("sparql", f"downloads/{PACKED}")
    subprocess.run(["curl", "-sS", *options, "-o", file, address], check=True)
    assert gzip.decompress(file.read_bytes()).endswith(b" .\n")
