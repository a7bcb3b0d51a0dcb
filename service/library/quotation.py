"""The words of a passage, with those on which its claims rest set apart."""

import re
from collections.abc import Iterable
from hashlib import sha256

from service.library.document_parts import Passage

Quotation = list[tuple[str, bool]]
"""A text in pieces, each with whether claims rest on it."""


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
