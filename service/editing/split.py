"""Split a term into several new ones; what it has and what names it goes where an editor says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.editing import expected
from service.editing.belongings import Belongings, key_of_row
from service.editing.division import Division
from service.editing.edits import Edits
from service.editing.identifiers import next_claim
from service.editing.lookup import Lookup
from service.editing.mentions import Mention, in_blocks, in_other_texts
from service.editing.naming import find, labels, wording_of
from service.editing.new_term import NewTerm, add_term
from service.editing.prose import Wording
from service.editing.tombstones import Retirement, Tombstones, is_exact, sorted_rows
from service.editing.uses import begin_definitions, blocks_of, is_note_on, repointed, rows_of
from service.pipeline.blocks import Block
from service.pipeline.integrity import released_iris
from service.problems import UsageError
from service.rdf.terms import Term, text


@dataclass(frozen=True)
class Part:
    """A term that another one becomes.

    :param parents: names of wider terms; without any, those of the term that is split.
    """

    label: str
    definition: str
    parents: Sequence[str] = ()


def belongings_of(edits: Edits, name: str) -> Belongings:
    """Return what has to go somewhere before a term can be split.

    :raises UsageError: if it is no term in use.
    """
    iri = find(edits.loaded, name)
    if not iri.startswith(iris.TERM) or iri not in labels(edits.loaded):
        raise UsageError(f"{edits.loaded.name(iri)} is no term with a label.")
    if iri in Tombstones(edits).retired:
        raise UsageError(f"{edits.loaded.name(iri)} is retired already.")
    return Belongings(edits, iri)


def split(
    old: Belongings,
    parts: Sequence[Part],
    division: Division,
    *,
    contributor: str,
    remove: bool = False,
) -> tuple[list[str], list[Mention]]:
    """Change the sources so that several new terms stand for one; that one is retired.

    :param division: where all goes that the term has and that names it.
    :param contributor: the IRI of the curator who signs the new terms.
    :param remove: leave nothing of it, which is for terms that no release has published.
    :return: lines that say what else changed, and texts that still have its name.
    :raises UsageError: if it cannot be split so.
    :raises SourceError: with violations, if a check would not pass afterwards.
    """
    if len(parts) < 2:
        raise UsageError("A term is split into two or more: see cdmo rename.")
    if remove and old.iri in released_iris(old.edits.loaded):
        raise UsageError(f"{old.curie} has been released, so it can be retired only.")
    work = _Split(old, division)
    work.add_parts(parts, contributor)
    work.retire_what_is_left()
    work.share_blocks()
    work.share_rows()
    work.begin_definitions()
    tombstones = work.tombstones
    if remove:
        tombstones.remove(old.iri)
    else:
        retirement = Retirement(["split"], [], list(work.made.values()), keeps_synonyms=False)
        tombstones.entomb(old.iri, retirement)
    notes = expected.follow(old.edits, lambda _, __: False)
    wording = wording_of(old.edits.loaded, old.iri, "")
    mentions = [
        *in_blocks(old.edits, wording, {*work.made.values()}),
        *in_other_texts(old.edits.loaded, wording),
    ]
    return [*tombstones.notes, *notes], mentions


@dataclass
class _Split:
    """A split under way.

    :param made: the labels of the new terms to their IRIs.
    :param more: what the new terms get of the old one.
    """

    old: Belongings
    division: Division
    made: dict[str, str] = field(default_factory=dict)
    more: dict[str, list[ox.Triple]] = field(default_factory=dict)

    @cached_property
    def edits(self) -> Edits:
        return self.old.edits

    @cached_property
    def tombstones(self) -> Tombstones:
        return Tombstones(self.edits)

    @cached_property
    def wordings(self) -> Mapping[str, Wording]:
        """The names by which each new term takes the place of the old one."""
        pairs = ((iri, label) for label, iri in self.made.items())
        return {iri: wording_of(self.edits.loaded, self.old.iri, label) for iri, label in pairs}

    def to(self, key: str) -> list[str]:
        """Return the new terms that get something."""
        return [self.made[label] for label in self.division.to[key]]

    # -- the new terms --------------------------------------------------------------------------

    def add_parts(self, parts: Sequence[Part], contributor: str) -> None:
        """Write the new terms, with the parents of the old one where no others are named."""
        loaded, lookup = self.edits.loaded, Lookup(self.edits.loaded)
        own = [t for t in self._main.triples if text(t.subject) == self.old.iri]
        individual = any(text(t.object) == iris.OWL + "NamedIndividual" for t in own)
        above = iris.TYPE if individual else iris.SUBCLASS
        values = [text(t.object) for t in own if t.predicate.value == above]
        parents = [v for v in values if v.startswith(iris.BASE)]
        for part in parts:
            new = NewTerm(
                part.label,
                part.definition,
                part.parents or parents,
                contributor,
                date.today(),
                individual=individual,
            )
            if part.label in self.made:
                raise UsageError(f"'{part.label}' stands for one of them only.")
            iri = add_term(self.edits, lookup, new)
            self.made[part.label] = iri
            self.tombstones.notes.append(f"{loaded.name(iri)} is new: '{part.label}'")

    @cached_property
    def _main(self) -> Block:
        path = self.edits.loaded.places[self.old.iri][0]
        blocks = self.edits.blocks(path).blocks
        return next(b for b in blocks if text(b.subject) == self.old.iri)

    # -- what it leaves ---------------------------------------------------------------------------

    def retire_what_is_left(self) -> None:
        """Retire claims and questions that no new term gets."""
        loaded = self.edits.loaded
        for key, parts in self.division.to.items():
            iri = loaded.names.iri(key) or ""
            if not parts and iri.startswith((iris.CLAIM, iris.QUESTION)):
                self.tombstones.leave_tensions(iri)
                self.tombstones.entomb(iri, Retirement([f"{self.old.curie} is split."]))
                self.tombstones.notes.append(f"{key} is retired")

    # -- what goes on -----------------------------------------------------------------------------

    def share_blocks(self) -> None:
        """Give the new terms what names the old one, and what it has."""
        for path, blocks in self.old.files():
            own = blocks_of(self.old.iri, blocks)
            after: list[Block] = []
            for block in blocks:
                if block in own:
                    after += [block, *self._of_own(path, block, own)]
                elif self.old.names_it(block):
                    after += self._of_other(path, block, blocks)
                else:
                    after.append(block)
            if after != blocks:
                self.edits.change(path, lambda _, after=after: after)  # type: ignore[misc]
        for iri, triples in self.more.items():
            path = self.edits.loaded.places[iri][0]
            blocks = self.edits.blocks(path).blocks
            block = next(b for b in blocks if text(b.subject) == iri)
            self.edits.replace(path, block.subject, dict.fromkeys((*block.triples, *triples)))

    def _of_other(self, path: Path, block: Block, blocks: Sequence[Block]) -> Iterator[Block]:
        """Yield a block that names the old term, once for each new one that gets it."""
        names = self.edits.loaded.names
        targets = self.to(self.old.owner(block, blocks))
        if not targets:
            left = tuple(t for t in block.triples if text(t.object) != self.old.iri)
            yield replace(block, triples=left)
        for n, iri in enumerate(targets):
            new = repointed(names, block, self.old.iri, iri, self.wordings[iri])
            if n and text(block.subject).startswith(iris.CLAIM):
                claim = next_claim(self.edits.loaded, path)
                self.edits.loaded.places[claim] = (path, 1)
                new = Block(ox.NamedNode(claim), tuple(_copied(new.triples, block.subject, claim)))
                said = f"{names.curie(claim)} says of {names.curie(iri)} what "
                self.tombstones.notes.append(said + self.edits.loaded.name(block.subject))
            yield new

    def _of_own(self, path: Path, block: Block, own: Sequence[Block]) -> Iterator[Block]:
        """Yield what the new terms get of a block: notes, and what other files say of them.

        What belongs into their own blocks is kept for these.
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
        """Give the new terms the rows of mapping sets; what is left stays with the old one."""
        names = {iri: label for label, iri in self.made.items()}
        for path, columns, rows, others in list(rows_of(self.edits, self.old.curie)):
            after = list(others)
            for row in rows:
                cells = dict(zip(columns, row.split("\t"), strict=False))
                key = key_of_row(path, cells)
                targets = self.to(key)
                if len(targets) > 1 and is_exact(cells) and key != path.name:
                    raise UsageError(f"{key} is an exact match: it goes to one term only.")
                for iri in targets:
                    new = cells | {"subject_id": self.edits.loaded.name(iri)}
                    new |= {"subject_label": names[iri]} if "subject_label" in columns else {}
                    after.append("\t".join(new[column] for column in columns))
                after += [] if targets else [row]
            self.edits.texts[path] = sorted_rows(after, columns)

    def begin_definitions(self) -> None:
        """Let the definitions of narrower terms begin with the name of their new parent."""
        parents = {
            self.edits.loaded.names.iri(key) or key: self.made[labels[0]]
            for key, labels in self.division.to.items()
            if labels
        }
        for document in self.edits.loaded.documents:
            claims = {text(t.subject) for t in document.triples if _is_claim_of_kind(t)}
            for t in document.triples:
                if t.predicate.value == iris.SUBJECT and text(t.subject) in claims & parents.keys():
                    parents.setdefault(text(t.object), parents[text(t.subject)])
        begin_definitions(self.edits, lambda child: self.wordings.get(parents.get(child, "")))


def _is_claim_of_kind(t: ox.Triple) -> bool:
    return t.predicate.value == iris.RELATION and text(t.object) == iris.SUBCLASS


def _renamed(t: ox.Triple) -> ox.Triple:
    """Return a triple of a new term: the label of the old one is wider than what it means."""
    if t.predicate.value == iris.LABEL:
        return ox.Triple(t.subject, ox.NamedNode(iris.BROAD_SYNONYM), t.object)
    if t.predicate.value == iris.ANNOTATED_PROPERTY and text(t.object) == iris.LABEL:
        return ox.Triple(t.subject, t.predicate, ox.NamedNode(iris.BROAD_SYNONYM))
    return t


def _below(node: Term, pool: Sequence[ox.Triple]) -> Iterator[ox.Triple]:
    """Yield what is said of a blank node, and of those in it."""
    if isinstance(node, ox.BlankNode):
        for t in pool:
            if t.subject == node:
                yield t
                yield from _below(t.object, pool)


def _copied(triples: Sequence[ox.Triple], old: Term, new: str) -> Iterator[ox.Triple]:
    """Yield triples with another IRI in the place of one, and blank nodes of their own."""
    nodes: dict[object, ox.NamedNode | ox.BlankNode] = {old: ox.NamedNode(new)}
    for t in triples:
        for node in (t.subject, t.object):
            if isinstance(node, ox.BlankNode):
                nodes.setdefault(node, ox.BlankNode(f"{node.value}x{new[-7:]}"))
    for t in triples:
        yield ox.Triple(nodes.get(t.subject, t.subject), t.predicate, nodes.get(t.object, t.object))
