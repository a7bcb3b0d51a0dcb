"""Unite claims that an edit makes equal, and find those that it makes about themselves."""

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.editing.edits import Edits
from service.pipeline.blocks import Block
from service.rdf.terms import text, triple

_MAY_DIFFER = frozenset({iris.CITATION, iris.TYPE, iris.COMMENT})
"""Properties in which two equal claims may differ."""


def unite_equal_claims(edits: Edits) -> Iterator[tuple[str, str]]:
    """Give the citations of equal claims to the first of them.

    :return: pairs of the claim that stays and one to retire; the first is empty where a claim has
        its subject as its object.
    """
    groups: dict[Hashable, list[tuple[str, Path, Block]]] = defaultdict(list)
    folder = edits.loaded.sources.ontology / "claims"
    for path in sorted({*folder.glob("*.ttl"), *(p for p in edits.texts if p.parent == folder)}):
        if "cdmo:Claim" not in edits.text(path):
            continue
        for block in edits.blocks(path).blocks:
            if any(text(t.object) == iris.CDMO + "Claim" for t in block.triples):
                groups[_statement_of(block)].append((text(block.subject), path, block))
    pairs: list[tuple[str, str]] = []
    for statement, claims in groups.items():
        claims.sort(key=lambda claim: claim[0])
        kept, path, block = claims[0]
        ends = [value for predicate, value in statement if predicate in (iris.SUBJECT, iris.OBJECT)]  # type: ignore[attr-defined]
        if len(set(ends)) < len(ends):
            pairs += [("", claim) for claim, _, _ in claims]
        elif len(claims) > 1:
            for gone, _, other in claims[1:]:
                block = _with_citations(block, other)
                pairs.append((kept, gone))
            edits.replace(path, block.subject, block.triples)
    yield from pairs


def give_citations(edits: Edits, gone: str, kept: str) -> None:
    """Give the citations of a claim to another, except for passages that it cites already."""
    path, block = edits.block(kept)
    edits.replace(path, block.subject, _with_citations(block, edits.block(gone)[1]).triples)


def _statement_of(block: Block) -> Hashable:
    """Return the statement of a claim: all triples but its citations."""
    return frozenset(
        (t.predicate.value, str(t.object))
        for t in block.triples
        if t.subject == block.subject and t.predicate.value not in _MAY_DIFFER
    )


def _with_citations(block: Block, other: Block) -> Block:
    """Return a claim with another's citations, except for passages that it cites already."""
    cited = {t.object for t in block.triples if t.predicate.value == iris.PASSAGE}
    triples = list(block.triples)
    for t in other.triples:
        if t.predicate.value != iris.CITATION:
            continue
        parts = [p for p in other.triples if p.subject == t.object]
        if not cited & {p.object for p in parts if p.predicate.value == iris.PASSAGE}:
            node = ox.BlankNode()
            triples.append(triple(text(block.subject), iris.CITATION, node))
            triples += [ox.Triple(node, p.predicate, p.object) for p in parts]
    return replace(block, triples=tuple(triples))
