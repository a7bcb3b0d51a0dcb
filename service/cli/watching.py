"""Notice changes of files by polling.

Polling some hundred files takes a few milliseconds, works on every file system, and needs no
package; one that the kernel notifies of changes would save a hundredth of a processor.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

SECONDS = 0.25
"""Seconds between two polls; a change counts once nothing has changed for this time."""

State = dict[Path, tuple[int, int, int]]


def state(paths: Iterable[Path]) -> State:
    """Return the state of the files that exist, by which changes are noticed."""
    stats: State = {}
    for path in paths:
        with suppress(OSError):
            status = path.stat()
            stats[path] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return stats


def changes(
    look: Callable[[], State],
    wait: Callable[[float], object] = time.sleep,
    *,
    since: State | None = None,
) -> Iterator[set[Path]]:
    """Return the files changed since this call, each time as soon as nothing changes any more.

    :param look: returns the state of the files; changes during the work on an item are in the
        next one.
    :param since: an earlier state, to have the files that have changed since then.
    """
    return _changes(look() if since is None else since, look, wait)


def _changes(
    before: State, look: Callable[[], State], wait: Callable[[float], object]
) -> Iterator[set[Path]]:
    while True:
        wait(SECONDS)
        now = look()
        if now == before:
            continue
        wait(SECONDS)
        while now != (now := look()):
            wait(SECONDS)
        changed = {path for path, _ in before.items() ^ now.items()}
        before = now
        if changed:
            yield changed
