"""The files of a release against the digests that its manifest lists."""

from hashlib import sha256

from service.release import Release


def damaged(release: Release) -> list[str]:
    """Return the names of files whose bytes are not those the manifest lists."""
    return [
        name
        for name, digest in release.manifest.files.items()
        if sha256((release.path / name).read_bytes()).hexdigest() != digest
    ]
