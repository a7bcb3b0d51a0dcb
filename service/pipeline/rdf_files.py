"""Other people's RDF files: unpacked, recognised by their first bytes, or refused in words."""

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from service import formats
from service.formats import Format
from service.problems import UsageError

SUFFIXES = {f".{f.extension}": f for f in formats.GRAPHS} | {
    ".owl": formats.RDF_XML,
    ".xml": formats.RDF_XML,
    ".json": formats.JSON_LD,
}
"""The format of each file suffix; each may end in ``.gz`` too."""

_HEAD_BYTES = 4096
_BLANK = rb"(?>\s|#[^\n]*\n|<\?.*?\?>|<!--.*?-->)*+"
_FORMATS = {
    formats.RDF_XML: rb"<\?xml\s|<!DOCTYPE\s|<!--|<[\w.-]+:RDF[\s>]",
    formats.JSON_LD: rb'\{\s*"|\[\s*\{\s*"',
}
"""How a file begins that is in a format for certain, whatever its suffix."""

_OTHERS = {
    "OWL in functional syntax": rb"(Prefix\s*\(|Ontology\s*\(|Document\s*\()",
    "OWL in Manchester syntax": rb"(Prefix|Ontology):\s",
    "OWL/XML": rb"<!DOCTYPE\s+(\w+:)?Ontology\b|<(\w+:)?Ontology\s(?![^>]*\brdf:about\b)",
    "an OBO file": rb"(format-version|data-version):",
}
_CONVERT = "which is not RDF; convert it, for example: robot convert --input {} --output {}"
_NO_RDF = {
    rb"(?i:<!DOCTYPE\s+html|<html)\b": "is a web page (HTML), perhaps in the place of a download",
    rb"version https://git-lfs": "is a pointer of Git LFS; fetch the file itself: git lfs pull",
}
_PACKED = {b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"7z\xbc\xaf": "7z"}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"


@contextmanager
def opened(path: Path) -> Iterator[tuple["io.BufferedReader[Any]", Format]]:
    """Open an RDF file: its bytes, unpacked and without a byte order mark, and its format.

    gzip is recognised by its first bytes, as the format is where the suffix says another.

    :raises UsageError: for what is no RDF, and for what cannot be read, also while it is read.
    """
    expected = suffix_format(path)
    try:
        with path.open("rb") as file:
            is_packed = file.peek(2)[:2] == b"\x1f\x8b"
            unpacked = io.BufferedReader(gzip.GzipFile(fileobj=file)) if is_packed else file
            head = unpacked.peek(_HEAD_BYTES)[:_HEAD_BYTES]
            if head.startswith(_BOM):
                unpacked.read(len(_BOM))
                head = head.removeprefix(_BOM)
            yield unpacked, _format(path, head, expected)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UsageError(f"{path} cannot be unpacked: {error}") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None


def suffix_format(path: Path) -> Format:
    """Return the format that a file's suffix says.

    :raises UsageError: for another suffix.
    """
    plain = path.with_suffix("") if path.suffix == ".gz" else path
    if (suffix := plain.suffix.lower()) not in SUFFIXES:
        known = " ".join(SUFFIXES)
        raise UsageError(f"{path}: the suffix is not that of an RDF file. Known: {known}")
    return SUFFIXES[suffix]


def _format(path: Path, head: bytes, expected: Format) -> Format:
    """Return the format of a file that begins with ``head``.

    :param expected: by its suffix.
    :raises UsageError: for what is known not to be RDF.
    """
    if not head.strip():
        return expected
    for magic, name in _PACKED.items():
        if head.startswith(magic):
            raise UsageError(f"{path} is packed ({name}); unpack it, or pack it with gzip")
    if head.startswith(_UTF_16):
        if expected is formats.RDF_XML:
            return expected
        raise UsageError(f"{path} is UTF-16; save it as UTF-8")
    for pattern, message in _NO_RDF.items():
        if _begins(head, pattern):
            raise UsageError(f"{path} {message}")
    for name, pattern in _OTHERS.items():
        if _begins(head, pattern):
            command = _CONVERT.format(path.name, path.with_suffix(".ttl").name)
            raise UsageError(f"{path} is {name}, {command}")
    for known, pattern in _FORMATS.items():
        if re.match(rb"\s*(" + pattern + rb")", head):
            return known
    is_xml = re.match(rb"\s*<[\w.-]+(:[\w.-]+)?(\s|/?>)", head)
    return formats.TURTLE if expected is formats.RDF_XML and not is_xml else expected


def _begins(head: bytes, pattern: bytes) -> bool:
    """Tell whether something stands at the beginning, after comments and declarations."""
    return re.match(_BLANK + b"(?:" + pattern + b")", head, re.DOTALL) is not None
