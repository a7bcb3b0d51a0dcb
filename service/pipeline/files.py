"""Read and write source files.

A file that cannot be read is a violation with its file and line. Of several files, all are
written or none.
"""

import os
import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile

from service.pipeline.violations import error
from service.problems import SourceError, writing

_LINE_END = re.compile(r"\r\n|\n|\r")


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file.

    :raises SourceError: with one violation, if it cannot be read, is not UTF-8, or begins with a
        byte order mark, which would be a part of its first word.
    """
    line, message, hint = None, "", ""
    try:
        data = path.read_bytes()
        if not data.startswith(BOM_UTF8):
            return data.decode("utf-8")
        message, hint = "begins with a byte order mark", "Save the file as UTF-8 without it."
    except OSError as fault:
        message = f"cannot be read: {fault.strerror or fault}"
    except UnicodeDecodeError as fault:
        line = data[: fault.start].count(b"\n") + 1
        message, hint = "is not UTF-8", "Save the file as UTF-8."
    violation = error("file-unreadable", path, line, message, hint)
    raise SourceError(f"{path} {message}.", violations=[violation])


def line_starts(text: str) -> list[int]:
    """Return the first code point of each line, from 0."""
    return [0, *(end.end() for end in _LINE_END.finditer(text))]


def line_and_column(text: str, at: int) -> tuple[int, int]:
    """Return line and column of a code point, both counted from 1."""
    starts = line_starts(text[:at])
    return len(starts), at - starts[-1] + 1


def lines(text: str) -> list[str]:
    """Return the lines of a text, without their ends.

    As editors count them: ``str.splitlines`` also ends a line at U+2028, U+0085 and others.
    """
    return _LINE_END.split(text)


def write_all(texts: Mapping[Path, str]) -> None:
    """Write files, each whole or not at all; remove files without text.

    :raises NotWritten: if a file cannot be written; then none is.
    """
    replacements: list[tuple[Path, Path]] = []
    try:
        for path, text in texts.items():
            with writing(path):
                replacements.append((_write_beside(path, text), path))
        for temporary, path in replacements:
            with writing(path):
                temporary.replace(path)
                if not texts[path]:
                    path.unlink()
    finally:
        for temporary, _ in replacements:
            temporary.unlink(missing_ok=True)


def write_folder(folder: Path, texts: Mapping[str, str]) -> list[Path]:
    """Write files by their names into a folder, which may be a new one, and return them.

    :raises NotWritten: if one cannot be written; then none is.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    paths = {folder / name: text for name, text in texts.items()}
    write_all(paths)
    return list(paths)


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
    """Return the mask for new files; the only way to read it is to set it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
