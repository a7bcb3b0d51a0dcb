"""The table of formats, and content negotiation over it.

A :class:`Format` is a row of the table. Every other list of media types, suffixes and short
names is derived from it; ``service.rdf.writers`` maps each graph format to its one writer.

To add a format, add a row here, and to ``DOCUMENTS`` if documents offer it, and a writer.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Kind = Literal["solutions", "boolean", "graph"]
"""The kinds of a query's result."""

_W3C = "http://www.w3.org/ns/formats/"


@dataclass(frozen=True, slots=True, eq=False)
class Format:
    """A format of results or documents.

    :param name: its short name, for ``format=``.
    :param media_type: its registered media type, without parameters.
    :param extension: the usual file suffix, without the dot.
    :param label: its name for readers.
    :param kinds: the kinds of result that it can hold.
    :param aliases: other media types that clients use for it.
    :param short_names: other values of ``format=``.
    :param charset: whether the media type takes a ``charset`` parameter.
    :param iri: its IRI in https://www.w3.org/ns/formats/, for service descriptions.
    """

    name: str
    media_type: str
    extension: str
    label: str
    kinds: frozenset[Kind] = frozenset()
    aliases: tuple[str, ...] = ()
    short_names: tuple[str, ...] = ()
    charset: bool = False
    iri: str = ""

    @property
    def content_type(self) -> str:
        """The value of the ``Content-Type`` field."""
        return f"{self.media_type}; charset=utf-8" if self.charset else self.media_type


_SOLUTIONS: frozenset[Kind] = frozenset({"solutions", "boolean"})
_GRAPH: frozenset[Kind] = frozenset({"graph"})
_XML = ("application/xml", "text/xml")

JSON = Format(
    "json", "application/sparql-results+json", "srj", "JSON", _SOLUTIONS,
    ("application/json",), ("srj",), iri=_W3C + "SPARQL_Results_JSON",
)  # fmt: skip
XML = Format(
    "xml", "application/sparql-results+xml", "srx", "XML", _SOLUTIONS,
    _XML, ("srx",), iri=_W3C + "SPARQL_Results_XML",
)  # fmt: skip
CSV = Format(
    "csv", "text/csv", "csv", "CSV", _SOLUTIONS, charset=True, iri=_W3C + "SPARQL_Results_CSV"
)
TSV = Format(
    "tsv", "text/tab-separated-values", "tsv", "TSV", _SOLUTIONS,
    charset=True, iri=_W3C + "SPARQL_Results_TSV",
)  # fmt: skip
TURTLE = Format(
    "turtle", "text/turtle", "ttl", "Turtle", _GRAPH,
    # Turtle is a part of N3.
    ("application/x-turtle", "application/turtle", "text/n3", "text/rdf+n3", "application/n3"),
    ("ttl", "n3"), charset=True, iri=_W3C + "Turtle",
)  # fmt: skip
N_TRIPLES = Format(
    "ntriples", "application/n-triples", "nt", "N-Triples", _GRAPH,
    ("text/plain",), ("nt", "n-triples"), iri=_W3C + "N-Triples",
)  # fmt: skip
RDF_XML = Format(
    "rdfxml", "application/rdf+xml", "rdf", "RDF/XML", _GRAPH,
    _XML, ("rdf", "rdf+xml", "xml"), iri=_W3C + "RDF_XML",
)  # fmt: skip
JSON_LD = Format(
    "jsonld", "application/ld+json", "jsonld", "JSON-LD", _GRAPH,
    ("application/json",), ("json-ld", "ld+json", "json"), iri=_W3C + "JSON-LD",
)  # fmt: skip
CARD = Format("card", "application/json", "json", "JSON", aliases=("text/json",))
JSON_LINES = Format(
    "jsonl", "application/jsonl", "jsonl", "JSON Lines",
    aliases=("application/x-ndjson", "application/jsonlines"), short_names=("ndjson",),
)  # fmt: skip
TRIG = Format("trig", "application/trig", "trig", "TriG", _GRAPH, iri=_W3C + "TriG")
N_QUADS = Format(
    "nquads", "application/n-quads", "nq", "N-Quads", _GRAPH,
    (), ("nq", "n-quads"), iri=_W3C + "N-Quads",
)  # fmt: skip
HTML = Format("html", "text/html", "html", "HTML", aliases=("application/xhtml+xml",), charset=True)
PROBLEM = Format(
    "problem", "application/problem+json", "json", "Problem (RFC 9457)",
    aliases=("application/json", "text/json"),
)  # fmt: skip
TEXT = Format("text", "text/plain", "txt", "Plain text", charset=True)

GZIP = Format("gzip", "application/gzip", "gz", "gzip", aliases=("application/x-gzip",))

FORMATS: tuple[Format, ...] = (
    JSON, XML, CSV, TSV, TURTLE, N_TRIPLES, RDF_XML, JSON_LD, TRIG, N_QUADS, CARD, JSON_LINES, HTML,
    PROBLEM, TEXT,
)  # fmt: skip
"""Every format, in our order of preference within its kind."""

SOLUTIONS = tuple(f for f in FORMATS if "solutions" in f.kinds)
"""The formats for solution sequences and booleans."""

GRAPHS = tuple(f for f in FORMATS if "graph" in f.kinds)
"""The formats for graphs."""

DOCUMENTS = (TURTLE, HTML, JSON_LD, CARD, RDF_XML, N_TRIPLES)
"""The formats of documents, in our order of preference; ``*/*`` gets the first."""

LISTS = (HTML, CARD, JSON_LINES, CSV)
"""The formats of lists, in our order of preference."""


def by_name(name: str, offers: Iterable[Format]) -> Format | None:
    """Return the offer that ``format=`` names: a short name, a suffix or a media type.

    >>> by_name("ttl", GRAPHS).name
    'turtle'
    """
    key = name.strip().lower().partition(";")[0]
    offers = tuple(offers)
    for offer in offers:
        if key in (offer.name, offer.extension, offer.media_type):
            return offer
    for offer in offers:
        if key in offer.short_names or key in offer.aliases:
            return offer
    return None


_ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*+"?)++')
"""An element of a list; a comma may stand in a quoted string (RFC 9110 §5.6.1)."""


def _ranges(header: str) -> list[tuple[str, float]]:
    """Return the media ranges of an ``Accept`` field (RFC 9110 §12.5.1) with their weights."""
    ranges = []
    for element in _ELEMENT.findall(header):
        media_range, *parameters = element.split(";")
        media_range = "".join(media_range.split()).lower()
        if not media_range:
            continue  # a recipient ignores empty elements (RFC 9110 §5.6.1.2)
        # Some old clients send a bare star.
        ranges.append(("*/*" if media_range in {"*", "*/"} else media_range, quality(parameters)))
    return ranges


def quality(parameters: Iterable[str]) -> float:
    """Return the weight ``q`` among parameters: 1 if absent, 0 if invalid."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return min(max(float(value.strip()), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def negotiate(accept: str | None, offers: Sequence[Format]) -> Format | None:
    """Choose the offer that a client prefers (RFC 9110 §12.5.1).

    The most specific range that matches an offer gives its quality; ``q=0`` excludes the offer.
    Among equals a range that names the type beats a wildcard, and then our order decides. A media
    type with an offer of its own is not taken as an alias of another. An absent field, or one
    without a media range, accepts anything. Parameters other than ``q`` are ignored.

    :param accept: the value of the ``Accept`` field; None if the field is absent.
    :param offers: what can be sent, in our order of preference.
    :return: the best offer, or None if the client accepts none of them.

    >>> negotiate("text/csv;q=0.5, application/*", SOLUTIONS).name
    'json'
    """
    return _negotiate(accept or "", tuple(offers))


@lru_cache(maxsize=1024)
def _negotiate(accept: str, offers: tuple[Format, ...]) -> Format | None:
    ranges = _ranges(accept)
    if not ranges:
        return offers[0] if offers else None
    own = {offer.media_type for offer in offers}
    best: Format | None = None
    best_rank: tuple[float, int] = (0.0, -1)
    for offer in offers:
        for media_type in (offer.media_type, *offer.aliases):
            is_alias = media_type != offer.media_type
            if is_alias and media_type in own:
                continue
            # A wildcard matches the type itself; an alias must be named.
            specificities = {media_type: 2}
            if not is_alias:
                specificities |= {f"{media_type.partition('/')[0]}/*": 1, "*/*": 0}
            matches = [(specificities[r], q) for r, q in ranges if r in specificities]
            if not matches:
                continue
            specificity, quality = max(matches)
            if quality > 0 and (quality, specificity) > best_rank:
                best, best_rank = offer, (quality, specificity)
            if not is_alias and quality == 0 and specificity == 2:
                break
    return best
