"""The parts of a source document: sections, passages and lists, and the words of passages."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from service.library.data import Ref

Quotation = list[tuple[str, bool]]
"""A text in pieces, each with whether claims rest on it."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the source document.

    :param parent: the IRI of the section or the document around it.
    :param top: the IRI of the section around it that lies in the document itself.
    :param trail: the labels from that section down to this one.
    :param source: the document.
    """

    ref: Ref
    parent: str
    top: str
    trail: str
    source: Ref

    @property
    def depth(self) -> int:
        """How deep it lies; a section of the document itself lies at 0."""
        return self.trail.count(" › ")


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage: its position, never its text.

    :param start: first code point, counted from 0 at the start of the UTF-8 file.
    :param end: the code point after the last (half-open).
    :param digest: SHA-256 of its text, in hexadecimal.
    :param reason: why it makes no claim, if it makes none.
    :param source: its document.
    """

    ref: Ref
    order: int
    kind: Ref
    section: Section | None
    source: Ref
    start: int | None
    end: int | None
    digest: str
    reason: Ref | None

    @property
    def place(self) -> tuple[str, int]:
        """Its place among the passages of all documents."""
        return self.source.iri, self.order


@dataclass(frozen=True, slots=True)
class Enumeration:
    """A list, a table column or an enumerating sentence of the document.

    :param topic: the term of which the entries are members or examples.
    :param complete: whether it presents itself as complete.
    :param entries: each term that it names, in order, with the passage that names it.
    """

    ref: Ref
    topic: Ref
    section: Section
    complete: bool
    entries: tuple[tuple[Ref, Passage], ...]


def quote(text: str, hedges: Iterable[str]) -> Quotation:
    """Return a text in pieces, with every occurrence of a hedge as a piece of its own.

    A hedge matches whole words, whatever their case and the space between them. Of two hedges that
    overlap, the longer one counts.

    >>> quote("It can help, and may.", ["can help", "may"])
    [('It ', False), ('can help', True), (', and ', False), ('may', True), ('.', False)]
    """
    by_length = sorted({hedge for hedge in hedges if hedge.strip()}, key=lambda h: (-len(h), h))
    if not by_length:
        return [(text, False)]
    patterns = (r"\s+".join(map(re.escape, hedge.split())) for hedge in by_length)
    parts = re.split(rf"(?<!\w)({'|'.join(patterns)})(?!\w)", text, flags=re.IGNORECASE)
    return [(part, place % 2 == 1) for place, part in enumerate(parts) if part]


def text_at(passage: Passage, document: str) -> str | None:
    """Return the text of a passage in a document, or None if another text stands there."""
    if passage.start is None or passage.end is None:
        return None
    words = document[passage.start : passage.end]
    return words if sha256(words.encode()).hexdigest() == passage.digest else None
