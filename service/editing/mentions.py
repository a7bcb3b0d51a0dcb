"""Texts that contain a name, perhaps as a mere word: for the editor to judge."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.editing.edits import Edits
from service.editing.prose import Wording
from service.pipeline.blocks import Block
from service.pipeline.files import read_text
from service.pipeline.loading import Loaded
from service.rdf.terms import text

NO_PROSE = frozenset(
    {
        *(iris.EXACT_SYNONYM, iris.NARROW_SYNONYM, iris.BROAD_SYNONYM, iris.RELATED_SYNONYM),
        *(iris.HIDDEN_LABEL, iris.EXPECTED, iris.CDMO + "hedge", iris.ANNOTATED_TARGET),
        *(iris.TITLE, iris.SELECT),
    }
)
"""Properties whose texts are no prose of ours: names, document words, rows and queries."""

_NAMED = {iris.LABEL: "label", iris.DEFINITION: "definition", iris.COMMENT: "comment"}


@dataclass(frozen=True)
class Mention:
    """A text that contains a name, and its place before the edit."""

    path: Path
    line: int
    entity: str
    text: str


def mention(loaded: Loaded, wording: Wording, block: Block, t: ox.Triple) -> Mention:
    """Return the mention of an old name in a text of a block."""
    subject = text(block.subject)
    path, line, _ = loaded.place(subject, t.predicate, t.object)
    if isinstance(block.subject, ox.BlankNode):
        owner = next((t.object for t in block.triples if isinstance(t.object, ox.NamedNode)), None)
        path, line, _ = loaded.place(text(owner))
    what = _NAMED.get(t.predicate.value, loaded.name(t.predicate.value))
    excerpt = f"{what}: {around(text(t.object), wording)}"
    return Mention(path or loaded.sources.ontology, line or 1, loaded.name(subject), excerpt)


def around(phrase: str, wording: Wording, width: int = 40) -> str:
    """Return the part of a text around the old name, on one line."""
    at = phrase.lower().find(wording.old.lower())
    start, end = max(0, at - width), at + len(wording.old) + width
    part = " ".join(phrase[start:end].split())
    return f"{'…' if start else ''}{part}{'…' if end < len(phrase) else ''}"


def in_blocks(edits: Edits, wording: Wording, but: Collection[str] = ()) -> Iterator[Mention]:
    """Yield texts of blocks that still contain the old name after the edit.

    :param but: IRIs of resources to leave out; retired resources are left out too.
    """
    for document in edits.loaded.documents:
        content = edits.text(document.path)
        blocks = edits.blocks(document.path).blocks if wording.is_in(content) else ()
        for block in blocks:
            predicates = {t.predicate.value for t in block.triples}
            if text(block.subject) in but or iris.DEPRECATED in predicates:
                continue
            for t in block.triples:
                is_prose = isinstance(t.object, ox.Literal) and t.predicate.value not in NO_PROSE
                if is_prose and wording.is_in(text(t.object)):
                    yield mention(edits.loaded, wording, block, t)


def in_other_texts(loaded: Loaded, wording: Wording) -> Iterator[Mention]:
    """Yield the mentions that no verb changes: in comments of people, rules, checks, guides."""
    sources = loaded.sources
    root = sources.root
    paths = [*sources.ontology.rglob("*.rq"), *sources.ontology.glob("*.md"), root / "README.md"]
    for path in sorted(p for p in paths if p.is_file()):
        for number, line in enumerate(read_text(path).split("\n"), 1):
            if wording.is_in(line):
                yield Mention(path, number, "", around(line, wording))
    for document in loaded.documents:
        if "sh:select" in document.text:
            continue  # comments of queries have been looked at
        for number, line in enumerate(document.text.split("\n"), 1):
            if line.lstrip().startswith("# ") and wording.is_in(line):
                yield Mention(document.path, number, "", around(line.strip(), wording))


def mention_lines(mentions: Iterable[Mention], here: Path) -> Iterator[str]:
    """Yield a line for each mention, by file and line."""
    for m in sorted(mentions, key=lambda m: (str(m.path), m.line, m.text)):
        path = m.path.relative_to(here) if m.path.is_relative_to(here) else m.path
        yield f"{path}:{m.line}: {f'{m.entity}: ' if m.entity else ''}{m.text}"
