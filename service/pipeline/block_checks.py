"""Check that each block stands once, in a file of its kind, and that prefixes are listed once."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from service import iris
from service.names import Names
from service.pipeline.places import ADDING
from service.pipeline.turtle_reader import Document
from service.pipeline.violations import Place, Related, Violation, error
from service.rdf.terms import Term, text

_TERMS = ("modules", "imports")
_FOLDERS = {
    **{
        iris.CDMO + name: ("claims",)
        for name in ("Claim", "Enumeration", "Passage", "Section", "Source", "Tension")
    },
    iris.CDMO + "Question": ("questions",),
    iris.SH + "NodeShape": ("shapes",),
    iris.SH + "PropertyShape": ("shapes",),
    iris.OWL + "Class": _TERMS,
    iris.OWL + "ObjectProperty": _TERMS,
    iris.OWL + "Restriction": _TERMS,
}
"""The folders in which blocks of a type stand."""
_FILE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.ttl")
_BLANK = re.compile(r"^(_:\S+)[ \t]", re.MULTILINE)
"""The subject of a block that is a blank node with a name, as `cdmo format` writes it."""


def check_blocks(documents: Sequence[Document], names: Names, root: Path) -> Iterator[Violation]:
    """Yield a violation for each block in a wrong place.

    :param root: the folder of all documents.
    """
    yield from _repeated(documents, names)
    for document in documents:
        if document.path.name == "prefixes.ttl":
            yield from _untyped_namespaces(document)
        folder = document.path.relative_to(root).parts[0]
        lines = dict(document.lines)
        for t in document.triples:
            if t.predicate.value != iris.TYPE or (subject := text(t.subject)) not in lines:
                continue
            place = document.path, lines[subject]
            yield from _misplaced(names.curie(subject) or subject, text(t.object), folder, place)


def _misplaced(name: str, kind: str, folder: str, at: tuple[Path, int]) -> Iterator[Violation]:
    folders = _FOLDERS.get(kind, (folder,))
    if folder not in folders:
        message, hint = f"does not belong into {folder}", f"Move it to {folders[0]}/."
        yield error("block-misplaced", *at, message, hint, entity=name, column=1)
    elif kind == iris.CDMO + "Question" and name.partition(":")[2] != at[0].stem:
        message = f"stands in {at[0].name}, which is not called after it"
        hint = f"Call the file {name.partition(':')[2]}.ttl, or the question {at[0].stem}."
        yield error("question-file", *at, message, hint, entity=name, column=1)


def _repeated(documents: Iterable[Document], names: Names) -> Iterator[Violation]:
    """Yield a violation for each further block of a subject.

    Two claims with one identifier would silently be one with two subjects.
    """
    first: dict[str, _Block] = {}
    # A file whose name has another form is a copy, or is to be renamed.
    for document in sorted(documents, key=lambda d: not _FILE.fullmatch(d.path.name)):
        if document.path.name in ADDING:
            continue
        blank: set[str] = set()
        for match in _BLANK.finditer(document.text):
            if match[1] in blank:
                line = document.text.count("\n", 0, match.start()) + 1
                yield _twice(match[1], Place(document.path, line, 1), ())
            blank.add(match[1])
        for number, (iri, line) in enumerate(document.blocks):
            neighbours = document.blocks[max(number - 1, 0) : number + 2]
            block = _Block(Place(document.path, line, 1), [iri for iri, _ in neighbours])
            if (before := first.setdefault(iri, block)) is not block:
                later, other = block.place, Related(before.place, "the first block")
                if block.is_in_order and not before.is_in_order:
                    later, other = before.place, Related(block.place, "the other block")
                yield _twice(names.curie(iri) or iri, later, [other])


class _Block(NamedTuple):
    """A block, and its subject between those of the blocks before and after it."""

    place: Place
    neighbours: list[str]

    @property
    def is_in_order(self) -> bool:
        """Whether its number is between its neighbours'; that of a copied block is not."""
        return self.neighbours == sorted(self.neighbours)


def _twice(name: str, place: Place, related: Iterable[Related]) -> Violation:
    return error(
        *("block-twice", place.file, place.line, "has a block already"),
        "Give this one an identifier of its own, or merge the two.",
        entity=name,
        column=place.column,
        related=related,
        cause=f"{name} has two blocks",
    )


def repeated_prefixes(document: Document) -> Iterator[Violation]:
    """Yield a violation for each entry of a prefix that has several in the list."""
    lines: dict[str, list[int]] = defaultdict(list)
    for t in document.triples:
        if t.predicate.value == iris.PREFIX:
            lines[text(t.object)].append(_line(document, t))
    for prefix, of_one in lines.items():
        for line in of_one if len(of_one) > 1 else ():
            hint = "Leave one of them."
            message = "has more than one entry in the list of prefixes"
            yield error("prefix-twice", document.path, line, message, hint, entity=f"{prefix}:")


def _untyped_namespaces(document: Document) -> Iterator[Violation]:
    """Yield a violation for each namespace in the list of prefixes that is no ``xsd:anyURI``."""
    for t in document.triples:
        if t.predicate.value == iris.NAMESPACE and not _is_uri(t.object):
            hint = f'Write "{text(t.object)}"^^xsd:anyURI.'
            message = "is no xsd:anyURI, as SHACL has it"
            name, line = text(t.object), _line(document, t)
            yield error("prefix-datatype", document.path, line, message, hint, entity=name)


def _is_uri(term: Term) -> bool:
    return isinstance(term, ox.Literal) and term.datatype.value == iris.XSD + "anyURI"


def _line(document: Document, triple: ox.Triple) -> int:
    statements = document.statements.of(triple.subject)
    starts = [s.value for s in statements if s.triple == triple]
    return document.statements.line_and_column(starts[0])[0] if starts else 1
