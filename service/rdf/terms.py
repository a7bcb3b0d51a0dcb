"""RDF terms as pyoxigraph has them: their text, and short ways to make triples."""

from math import isfinite

import pyoxigraph as ox

from service import iris

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
"""The values of a variable in a solution."""

Subject = ox.NamedNode | ox.BlankNode | ox.Triple
"""The terms that can be the subject of a triple."""


def text(term: Term | None) -> str:
    """Return the IRI, blank node label or lexical form of a term; "" for None."""
    if term is None:
        return ""
    return str(term) if isinstance(term, ox.Triple) else term.value


def triple(subject: str | Subject, predicate: str, value: str | Term) -> ox.Triple:
    """Return a triple; strings are IRIs."""
    return ox.Triple(
        ox.NamedNode(subject) if isinstance(subject, str) else subject,
        ox.NamedNode(predicate),
        ox.NamedNode(value) if isinstance(value, str) else value,
    )


def integer(number: int) -> ox.Literal:
    """Return an ``xsd:integer``."""
    return ox.Literal(str(number), datatype=ox.NamedNode(iris.XSD_INTEGER))


def canonical_double(term: Term) -> Term:
    """Return an ``xsd:double`` in its canonical form, and any other term as it is.

    The store keeps the value of a double and not its form; readers of JSON-LD write the canonical
    form (JSON-LD API §8.4.2). So every writer gives this form.

    >>> canonical_double(ox.Literal(0.95)).value
    '9.5E-1'
    """
    if not isinstance(term, ox.Literal) or term.datatype.value != iris.XSD_DOUBLE:
        return term
    number = float(term.value)
    if not isfinite(number):
        return term
    mantissa, _, exponent = f"{number:.15E}".partition("E")
    mantissa = mantissa.rstrip("0")
    digits = f"{mantissa}0" if mantissa.endswith(".") else mantissa
    return ox.Literal(f"{digits}E{int(exponent)}", datatype=term.datatype)


def canonical_triple(triple: ox.Triple) -> ox.Triple:
    """Return a triple with its object as :func:`canonical_double` returns it."""
    term = triple.object
    canonical = canonical_double(term)
    same = canonical is term
    return triple if same else ox.Triple(triple.subject, triple.predicate, canonical)


def is_iri(text: str) -> bool:
    """Tell whether a text is an absolute IRI (RFC 3987)."""
    try:
        ox.NamedNode(text)
    except ValueError:  # a UnicodeEncodeError, for half a surrogate pair, is one too
        return False
    return True
