"""The log of changes: a release beside the one before it.

Comparing needs only the dumps, so a release that another version built can be compared too.
"""

import gzip
from collections.abc import Mapping
from pathlib import Path

import pyoxigraph as ox

from service.library.changes import CHANGES, Changes, Edition, compare, from_json, to_json
from service.names import Names
from service.pipeline import graphs
from service.problems import ReleaseError
from service.release import MANIFEST, Manifest, Release, open_release


def history(
    previous: Release | None, manifest: Manifest, store: ox.Store, prefixes: Mapping[str, str]
) -> bytes:
    """Return ``changes.json``: what a release changed, and what each before it did, latest first.

    :param previous: the release before; None for the first, whose log is empty.
    :param store: the dataset of the new release.
    :raises ReleaseError: if the log of the release before cannot be read.
    """
    found: list[Changes] = []
    if previous is not None:
        changed = compare(_dataset(previous), store, Names(prefixes))
        found = [Changes(_edition(manifest), _edition(previous.manifest), changed)]
        found += _log(previous)
    return to_json(found).encode("utf-8")


def difference(old: Release, new: Release) -> Changes:
    """Return what ``new`` changed since ``old``."""
    names = Names({**old.manifest.prefixes, **new.manifest.prefixes})
    found = compare(_dataset(old), _dataset(new), names)
    return Changes(_edition(new.manifest), _edition(old.manifest), found)


def earlier(dist: Path, version: str) -> Release | None:
    """Return the latest release in ``dist`` of the latest version before ``version``, if any."""
    wanted = Edition(version, "", "").number
    found = []
    for path in dist.glob("*+*"):
        number = Edition(path.name.partition("+")[0], "", "").number
        if number < wanted and (path / MANIFEST).is_file():
            found.append((number, path.stat().st_mtime, path))
    for _, _, path in sorted(found, reverse=True):
        try:
            return open_release(path)
        except ReleaseError:
            continue  # damaged: it is as if it were not there
    return None


def _log(release: Release) -> list[Changes]:
    if CHANGES not in release.manifest.files:
        return []  # it is older than this file
    try:
        return from_json(release.dump(CHANGES).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ReleaseError(f"{release.dump(CHANGES)} cannot be read: {error}") from None


def _edition(manifest: Manifest) -> Edition:
    return Edition(manifest.version, manifest.modified, manifest.digest)


def _dataset(release: Release) -> ox.Store:
    data = gzip.decompress(release.dump("dataset.nq.gz").read_bytes())
    return graphs.store_of(ox.parse(data, format=ox.RdfFormat.N_QUADS))
