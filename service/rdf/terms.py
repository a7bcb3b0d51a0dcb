"""RDF terms as pyoxigraph has them: their text, and short ways to make triples."""

import pyoxigraph as ox

from service import iris

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
"""What a query binds a variable to."""

Subject = ox.NamedNode | ox.BlankNode | ox.Triple
"""What can be the subject of a triple."""


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


def is_iri(text: str) -> bool:
    """Return whether a text is an absolute IRI (RFC 3987)."""
    try:
        ox.NamedNode(text)
    except ValueError:  # a UnicodeEncodeError, for half a surrogate pair, is one too
        return False
    return True
