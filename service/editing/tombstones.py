"""Write the tombstone of a retired resource, and move its uses to its successor."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.editing.edits import Edits
from service.editing.lookup import Lookup
from service.editing.mapping_files import (
    Cells,
    MappingFile,
    in_one_line,
    is_exact,
    is_vain,
    mapping_files,
)
from service.editing.naming import labels, wording_of
from service.editing.unite import unite_equal_claims
from service.editing.uses import repoint, take, uses
from service.pipeline.blocks import Block, Blocks
from service.rdf.terms import text, triple
from service.rdf.turtle import MARK

REASONS = {
    "failed": iris.OBO + "IAO_0000103",
    "placeholder": iris.OBO + "IAO_0000226",
    "merged": iris.OBO + "IAO_0000227",
    "imported": iris.OBO + "IAO_0000228",
    "split": iris.OBO + "IAO_0000229",
}
"""The sorts of reason that IAO has, by the word of the command line; any other reason is prose."""

FILES = {
    "id": "modules/obsolete.ttl",
    "claim": "claims/obsolete.ttl",
    "passage": "claims/obsolete.ttl",
    "tension": "claims/obsolete.ttl",
    "source": "claims/obsolete.ttl",
    "question": "questions",
}
"""Where a retired resource stands, by the first part of its path; a question stays in its file."""

_SYNONYMS = frozenset(
    {iris.EXACT_SYNONYM, iris.NARROW_SYNONYM, iris.BROAD_SYNONYM, iris.RELATED_SYNONYM}
)
_KEPT = _SYNONYMS | {
    *(iris.DEFINITION, iris.COMMENT, iris.DCTERMS + "created", iris.DCTERMS + "contributor")
}
"""Properties that a retired term keeps; nothing may follow from them any more."""

IN_TENSIONS = frozenset({iris.CONCERNS, iris.OTHER_SIDE})
"""The properties by which a tension names its participants."""


@dataclass(frozen=True)
class Retirement:
    """Why a resource is retired, and what replaces it.

    :param reasons: words of :data:`REASONS`, or prose.
    :param successors: the resources that replace it.
    :param candidates: resources that may fit in its place.
    :param keeps_synonyms: whether its other names stay with it.
    """

    reasons: Sequence[str]
    successors: Sequence[str] = ()
    candidates: Sequence[str] = ()
    keeps_synonyms: bool = True


@dataclass
class Tombstones:
    """Writes blocks for retired resources into an edit.

    :param notes: lines that name the other changes.
    """

    edits: Edits
    notes: list[str] = field(default_factory=list)

    @cached_property
    def words(self) -> dict[str, str]:
        """The words of each opaque name before the edit, those of claims too."""
        return Lookup(self.edits.loaded).in_words

    @cached_property
    def labels(self) -> dict[str, str]:
        """The label of each resource before the edit."""
        return labels(self.edits.loaded)

    @cached_property
    def retired(self) -> set[str]:
        """The resources that were retired before the edit."""
        triples = (t for d in self.edits.loaded.documents for t in d.triples)
        deprecated = (t for t in triples if t.predicate.value == iris.DEPRECATED)
        return {text(t.subject) for t in deprecated if text(t.object) == "true"}

    def leave_tensions(self, iri: str) -> None:
        """Remove a resource from all tensions; one that is left empty fails its check."""
        for use in list(uses(self.edits, iri)):
            if use.predicate in IN_TENSIONS:
                path, block = self.edits.block(use.subject)
                left = [t for t in block.triples if text(t.object) != iri]
                self.edits.replace(path, block.subject, left)
                self.notes.append(f"{self.edits.loaded.name(use.subject)} concerns it no more")

    def replace_by(self, iri: str, successor: str) -> None:
        """Put a successor in the place of a resource, its mappings too, and unite equal claims."""
        name = self.edits.loaded.name
        new, is_named = self.labels.get(successor, ""), iri in self.labels
        wording = wording_of(self.edits.loaded, iri, new) if is_named and new else None
        repoint(self.edits, iri, successor, wording)
        if space_of(iri) == "id":
            self.move_rows(name(iri), name(successor), new)
        self.unite_equal_claims()

    def unite_equal_claims(self) -> None:
        """Unite claims that an edit makes equal; retire those that it makes about themselves."""
        name = self.edits.loaded.name
        for kept, gone in unite_equal_claims(self.edits):
            if kept:
                repoint(self.edits, gone, kept)
                self.entomb(gone, Retirement(["merged"], [kept]))
                self.notes.append(f"{name(gone)} is united with {name(kept)}")
            else:
                block = self.edits.block(gone)[1]
                about = next(t.object for t in block.triples if t.predicate.value == iris.SUBJECT)
                self.leave_tensions(gone)
                self.entomb(gone, Retirement([f"It would say of {name(about)} that it is so."]))
                self.notes.append(f"{name(gone)} would be about itself, so it is retired")

    def move_rows(self, old: str, new: str, label: str) -> None:
        """Move the rows of mapping sets from one term to another."""
        for file in mapping_files(self.edits):
            if rows := file.of_subject(old):
                file.rows = [row for row in file.rows if row not in rows]
                self.give_rows(file, rows, new, label)
                self.edits.texts[file.path] = file.text()

    def give_rows(self, file: MappingFile, rows: Iterable[Cells], new: str, label: str) -> None:
        """Give rows of another term to a term, except those that it has already.

        Where it has an exact match of its own, those that come to it are close ones.
        """
        own = file.of_subject(new)
        has = {row["object_id"] for row in own}
        exact = any(is_exact(row) and not is_vain(row) for row in own)
        given: list[Cells] = []
        for row in rows:
            if row["object_id"] in has or (own and is_vain(row)):
                self.notes.append(f"{file.path.name}: {new} has its like: {in_one_line(row)}")
                continue
            cells = {**row, "subject_id": new}
            if "subject_label" in file.columns:
                cells["subject_label"] = label
            if exact and is_exact(cells):
                cells["predicate_id"] = "skos:closeMatch"
                self.notes.append(f"{file.path.name}: a close match now: {in_one_line(row)}")
            given.append(cells)
        stay = (row for row in file.rows if not (given and row in own and is_vain(row)))
        file.rows = [*stay, *given]

    def entomb(self, iri: str, retirement: Retirement) -> None:
        """Replace all blocks and rows of a resource by a block that says that it is retired."""
        edits, space = self.edits, space_of(iri)
        name = edits.loaded.name(iri)
        label = self.labels.get(iri) or self.words.get(name) or iri.rpartition("/")[2]
        if space == "passage":
            label = f"passage {int(label.rpartition('-')[2])}"
        taken = take(edits, iri)
        own = [t for _, block in taken for t in block.triples if text(t.subject) == iri]
        rows = self._take_rows(name) if space == "id" else []
        today = ox.Literal(date.today().isoformat(), datatype=ox.NamedNode(iris.XSD_DATE))
        triples = [
            triple(iri, iris.LABEL, ox.Literal(f"obsolete {label}", language="en")),
            triple(iri, iris.DEPRECATED, ox.Literal(True)),
            triple(iri, iris.FORMERLY, ox.Literal(self._formerly(taken, rows))),
            triple(iri, iris.MODIFIED, today),
            *(triple(iri, iris.REPLACED_BY, other) for other in retirement.successors),
            *(triple(iri, iris.CONSIDER, other) for other in retirement.candidates),
            *_reasons(iri, retirement),
            *_kept(iri, own, retirement),
        ]
        path = edits.loaded.sources.ontology / FILES[space]
        if space == "question":
            path = next(p for p, _ in taken if p.is_relative_to(path))
        edits.add(path, Block(triples[0].subject, tuple(triples)))

    def remove(self, iri: str) -> None:
        """Remove all blocks and rows of a term that no release has published."""
        take(self.edits, iri)
        self._take_rows(self.edits.loaded.name(iri))

    def _take_rows(self, curie: str) -> list[str]:
        """Take a term's rows out of mapping sets, and return them with the names of the sets."""
        taken = []
        for file in mapping_files(self.edits):
            if rows := file.of_subject(curie):
                taken += [f"# {file.path.name}: {' '.join(in_one_line(r).split())}" for r in rows]
                file.rows = [row for row in file.rows if row not in rows]
                self.edits.texts[file.path] = file.text()
        return taken

    def _formerly(self, taken: Iterable[tuple[Path, Block]], rows: Iterable[str]) -> str:
        """Return the former blocks and rows of a resource as Turtle without prefixes."""
        prefixes = self.edits.loaded.names.prefixes
        blocks = [
            replace(block, comments=tuple(c for c in block.comments if not c.startswith(MARK)))
            for _, block in taken
        ]
        written = Blocks(blocks).write(prefixes)
        lines = [line for line in written.split("\n") if not line.startswith("@prefix")]
        return "\n".join([*lines, *rows]).strip() + "\n"


def space_of(iri: str) -> str:
    """Return the first part of the path of an IRI of ours: "id", "claim", "passage" …."""
    return iri.removeprefix(iris.BASE).partition("/")[0]


def _reasons(iri: str, retirement: Retirement) -> Iterator[ox.Triple]:
    for reason in retirement.reasons:
        if reason in REASONS:
            yield triple(iri, iris.OBSOLESCENCE_REASON, REASONS[reason])
        else:
            prose = ox.Literal(reason[0].upper() + reason[1:], language="en")
            yield triple(iri, iris.COMMENT, prose)


def _kept(iri: str, own: Iterable[ox.Triple], retirement: Retirement) -> Iterator[ox.Triple]:
    """Yield the triples that a retired resource keeps; nothing follows from them."""
    space = space_of(iri)
    if space != "id":
        yield triple(iri, iris.TYPE, iris.RETIRED)
    for t in own:
        predicate = t.predicate.value
        if space != "id" and predicate == iris.TYPE and text(t.object).startswith(iris.CDMO):
            yield triple(iri, iris.FORMER_KIND, text(t.object))
        elif space == "passage" and predicate in (iris.ORDER, iris.HAS_SOURCE):
            yield t  # so that the others keep their numbers
        elif predicate in _SYNONYMS and not retirement.keeps_synonyms:
            continue
        elif space == "id" and (predicate == iris.TYPE or predicate in _KEPT):
            yield t
