"""The table of formats, and how a client and the service agree on one of them.

A :class:`Format` is a row of :data:`FORMATS`; :func:`negotiate` chooses among offers as
RFC 9110 §12.5.1 asks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Kind = Literal["solutions", "boolean", "graph"]
"""What a query's result can be."""


@dataclass(frozen=True, slots=True, eq=False)
class Format:
    """One way to write a result.

    :param media_type: its registered media type, without parameters.
    :param name: its short name, for ``format=``.
    :param kinds: the kinds of result that it can write.
    :param extension: the usual suffix of a file, without the dot.
    :param aliases: other media types by which clients ask for it.
    :param charset: whether the media type takes a ``charset`` parameter.
    """

    media_type: str
    name: str = ""
    kinds: frozenset[str] = frozenset()
    extension: str = ""
    aliases: tuple[str, ...] = ()
    charset: bool = False

    @property
    def content_type(self) -> str:
        """The value of the ``Content-Type`` field."""
        return f"{self.media_type}; charset=utf-8" if self.charset else self.media_type


_ROWS: frozenset[str] = frozenset({"solutions", "boolean"})
_GRAPH: frozenset[str] = frozenset({"graph"})

FORMATS: tuple[Format, ...] = (
    Format("application/sparql-results+json", "json", _ROWS, "srj", ("application/json",)),
    Format("application/sparql-results+xml", "xml", _ROWS, "srx", ("application/xml", "text/xml")),
    Format("text/csv", "csv", _ROWS, "csv", charset=True),
    Format("text/tab-separated-values", "tsv", _ROWS, "tsv", charset=True),
    Format("text/turtle", "turtle", _GRAPH, "ttl", ("application/x-turtle",), charset=True),
    Format("application/n-triples", "ntriples", _GRAPH, "nt", ("text/plain",)),
    Format("application/rdf+xml", "rdfxml", _GRAPH, "rdf", ("application/xml", "text/xml")),
    Format("application/ld+json", "jsonld", _GRAPH, "jsonld", ("application/json",)),
    Format("application/trig", "trig", _GRAPH, "trig"),
    Format("application/n-quads", "nquads", _GRAPH, "nq"),
)
"""Every format, in our order of preference within its kind."""

SOLUTIONS = tuple(f for f in FORMATS if "solutions" in f.kinds)
"""The formats for solution sequences and booleans."""

GRAPHS = tuple(f for f in FORMATS if "graph" in f.kinds)
"""The formats for graphs."""

HTML = Format("text/html", "html", frozenset(), "html", ("application/xhtml+xml",), charset=True)
"""A page for people."""

PROBLEM = Format(
    "application/problem+json", "problem", frozenset(), "json", ("application/json", "text/json")
)
"""A problem document, RFC 9457."""

TEXT = Format("text/plain", "text", frozenset(), "txt", charset=True)
"""Plain text for terminals."""

_SHORT_NAMES = {
    "srj": "json",
    "srx": "xml",
    "ttl": "turtle",
    "nt": "ntriples",
    "n-triples": "ntriples",
    "rdf": "rdfxml",
    "rdf+xml": "rdfxml",
    "json-ld": "jsonld",
    "ld+json": "jsonld",
    "nq": "nquads",
    "n-quads": "nquads",
}


def by_name(name: str, offers: Iterable[Format]) -> Format | None:
    """Return the offer that ``format=`` names: a short name, a suffix or a media type.

    >>> by_name("ttl", GRAPHS).name
    'turtle'
    """
    wanted = name.strip().lower().partition(";")[0]
    for offer in offers:
        if wanted in (offer.name, offer.extension, offer.media_type, *offer.aliases):
            return offer
        if _SHORT_NAMES.get(wanted) == offer.name:
            return offer
        if wanted == "xml" and offer.name == "rdfxml":
            return offer
        if wanted == "json" and offer.name == "jsonld":
            return offer
    return None


@dataclass(frozen=True, slots=True)
class _Range:
    kind: str
    subtype: str
    quality: float
    position: int

    def specificity(self, media_type: str) -> int:
        """Return 2 for the type itself, 1 for ``type/*``, 0 for ``*/*``, -1 for no match."""
        kind, _, subtype = media_type.partition("/")
        if self.kind == "*" and self.subtype == "*":
            return 0
        if self.kind != kind:
            return -1
        if self.subtype == "*":
            return 1
        return 2 if self.subtype == subtype else -1


@lru_cache(maxsize=512)
def _parse(header: str) -> tuple[_Range, ...]:
    ranges = []
    for position, element in enumerate(_split(header, ",")):
        media_range, *parameters = _split(element, ";")
        kind, slash, subtype = media_range.strip().lower().partition("/")
        if not slash or not kind or not subtype:
            if media_range.strip() != "*":  # some old clients send a bare star
                continue
            kind = subtype = "*"
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "q":
                try:
                    quality = min(max(float(value.strip()), 0.0), 1.0)
                except ValueError:
                    quality = 0.0  # an unreadable weight promises nothing
                break
        ranges.append(_Range(kind.strip(), subtype.strip(), quality, position))
    return tuple(ranges)


def _split(text: str, separator: str) -> list[str]:
    """Split at a separator outside quoted strings, dropping empty elements (RFC 9110 §5.6.1)."""
    if '"' not in text:
        return [part for part in text.split(separator) if part.strip()]
    parts, start, quoted, escaped = [], 0, False, False
    for index, character in enumerate(text):
        if escaped:
            escaped = False
        elif quoted and character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character == separator and not quoted:
            parts.append(text[start:index])
            start = index + 1
    parts.append(text[start:])
    return [part for part in parts if part.strip()]


def negotiate(accept: str | None, offers: Sequence[Format]) -> Format | None:
    """Choose the offer a client likes best (RFC 9110 §12.5.1).

    The most specific range that matches an offer gives its quality; ``q=0`` excludes. Among
    equals a range that names the type beats a wildcard, and then our order decides. An absent
    or empty header accepts anything. Parameters other than ``q`` are not compared.

    :param accept: the ``Accept`` field's value; None if the field is absent.
    :param offers: what can be sent, in our order of preference.
    :return: the best offer, or None if the client accepts none of them.

    >>> negotiate("text/csv;q=0.5, application/*", SOLUTIONS).name
    'json'
    """
    if accept is None or not accept.strip():
        return offers[0] if offers else None
    return _negotiate(accept, tuple(offers))


@lru_cache(maxsize=1024)
def _negotiate(accept: str, offers: tuple[Format, ...]) -> Format | None:
    ranges = _parse(accept)
    best: Format | None = None
    best_rank: tuple[float, int] = (0.0, -1)
    for offer in offers:
        for alias, media_type in enumerate((offer.media_type, *offer.aliases)):
            found = [(r.specificity(media_type), r.quality) for r in ranges]
            found = [(s, q) for s, q in found if s >= 0 and (s == 2 or not alias)]
            if not found:
                continue
            specificity = max(s for s, _ in found)
            quality = max(q for s, q in found if s == specificity)
            if quality > 0 and (quality, specificity) > best_rank:
                best, best_rank = offer, (quality, specificity)
            if not alias and quality == 0 and specificity == 2:
                break
    return best
