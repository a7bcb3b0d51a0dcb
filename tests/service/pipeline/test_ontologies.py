"""Published ontologies of others: each is read as rdflib reads it, or refused.

``CDMO_ONTOLOGIES=folder`` names a folder, with subfolders, of RDF files with suffixes that
``cdmo serve --data`` knows.
"""

import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import canonicalize

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.term import Node

from service import iris
from service.pipeline.foreign import graph_of, load
from service.pipeline.rdf_files import SUFFIXES, opened
from service.problems import UsageError
from service.rdf.terms import Term
from service.release import open_release, open_store

FOLDER = os.environ.get("CDMO_ONTOLOGIES", "")
FILES = [
    path
    for path in sorted(Path(FOLDER).rglob("*") if FOLDER else ())
    if path.name.lower().removesuffix(".gz").endswith(tuple(SUFFIXES))
]
OF_RDFLIB = {"turtle": "turtle", "ntriples": "nt", "rdfxml": "xml", "jsonld": "json-ld"}
PLACE_OR_REASON = re.compile(r":\d+(:\d+)?: |is OWL|is an OBO|holds no triple|is packed")
XML_LITERAL = ox.NamedNode(iris.RDF + "XMLLiteral")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # in rdflib itself
]


@pytest.mark.skipif(not FILES, reason="CDMO_ONTOLOGIES does not name a folder of ontologies")
@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_an_ontology_is_read_as_rdflib_reads_it_or_refused_with_the_position(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invalid RDF may be refused, which rdflib accepts with a warning or refuses too."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
    if refusal := refused(path, tmp_path):
        assert str(path) in refusal
        assert PLACE_OR_REASON.search(refusal)
        assert not is_rdf(path)
        return
    release = open_release(tmp_path)
    ours = canonical(quad.triple for quad in open_store(release))
    theirs = canonical(map(from_rdflib, read_by_rdflib(path)))
    assert ours - theirs == theirs - ours == set()


def refused(path: Path, folder: Path) -> str:
    """Load a file into a folder; return the reason of a refusal, else ""."""
    try:
        load({graph_of(path): path}, folder)
    except UsageError as refusal:
        return refusal.detail
    return ""


def canonical(triples: Iterator[ox.Triple]) -> set[ox.Quad]:
    """Return triples in the form of the store, with canonical blank nodes and XML literals.

    The store keeps the value of a number or a time, not its lexical form: 1.0 becomes 1.
    """
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, _plain(t.object)) for t in triples)
    dataset = ox.Dataset(store)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


def _plain(value: Term) -> Term:
    if isinstance(value, ox.Literal) and value.datatype == XML_LITERAL:
        whole = canonicalize(f"<x>{value.value}</x>", with_comments=True)
        return ox.Literal(whole, datatype=XML_LITERAL)
    return value


def read_by_rdflib(path: Path) -> Iterator[tuple[Node, Node, Node]]:
    """Yield the triples that rdflib reads from all graphs of a file."""
    with opened(path) as (file, rdf_format):
        data = file.read()
    dataset = rdflib.Dataset(default_union=True)
    base = path.resolve().as_uri()
    dataset.parse(data=data, format=OF_RDFLIB.get(rdf_format.name, rdf_format.name), publicID=base)
    return iter(dataset.triples((None, None, None)))


def from_rdflib(triple: tuple[Node, Node, Node]) -> ox.Triple:
    """Convert a triple from rdflib to the engine.

    :raises ValueError: if it is invalid RDF.
    """
    subject, predicate, value = map(_from_rdflib, triple)
    return ox.Triple(subject, predicate, value)  # type: ignore[arg-type]


def _from_rdflib(term: Node) -> Term:
    if isinstance(term, rdflib.Literal):
        datatype = ox.NamedNode(str(term.datatype)) if term.datatype is not None else None
        return ox.Literal(str(term), language=term.language, datatype=datatype)
    return ox.NamedNode(str(term)) if isinstance(term, rdflib.URIRef) else ox.BlankNode(str(term))


def is_rdf(path: Path) -> bool:
    """Tell whether rdflib reads a file and all of its terms are RDF."""
    try:
        return len(list(map(from_rdflib, read_by_rdflib(path)))) > 0
    except Exception:  # noqa: BLE001 - rdflib's parsers raise exceptions of many kinds
        return False
