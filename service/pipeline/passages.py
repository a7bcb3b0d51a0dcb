"""Cut a source document into passages: one per heading, sentence, list item, table row, ...

A passage is a place in the document, never its text: Unicode code points from the start of
the file, half-open (Web Annotation Data Model §4.2.6), with the SHA-256 of the text there.
The cut is a proposal; afterwards editors change kind, section and reason, never a position.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

import pyoxigraph as ox

from service import iris
from service.rdf.terms import integer, triple
from service.rdf.turtle import write

PREFIXES = {
    "cdmo": iris.CDMO,
    "oa": iris.OA,
    "passage": iris.BASE + "passage/",
    "source": iris.BASE + "source/",
}

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

    def digest(self, text: str) -> str:
        """Return the SHA-256, in hexadecimal, of the passage's text in ``text``."""
        return digest(text[self.start : self.end])


def digest(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes, in hexadecimal."""
    return sha256(text.encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    text: str
    kind: str


def segment(text: str, source: str = "cdct") -> list[Passage]:
    r"""Cut ``text`` into passages that hold every non-white-space character exactly once.

    :param source: local name of the source, the first part of section names.

    >>> [p.kind for p in segment("Bones\nThey are hard. They break.\n- So: take care.")]
    ['Heading', 'Sentence', 'Sentence', 'ListItem']
    """
    lines = _lines(text)
    title = lines[0].text if lines else ""
    topic = title.split(":")[0]
    top = section = f"{source}-title"
    passages: list[Passage] = []
    for at, line in enumerate(lines):
        below = lines[at + 1] if at + 1 < len(lines) else None
        if line.kind == "Heading" and at > 0 and line.text != title:
            name = _slug(line.text, topic)
            if _is_top(line.text, topic, below):
                top = section = f"{source}-{name}"
            else:
                section = f"{top}-{name}"
        for start, end, kind in _cut(line, title if at else ""):
            reason = _reason(line, kind, below)
            shown = "Heading" if kind == "Title" else kind
            passages.append(Passage(start, end, shown, section, reason))
    return passages


def _lines(text: str) -> list[_Line]:
    """Return the non-empty lines, trimmed, each with its kind."""
    lines: list[_Line] = []
    in_answer = False
    for match in re.finditer(r"[^\r\n]*\S", text):
        stripped = match.group().lstrip()
        start = match.end() - len(stripped)
        title = lines[0].text if lines else ""
        kind = _line_kind(stripped.removeprefix(title).removesuffix(title).strip() or title)
        if kind in ("Heading", "QuestionPassage"):
            in_answer = kind == "QuestionPassage"
        elif kind == "Sentence" and in_answer:
            kind = "Answer"
        lines.append(_Line(start, stripped, kind))
    return lines


def _line_kind(line: str) -> str:
    return next((kind for kind, form in _KINDS.items() if re.fullmatch(form, line)), "Sentence")


def _cut(line: _Line, title: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and kind of each passage of a line.

    Pages copied as text repeat the title: before the first sentence, or glued to the end of
    one. It becomes a passage of its own, of the passing kind "Title".
    """
    start, text = line.start, line.text
    tail = None
    if title and text != title and text.startswith(title):
        yield start, start + len(title), "Title"
        rest = text[len(title) :].lstrip()
        start, text = start + len(text) - len(rest), rest
    if title and text != title and text.endswith(title):
        tail = (start + len(text) - len(title), start + len(text), "Title")
        text = text[: -len(title)].rstrip()
    if line.kind in ("Sentence", "ListItem", "Answer"):
        yield from ((start + a, start + b, line.kind) for a, b in _sentences(text))
    elif text:
        yield start, start + len(text), line.kind
    if tail:
        yield tail


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


def _is_top(heading: str, topic: str, below: _Line | None) -> bool:
    """Tell whether a heading opens a section, not a subsection: then it names the topic.

    A heading right above a table belongs to the table.
    """
    above_table = below is not None and below.kind == "TableRow"
    return not above_table and (topic in heading or heading.isupper())


def _slug(heading: str, topic: str) -> str:
    rest = _NUMBER.sub("", heading, count=1).replace(topic, " ")
    words = re.findall(r"[a-z0-9]+", re.sub(r"\(.*?\)", " ", rest).lower())
    return "-".join(w for w in words if w not in _STOP_WORDS) or "overview"


def _reason(line: _Line, kind: str, below: _Line | None) -> str | None:
    if kind == "Title":
        return "Repetition"
    if kind == "TableRow":
        if _RULE_ROW.fullmatch(line.text):
            return "TableRule"
        return "TableHeader" if below and _RULE_ROW.fullmatch(below.text) else None
    if kind == "QuestionPassage":
        return "QuestionOnly"
    return "Navigation" if kind in ("Heading", "TableCaption") else None


def to_turtle(passages: list[Passage], text: str, source: str = "cdct") -> str:
    """Return the passages of ``text`` as Turtle, numbered in order from 1.

    Only positions and digests leave this function, no word of the document.
    """
    triples: list[ox.Triple] = []
    for order, passage in enumerate(passages, 1):
        iri, selector = f"{PREFIXES['passage']}{source}-{order:03d}", ox.BlankNode()
        triples += [
            triple(iri, iris.TYPE, iris.CDMO + "Passage"),
            triple(iri, iris.HAS_SOURCE, PREFIXES["source"] + source),
            triple(iri, iris.HAS_SELECTOR, selector),
            triple(selector, iris.TYPE, iris.OA + "TextPositionSelector"),
            triple(selector, iris.START, integer(passage.start)),
            triple(selector, iris.END, integer(passage.end)),
            triple(iri, iris.SHA256, ox.Literal(passage.digest(text))),
            triple(iri, iris.PASSAGE_KIND, iris.CDMO + passage.kind),
            triple(iri, iris.SECTION, PREFIXES["source"] + passage.section),
            triple(iri, iris.ORDER, integer(order)),
        ]
        if passage.reason is not None:
            triples.append(triple(iri, iris.ASSERTS_NOTHING, iris.CDMO + passage.reason))
    return write(triples, PREFIXES)
