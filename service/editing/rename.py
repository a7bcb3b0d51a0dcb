"""Give a term another label, and write it wherever the old one stands for the term."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.editing import expected
from service.editing.edits import Edits
from service.editing.naming import find, labels
from service.editing.prose import Wording
from service.editing.query_text import names_curie, relabelled
from service.editing.ties import Ties
from service.pipeline.blocks import Block
from service.pipeline.files import read_text
from service.problems import UsageError
from service.rdf.terms import text, triple

_NEVER = frozenset(
    {
        *(iris.EXACT_SYNONYM, iris.NARROW_SYNONYM, iris.BROAD_SYNONYM, iris.RELATED_SYNONYM),
        *(iris.HIDDEN_LABEL, iris.EXPECTED, iris.CDMO + "hedge", iris.ANNOTATED_TARGET),
        *(iris.TITLE, iris.SELECT),
    }
)
"""Texts that are no prose of ours: names, words of the document, rows and queries."""

_LABELLED_IN_PROSE = frozenset({"Tension", "Enumeration", "Question"})
_NAMES = frozenset({iris.LABEL, iris.EXACT_SYNONYM})
_NAMED = {iris.LABEL: "label", iris.DEFINITION: "definition", iris.COMMENT: "comment"}


@dataclass(frozen=True)
class Mention:
    """A text that has the old name, perhaps as a mere word: for the editor to judge."""

    path: Path
    line: int
    entity: str
    text: str


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
    iri, known = find(loaded, name), labels(loaded)
    label = " ".join(label.split())
    if iri not in known or not iri.startswith(iris.TERM):
        raise UsageError(f"{loaded.name(iri)} is no term with a label.")
    old = known[iri]
    if label == old:
        raise UsageError(f"{loaded.name(iri)} is called '{label}' already.")
    if old.startswith("obsolete ") or label.startswith("obsolete ") or not label:
        raise UsageError("'obsolete' marks a retired term: see cdmo retire.")
    names = _names(edits)
    for other, those in names.items():
        if other != iri and label.lower() in {n.lower() for n in those}:
            raise UsageError(f"'{label}' is a name of {loaded.name(other)}: see cdmo merge.")
    others = {n for other, those in names.items() if other != iri for n in those}
    renaming = Renaming(iri, Wording(old, label, frozenset(others)), synonym)
    if synonym and (old.lower() == label.lower() or old.lower() in map(str.lower, others)):
        renaming.synonym = False
        renaming.notes.append(f"'{old}' stays no synonym: it would not be a name of its own.")
    _change_turtle(edits, renaming)
    _change_mappings(edits, renaming)
    _change_expectations(edits, renaming)
    _list_other_texts(edits, renaming)
    renaming.notes += expected.follow(edits, _same_but_for(old, label))
    return renaming


def _names(edits: Edits) -> dict[str, set[str]]:
    """Return the label and the exact synonyms of each term."""
    names: dict[str, set[str]] = {}
    for document in edits.loaded.documents:
        for t in document.triples:
            subject, is_name = text(t.subject), t.predicate.value in _NAMES
            if is_name and subject.startswith(iris.TERM):
                names.setdefault(subject, set()).add(text(t.object))
    return names


def _change_turtle(edits: Edits, renaming: Renaming) -> None:
    ties, word = Ties(edits.loaded), renaming.wording.old.lower()
    for document in edits.loaded.documents:
        if word not in document.text.lower() and renaming.iri not in document.lines:
            continue
        blocks = edits.blocks(document.path).blocks
        changed = [
            replace(block, triples=tuple(_changed(edits, renaming, block, renaming.iri in about)))
            for block, about in ties.of(blocks)
        ]
        if changed != blocks:
            edits.change(document.path, lambda _, changed=changed: changed)  # type: ignore[misc]


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
    kinds = {text(t.object).rpartition("/")[2] for t in block.triples if t.predicate == _TYPE}
    for t in block.triples:
        value, predicate = t.object, t.predicate.value
        if predicate == iris.LABEL and text(block.subject).startswith(iris.TERM):
            if Wording(wording.old, wording.new).is_in(text(value)):
                _mention(edits, renaming, block, t)  # another term, whose name has this one in it
            yield t
        elif not _is_prose(t, wording) or not isinstance(value, ox.Literal):
            yield t
        elif predicate == iris.SELECT:
            query = relabelled(value.value, wording, names.curie(renaming.iri) or renaming.iri)
            if wording.is_in(_beside(query, wording.new)):
                _mention(edits, renaming, block, t)
            yield ox.Triple(t.subject, t.predicate, ox.Literal(query))
        elif predicate in _NEVER or (predicate == iris.LABEL and not kinds & _LABELLED_IN_PROSE):
            yield t
        elif tied:
            said = wording.replaced(value.value)
            yield ox.Triple(t.subject, t.predicate, _like(value, said))
        else:
            _mention(edits, renaming, block, t)
            yield t


_TYPE = ox.NamedNode(iris.TYPE)


def _own(renaming: Renaming, block: Block, old: ox.Literal, new: ox.Literal) -> Iterator[ox.Triple]:
    """Yield the term's own block with its new label, and the old one among its synonyms."""
    for t in block.triples:
        if t.predicate.value == iris.LABEL and t.object == old:
            yield ox.Triple(t.subject, t.predicate, new)
            if renaming.synonym:
                yield triple(renaming.iri, iris.EXACT_SYNONYM, old)
        elif t.predicate.value in _NEVER and text(t.object).lower() in (
            new.value.lower(),
            old.value.lower() if renaming.synonym else "",
        ):
            continue  # a label is no synonym, and a synonym has one scope
        elif _is_prose(t, renaming.wording) and t.predicate.value not in _NEVER:
            assert isinstance(t.object, ox.Literal)
            said = renaming.wording.replaced(t.object.value)
            yield ox.Triple(t.subject, t.predicate, _like(t.object, said))
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


def _beside(query: str, label: str) -> str:
    """Return a query without what has the new label, which may have the old one in it."""
    return query.replace(label, "")


def _mention(edits: Edits, renaming: Renaming, block: Block, t: ox.Triple) -> None:
    loaded, subject = edits.loaded, text(block.subject)
    path, line, _ = loaded.place(subject, t.predicate, t.object)
    if isinstance(block.subject, ox.BlankNode):
        owner = next((t.object for t in block.triples if isinstance(t.object, ox.NamedNode)), None)
        path, line, _ = loaded.place(text(owner))
    what = _NAMED.get(t.predicate.value, loaded.name(t.predicate.value))
    if path is not None:
        said = f"{what}: {_around(text(t.object), renaming.wording)}"
        renaming.mentions.append(Mention(path, line or 1, loaded.name(subject), said))


def _around(said: str, wording: Wording, width: int = 40) -> str:
    """Return the part of a text around the old name, on one line."""
    at = said.lower().find(wording.old.lower())
    start, end = max(0, at - width), at + len(wording.old) + width
    part = " ".join(said[start:end].split())
    return f"{'…' if start else ''}{part}{'…' if end < len(said) else ''}"


def _change_mappings(edits: Edits, renaming: Renaming) -> None:
    curie = edits.loaded.name(renaming.iri)
    for path in sorted(edits.loaded.sources.mappings.rglob("*.sssom.tsv")):
        lines, columns = [], list[str]()
        for number, line in enumerate(edits.text(path).split("\n"), 1):
            cells = line.split("\t")
            if not columns and not line.startswith("#"):
                columns = cells
            elif columns and cells[0] == curie:
                cells = [_cell(renaming, *cell) for cell in zip(columns, cells, strict=False)]
            elif columns and "comment" in columns and len(cells) == len(columns):
                comment = cells[columns.index("comment")]
                if renaming.wording.is_in(comment):
                    said = f"comment: {_around(comment, renaming.wording)}"
                    renaming.mentions.append(Mention(path, number, cells[0], said))
            lines.append("\t".join(cells))
        if "\n".join(lines) != edits.text(path):
            edits.texts[path] = "\n".join(lines)


def _cell(renaming: Renaming, column: str, cell: str) -> str:
    if column == "subject_label":
        return renaming.wording.new if cell == renaming.wording.old else cell
    return renaming.wording.replaced(cell) if column == "comment" else cell


def _change_expectations(edits: Edits, renaming: Renaming) -> None:
    """Change the label in the lists of what tests expect of terms, if they are at hand."""
    old, new = renaming.wording.old, renaming.wording.new
    cell = re.compile(rf"(^|[\t;:] ?){re.escape(old)}(?=[\t;:]|$)", re.MULTILINE)
    folder = edits.loaded.sources.ontology.parent / "tests" / "ontology"
    for path in (*sorted(folder.glob("*.tsv")), *sorted(folder.glob("*.txt"))):
        said = cell.sub(lambda match: match[1] + new, edits.text(path))
        if said != edits.text(path):
            edits.texts[path] = said


def _list_other_texts(edits: Edits, renaming: Renaming) -> None:
    """List what no verb changes: comments of people, rules and checks, guides."""
    sources = edits.loaded.sources
    root = sources.ontology.parent
    paths = [*sources.ontology.rglob("*.rq"), *sources.ontology.glob("*.md"), root / "README.md"]
    for path in sorted(p for p in paths if p.is_file()):
        for number, line in enumerate(read_text(path).split("\n"), 1):
            if renaming.wording.is_in(line):
                said = _around(line, renaming.wording)
                renaming.mentions.append(Mention(path, number, "", said))
    for document in edits.loaded.documents:
        if "sh:select" in document.text:
            continue  # comments of queries have been looked at
        for number, line in enumerate(document.text.split("\n"), 1):
            if line.lstrip().startswith("# ") and renaming.wording.is_in(line):
                said = _around(line.strip(), renaming.wording)
                renaming.mentions.append(Mention(document.path, number, "", said))


def _same_but_for(old: str, new: str) -> expected.Same:
    """Return whether two answers differ in a label alone, and so in the order of rows."""
    longer, shorter = sorted((old, new), key=len, reverse=True)

    def key(answer: str) -> list[list[list[str]]]:
        rows = csv.reader(io.StringIO(answer))
        return sorted([_parts(cell.replace(longer, shorter)) for cell in row] for row in rows)

    return lambda one, other: key(one) == key(other)


def _parts(cell: str) -> list[str]:
    """Return the parts of a cell, sorted: names are often joined in the order of the alphabet."""
    return sorted(re.split(r"[;,|] ?", cell.replace(" an ", " a ")))


def mention_lines(mentions: Iterable[Mention], here: Path) -> Iterator[str]:
    """Yield a line for each mention, by file and line."""
    for m in sorted(mentions, key=lambda m: (str(m.path), m.line, m.text)):
        path = m.path.relative_to(here) if m.path.is_relative_to(here) else m.path
        yield f"{path}:{m.line}: {f'{m.entity}: ' if m.entity else ''}{m.text}"
