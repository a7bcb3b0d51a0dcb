"""Write files of the sources: all of them, or none."""

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile

from service.problems import writing


def write_all(texts: Mapping[Path, str]) -> None:
    """Write files, each whole or not at all; one without text is removed.

    :raises NotWritten: if one cannot be written; then none is.
    """
    passing: list[tuple[Path, Path]] = []
    try:
        for path, text in texts.items():
            with writing(path):
                passing.append((_write_beside(path, text), path))
        for temporary, path in passing:
            with writing(path):
                temporary.replace(path)
                if not texts[path]:
                    path.unlink()
    finally:
        for temporary, _ in passing:
            temporary.unlink(missing_ok=True)


def _write_beside(path: Path, text: str) -> Path:
    """Write a file beside another, to take its place; remove it if that fails."""
    path.parent.mkdir(exist_ok=True)
    with NamedTemporaryFile(
        "w", dir=path.parent, prefix=".", delete=False, encoding="utf-8", newline=""
    ) as file:
        temporary = Path(file.name)
        try:
            file.write(text)
            file.flush()
        except OSError:
            temporary.unlink()
            raise
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
    temporary.chmod(mode)
    return temporary


def _umask() -> int:
    """Return the mask for new files; there is no other way to read it than to set it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
