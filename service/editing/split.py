"""Split a term into several others, which get its belongings as an editor says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.editing import expected
from service.editing.belongings import NAMES, Belongings, key_of_row
from service.editing.division import Division
from service.editing.edits import Edits
from service.editing.identifiers import next_claim
from service.editing.lookup import Lookup
from service.editing.mapping_files import Cells, is_exact, is_vain, mapping_files
from service.editing.mentions import Mention, in_blocks, in_other_texts
from service.editing.naming import find_term, labels, wording_of
from service.editing.new_term import add_term
from service.editing.prose import Wording
from service.editing.tombstones import Retirement, Tombstones
from service.editing.uses import begin_definitions, blocks_of, is_note_on, repointed
from service.pipeline.blocks import Block
from service.pipeline.integrity import released_iris
from service.problems import UsageError
from service.rdf.terms import Term, text, triple


@dataclass(frozen=True)
class Part:
    """One of the terms into which a term is split.

    :param parents: names of wider terms; without any, those of the term that is split.
    :param iri: of a term that is there already, which keeps its definition and its parents.
    """

    label: str
    definition: str = ""
    parents: Sequence[str] = ()
    iri: str = ""


def term_of(edits: Edits, name: str) -> tuple[str, str]:
    """Return the IRI and the label of a term in use.

    :raises UsageError: if it is none.
    """
    iri = find_term(edits.loaded, name)
    if iri in Tombstones(edits).retired:
        raise UsageError(f"{edits.loaded.name(iri)} is retired already.")
    return iri, labels(edits.loaded)[iri]


def belongings_of(edits: Edits, name: str) -> Belongings:
    """Return the belongings of a term, which a split has to place.

    :raises UsageError: if it is no term in use.
    """
    return Belongings(edits, term_of(edits, name)[0])


def split(
    old: Belongings,
    parts: Sequence[Part],
    division: Division,
    *,
    contributor: str,
    remove: bool = False,
) -> tuple[list[str], list[Mention]]:
    """Change the sources so that several terms stand for one; that one is retired.

    Belongings equal to those of an existing term are united with them.

    :param division: the new owners of the term's belongings.
    :param contributor: the IRI of the curator who signs the new terms.
    :param remove: leave nothing of it, which is for terms that no release has published.
    :return: lines that name the other changes, and texts that still have its name.
    :raises UsageError: if it cannot be split so.
    :raises SourceError: with violations, if a check would not pass afterwards.
    """
    if len(parts) < 2:
        raise UsageError("A term is split into two or more: see cdmo rename.")
    if remove and old.iri in released_iris(old.edits.loaded):
        raise UsageError(f"{old.curie} has been released, so it can be retired only.")
    if old.iri in {part.iri for part in parts}:
        raise UsageError(f"{old.curie} is split, so it can be none of the parts.")
    work = _Split(old, division)
    work.add_parts(parts, contributor)
    work.retire_what_is_left()
    work.share_blocks()
    work.share_rows()
    work.begin_definitions()
    tombstones = work.tombstones
    if any(part.iri for part in parts):
        tombstones.unite_equal_claims()
    if remove:
        tombstones.remove(old.iri)
    else:
        retirement = Retirement(["split"], [], list(work.part_iris.values()), keeps_synonyms=False)
        tombstones.entomb(old.iri, retirement)
    notes = expected.follow(old.edits)
    wording = wording_of(old.edits.loaded, old.iri, "")
    mentions = [
        *in_blocks(old.edits, wording, {*work.part_iris.values()}),
        *in_other_texts(old.edits.loaded, wording),
    ]
    return [*tombstones.notes, *notes], mentions


@dataclass
class _Split:
    """A split under way.

    :param part_iris: the labels of the parts to their IRIs.
    :param more: triples that the parts get from the old term, by IRI.
    """

    old: Belongings
    division: Division
    part_iris: dict[str, str] = field(default_factory=dict)
    more: dict[str, list[ox.Triple]] = field(default_factory=dict)

    @cached_property
    def edits(self) -> Edits:
        return self.old.edits

    @cached_property
    def tombstones(self) -> Tombstones:
        return Tombstones(self.edits)

    @cached_property
    def wordings(self) -> Mapping[str, Wording]:
        """The names by which each part takes the place of the old one."""
        pairs = ((iri, label) for label, iri in self.part_iris.items())
        return {iri: wording_of(self.edits.loaded, self.old.iri, label) for iri, label in pairs}

    def to(self, key: str) -> list[str]:
        """Return the parts that get a belonging."""
        return [self.part_iris[label] for label in self.division.to[key]]

    # -- the new terms --------------------------------------------------------------------------

    def add_parts(self, parts: Sequence[Part], contributor: str) -> None:
        """Write the new terms, with the parents of the old one where no others are named."""
        loaded, lookup = self.edits.loaded, Lookup(self.edits.loaded)
        for part in parts:
            if part.label in self.part_iris:
                raise UsageError(f"'{part.label}' stands for one of them only.")
            iri = part.iri
            if not iri:
                iri = add_term(
                    self.edits,
                    lookup,
                    part.label,
                    definition=part.definition,
                    parents=part.parents or self._parents,
                    contributor=contributor,
                    created=date.today(),
                    individual=self._is_individual,
                )
                self.tombstones.notes.append(f"{loaded.name(iri)} is new: '{part.label}'")
            self.part_iris[part.label] = iri

    @cached_property
    def _own(self) -> list[ox.Triple]:
        return [t for t in self._main.triples if text(t.subject) == self.old.iri]

    @cached_property
    def _is_individual(self) -> bool:
        return any(text(t.object) == iris.OWL + "NamedIndividual" for t in self._own)

    @cached_property
    def _parents(self) -> list[str]:
        above = iris.TYPE if self._is_individual else iris.SUBCLASS
        values = [text(t.object) for t in self._own if t.predicate.value == above]
        return [value for value in values if value.startswith(iris.BASE)]

    @cached_property
    def _main(self) -> Block:
        return self.edits.block(self.old.iri)[1]

    # -- the belongings left ----------------------------------------------------------------------

    def retire_what_is_left(self) -> None:
        """Retire claims and questions that no new term gets."""
        loaded = self.edits.loaded
        for key, parts in self.division.to.items():
            iri = loaded.names.iri(key) or ""
            if not parts and iri.startswith((iris.CLAIM, iris.QUESTION)):
                self.tombstones.leave_tensions(iri)
                self.tombstones.entomb(iri, Retirement([f"{self.old.curie} is split."]))
                self.tombstones.notes.append(f"{key} is retired")

    # -- the belongings shared --------------------------------------------------------------------

    def share_blocks(self) -> None:
        """Give the new terms the properties and the uses of the old one in Turtle files."""
        for path, file in self.old.files():
            blocks, file.blocks = file.blocks, []
            own = blocks_of(self.old.iri, blocks)
            for block in blocks:
                if block in own:
                    file.blocks += [block, *self._of_own(path, block, own)]
                elif self.old.names_it(block):
                    file.blocks += self._of_other(path, block, blocks)
                else:
                    file.blocks.append(block)
            if file.blocks != blocks:
                self.edits.put(path, file)
        for iri, triples in self.more.items():
            path, block = self.edits.block(iri)
            called = {_words(t) for t in block.triples if t.predicate.value in NAMES}
            new = [t for t in triples if t.predicate.value not in NAMES or _words(t) not in called]
            self.edits.replace(path, block.subject, dict.fromkeys((*block.triples, *new)))

    def _of_other(self, path: Path, block: Block, blocks: Sequence[Block]) -> Iterator[Block]:
        """Yield a block that names the old term, once for each new one that gets it."""
        names = self.edits.loaded.names
        targets = self.to(self.old.owner(block, blocks))
        if not targets:
            left = tuple(t for t in block.triples if text(t.object) != self.old.iri)
            yield replace(block, triples=left)
        for n, iri in enumerate(targets):
            new = repointed(names, block, self.old.iri, iri, self.wordings[iri])
            if text(block.subject) == iri:  # a narrower term that gets its own place
                above = (triple(iri, iris.SUBCLASS, parent) for parent in self._parents)
                new = replace(new, triples=tuple(dict.fromkeys((*new.triples, *above))))
            if n and text(block.subject).startswith(iris.CLAIM):
                claim = next_claim(self.edits.loaded, path)
                self.edits.loaded.places[claim] = (path, 1)
                new = Block(ox.NamedNode(claim), tuple(_copied(new.triples, block.subject, claim)))
                message = f"{names.curie(claim)} says of {names.curie(iri)} what "
                self.tombstones.notes.append(message + self.edits.loaded.name(block.subject))
            yield new

    def _of_own(self, path: Path, block: Block, own: Sequence[Block]) -> Iterator[Block]:
        """Yield the blocks that new terms get from one: notes, and blocks in other files.

        Triples that belong in their own blocks are kept for these.
        """
        old = ox.NamedNode(self.old.iri)
        keys = {t: self.old.key_of(path, block, t) for t in block.triples}
        if is_note_on(block, self.old.iri) or path.name in keys.values():
            for iri in self.to(next(iter(keys.values()))):
                triples = tuple(map(_renamed, _copied(block.triples, old, iri)))
                yield Block(triples[0].subject, triples, block.comments)
            return
        pool = [t for b in own if not is_note_on(b, self.old.iri) for t in b.triples]
        for t, key in keys.items():
            for iri in self.to(key) if key else ():
                gained = _copied([t, *_below(t.object, pool)], old, iri)
                self.more.setdefault(iri, []).extend(map(_renamed, gained))

    def share_rows(self) -> None:
        """Give the new terms the rows of mapping sets; the others stay with the old term."""
        for file in mapping_files(self.edits):
            of_each: dict[str, list[Cells]] = {label: [] for label in self.part_iris}
            for row in file.of_subject(self.old.curie):
                key = key_of_row(file, row)
                targets = self.division.to[key]
                if len(targets) > 1 and is_exact(row) and not is_vain(row):
                    raise UsageError(f"{key} is an exact match: it goes to one term only.")
                for label in targets:
                    of_each[label].append(row)
                if targets:
                    file.rows.remove(row)
            for label, rows in of_each.items():
                curie = self.edits.loaded.name(self.part_iris[label])
                self.tombstones.give_rows(file, rows, curie, label)
            if any(of_each.values()):
                self.edits.texts[file.path] = file.text()

    def begin_definitions(self) -> None:
        """Let the definitions of narrower terms begin with the name of their new parent."""
        parents = {
            self.edits.loaded.names.iri(key) or key: self.part_iris[labels[0]]
            for key, labels in self.division.to.items()
            if labels
        }
        for document in self.edits.loaded.documents:
            claims = {text(t.subject) for t in document.triples if _is_claim_of_kind(t)}
            for t in document.triples:
                if t.predicate.value == iris.SUBJECT and text(t.subject) in claims & parents.keys():
                    parents.setdefault(text(t.object), parents[text(t.subject)])
        above = next(iter(self._parents), "")
        to_above = wording_of(self.edits.loaded, self.old.iri, labels(self.edits.loaded)[above])

        def wording(child: str) -> Wording | None:
            return (
                to_above
                if parents.get(child) == child
                else self.wordings.get(parents.get(child, ""))
            )

        begin_definitions(self.edits, wording)


def _words(t: ox.Triple) -> str:
    """Return the words of a name without differences of case."""
    return text(t.object).casefold()


def _is_claim_of_kind(t: ox.Triple) -> bool:
    return t.predicate.value == iris.RELATION and text(t.object) == iris.SUBCLASS


def _renamed(t: ox.Triple) -> ox.Triple:
    """Return a triple of a new term, with the old label as a broad synonym."""
    if t.predicate.value == iris.LABEL:
        return ox.Triple(t.subject, ox.NamedNode(iris.BROAD_SYNONYM), t.object)
    if t.predicate.value == iris.ANNOTATED_PROPERTY and text(t.object) == iris.LABEL:
        return ox.Triple(t.subject, t.predicate, ox.NamedNode(iris.BROAD_SYNONYM))
    return t


def _below(node: Term, pool: Sequence[ox.Triple]) -> Iterator[ox.Triple]:
    """Yield the triples about a blank node, and about those in it."""
    if isinstance(node, ox.BlankNode):
        for t in pool:
            if t.subject == node:
                yield t
                yield from _below(t.object, pool)


def _copied(triples: Sequence[ox.Triple], old: Term, new: str) -> Iterator[ox.Triple]:
    """Yield triples with one IRI replaced by another, and blank nodes of their own."""
    nodes: dict[object, ox.NamedNode | ox.BlankNode] = {old: ox.NamedNode(new)}
    for t in triples:
        for node in (t.subject, t.object):
            if isinstance(node, ox.BlankNode):
                nodes.setdefault(node, ox.BlankNode(f"{node.value}x{new[-7:]}"))
    for t in triples:
        yield ox.Triple(nodes.get(t.subject, t.subject), t.predicate, nodes.get(t.object, t.object))
