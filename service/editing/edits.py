"""Changes to files of the sources, kept in memory until all of them can be written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import unified_diff
from pathlib import Path

import pyoxigraph as ox

from service.pipeline import turtle_reader
from service.pipeline.blocks import Block, Blocks, read_blocks
from service.pipeline.files import read_text, write_all
from service.pipeline.format import formatted
from service.pipeline.loading import Loaded, load
from service.pipeline.memory import NOTHING, Memory
from service.pipeline.violations import errors
from service.problems import SourceError
from service.rdf.terms import Term, text
from service.sources import Sources


@dataclass
class Edits:
    """The files of the sources that an edit changes.

    Turtle is changed block by block and written in the house's order; comments of people stay.

    :param loaded: the sources as they are on disk.
    :param texts: changed files, as they are to be; one without text is removed.
    :param memory: remembers results of checks, for those of the edit.
    """

    loaded: Loaded
    texts: dict[Path, str] = field(default_factory=dict)
    memory: Memory = NOTHING

    @classmethod
    def of(cls, sources: Sources, memory: Memory = NOTHING) -> "Edits":
        """Read the sources.

        :raises SourceError: with violations, if a file cannot be read: nothing can be edited.
        """
        loaded, violations = load(sources)
        if errors(violations):
            message = "Files that cannot be read cannot be edited."
            raise SourceError(message, violations=violations)
        return cls(loaded, memory=memory)

    def text(self, path: Path) -> str:
        """Return the text of a file as it is to be; of a new one it is empty."""
        return self.texts[path] if path in self.texts else _on_disk(path)

    def blocks(self, path: Path) -> Blocks:
        """Return the blocks of a Turtle file as it is to be."""
        text = self.text(path)
        document, violations = turtle_reader.read(path, self.loaded.names.prefixes, text)
        if errors(violations):
            raise SourceError(f"{path} cannot be edited.", violations=violations)
        return read_blocks(document)

    def block(self, iri: str) -> tuple[Path, Block]:
        """Return the file of a resource and its own block, as they are to be."""
        path = self.loaded.places[iri][0]
        return path, next(b for b in self.blocks(path).blocks if text(b.subject) == iri)

    def put(self, path: Path, file: Blocks) -> None:
        """Put blocks in the place of those of a Turtle file; one without any is removed."""
        self.texts[path] = file.write(self.loaded.names.prefixes) if file.blocks else ""

    def add(self, path: Path, block: Block, *, after: Term | None = None) -> None:
        """Add a block to a Turtle file, after the last block of a subject or at the end."""
        file = self.blocks(path)
        file.blocks = behind(file.blocks, after, [block])
        self.put(path, file)

    def add_in_order(self, path: Path, block: Block, *, among: str | None = None) -> None:
        """Add a block to a Turtle file as :func:`in_order` does."""
        file = self.blocks(path)
        file.blocks = in_order(file.blocks, [block], among=among)
        self.put(path, file)

    def replace(self, path: Path, subject: Term, triples: Iterable[ox.Triple]) -> None:
        """Give the first block of a subject other triples; without any, it is removed."""
        file, triples = self.blocks(path), tuple(triples)
        at = next(n for n, block in enumerate(file.blocks) if block.subject == subject)
        file.blocks[at : at + 1] = [replace(file.blocks[at], triples=triples)] if triples else []
        self.put(path, file)

    def finish(self) -> dict[Path, str]:
        """Put changed Turtle in the house's order and return each changed file.

        The text of a file to remove is empty. Files whose derived comments the edit makes untrue
        change with it.

        :raises SourceError: if a file would lose a triple or a comment of a person.
        """
        if not any(t != _on_disk(p) for p, t in self.texts.items()):
            return {}
        sources, prefixes = self.loaded.sources, self.loaded.names.prefixes
        paths = {*sources.turtle_files, *(p for p in self.texts if p.suffix == ".ttl")}
        paths -= {p for p, text in self.texts.items() if not text}
        texts, violations = formatted(sorted(paths), prefixes, sources=sources, texts=self.texts)
        if violations:
            raise SourceError("The edit cannot be written.", violations=violations)
        after = {**self.texts, **texts}
        return {p: t for p, t in sorted(after.items()) if not p.exists() or t != read_text(p)}

    def diff(self) -> str:
        """Return the changes of the edit as a unified diff."""
        root = self.loaded.sources.root
        return "".join(
            line
            for path, after in self.finish().items()
            for line in unified_diff(
                _on_disk(path).splitlines(keepends=True),
                after.splitlines(keepends=True),
                f"a/{path.relative_to(root)}",
                f"b/{path.relative_to(root)}",
            )
        )

    def write(self) -> list[Path]:
        """Write the changed files, all or none, and return them.

        :raises NotWritten: if one cannot be written.
        """
        texts = self.finish()
        write_all(texts)
        return list(texts)


def in_order(
    blocks: Sequence[Block], new: Sequence[Block], *, among: str | None = None
) -> list[Block]:
    """Return blocks with new ones after that with the next lower IRI, or at the end.

    :param among: the beginning of the IRIs that count; by default up to their last part.
    """
    iri = text(new[0].subject)
    start = iri[: iri.rindex("/") + 1] if among is None else among
    lower = (b.subject for b in blocks if start <= text(b.subject) < iri)
    return behind(blocks, max(lower, key=text, default=None), new)


def behind(blocks: Sequence[Block], subject: Term | None, new: Sequence[Block]) -> list[Block]:
    """Return blocks with new ones after the last of a subject, or at the end."""
    places = [n for n, block in enumerate(blocks, 1) if block.subject == subject]
    at = places[-1] if places else len(blocks)
    return [*blocks[:at], *new, *blocks[at:]]


def _on_disk(path: Path) -> str:
    return read_text(path) if path.exists() else ""
