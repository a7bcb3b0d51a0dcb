"""Write a new list: an enumeration of a document."""

from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.editing.edits import Edits
from service.editing.passage_finder import Recorded
from service.pipeline import graphs
from service.pipeline.blocks import Block
from service.problems import UsageError
from service.rdf.terms import integer, text, triple


def add_list(
    edits: Edits,
    label: str,
    *,
    topic: str,
    opening: Recorded,
    entries: Sequence[tuple[str, Recorded]],
    complete: bool,
) -> str:
    """Add a list after the others of its document.

    :param topic: the IRI of the term of which the entries are examples, parts or members.
    :param opening: the passage that opens it.
    :param entries: the IRI of each term with the passage that names it.
    :param complete: whether the document offers no choice and gives no mere examples.
    :return: its IRI.
    :raises UsageError: if it has fewer than two entries, or one in another document.
    """
    if len(entries) < 2:
        raise UsageError("A single mention is no list: give --entry twice or more.")
    for _, passage in entries:
        if passage.source != opening.source:
            name = edits.loaded.name(passage.iri)
            raise UsageError(f"{name} is in another document than the passage that opens the list.")
    number, path = _place(edits, opening.source)
    iri = f"{opening.source}-list-{number:03}"
    triples = [
        triple(iri, iris.TYPE, iris.CDMO + "Enumeration"),
        triple(iri, iris.LABEL, ox.Literal(label, language="en")),
        triple(iri, iris.PART_OF, opening.section),
        triple(iri, iris.ORDER, integer(number)),
        triple(iri, iris.PASSAGE, opening.iri),
        triple(iri, iris.CDMO + "topic", topic),
        triple(iri, iris.CDMO + "complete", ox.Literal(complete)),
    ]
    for order, (term, passage) in enumerate(entries, 1):
        entry = ox.BlankNode()
        triples += [
            triple(iri, iris.CDMO + "entry", entry),
            triple(entry, iris.ORDER, integer(order)),
            triple(entry, iris.PASSAGE, passage.iri),
            triple(entry, iris.CDMO + "term", term),
        ]
    edits.add(path, Block(ox.NamedNode(iri), tuple(triples)))
    return iri


def _place(edits: Edits, source: str) -> tuple[int, Path]:
    """Return the number of the next list of a document and the file for it."""
    query = "SELECT ?list ?order WHERE { ?list a cdmo:Enumeration ; cdmo:order ?order }"
    orders = {
        text(row[0]): int(text(row[1]))
        for row in graphs.select(edits.loaded.store, query, "claims")
        if text(row[0]).startswith(f"{source}-list-")
    }
    last = max(orders, key=lambda iri: orders[iri], default=source)
    path = edits.loaded.place(last)[0]
    assert path is not None, last
    return max(orders.values(), default=0) + 1, path
