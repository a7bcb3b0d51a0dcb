"""Read source files; what cannot be read is a violation with its file and line."""

import re
from codecs import BOM_UTF8
from pathlib import Path

from service.pipeline.violations import error
from service.problems import SourceError

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
