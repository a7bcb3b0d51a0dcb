"""Write solutions and booleans: the engine's writers, mended where they lose something."""

import codecs
import csv
import re
from collections.abc import Mapping
from typing import IO, Any, cast

import pyoxigraph as ox

from service import formats
from service.formats import Format
from service.rdf.refusals import CONTROLS, cannot_hold
from service.rdf.terms import Term

_ENGINE: Mapping[Format, ox.QueryResultsFormat] = {
    formats.JSON: ox.QueryResultsFormat.JSON,
    formats.XML: ox.QueryResultsFormat.XML,
    formats.CSV: ox.QueryResultsFormat.CSV,
    formats.TSV: ox.QueryResultsFormat.TSV,
}

_CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
"""Characters that XML 1.0 §2.2 does not allow, in UTF-8."""
_SHOWN = 200

Results = ox.QuerySolutions | ox.QueryBoolean


def write_solutions(results: Results, output: IO[bytes], fmt: Format) -> None:
    """Write solutions or a boolean to a binary file as they come.

    :param fmt: one of :data:`service.formats.SOLUTIONS`.
    :raises NotAcceptable: if the format has no form for a value; XML has none for some.
    """
    if fmt is formats.CSV and isinstance(results, ox.QuerySolutions):
        _write_csv(results, output)
        return
    if fmt is formats.XML:
        output = cast(IO[bytes], XmlOutput(output))
    results.serialize(output, _ENGINE[fmt])


def _write_csv(solutions: ox.QuerySolutions, output: IO[bytes]) -> None:
    """Write CSV (SPARQL 1.1 CSV §3); the engine leaves IRIs with commas without quotes."""
    writer = csv.writer(codecs.getwriter("utf-8")(output))
    writer.writerow([variable.value for variable in solutions.variables])
    writer.writerows(
        [term.value if isinstance(term, _PLAIN) else _text(term) for term in solution]
        for solution in solutions
    )


_PLAIN = (ox.NamedNode, ox.Literal)


def _text(term: Term | None) -> str:
    if term is None:
        return ""
    return f"<<( {term} )>>" if isinstance(term, ox.Triple) else str(term)


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
