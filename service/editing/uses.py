"""Find the uses of a resource in the sources, and replace it by another there."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.editing.edits import Edits
from service.editing.prose import Wording, names_curie, relabelled, repointed_query
from service.names import Names
from service.pipeline.blocks import Block
from service.rdf.terms import text, triple


@dataclass(frozen=True)
class Use:
    """A block that names a resource."""

    path: Path
    subject: str
    predicate: str


def rewrite(edits: Edits, iri: str, change: Callable[[Block], Iterable[Block]]) -> None:
    """Change each block of the files that name a resource.

    :param change: returns the blocks that replace a block.
    """
    for path in _naming(edits, iri):
        file = edits.blocks(path)
        before = file.blocks
        file.blocks = [new for block in before for new in change(block)]
        if file.blocks != before:
            edits.put(path, file)


def _naming(edits: Edits, iri: str) -> list[Path]:
    """Return the Turtle files that name a resource, as they are to be."""
    names = edits.loaded.names
    curie = names.curie(iri) or iri
    paths = {*edits.loaded.sources.turtle_files, *(p for p in edits.texts if p.suffix == ".ttl")}
    return [
        p for p in sorted(paths) if curie in (content := edits.text(p)) or f"<{iri}>" in content
    ]


def uses(edits: Edits, iri: str) -> Iterator[Use]:
    """Yield the uses of a resource, except in its own block and the notes on it."""
    curie = edits.loaded.name(iri)
    for path in _naming(edits, iri):
        for block in edits.blocks(path).blocks:
            if text(block.subject) == iri or is_note_on(block, iri):
                continue
            for t in block.triples:
                is_it = text(t.object) == iri and isinstance(t.object, ox.NamedNode)
                in_query = t.predicate.value == iris.SELECT and names_curie(text(t.object), curie)
                if is_it or in_query:
                    yield Use(path, text(block.subject), t.predicate.value)


def is_note_on(block: Block, iri: str) -> bool:
    """Tell whether a block annotates a triple of a resource, such as a synonym's passages."""
    return any(
        t.predicate.value == iris.ANNOTATED_SOURCE and text(t.object) == iri for t in block.triples
    )


def repoint(edits: Edits, old: str, new: str, wording: Wording | None = None) -> None:
    """Replace one resource by another wherever a block names it, in queries too.

    :param wording: the labels of both, for comments in queries and beginnings of definitions.
    """

    def change(block: Block) -> Iterator[Block]:
        if text(block.subject) == old or is_note_on(block, old):
            yield block
        else:
            yield repointed(edits.loaded.names, block, old, new, wording)

    rewrite(edits, old, change)
    if wording:
        begin_definitions(edits, lambda _: wording)


def repointed(names: Names, block: Block, old: str, new: str, wording: Wording | None) -> Block:
    """Return a block with one resource replaced by another."""
    node, curie = ox.NamedNode(new), names.curie(old) or old
    triples: dict[ox.Triple, None] = {}
    for t in block.triples:
        value = t.object
        if text(value) == old and isinstance(value, ox.NamedNode):
            if text(t.subject) == new and t.predicate.value in (iris.SUBCLASS, iris.ASPECT_OF):
                continue  # nothing is a kind or a form of itself
            value = node
        elif t.predicate.value == iris.SELECT and isinstance(value, ox.Literal):
            query = relabelled(value.value, wording, curie) if wording else value.value
            value = ox.Literal(repointed_query(query, curie, names.curie(new) or new))
        triples[ox.Triple(t.subject, t.predicate, value)] = None
    return replace(block, triples=tuple(triples))


def begin_definitions(edits: Edits, wording_of: Callable[[str], Wording | None]) -> None:
    """Replace the old name of a parent by its new one at the beginning of definitions.

    :param wording_of: the names for a term's definition.
    """
    for document in edits.loaded.documents:
        begun = {
            t: triple(t.subject, iris.DEFINITION, ox.Literal(rewritten, language="en"))
            for t in document.triples
            if t.predicate.value == iris.DEFINITION
            and (wording := wording_of(text(t.subject)))
            and (rewritten := wording.begun(text(t.object))) != text(t.object)
        }
        if begun:
            file = edits.blocks(document.path)
            file.blocks = [
                replace(block, triples=tuple(begun.get(t, t) for t in block.triples))
                for block in file.blocks
            ]
            edits.put(document.path, file)


def take(edits: Edits, iri: str) -> list[tuple[Path, Block]]:
    """Remove and return the blocks of a resource and the notes on them."""
    taken: list[tuple[Path, Block]] = []
    for path in _naming(edits, iri):
        file = edits.blocks(path)
        if own := blocks_of(iri, file.blocks):
            file.blocks = [block for block in file.blocks if block not in own]
            taken += [(path, block) for block in own]
            edits.put(path, file)
    return taken


def blocks_of(iri: str, blocks: Iterable[Block]) -> list[Block]:
    """Return the blocks of a file that are a resource's: its own, and the notes on them."""
    blocks = list(blocks)
    of_it: set[object] = {ox.NamedNode(iri)}
    own: list[Block] = []
    for _ in blocks:  # blank nodes with blocks of their own, such as restrictions
        own = [block for block in blocks if block.subject in of_it or is_note_on(block, iri)]
        more = {t.object for b in own for t in b.triples if isinstance(t.object, ox.BlankNode)}
        if more <= of_it:
            break
        of_it |= more
    return own
