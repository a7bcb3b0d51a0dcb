"""XML: what it cannot hold, and the text of values."""

import re
from typing import IO, Any
from xml.sax.saxutils import escape

from service import formats
from service.formats import Format
from service.rdf.refusals import cannot_hold
from service.rdf.terms import Term

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
"""XML 1.0 §2.2; the second in UTF-8."""
_LETTER = (
    "A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u0131\u0391-\u03a1\u03a3-\u03ce\u0410-\u044f"
    "\u05d0-\u05ea\u0621-\u063a\u0641-\u064a\u0905-\u0939\u0e01-\u0e2e\u3041-\u3094\u30a1-\u30fa"
    "\u4e00-\u9fa5\uac00-\ud7a3"
)
"""Letters of living scripts that every edition of XML 1.0 has: expat reads by the fourth."""
_CHARACTER = rf"{_LETTER}0-9.\u00b7\u0300-\u0345\-"
_NAME = re.compile(rf"[{_LETTER}][{_CHARACTER}]*")
_NOT_IN_NAME = re.compile(rf"%..|[^{_CHARACTER}]")
_SHOWN = 200
CONTROLS = "control characters"


def text(value: str, term: Term | str, fmt: Format) -> str:
    """Return a value as the text of an element or, between quotes, of an attribute.

    :raises NotAcceptable: if it has a character that XML cannot hold.
    """
    if _CONTROL.search(value):
        raise cannot_hold(fmt, CONTROLS, term)
    # A reader takes a carriage return that is no reference for a line feed (XML 1.0 §2.11).
    return escape(value, {"\r": "&#13;", '"': "&quot;"})


def is_name(name: str) -> bool:
    """Return whether a name is an NCName (Namespaces in XML §3)."""
    return _NAME.fullmatch(name) is not None


def local_name(iri: str) -> str:
    """Return the longest end of an IRI that is an NCName and cuts no escape, or ""."""
    end = _NOT_IN_NAME.split(iri)[-1]
    name = _NAME.search(end)
    return name[0] if name else ""


class XmlOutput:
    """A binary file for the results that the engine writes as XML.

    The engine writes control characters and carriage returns of values as they are.
    """

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output
        self._before = b""

    def write(self, data: Any) -> int:
        """Write bytes.

        :raises NotAcceptable: if they hold a character that XML cannot.
        """
        data = bytes(data)
        known = len(self._before)
        recent = self._before + data
        if match := _CONTROL_BYTES.search(recent, max(0, known - 2)):
            start = recent.rfind(b">", 0, match.start()) + 1
            value = recent[start : match.end()].decode(errors="replace")
            raise cannot_hold(formats.XML, CONTROLS, f'"{value}…"')
        self._before = recent[-_SHOWN:]
        self._output.write(data.replace(b"\r", b"&#13;"))
        return len(data)

    def flush(self) -> None:
        """Flush the file."""
        self._output.flush()
