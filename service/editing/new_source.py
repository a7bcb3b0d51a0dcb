"""Write a new document: its source block, its sections and its passages.

Headings give the sections their names, in few words; no sentence of the document is written.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.editing.edits import Edits
from service.pipeline.blocks import Block
from service.pipeline.passages import Passage, digest, segment
from service.problems import EditRefused, UsageError
from service.rdf.terms import Term, integer, text, triple

SOURCE, PASSAGE = iris.BASE + "source/", iris.BASE + "passage/"
_NUMBER = re.compile(r"\d+\.\s+")
_WORDS = 7
"""The most words of a heading that a label has."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section as its heading opens it.

    :param parent: local name of a section, or of the source.
    :param heading: number of its heading.
    """

    name: str
    label: str
    parent: str
    heading: int


@dataclass(frozen=True)
class NewSource:
    """A document as an editor gives it.

    :param name: local name of the source, such as ``jdmf``.
    :param language: BCP 47 tag.
    :param description: what it is, and how it differs from other documents.
    :param sort: what sort of document it is, such as ``web article for the public``.
    :param short_label: its name on pages beside its statements.
    """

    name: str
    text: str
    language: str = "en"
    description: str = ""
    sort: str = ""
    short_label: str = ""

    @property
    def passages(self) -> list[Passage]:
        """Its passages; sections whose headings are the same have names of their own."""
        seen: set[str] = set()
        passages: list[Passage] = []
        before, name = "", ""
        for passage in segment(self.text, self.name):
            opens = (
                passage.kind == "Heading" and passages and passage.section != f"{self.name}-title"
            )
            if passage.section != before or opens:
                before, number = passage.section, 2
                name = before
                while name in seen:
                    name, number = f"{before}-{number}", number + 1
                seen.add(name)
            passages.append(replace(passage, section=name))
        return passages

    @property
    def title(self) -> str:
        """The words of its first passage, cut to those of a label."""
        first = next(iter(self.passages), None)
        return _label(self.text[first.start : first.end]) if first else self.name

    def sections(self) -> list[Section]:
        """Return the sections in their order; those of numbered headings lie in the one above."""
        sections: list[Section] = []
        top = self.name
        for number, passage in enumerate(self.passages, 1):
            if sections and sections[-1].name == passage.section:
                continue
            words = self.text[passage.start : passage.end]
            below = bool(_NUMBER.match(words)) and bool(sections)
            label = _label(words) if sections else "Introduction"
            parent = top if below else self.name
            sections.append(Section(passage.section, label, parent, number))
            top = top if below else passage.section
        return sections


def add_source(edits: Edits, new: NewSource) -> list[Path]:
    """Add a document to ``claims/`` in two files of its own and return them.

    Its short label goes to ``display.ttl``.

    :raises UsageError: if the name is none, or the document has no text.
    :raises EditRefused: if there is a source with this name or this text.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*", new.name):
        raise UsageError(f"'{new.name}' is no name of a source: write letters and digits, as jdmf.")
    if not new.text.strip():
        raise UsageError("The document has no text.")
    sha256 = ox.Literal(digest(new.text))
    if SOURCE + new.name in edits.loaded.places:
        raise EditRefused(f"There is a source:{new.name} already. Give another --source.")
    for document in edits.loaded.documents:
        for t in document.triples:
            if t.object == sha256 and t.subject.value.startswith(SOURCE):  # type: ignore[union-attr]
                raise EditRefused(f"{edits.loaded.name(t.subject)} is this very document.")
    folder = edits.loaded.sources.ontology / "claims"
    head, body = folder / f"{new.name}.ttl", folder / f"{new.name}-passages.ttl"
    for path, triples in ((head, head_triples(new)), (body, passage_triples(new))):
        edits.add(path, Block(triples[0].subject, tuple(triples)))
    if new.short_label:
        source = SOURCE + new.name
        called = triple(source, iris.CDMO + "shortLabel", _english(new.short_label))
        display = edits.loaded.sources.ontology / "display.ttl"
        edits.add(display, Block(called.subject, (called,)), after=_last_source(edits, display))
    return [head, body]


def head_triples(new: NewSource) -> list[ox.Triple]:
    """Return the triples of the source and of its sections."""
    source = SOURCE + new.name
    title = _english(new.title)
    triples = [
        triple(source, iris.TYPE, iris.SOURCE_CLASS),
        triple(source, iris.LABEL, title),
        triple(source, iris.TITLE, title),
        triple(source, iris.SHA256, ox.Literal(digest(new.text))),
        triple(source, iris.LENGTH, integer(len(new.text))),
        triple(source, iris.DCTERMS + "language", ox.Literal(new.language)),
    ]
    if new.description:
        triples.append(triple(source, iris.DCTERMS + "description", _english(new.description)))
    if new.sort:
        triples.append(triple(source, iris.CDMO + "sourceKind", _english(new.sort)))
    for order, section in enumerate(new.sections(), 1):
        iri = SOURCE + section.name
        triples += [
            triple(iri, iris.TYPE, iris.SECTION_CLASS),
            triple(iri, iris.LABEL, _english(section.label)),
            triple(iri, iris.PART_OF, SOURCE + section.parent),
            triple(iri, iris.CDMO + "heading", _passage(new, section.heading)),
            triple(iri, iris.ORDER, integer(order)),
        ]
    return triples


def passage_triples(new: NewSource) -> list[ox.Triple]:
    """Return the triples of the passages, numbered in their order from 1."""
    triples = []
    for order, passage in enumerate(new.passages, 1):
        iri, selector = _passage(new, order), ox.BlankNode()
        triples += [
            triple(iri, iris.TYPE, iris.CDMO + "Passage"),
            triple(iri, iris.HAS_SOURCE, SOURCE + new.name),
            triple(iri, iris.HAS_SELECTOR, selector),
            triple(selector, iris.TYPE, iris.OA + "TextPositionSelector"),
            triple(selector, iris.START, integer(passage.start)),
            triple(selector, iris.END, integer(passage.end)),
            triple(iri, iris.SHA256, ox.Literal(digest(new.text[passage.start : passage.end]))),
            triple(iri, iris.PASSAGE_KIND, iris.CDMO + passage.kind),
            triple(iri, iris.SECTION, SOURCE + passage.section),
            triple(iri, iris.ORDER, integer(order)),
        ]
        if passage.reason:
            triples.append(triple(iri, iris.ASSERTS_NOTHING, iris.CDMO + passage.reason))
    return triples


def _passage(new: NewSource, order: int) -> str:
    return f"{PASSAGE}{new.name}-{order:03d}"


def _last_source(edits: Edits, path: Path) -> Term | None:
    """Return the subject of the last block of a file that is about a source."""
    subjects = [block.subject for block in edits.blocks(path).blocks]
    return next((s for s in reversed(subjects) if text(s).startswith(SOURCE)), None)


def _english(words: str) -> ox.Literal:
    return ox.Literal(words, language="en")


def _label(heading: str) -> str:
    words = _NUMBER.sub("", heading, count=1).rstrip(":").split()
    return " ".join(words[:_WORDS])[:60].strip()
