"""Independent readers of JSON-LD, none of which may fetch anything."""

import json
import warnings
from typing import Any

import pyoxigraph as ox
import rdflib
from pyld import jsonld

from service.library import Library
from service.rdf.terms import canonical_double

Document = dict[str, Any]


def refuse(url: str, options: object) -> None:
    raise AssertionError(f"not to be loaded: {url}")


def parse(n_quads: str) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(n_quads, ox.RdfFormat.N_QUADS)}


def by_pyld(document: Document) -> set[ox.Triple]:
    options = {"format": "application/n-quads", "documentLoader": refuse}
    return parse(jsonld.to_rdf(document, options))


def by_oxigraph(document: Document) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(json.dumps(document), ox.RdfFormat.JSON_LD)}


def by_rdflib(document: Document) -> set[ox.Triple]:
    with warnings.catch_warnings():
        # rdflib 7.6 warns about its own use of deprecated names.
        warnings.simplefilter("ignore", DeprecationWarning)
        graph = rdflib.Graph().parse(data=json.dumps(document), format="json-ld")
        return parse(graph.serialize(format="nt"))


def dataset(library: Library) -> set[ox.Triple]:
    """Return every triple of a release, with doubles in the form of documents."""
    quads = library.store.quads_for_pattern(None, None, None, None)
    return {ox.Triple(q.subject, q.predicate, canonical_double(q.object)) for q in quads}
