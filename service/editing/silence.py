"""Passages that assert nothing: each says why, until a claim cites it."""

import pyoxigraph as ox

from service import iris
from service.editing.edits import Edits
from service.editing.lookup import Lookup
from service.editing.passage_finder import Recorded
from service.pipeline import graphs
from service.problems import EditRefused
from service.rdf.terms import text, triple


def silence(edits: Edits, lookup: Lookup, passage: Recorded, reason: str) -> None:
    """Write why a passage asserts nothing, in the place of an earlier reason.

    :param reason: a name of one of the reasons.
    :raises UsageError: if there is no such reason.
    :raises EditRefused: if a claim cites the passage.
    """
    value = lookup.value(reason, iris.CDMO + "Reason")
    if citing := _citing(edits, passage):
        claims = ", ".join(edits.loaded.name(claim) for claim in citing)
        raise EditRefused(f"{edits.loaded.name(passage.iri)} is cited by {claims}.")
    _write(edits, passage, [triple(passage.iri, iris.ASSERTS_NOTHING, value)])


def give_voice(edits: Edits, passage: Recorded) -> None:
    """Take from a passage the reason why it asserts nothing: now it does."""
    if passage.silent:
        _write(edits, passage, [])


def _write(edits: Edits, passage: Recorded, reasons: list[ox.Triple]) -> None:
    path, block = edits.block(passage.iri)
    kept = [t for t in block.triples if t.predicate.value != iris.ASSERTS_NOTHING]
    edits.replace(path, block.subject, [*kept, *reasons])


def _citing(edits: Edits, passage: Recorded) -> list[str]:
    query = f"SELECT ?claim WHERE {{ ?claim cdmo:citation/cdmo:passage <{passage.iri}> }}"
    return sorted(text(row[0]) for row in graphs.select(edits.loaded.store, query, "claims"))
