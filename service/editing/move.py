"""Move a term below another parent, or a term or a claim to another file; its IRI stays."""

from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.editing import expected
from service.editing.edits import Edits, in_order
from service.editing.naming import find, labels, wording_of
from service.editing.uses import blocks_of
from service.pipeline.blocks import Block
from service.problems import UsageError
from service.rdf.terms import text, triple

_FOLDERS = {iris.TERM: "modules", iris.CLAIM: "claims"}


def move(
    edits: Edits,
    name: str,
    *,
    parent: str | None = None,
    instead_of: str | None = None,
    file: str | None = None,
) -> list[str]:
    """Change the sources so that a term or a claim stands elsewhere.

    :param name: a term or a claim.
    :param parent: the new parent of a term: a term or a kind.
    :param instead_of: the parent to replace, if the term has several.
    :param file: the name of the module or the file of claims to move it to.
    :return: lines that name the other changes.
    :raises UsageError: if it cannot be moved so.
    :raises SourceError: with violations, if a check would not pass afterwards.
    """
    iri = find(edits.loaded, name)
    if not any(iri.startswith(space) for space in _FOLDERS):
        raise UsageError(f"{edits.loaded.name(iri)} cannot be moved: terms and claims can.")
    if not parent and not file:
        raise UsageError("Say where to: --under PARENT, --to FILE, or both.")
    if instead_of and not parent:
        raise UsageError("--instead-of names the parent that goes; --under the one that comes.")
    if parent:
        old = find(edits.loaded, instead_of) if instead_of else None
        _change_parent(edits, iri, find(edits.loaded, parent), old)
    if file:
        _change_file(edits, iri, file)
    return expected.follow(edits)


def _change_parent(edits: Edits, iri: str, parent: str, old: str | None) -> None:
    """Put a parent in the place of another, at the beginning of the definition too."""
    loaded = edits.loaded
    if not iri.startswith(iris.TERM):
        raise UsageError(f"{loaded.name(iri)} is a claim, which has no parent: give --to alone.")
    path, block = _declaring(edits, iri)
    above = [t for t in block.triples if text(t.subject) == iri and _is_above(t)]
    parents = [text(t.object) for t in above]
    shown = ", ".join(map(loaded.name, parents)) or "none"
    if old not in parents if old else len(parents) != 1:
        raise UsageError(
            f"The stated parents of {loaded.name(iri)} are {shown}: name one with --instead-of."
        )
    if parent in parents or parent == iri:
        raise UsageError(f"{loaded.name(parent)} cannot be its new parent: they are {shown}.")
    gone, known = old or parents[0], labels(loaded)
    if not (parent.startswith((iris.TERM, iris.CDMO)) and parent in known):
        raise UsageError(f"{loaded.name(parent)} is no term and no kind.")
    wording = wording_of(loaded, gone, known[parent])

    def moved(t: ox.Triple) -> ox.Triple:
        if t in above and text(t.object) == gone:
            return triple(iri, t.predicate.value, parent)
        if text(t.subject) == iri and t.predicate.value == iris.DEFINITION:
            reworded = wording.begun(text(t.object))
            return triple(iri, iris.DEFINITION, ox.Literal(reworded, language="en"))
        return t

    edits.replace(path, block.subject, map(moved, block.triples))


def _is_above(t: ox.Triple) -> bool:
    """Tell whether a triple names a parent: a class, or of an individual its kind."""
    is_kind = text(t.object).startswith((iris.TERM, iris.CDMO))
    return is_kind and t.predicate.value in (iris.SUBCLASS, iris.TYPE)


def _change_file(edits: Edits, iri: str, file: str) -> None:
    """Move the blocks of a resource to another file of its folder, to their place by number."""
    sources = edits.loaded.sources
    path, _ = _declaring(edits, iri)
    folder = sources.ontology / next(f for space, f in _FOLDERS.items() if iri.startswith(space))
    target = folder / Path(file).with_suffix(".ttl").name
    if target not in sources.turtle_files or target.name == "obsolete.ttl":
        raise UsageError(f"{target.relative_to(sources.root)} is no file to move to.")
    if target == path:
        raise UsageError(f"{edits.loaded.name(iri)} stands in {target.name} already.")
    old, new = edits.blocks(path), edits.blocks(target)
    own = blocks_of(iri, old.blocks)
    old.blocks = [b for b in old.blocks if b not in own]
    new.blocks = in_order(new.blocks, own)
    edits.put(path, old)
    edits.put(target, new)


def _declaring(edits: Edits, iri: str) -> tuple[Path, Block]:
    """Return the file of a resource and its own block, as they are to be.

    :raises UsageError: if it is retired: then it stays where it is.
    """
    path, block = edits.block(iri)
    if any(t.predicate.value == iris.DEPRECATED for t in block.triples):
        raise UsageError(f"{edits.loaded.name(iri)} is retired.")
    return path, block
