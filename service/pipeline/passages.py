"""Cut a source document into passages: one per heading, sentence, list item, table row, ...

A passage is a place in the document, never its text: Unicode code points from the start of
the file, half-open (Web Annotation Data Model §4.2.6), with the SHA-256 of the text there.
The cut is a proposal; afterwards editors change kind, section and reason, never a position.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

_RULE_ROW = re.compile(r"[-|:\s]*-{3,}[-|:\s]*")
_NUMBER = re.compile(r"\d+\.\s+")
_BULLET = re.compile(r"[-*•]\s+")
_SENTENCE_END = re.compile(r"[.!?][\"'”’)]*(?=\s+[\"'“‘(]?[A-Z0-9])")
_ABBREVIATIONS = ("e.g.", "i.e.", "Dr.", "Fig.", "approx.", "vs.", "No.")
_KINDS = {
    "TableRow": rf".*\||{_RULE_ROW.pattern}",
    "TableCaption": r"Table:.*",
    # "1. Excision: During this ...", not the heading "1. Biopsy"
    "ListItem": r"[-*•]\s.*|\d+\.\s+(.*: .*|.*[.:])",
    "QuestionPassage": rf"(?!.*{_SENTENCE_END.pattern}).*\?",
    # Few words: "Additional Resources:", not a sentence that opens a list; shorter lines than
    # twelve words are hardly sentences.
    "Heading": r"(\S+\s+){0,3}\S*:|(\S+\s+){0,11}\S*[^.!?;,:\s]",
}
"""The form of a line of each kind, in the order of trial; other lines are sentences."""

_STOP_WORDS = frozenset(["a", "an", "and", "for", "in", "of", "on", "the", "to", "with"])


@dataclass(frozen=True, slots=True)
class Passage:
    """A place in a document.

    :param start: first code point.
    :param end: the code point after the last one.
    :param kind: local name of a ``cdmo:`` passage kind, for example ``ListItem``.
    :param section: local name of the section after ``source:``.
    :param reason: local name of why it asserts nothing, or None if it may assert something.
    """

    start: int
    end: int
    kind: str
    section: str
    reason: str | None = None


def digest(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes, in hexadecimal."""
    return sha256(text.encode("utf-8")).hexdigest()


def segment(text: str, source: str = "cdct") -> list[Passage]:
    r"""Cut ``text`` into passages that hold every non-white-space character exactly once.

    A heading opens a section, one with a number a subsection.

    :param source: local name of the source, the first part of section names.

    >>> [p.kind for p in segment("Bones\nThey are hard. They break.\n- So: take care.")]
    ['Heading', 'Sentence', 'Sentence', 'ListItem']
    """
    lines = [
        (m.end() - len(m[0].lstrip()), m[0].lstrip()) for m in re.finditer(r"[^\r\n]*\S", text)
    ]
    top = section = f"{source}-title"
    in_answer = False
    passages: list[Passage] = []
    for number, (start, line) in enumerate(lines):
        kind = next((k for k, form in _KINDS.items() if re.fullmatch(form, line)), "Sentence")
        if kind == "Heading" and number:
            section = f"{top if _NUMBER.match(line) else source}-{_slug(line)}"
            top = top if _NUMBER.match(line) else section
        if kind in ("Heading", "QuestionPassage"):
            in_answer = kind == "QuestionPassage"
        below = lines[number + 1][1] if number + 1 < len(lines) else ""
        whole = kind not in ("Sentence", "ListItem")
        for first, end in [(0, len(line))] if whole else _sentences(line):
            shown = "Answer" if kind == "Sentence" and in_answer else kind
            reason = _reason(line, kind, below)
            passages.append(Passage(start + first, start + end, shown, section, reason))
    return passages


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    lead = _NUMBER.match(text) or _BULLET.match(text)
    start, searched = 0, lead.end() if lead else 0
    while match := _SENTENCE_END.search(text, searched):
        searched = match.end()
        if text[: match.end()].endswith(_ABBREVIATIONS):
            continue
        yield start, match.end()
        start = match.end() + len(text[match.end() :]) - len(text[match.end() :].lstrip())
    yield start, len(text)


def _slug(heading: str) -> str:
    words = re.findall(r"[a-z0-9]+", _NUMBER.sub("", heading, count=1).lower())
    return "-".join(w for w in words if w not in _STOP_WORDS) or "overview"


def _reason(line: str, kind: str, below: str) -> str | None:
    if kind == "TableRow":
        if _RULE_ROW.fullmatch(line):
            return "TableRule"
        return "TableHeader" if _RULE_ROW.fullmatch(below) else None
    if kind == "QuestionPassage":
        return "QuestionOnly"
    return "Navigation" if kind in ("Heading", "TableCaption") else None
