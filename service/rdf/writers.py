"""Write triples as bytes: one writer for each graph format."""

import json
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from itertools import chain, islice
from typing import IO

import pyoxigraph as ox

from service import formats, iris
from service.formats import Format
from service.names import Names
from service.rdf.jsonld import json_ld
from service.rdf.rdf_xml import write_rdf_xml
from service.rdf.refusals import well_formed

Triples = Iterable[ox.Triple]
Writer = Callable[[Triples, IO[bytes], Names], None]


_WITHOUT_PREFIXES = (formats.N_TRIPLES, formats.N_QUADS)


def _oxigraph(rdf_format: ox.RdfFormat) -> Writer:
    """Return Oxigraph's own writer, which keeps no triple in memory."""

    def write(triples: Triples, output: IO[bytes], names: Names) -> None:
        prefixes = dict(names.writing_prefixes)
        ox.serialize(well_formed(triples), output, rdf_format, prefixes=prefixes)

    return write


def _json_ld(triples: Triples, output: IO[bytes], names: Names) -> None:
    text = json.dumps(json_ld(triples, names), ensure_ascii=False, indent=1)
    output.write(text.encode() + b"\n")


WRITERS: Mapping[Format, Writer] = {
    formats.TURTLE: _oxigraph(ox.RdfFormat.TURTLE),
    formats.N_TRIPLES: _oxigraph(ox.RdfFormat.N_TRIPLES),
    formats.RDF_XML: write_rdf_xml,
    formats.JSON_LD: _json_ld,  # Oxigraph writes the expanded form only
    formats.TRIG: _oxigraph(ox.RdfFormat.TRIG),
    formats.N_QUADS: _oxigraph(ox.RdfFormat.N_QUADS),
}
"""The writer of each of :data:`service.formats.GRAPHS`."""


def write(triples: Triples, output: IO[bytes], graph_format: Format, names: Names) -> None:
    """Write triples to a binary file as they come; JSON-LD is collected first.

    :param graph_format: a key of :data:`WRITERS`.
    :param names: all its prefixes are declared in formats that have prefixes.
    :raises NotAcceptable: if the format has no form for a triple; it names the term.
    """
    WRITERS[graph_format](triples, output, names)


def represent(triples: Triples, graph_format: Format, names: Names) -> bytes:
    """Return triples as a document, with the prefixes that it uses.

    :param graph_format: a key of :data:`WRITERS`.
    :raises NotAcceptable: if the format has no form for a triple; it names the term.
    """
    triples = list(triples)
    output = BytesIO()
    write(triples, output, graph_format, Names(_used_prefixes(triples, names)))
    return output.getvalue()


AHEAD = 1000
"""Triples of a stream that decide which prefixes are declared: all of most results."""


def look_ahead(
    triples: Triples, graph_format: Format, names: Names
) -> tuple[Triples, dict[str, str]]:
    """Return the same triples, and the prefixes that the first of them use in a format."""
    if graph_format in _WITHOUT_PREFIXES:
        return triples, {}
    rest = iter(triples)
    first = list(islice(rest, AHEAD))
    return chain(first, rest), _used_prefixes(first, names)


_UNWRITTEN = {iris.XSD_STRING, iris.RDF + "langString"}
"""Datatypes that every format leaves implicit."""


def _used_prefixes(triples: list[ox.Triple], names: Names) -> dict[str, str]:
    terms = {term for triple in triples for term in triple}
    written = {term.value for term in terms if isinstance(term, ox.NamedNode)}
    written |= {term.datatype.value for term in terms if isinstance(term, ox.Literal)}
    used = {curie.partition(":")[0] for iri in written - _UNWRITTEN if (curie := names.curie(iri))}
    return {prefix: namespace for prefix, namespace in names.prefixes.items() if prefix in used}
