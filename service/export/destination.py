"""The folder of an export: written beside its place, then put there whole."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from service.problems import UsageError

MARK = "export.json"
"""The file by which a folder is known as an export; it says what the export is of."""


@contextmanager
def destination(target: Path, about: dict[str, Any]) -> Iterator[Path]:
    """Give a new folder to write to, which takes the place of ``target`` at the end.

    What else lies in an earlier export, such as ``.git`` or ``CNAME``, stays there. If writing
    fails, ``target`` is as it was.

    :param about: what the mark of the export says.
    :raises UsageError: if there is something else than an earlier export, or it cannot be written.
    """
    earlier = _earlier(target)
    target = target.resolve()
    folder = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        new, old = folder / "new", folder / "old"
        new.mkdir()
        yield new
        own = sorted([*(path.name for path in new.iterdir()), MARK])
        mark = json.dumps({**about, "contents": own}, indent=2) + "\n"
        (new / MARK).write_text(mark, encoding="utf-8")
        if target.exists():
            target.rename(old)
        new.rename(target)
        for path in old.iterdir() if old.exists() else ():
            if path.name not in earlier and not (target / path.name).exists():
                path.rename(target / path.name)
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}") from None
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def _earlier(target: Path) -> set[str]:
    """Return the names of what an earlier export wrote into a folder.

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
