"""A release with a packed file such as a build writes."""

import gzip
import json
import shutil
from hashlib import sha256
from pathlib import Path

import pyoxigraph as ox

from service.release import MANIFEST, Release, open_store

NAME = "dataset.nq.gz"


def with_packed_file(release: Release, folder: Path) -> Path:
    """Copy a release into a new folder, and add the file :data:`NAME`."""
    shutil.copytree(release.path, folder)
    data = ox.serialize(open_store(release), format=ox.RdfFormat.N_QUADS) or b""
    add_file(folder, NAME, gzip.compress(data, mtime=0))
    return folder


def add_file(folder: Path, name: str, data: bytes) -> None:
    """Add a file and its digest to the release in a folder."""
    (folder / name).write_bytes(data)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"][name] = sha256(data).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
