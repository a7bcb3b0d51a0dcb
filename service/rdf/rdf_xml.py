"""The writer of RDF/XML: one property element for each triple, as they come.

Oxigraph's own writer makes elements of classes, and writes names that XML does not allow.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import IO
from xml.sax.saxutils import escape

import pyoxigraph as ox

from service import iris
from service.formats import RDF_XML
from service.names import Names
from service.rdf.refusals import CONTROLS, cannot_hold, of_rdf_1_1
from service.rdf.terms import Term

_SYNTAX = """
    RDF ID about parseType resource nodeID datatype Description li aboutEach aboutEachPrefix bagID
"""
_RESERVED = {iris.RDF + name for name in _SYNTAX.split()}
"""Names that are no property elements, or stand for another property (RDF/XML §5.1, §7.4)."""
_OF_XML = {"http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/"}
"""Namespaces reserved for their own prefixes (Namespaces in XML §3)."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML 1.0 §2.2 does not allow."""
_LETTER = (
    "A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u0131\u0391-\u03a1\u03a3-\u03ce\u0410-\u044f"
    "\u05d0-\u05ea\u0621-\u063a\u0641-\u064a\u0905-\u0939\u0e01-\u0e2e\u3041-\u3094\u30a1-\u30fa"
    "\u4e00-\u9fa5\uac00-\ud7a3"
)
"""Letters of living scripts that every edition of XML 1.0 has: expat reads by the fourth."""
_CHARACTER = rf"{_LETTER}0-9.\u00b7\u0300-\u0345\-"
_NAME = re.compile(rf"[{_LETTER}][{_CHARACTER}]*")
_NOT_IN_NAME = re.compile(rf"%..|[^{_CHARACTER}]")


def write_rdf_xml(triples: Iterable[ox.Triple], output: IO[bytes], names: Names) -> None:
    """Write triples as RDF/XML 1.1.

    :raises NotAcceptable: at a triple that it cannot hold.
    """
    prefixes = {
        prefix: namespace
        for prefix, namespace in names.writing_prefixes.items()
        if prefix != "rdf" and namespace not in _OF_XML
    } | {"rdf": iris.RDF}
    elements = _Elements(prefixes)
    declarations = "".join(f" {_declaration(*pair)}" for pair in prefixes.items())
    output.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{declarations}>\n'.encode())
    current: Term | None = None
    for triple in of_rdf_1_1(triples, RDF_XML):
        if triple.subject != current:
            end = "</rdf:Description>\n" if current else ""
            current = triple.subject
            start = f"{end}<rdf:Description {_reference(current, 'about')}>\n"
            output.write(start.encode())
        output.write(elements.element(triple.predicate, triple.object).encode())
    output.write(b"</rdf:Description>\n</rdf:RDF>\n" if current else b"</rdf:RDF>\n")


class _Elements:
    """Property elements, with the names of their properties."""

    def __init__(self, prefixes: dict[str, str]) -> None:
        self._names = Names(prefixes)
        self._name = cache(self._find_name)

    def element(self, predicate: ox.NamedNode, value: Term) -> str:
        name, declaration = self._name(predicate)
        if not isinstance(value, ox.Literal):
            return f"  <{name}{declaration} {_reference(value, 'resource')}/>\n"
        attribute = ""
        if value.language:
            attribute = f' xml:lang="{value.language}"'
        elif value.datatype.value != iris.XSD_STRING:
            attribute = f' rdf:datatype="{_text(value.datatype)}"'
        return f"  <{name}{declaration}{attribute}>{_text(value)}</{name}>\n"

    def _find_name(self, predicate: ox.NamedNode) -> tuple[str, str]:
        """Return the name of an element, and the declaration that it needs."""
        iri = predicate.value
        prefix, _, local = (self._names.curie(iri) or "").partition(":")
        if iri in _RESERVED:
            raise cannot_hold(RDF_XML, "a property that is a word of its syntax", predicate)
        if _is_name(local):
            return f"{prefix}:{local}" if prefix else local, ""
        local = _local_name(iri)
        namespace = iri.removesuffix(local)
        if not local or namespace in _OF_XML:
            raise cannot_hold(RDF_XML, "a property whose IRI does not end in a name", predicate)
        return f"ns:{local}", f" {_declaration('ns', namespace)}"


def _declaration(prefix: str, namespace: str) -> str:
    return f'xmlns{":" * bool(prefix)}{prefix}="{_escaped(namespace, namespace)}"'


def _reference(term: Term, attribute: str) -> str:
    if isinstance(term, ox.BlankNode):
        return f'rdf:nodeID="{_node_id(term.value)}"'
    return f'rdf:{attribute}="{_text(term)}"'


def _node_id(label: str) -> str:
    """Return a name for a blank node, a different one for each label."""
    is_name = _is_name(label) and not label.startswith("_")
    return label if is_name else f"_{label.encode().hex()}"


def _text(term: Term) -> str:
    assert not isinstance(term, ox.Triple), "refused"
    return _escaped(term.value, term)


def _escaped(value: str, term: Term | str) -> str:
    """Return a value as the text of an element or, between quotes, of an attribute.

    :raises NotAcceptable: if it has a character that XML cannot hold.
    """
    if _CONTROL.search(value):
        raise cannot_hold(RDF_XML, CONTROLS, term)
    # A reader turns a carriage return into a line feed unless it is a reference (XML 1.0 §2.11).
    return escape(value, {"\r": "&#13;", '"': "&quot;"})


def _is_name(name: str) -> bool:
    """Tell whether a name is an NCName (Namespaces in XML §3)."""
    return _NAME.fullmatch(name) is not None


def _local_name(iri: str) -> str:
    """Return the longest end of an IRI that is an NCName and cuts no escape, or ""."""
    end = _NOT_IN_NAME.split(iri)[-1]
    name = _NAME.search(end)
    return name[0] if name else ""
