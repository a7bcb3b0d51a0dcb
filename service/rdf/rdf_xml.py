"""The writer of RDF/XML: one property element for each triple, as they come.

Oxigraph's own writer makes elements of classes, and names what has no name in XML.
"""

from collections.abc import Iterable
from typing import IO

import pyoxigraph as ox

from service import iris
from service.formats import RDF_XML
from service.names import Names
from service.rdf import xml
from service.rdf.refusals import cannot_hold, of_rdf_1_1
from service.rdf.terms import Term

_SYNTAX = """
    RDF ID about parseType resource nodeID datatype Description li aboutEach aboutEachPrefix bagID
"""
_RESERVED = {iris.RDF + name for name in _SYNTAX.split()}
"""Names that are no property elements, or stand for another property (RDF/XML §5.1, §7.4)."""
_OF_XML = {"http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/"}
"""Namespaces that no other prefix may have (Namespaces in XML §3)."""


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
        self._known: dict[str, tuple[str, str]] = {}

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

    def _name(self, predicate: ox.NamedNode) -> tuple[str, str]:
        """Return the name of an element, and the declaration that it needs."""
        iri = predicate.value
        if iri not in self._known:
            self._known[iri] = self._find_name(predicate)
        return self._known[iri]

    def _find_name(self, predicate: ox.NamedNode) -> tuple[str, str]:
        iri = predicate.value
        prefix, _, local = (self._names.curie(iri) or "").partition(":")
        if iri in _RESERVED:
            raise cannot_hold(RDF_XML, "a property that is a word of its syntax", predicate)
        if xml.is_name(local):
            return f"{prefix}:{local}" if prefix else local, ""
        local = xml.local_name(iri)
        namespace = iri.removesuffix(local)
        if not local or namespace in _OF_XML:
            raise cannot_hold(RDF_XML, "a property whose IRI does not end in a name", predicate)
        return f"ns:{local}", f" {_declaration('ns', namespace)}"


def _declaration(prefix: str, namespace: str) -> str:
    return f'xmlns{":" * bool(prefix)}{prefix}="{xml.text(namespace, namespace, RDF_XML)}"'


def _reference(term: Term, attribute: str) -> str:
    if isinstance(term, ox.BlankNode):
        return f'rdf:nodeID="{_node_id(term.value)}"'
    return f'rdf:{attribute}="{_text(term)}"'


def _node_id(label: str) -> str:
    """Return a name for a blank node, another one for each label."""
    is_name = xml.is_name(label) and not label.startswith("_")
    return label if is_name else f"_{label.encode().hex()}"


def _text(term: Term) -> str:
    assert not isinstance(term, ox.Triple), "refused"
    return xml.text(term.value, term, RDF_XML)
