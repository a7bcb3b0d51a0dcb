"""Give a term another label, and write it wherever the old one stands for the term."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pyoxigraph as ox

from service import iris
from service.editing import expected
from service.editing.edits import Edits
from service.editing.mapping_files import mapping_files
from service.editing.mentions import NO_PROSE, Mention, around, in_other_texts, mention
from service.editing.naming import find_term, labels, names_of_terms, wording_of
from service.editing.prose import Wording, names_curie, relabelled
from service.editing.ties import Ties
from service.pipeline.blocks import Block
from service.problems import UsageError
from service.rdf.terms import text, triple

_LABELLED_IN_PROSE = {iris.CDMO + kind for kind in ("Tension", "Enumeration", "Question")}


@dataclass
class Renaming:
    """A term that gets another label.

    :param iri: the term.
    :param synonym: whether the old label stays as an exact synonym.
    :param mentions: the texts that were left as they are.
    """

    iri: str
    wording: Wording
    synonym: bool
    mentions: list[Mention] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def rename(edits: Edits, name: str, label: str, *, synonym: bool = True) -> Renaming:
    """Change the sources so that a term has another label.

    The texts of ours that speak of the term change with it: those whose block names it. The
    expected rows of questions follow from the answers to them.

    :param name: the term, as :func:`service.editing.naming.find` reads it.
    :param synonym: keep the old label as an exact synonym, if it is a name of nothing else.
    :raises UsageError: if the term or the label cannot be taken.
    :raises SourceError: if a check would not pass afterwards.
    """
    loaded = edits.loaded
    iri, label = find_term(loaded, name), " ".join(label.split())
    old = labels(loaded)[iri]
    if label == old:
        raise UsageError(f"{loaded.name(iri)} is called '{label}' already.")
    if old.startswith("obsolete ") or label.startswith("obsolete ") or not label:
        raise UsageError("'obsolete' marks a retired term: see cdmo retire.")
    named = names_of_terms(loaded)
    for other, those in named.items():
        if other != iri and label.lower() in {n.lower() for n in those}:
            raise UsageError(f"'{label}' is a name of {loaded.name(other)}: see cdmo merge.")
    renaming = Renaming(iri, wording_of(loaded, iri, label), synonym)
    others = map(str.lower, renaming.wording.names)
    if synonym and (old.lower() == label.lower() or old.lower() in others):
        renaming.synonym = False
        renaming.notes.append(f"'{old}' stays no synonym: it would not be a name of its own.")
    _change_turtle(edits, renaming)
    _change_mappings(edits, renaming)
    _change_expectations(edits, renaming)
    renaming.mentions += in_other_texts(edits.loaded, renaming.wording)
    renaming.notes += expected.follow(edits, _same_but_for(old, label))
    return renaming


def _change_turtle(edits: Edits, renaming: Renaming) -> None:
    ties, word = Ties(edits.loaded), renaming.wording.old.lower()
    for document in edits.loaded.documents:
        if word not in document.text.lower() and renaming.iri not in document.lines:
            continue
        file = edits.blocks(document.path)
        before = file.blocks
        file.blocks = [
            replace(block, triples=tuple(_changed(edits, renaming, block, renaming.iri in about)))
            for block, about in ties.of(before)
        ]
        if file.blocks != before:
            edits.put(document.path, file)


def _changed(edits: Edits, renaming: Renaming, block: Block, tied: bool) -> Iterator[ox.Triple]:
    """Yield the triples of a block as they are to be."""
    wording, names = renaming.wording, edits.loaded.names
    old, new = (ox.Literal(w, language="en") for w in (wording.old, wording.new))
    if text(block.subject) == renaming.iri and any(t.object == old for t in block.triples):
        yield from _own(renaming, block, old, new)
        return
    if _is_of_name(renaming, block):
        yield from _renamed_wording(renaming, block, old, new)
        return
    query = next((text(t.object) for t in block.triples if t.predicate.value == iris.SELECT), "")
    tied = tied or names_curie(query, names.curie(renaming.iri) or renaming.iri)
    types = {text(t.object) for t in block.triples if t.predicate.value == iris.TYPE}
    for t in block.triples:
        value, predicate = t.object, t.predicate.value
        if predicate == iris.LABEL and text(block.subject).startswith(iris.TERM):
            if Wording(wording.old, wording.new).is_in(text(value)):
                # Another term, whose name contains this one.
                renaming.mentions.append(mention(edits.loaded, wording, block, t))
            yield t
        elif not _is_prose(t, wording) or not isinstance(value, ox.Literal):
            yield t
        elif predicate == iris.SELECT:
            query = relabelled(value.value, wording, names.curie(renaming.iri) or renaming.iri)
            # The new label may have the old one in it.
            if wording.is_in(query.replace(wording.new, "")):
                renaming.mentions.append(mention(edits.loaded, wording, block, t))
            yield ox.Triple(t.subject, t.predicate, ox.Literal(query))
        elif predicate in NO_PROSE or (predicate == iris.LABEL and not types & _LABELLED_IN_PROSE):
            yield t
        elif tied:
            reworded = wording.replaced(value.value)
            yield ox.Triple(t.subject, t.predicate, _like(value, reworded))
        else:
            renaming.mentions.append(mention(edits.loaded, wording, block, t))
            yield t


def _own(renaming: Renaming, block: Block, old: ox.Literal, new: ox.Literal) -> Iterator[ox.Triple]:
    """Yield the term's own block with its new label, and the old one among its synonyms."""
    for t in block.triples:
        if t.predicate.value == iris.LABEL and t.object == old:
            yield ox.Triple(t.subject, t.predicate, new)
            if renaming.synonym:
                yield triple(renaming.iri, iris.EXACT_SYNONYM, old)
        elif t.predicate.value in NO_PROSE and text(t.object).lower() in (
            new.value.lower(),
            old.value.lower() if renaming.synonym else "",
        ):
            continue  # a label is no synonym, and a synonym has one scope
        elif _is_prose(t, renaming.wording) and t.predicate.value not in NO_PROSE:
            assert isinstance(t.object, ox.Literal)
            reworded = renaming.wording.replaced(t.object.value)
            yield ox.Triple(t.subject, t.predicate, _like(t.object, reworded))
        else:
            yield t


def _is_of_name(renaming: Renaming, block: Block) -> bool:
    """Tell whether a block says in which passages the document has the old or the new name."""
    values = {t.predicate.value: text(t.object) for t in block.triples}
    return values.get(iris.ANNOTATED_SOURCE) == renaming.iri and values.get(
        iris.ANNOTATED_TARGET, ""
    ).lower() in {renaming.wording.old.lower(), renaming.wording.new.lower()}


def _renamed_wording(
    renaming: Renaming, block: Block, old: ox.Literal, new: ox.Literal
) -> Iterator[ox.Triple]:
    """Yield the note on a name's passages: a synonym that becomes the label, or the reverse."""
    target = next(t.object for t in block.triples if t.predicate.value == iris.ANNOTATED_TARGET)
    becomes_label = text(target).lower() == new.value.lower()
    if not becomes_label and not renaming.synonym:
        renaming.notes.append(f"The passages that have '{old.value}' are no longer noted.")
        return
    for t in block.triples:
        if t.predicate.value == iris.ANNOTATED_PROPERTY:
            name = iris.LABEL if becomes_label else iris.EXACT_SYNONYM
            yield triple(t.subject, iris.ANNOTATED_PROPERTY, name)
        elif t.predicate.value == iris.ANNOTATED_TARGET:
            yield ox.Triple(t.subject, t.predicate, new if becomes_label else old)
        else:
            yield t


def _like(literal: ox.Literal, value: str) -> ox.Literal:
    return ox.Literal(value, language=literal.language) if literal.language else ox.Literal(value)


def _is_prose(t: ox.Triple, wording: Wording) -> bool:
    return isinstance(t.object, ox.Literal) and wording.is_in(t.object.value)


def _change_mappings(edits: Edits, renaming: Renaming) -> None:
    wording, curie = renaming.wording, edits.loaded.name(renaming.iri)
    for file in mapping_files(edits):
        own = file.of_subject(curie)
        for row in own:
            if row.get("subject_label") == wording.old:
                row["subject_label"] = wording.new
            if "comment" in row:
                row["comment"] = wording.replaced(row["comment"])
        for row in file.rows:
            if row not in own and wording.is_in(comment := row.get("comment", "")):
                excerpt = f"comment: {around(comment, wording)}"
                subject = row.get("subject_id", "")
                renaming.mentions.append(Mention(file.path, file.line(row), subject, excerpt))
        if own:
            edits.texts[file.path] = file.text()


def _change_expectations(edits: Edits, renaming: Renaming) -> None:
    """Change the label in the lists of what tests expect of terms, if they are at hand."""
    old, new = renaming.wording.old, renaming.wording.new
    cell = re.compile(rf"(^|[\t;:] ?){re.escape(old)}(?=[\t;:]|$)", re.MULTILINE)
    folder = edits.loaded.sources.root / "tests" / "ontology"
    for path in (*sorted(folder.glob("*.tsv")), *sorted(folder.glob("*.txt"))):
        content = cell.sub(lambda match: match[1] + new, edits.text(path))
        if content != edits.text(path):
            edits.texts[path] = content


def _same_but_for(old: str, new: str) -> expected.Same:
    """Return a test whether two answers differ in a label alone, and so in the order of rows."""
    longer, shorter = sorted((old, new), key=len, reverse=True)

    def key(answer: str) -> list[list[list[str]]]:
        rows = csv.reader(io.StringIO(answer))
        return sorted([_parts(cell.replace(longer, shorter)) for cell in row] for row in rows)

    return lambda one, other: key(one) == key(other)


def _parts(cell: str) -> list[str]:
    """Return the parts of a cell, sorted: names are often joined in the order of the alphabet."""
    return sorted(re.split(r"[;,|] ?", cell.replace(" an ", " a ")))
