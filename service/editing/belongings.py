"""The belongings of a term: its properties and its uses, which a split has to place."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.editing.edits import Edits
from service.editing.lookup import Lookup
from service.editing.mapping_files import Cells, MappingFile, is_vain, mapping_files
from service.editing.naming import labels
from service.editing.prose import names_curie
from service.editing.tombstones import space_of
from service.editing.uses import blocks_of, is_note_on
from service.pipeline.blocks import Block, Blocks
from service.rdf.terms import text

NAMES = {iris.LABEL: "label"} | dict.fromkeys(iris.SYNONYMS[:4], "synonym")
_OWN_OF_EACH = frozenset(
    {iris.TYPE, iris.DEFINITION, iris.DCTERMS + "created", iris.DCTERMS + "contributor"}
)
"""Properties that each of the new terms has of its own."""

_SORTS = {"id": "term", "source": "list"}


@dataclass(frozen=True)
class Belonging:
    """A property or a use of a term that a split gives to one of the new terms.

    :param key: how an editor names it: a CURIE, a name, the target of a mapping, a file.
    :param sort: claim, term, list, question, tension, label, synonym, mapping, property or file;
        anything else that names a term is called by the first part of its IRI.
    :param words: its content in words.
    """

    key: str
    sort: str
    words: str
    path: Path
    line: int


@dataclass(frozen=True)
class Belongings:
    """The properties and the uses of a term."""

    edits: Edits
    iri: str

    @cached_property
    def label(self) -> str:
        """The label of the term."""
        return labels(self.edits.loaded)[self.iri]

    @cached_property
    def curie(self) -> str:
        """The CURIE of the term."""
        return self.edits.loaded.name(self.iri)

    def listed(self) -> list[Belonging]:
        """Return each belonging once, by file and line."""
        belongings: dict[str, Belonging] = {}
        for each in (*self._of_blocks(), *self._of_rows()):
            belongings.setdefault(each.key, each)
        return sorted(belongings.values(), key=lambda b: (str(b.path), b.line, b.key))

    def files(self) -> Iterator[tuple[Path, Blocks]]:
        """Yield the Turtle files that name the term, with their blocks."""
        for document in self.edits.loaded.documents:
            content = self.edits.text(document.path)
            is_named = self.curie in content or f"<{self.iri}>" in content
            if is_named or ("sh:select" in content and f'"{self.label}"' in content):
                yield document.path, self.edits.blocks(document.path)

    def names_it(self, block: Block) -> bool:
        """Tell whether a block names the term; a query may do so by its label."""
        for t in block.triples:
            value = text(t.object)
            if isinstance(t.object, ox.NamedNode) and value == self.iri:
                return True
            is_query = t.predicate.value == iris.SELECT
            if is_query and (names_curie(value, self.curie) or f'"{self.label}"' in value):
                return True
        return False

    def key_of(self, path: Path, block: Block, t: ox.Triple) -> str:
        """Return the key of the belonging with a triple of the term's own blocks, or "".

        Triples that each of the new terms has of its own, parents too, have no key.
        """
        predicate = t.predicate.value
        if is_note_on(block, self.iri):
            return self._key_of_note(block)
        if path.parent.name != "modules":
            return path.name
        is_parent = predicate == iris.SUBCLASS and isinstance(t.object, ox.NamedNode)
        if text(t.subject) != self.iri or predicate in _OWN_OF_EACH or is_parent:
            return ""
        return text(t.object) if predicate in NAMES else self.edits.loaded.name(predicate)

    def owner(self, block: Block, blocks: Iterable[Block]) -> str:
        """Return the key of the resource of a block, also for a note or a restriction."""
        if isinstance(block.subject, ox.NamedNode):
            return self.edits.loaded.name(block.subject)
        for t in block.triples:
            if t.predicate.value == iris.ANNOTATED_SOURCE:
                return self.edits.loaded.name(t.object)
        holders = (b for b in blocks if any(t.object == block.subject for t in b.triples))
        return self.owner(next(b for b in holders if b != block), blocks)

    def _key_of_note(self, block: Block) -> str:
        values = {t.predicate.value: t.object for t in block.triples if t.subject == block.subject}
        about = text(values[iris.ANNOTATED_PROPERTY])
        target = text(values[iris.ANNOTATED_TARGET])
        return target if about in NAMES else self.edits.loaded.name(about)

    def _of_blocks(self) -> Iterator[Belonging]:
        for path, file in self.files():
            own = blocks_of(self.iri, file.blocks)
            for block in file.blocks:
                if block in own:
                    yield from self._of_own(path, block)
                elif self.names_it(block):
                    yield self._of_other(path, self.owner(block, file.blocks), block)

    def _of_own(self, path: Path, block: Block) -> Iterator[Belonging]:
        loaded, is_note = self.edits.loaded, is_note_on(block, self.iri)
        for t in block.triples:
            if not (key := self.key_of(path, block, t)):
                continue
            line = loaded.place(self.iri, t.predicate, t.object).line or 1
            if key == path.name:
                yield Belonging(key, "file", loaded.name(t.predicate), path, line)
            elif not is_note and t.predicate.value in NAMES:
                yield Belonging(key, NAMES[t.predicate.value], "", path, line)
            elif not is_note or loaded.names.iri(key):
                shown = "" if isinstance(t.object, ox.BlankNode) else loaded.name(t.object)
                yield Belonging(key, "property", "a note" if is_note else shown, path, line)

    def _of_other(self, path: Path, key: str, block: Block) -> Belonging:
        loaded = self.edits.loaded
        whose = loaded.names.iri(key) or key
        space = space_of(whose)
        named = (text(t.object) for t in block.triples if t.predicate.value == iris.LABEL)
        words = self._words.get(key) or next(named, "")
        line = loaded.place(whose).line or 1
        return Belonging(key, _SORTS.get(space, space), words, path, line)

    def _of_rows(self) -> Iterator[Belonging]:
        for file in mapping_files(self.edits):
            for row in file.of_subject(self.curie):
                parts = ("predicate_modifier", "predicate_id", "object_label")
                words = " ".join(filter(None, map(row.get, parts)))
                key = key_of_row(file, row)
                yield Belonging(key, "mapping", words, file.path, file.line(row))

    @cached_property
    def _words(self) -> Mapping[str, str]:
        return Lookup(self.edits.loaded).in_words


def key_of_row(file: MappingFile, row: Cells) -> str:
    """Return the key of a row of a mapping set: its target, or the set if there is no target."""
    return file.path.name if is_vain(row) else row["object_id"]
