"""The folder of an export: written beside its place, then put there whole."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from glob import escape
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from service.problems import UsageError

MARK = "export.json"
"""The file that marks a folder as an export, and names the exported release."""
_LOCK, _OLD = ".lock", "old"


@contextmanager
def destination(target: Path, about: dict[str, Any]) -> Iterator[Path]:
    """Provide a new folder to write to, which replaces ``target`` at the end.

    Other files in an earlier export, such as ``.git`` or ``CNAME``, stay there. If writing fails,
    ``target`` is as it was.

    :param about: the content of the mark of the export.
    :raises UsageError: if ``target`` is no earlier export and not empty, or cannot be written.
    """
    target = target.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _beside(target) as folder:
            _earlier(target)
            new = folder / "new"
            new.mkdir()
            yield new
            own = sorted([*(path.name for path in new.iterdir()), MARK])
            mark = json.dumps({**about, "contents": own}, indent=2) + "\n"
            (new / MARK).write_text(mark, encoding="utf-8")
            if target.exists():
                target.rename(folder / _OLD)
            new.rename(target)
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}") from None


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Provide a folder beside a target, and finish it at the end; finish those of killed exports.

    A lock, which ends with its process, marks a folder in use.
    """
    prefix = f".{target.name}-"
    for left in target.parent.glob(f"{escape(prefix)}*"):
        with suppress(OSError), (left / _LOCK).open("r+") as lock:
            flock(lock, LOCK_EX | LOCK_NB)
            _finish(left, target)
    folder = Path(mkdtemp(prefix=prefix, dir=target.parent))
    with (folder / _LOCK).open("w") as lock:
        flock(lock, LOCK_EX)
        try:
            yield folder
        finally:
            _finish(folder, target)


def _finish(folder: Path, target: Path) -> None:
    """Put back the target's files that are no part of an export, then remove the folder."""
    old = folder / _OLD
    if old.exists() and not target.exists():
        old.rename(target)
    elif old.exists():
        own = _earlier(old)
        for path in sorted(old.iterdir()):
            if path.name not in own and not (target / path.name).exists():
                path.rename(target / path.name)
    shutil.rmtree(folder, ignore_errors=True)


def _earlier(target: Path) -> set[str]:
    """Return the names of the files that an earlier export wrote into a folder.

    :raises UsageError: if the folder holds something, but no export.
    """
    if not target.exists():
        return set()
    if not target.is_dir():
        raise UsageError(f"{target} is no folder. Name a new folder, or one of an earlier export.")
    try:
        return set(json.loads((target / MARK).read_text(encoding="utf-8"))["contents"])
    except (OSError, ValueError, KeyError, TypeError):
        if not any(target.iterdir()):
            return set()
    raise UsageError(
        f"{target} holds something, and no earlier export ({MARK} is missing)."
        " Name a new folder, or empty this one."
    )
