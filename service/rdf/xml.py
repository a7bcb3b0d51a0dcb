"""What XML cannot hold: control characters, and properties without a local name."""

import re
from collections.abc import Iterable, Iterator
from typing import IO

import pyoxigraph as ox

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
"""XML 1.0 §2.2, in UTF-8."""
_NAME_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_LOCAL_NAME = re.compile(f"[{_NAME_START}][{_NAME_START}\\-.0-9\u00b7\u0300-\u036f\u203f-\u2040]*$")


class XmlOutput:
    """A binary file that refuses what is not XML; the engine writes such characters as they are."""

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output

    def write(self, data: bytes) -> int:
        """Write bytes.

        :raises ValueError: if they hold a character that XML cannot.
        """
        if _CONTROL.search(data):
            raise ValueError("a value holds a character that XML cannot")
        return self._output.write(data)

    def flush(self) -> None:
        """Flush the file."""
        self._output.flush()


def with_local_names(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """Yield triples whose properties can be XML elements (RDF/XML §5.2).

    :raises ValueError: at the first one that cannot.
    """
    checked: set[str] = set()
    for triple in triples:
        iri = triple.predicate.value
        if iri not in checked:
            if not _LOCAL_NAME.search(iri):
                raise ValueError(f"RDF/XML has no name for the property <{iri}>")
            checked.add(iri)
        yield triple
