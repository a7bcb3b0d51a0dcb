"""Other people's RDF files: unpacked, recognised by their first bytes, or refused in words.

OBO files are read as OWL: fastobo turns them into RDF/XML.
"""

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, cast

from service import formats
from service.formats import Format
from service.problems import UsageError

SUFFIXES = {f".{f.extension}": f for f in formats.GRAPHS} | {
    ".owl": formats.RDF_XML,
    ".xml": formats.RDF_XML,
    ".json": formats.JSON_LD,
    ".obo": formats.RDF_XML,
}
"""The format of each file suffix; each may end in ``.gz`` too."""

_HEAD_BYTES = 4096
_BLANK = rb"(?>\s|#[^\n]*\n|<\?.*?\?>|<!--.*?-->)*+"
_FORMATS = {
    formats.RDF_XML: rb"<\?xml\s|<!DOCTYPE\s|<!--|<[\w.-]+:RDF[\s>]",
    formats.JSON_LD: rb'\{\s*"|\[\s*\{\s*"',
}
"""The beginning of a file that decides its format, whatever its suffix."""

_OTHERS = {
    "OWL in functional syntax": rb"(Prefix\s*\(|Ontology\s*\(|Document\s*\()",
    "OWL in Manchester syntax": rb"(Prefix|Ontology):\s",
    "OWL/XML": rb"<!DOCTYPE\s+(\w+:)?Ontology\b|<(\w+:)?Ontology\s(?![^>]*\brdf:about\b)",
}
_OBO = rb"(format-version|data-version|ontology|date):|\[(Term|Typedef|Instance)\]"
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

    gzip is recognised by its first bytes, and so is a format that contradicts the suffix.

    :raises UsageError: for a file that is no RDF, or that cannot be read, also while it is read.
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
            if _begins(head, _OBO) or _plain(path).suffix.lower() == ".obo":
                with TemporaryFile(prefix="cdmo-") as converted:
                    _to_rdf_xml(path, unpacked, converted)
                    yield io.BufferedReader(cast(Any, converted)), formats.RDF_XML
            else:
                yield unpacked, _format(path, head, expected)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UsageError(f"{path} cannot be unpacked: {error}") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None


def _to_rdf_xml(path: Path, obo: IO[bytes], rdf_xml: IO[bytes]) -> None:
    """Write an OBO file as RDF/XML.

    :raises UsageError: if it is not OBO, or lacks something that OWL needs.
    """
    import fastobo  # noqa: PLC0415 - only for files in OBO

    try:
        fastobo.dump_owl(fastobo.load(obo), rdf_xml, format="rdf")
    except SyntaxError as error:
        place = "".join(f":{number}" for number in (error.lineno, error.offset) if number)
        raise UsageError(f"{path}{place}: {error.msg}") from None
    except ValueError as error:
        advice = (
            "OBO can be read as OWL if its header has the lines ontology: and default-namespace:"
        )
        raise UsageError(f"{path}: {error}. {advice}") from None
    rdf_xml.seek(0)


def _plain(path: Path) -> Path:
    """Return a path without the suffix of packing."""
    return path.with_suffix("") if path.suffix == ".gz" else path


def suffix_format(path: Path) -> Format:
    """Return the format of a file's suffix.

    :raises UsageError: for another suffix.
    """
    if (suffix := _plain(path).suffix.lower()) not in SUFFIXES:
        known = " ".join(SUFFIXES)
        raise UsageError(f"{path}: the suffix is not that of an RDF file. Known: {known}")
    return SUFFIXES[suffix]


def _format(path: Path, head: bytes, expected: Format) -> Format:
    """Return the format of a file that begins with ``head``.

    :param expected: by its suffix.
    :raises UsageError: for a file that is surely not RDF.
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
    """Tell whether a pattern matches at the beginning, after comments and declarations."""
    return re.match(_BLANK + b"(?:" + pattern + b")", head, re.DOTALL) is not None
