"""Solutions and booleans to bytes: the engine's writers, mended where they lose something."""

import csv
from collections.abc import Mapping
from typing import IO, cast

import pyoxigraph as ox

from service import formats
from service.formats import Format
from service.rdf.terms import Term
from service.rdf.xml import XmlOutput

_ENGINE: Mapping[Format, ox.QueryResultsFormat] = {
    formats.JSON: ox.QueryResultsFormat.JSON,
    formats.XML: ox.QueryResultsFormat.XML,
    formats.CSV: ox.QueryResultsFormat.CSV,
    formats.TSV: ox.QueryResultsFormat.TSV,
}

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
    writer = csv.writer(_Utf8(output))
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


class _Utf8:
    """A text file over a binary one."""

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output

    def write(self, text: str) -> int:
        return self._output.write(text.encode())
