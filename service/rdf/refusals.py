"""Terms that a format cannot hold: a problem names them, and no document leaves them out."""

import re
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from service import formats, iris
from service.formats import Format
from service.problems import NotAcceptable
from service.rdf.terms import Term

_NARROW = (formats.XML, formats.RDF_XML, formats.JSON_LD)
"""The formats that cannot hold every term."""
_TAGGED = {iris.RDF + "langString", iris.RDF + "dirLangString"}
_NO_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
_SHOWN = 200
"""Characters of a term that a problem shows."""
CONTROLS = "control characters"
"""The name that :func:`cannot_hold` gives to characters that XML cannot hold."""


def cannot_hold(fmt: Format, what: str, term: Term | str) -> NotAcceptable:
    """Return the problem of a term that a format has no form for.

    :param what: the sort of term, worded to follow "cannot hold".
    """
    others = [f for f in formats.FORMATS if f.kinds & fmt.kinds and f not in _NARROW]
    return NotAcceptable(
        f"{fmt.label} cannot hold {what}: {_shown(term)}. "
        f"Ask for another format, such as {others[0].label}.",
        offers=[other.media_type for other in others],
    )


def _shown(term: Term | str) -> str:
    text = _INVISIBLE.sub(lambda match: f"\\u{ord(match[0]):04X}", str(term))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def well_formed(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """Yield triples of RDF (RDF 1.1 Concepts §3.3).

    :raises NotAcceptable: at a literal that needs a language and has none. ``STRDT`` makes such
        literals in the engine; readers refuse them in any format.
    """
    for triple in triples:
        value = triple.object
        if isinstance(value, ox.Triple):
            list(well_formed([value]))
        elif (
            isinstance(value, ox.Literal) and not value.language and value.datatype.value in _TAGGED
        ):
            raise NotAcceptable(
                f"No format of RDF can hold {_shown(value)}, a literal of a language that it does "
                "not name. Give it a language tag or another datatype."
            )
        yield triple


def of_rdf_1_1(triples: Iterable[ox.Triple], fmt: Format) -> Iterator[ox.Triple]:
    """Yield triples that RDF 1.1 has; a reader of JSON-LD 1.1 or RDF/XML loses the rest silently.

    :raises NotAcceptable: at a triple term, a base direction, or an invalid IRI.
    """
    for triple in well_formed(triples):
        for term in triple:
            if isinstance(term, ox.Triple):
                raise cannot_hold(fmt, "triple terms", term)
            if isinstance(term, ox.Literal) and term.direction:
                raise cannot_hold(fmt, "the direction of a text", term)
            name = term.datatype if isinstance(term, ox.Literal) else term
            if isinstance(name, ox.NamedNode) and _NO_IRI.search(name.value):
                raise cannot_hold(fmt, "what is no IRI", name)
        yield triple
