"""Merge a term into another, which keeps its definition and takes over all else."""

from collections.abc import Iterator
from dataclasses import replace

import pyoxigraph as ox

from service import iris
from service.editing.edits import Edits
from service.editing.naming import find_term
from service.editing.retire import retire
from service.editing.uses import is_note_on, rewrite
from service.pipeline import graphs
from service.pipeline.blocks import Block
from service.rdf.terms import Term, text, triple

_SCOPES = (iris.EXACT_SYNONYM, iris.NARROW_SYNONYM, iris.BROAD_SYNONYM, iris.RELATED_SYNONYM)
_PLACE = frozenset({iris.ANNOTATED_SOURCE, iris.ANNOTATED_PROPERTY, iris.ANNOTATED_TARGET})


def merge(edits: Edits, kept: str, gone: str) -> list[str]:
    """Change the sources so that one term stands for two; the other is retired.

    The names of the one that goes become synonyms of the one that stays, with their passages;
    its claims and mappings move, and those that then are equal are united.

    :param kept: the term that stays, with its definition.
    :param gone: the term that goes.
    :return: lines that name the other changes.
    :raises UsageError: if they cannot be merged.
    :raises SourceError: with violations, if a check would not pass afterwards.
    """
    loaded = edits.loaded
    a, b = find_term(loaded, kept), find_term(loaded, gone)
    names = _carry_names(edits, a, b)
    notes = retire(edits, b, ["merged"], successor=a, move_claims=True, keeps_synonyms=False)
    return [f"{loaded.name(a)} is called '{name}' too" for name in names] + notes


def _carry_names(edits: Edits, a: str, b: str) -> list[str]:
    """Give the names of a term to another that has them not yet, and return those."""
    names = {_key(t.object): t for t in _names(edits, a)}
    carried: list[ox.Triple] = []
    for t in _names(edits, b):
        if _key(t.object) not in names:
            scope = iris.EXACT_SYNONYM if t.predicate.value == iris.LABEL else t.predicate.value
            carried.append(triple(a, scope, t.object))
            names[_key(t.object)] = carried[-1]
    inherited = [triple(a, iris.SUBCLASS, parent) for parent in _parents(edits, b) if parent != a]

    def taking_over(block: Block) -> Iterator[Block]:
        if text(block.subject) == a and any(t.predicate.value == iris.LABEL for t in block.triples):
            above = inherited if _parents(edits, a) == [b] else []  # else it would have none
            block = replace(block, triples=(*block.triples, *carried, *above))
        yield block

    rewrite(edits, a, taking_over)
    _carry_notes(edits, a, b, names)
    return [text(t.object) for t in carried]


def _names(edits: Edits, iri: str) -> list[ox.Triple]:
    """Return the label and the synonyms of a term, the label first."""
    store, node = edits.loaded.store, ox.NamedNode(iri)
    return [
        triple(iri, name, value)
        for name in (iris.LABEL, *_SCOPES)
        for value in graphs.values(store, node, name)
    ]


def _parents(edits: Edits, iri: str) -> list[str]:
    values = graphs.values(edits.loaded.store, ox.NamedNode(iri), iris.SUBCLASS)
    return [text(value) for value in values if isinstance(value, ox.NamedNode)]


def _key(name: Term) -> str:
    """Return the key of a name, by which two names are the same: its words and its language."""
    return f"{text(name).lower()}@{getattr(name, 'language', '')}"


def _carry_notes(edits: Edits, a: str, b: str, names: dict[str, ox.Triple]) -> None:
    """Move notes on the names of a term, such as their passages, to the names of another.

    :param names: the names of the other term by key.
    """
    noted: set[str] = set()
    more: dict[str, list[ox.Triple]] = {}

    def collected(block: Block) -> Iterator[Block]:
        if is_note_on(block, a):
            noted.add(_key_of(block))
        yield block

    def carried(block: Block) -> Iterator[Block]:
        key = _key_of(block) if is_note_on(block, b) else ""
        if key not in names:
            yield block
            return
        kept = [t for t in block.triples if t.predicate.value not in _PLACE]
        if key in noted:
            more.setdefault(key, []).extend(kept)
            return
        node, name = block.subject, names[key]
        place = [
            triple(node, iris.ANNOTATED_SOURCE, a),
            triple(node, iris.ANNOTATED_PROPERTY, name.predicate.value),
            triple(node, iris.ANNOTATED_TARGET, name.object),
        ]
        yield replace(block, triples=(*place, *kept))

    def united(block: Block) -> Iterator[Block]:
        others = more.get(_key_of(block), []) if is_note_on(block, a) else []
        if others:
            node = block.subject
            own = [ox.Triple(node, t.predicate, t.object) for t in others]
            block = replace(block, triples=tuple(dict.fromkeys((*block.triples, *own))))
        yield block

    rewrite(edits, a, collected)
    rewrite(edits, b, carried)
    rewrite(edits, a, united)


def _key_of(note: Block) -> str:
    """Return the key of the name that a note is about."""
    targets = (t.object for t in note.triples if t.predicate.value == iris.ANNOTATED_TARGET)
    return next(map(_key, targets), "")
