"""Load the Turtle sources into one store; every block keeps its file and line for messages."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path

import pyoxigraph as ox

from service.names import Names
from service.pipeline import graphs, turtle_reader
from service.pipeline.block_checks import check_blocks, repeated_prefixes
from service.pipeline.contents import Contents
from service.pipeline.files import lines, read_text
from service.pipeline.memory import NOTHING, Memory
from service.pipeline.partial import Unread, readable
from service.pipeline.places import ADDING, Placed, Places
from service.pipeline.turtle_reader import Document
from service.pipeline.violations import Place, Related, Severity, Violation, error
from service.problems import SourceError
from service.rdf.blank_nodes import InOrder
from service.rdf.terms import Term, is_iri, text
from service.sources import Sources

FOLDERS = {
    "modules": "ontology",
    "imports": "ontology",
    "claims": "claims",
    "questions": "questions",
    "shapes": "shapes",
    "checks": "waivers",
    "ontology.ttl": "ontology",
    "dataset.ttl": "about",
    "display.ttl": "about",
    "prefixes.ttl": "prefixes",
}
"""The graph of each file or folder of ``ontology/``."""

WRITTEN = ("ontology", "claims", "questions", "about")
"""The graphs of a release that editors write."""


@dataclass(frozen=True)
class Loaded:
    """The sources, read.

    :param names: the prefixes of ``prefixes.ttl``.
    :param store: the triples, a named graph for each kind of file.
    :param documents: the files.
    :param places: the file and line on which the first block of each IRI begins.
    :param unread: the blocks that could not be read.
    :param contents: digests of the graphs, for remembered results of queries.
    """

    sources: Sources
    names: Names
    store: ox.Store
    documents: list[Document] = field(default_factory=list)
    places: dict[str, tuple[Path, int]] = field(default_factory=dict)
    unread: Unread = field(default_factory=Unread)
    contents: Contents = field(default_factory=Contents)

    @cached_property
    def _places(self) -> Places:
        return Places(self.documents)

    def place(self, iri: str, predicate: Term | None = None, value: Term | None = None) -> Place:
        """Return the place of a statement, or of the block that lacks it."""
        return self._placed(iri, None, predicate, value)[0]

    def holding(self, node: Term) -> Place | None:
        """Return the place of the statement that holds a blank node, if there is one."""
        return self._places.holding(node)

    def _placed(
        self, iri: str, part: Term | None, predicate: Term | None, value: Term | None
    ) -> Placed:
        block = iri.partition("#")[0]  # rules give a part of a block an IRI with a fragment
        names = (name for name in dict.fromkeys((iri, block)) if is_iri(name))
        subjects = [part, *map(ox.NamedNode, names)]
        for subject in subjects:
            if subject and (placed := self._places.of(subject, predicate, value)):
                return placed
        place = Place(*(self.places.get(iri) or self.places.get(block) or ()))
        return self._cell(place, value), ()

    def _cell(self, row: Place, value: Term | None) -> Place:
        """Return the place of a value in a row of a mapping set."""
        if value is None or row.file is None or row.line is None:
            return row
        line = lines(read_text(row.file))[row.line - 1]
        columns = [line.find(word) + 1 for word in (text(value), self.name(value)) if word]
        return row._replace(column=max(columns, default=0) or None)

    def name(self, term: str | Term | None) -> str:
        """Return the CURIE of an IRI if it has one, else the text of the term, for messages."""
        iri = term if isinstance(term, str) else text(term)
        return self.names.curie(iri) or iri

    def violation(
        self,
        rule: str,
        iri: str,
        message: str,
        hint: str = "",
        severity: Severity = "error",
        *,
        part: Term | None = None,
        predicate: Term | None = None,
        value: Term | None = None,
        related: Iterable[Related] = (),
        cause: str = "",
    ) -> Violation:
        """Return a violation with the name of its entity and the place of its statement.

        :param iri: of the entity; empty if it is a blank node of no block.
        :param part: the blank node in its block that the statement is about.
        :param predicate: of the statement that is wrong; None: the block is.
        :param value: of that statement; None: any, or one is missing.
        :param cause: the cause of this violation and perhaps of others, in words.
        """
        place, explaining = self._placed(iri, part, predicate, value)
        related = (*related, *explaining)
        file, line, column = place
        name = self.name(iri)
        return Violation(
            *(rule, severity, file, line, name, message, hint, column, related),
            *(self.name(value), cause),
        )


def load(sources: Sources, memory: Memory = NOTHING) -> tuple[Loaded, list[Violation]]:
    """Read all Turtle sources.

    :param memory: remembers the results of queries over them.
    :return: the sources, of a broken file the readable blocks, and every violation of syntax
        and prefixes in any file.
    :raises SourceError: if the list of prefixes itself cannot be used.
    """
    names = read_prefixes(sources)
    loaded = Loaded(sources, names, ox.Store(), contents=Contents(memory, names.prefixes))
    violations: list[Violation] = []
    # A block in display.ttl or waivers.ttl adds to a block elsewhere; messages show that one.
    for path in sorted(sources.turtle_files, key=lambda p: p.name in ADDING):
        file = str(path.relative_to(sources.ontology))  # the same in a copy elsewhere
        document, faults = _read(path, file, loaded.names.prefixes)
        if faults:
            if not document.text:  # not UTF-8, or with a byte order mark: read as far as possible
                text = path.read_bytes().decode("utf-8-sig", "replace") if path.exists() else ""
                document = replace(document, text=text, outline="")
            triples = readable(document, loaded.names.prefixes, loaded.unread)
            document = replace(document, triples=tuple(_labelled(file, triples)))
        loaded.documents.append(document)
        graph = FOLDERS.get(path.relative_to(sources.ontology).parts[0])
        if graph is None:
            message = "is in no folder whose place in the release is known"
            hint = "Move it to one of: " + ", ".join(sorted(FOLDERS))
            faults.append(error("misplaced-file", path, None, message, hint))
        elif not document.triples and not faults:
            hint = "Write it again, or remove the file."
            faults.append(error("empty-file", path, None, "holds no triple", hint))
        graphs.add(loaded.store, graph or "ontology", document.triples)
        for iri, line in document.lines.items():
            loaded.places.setdefault(iri, (path, line))
        violations += faults
    violations += check_blocks(loaded.documents, loaded.names, sources.ontology)
    return loaded, violations


def _read(path: Path, file: str, prefixes: Mapping[str, str]) -> tuple[Document, list[Violation]]:
    """Read a file as :func:`turtle_reader.read` does; label its triples if it has no faults."""
    try:
        document, faults = _parsed(path, file, read_text(path), tuple(prefixes.items()))
    except SourceError:
        return turtle_reader.read(path, prefixes)
    return document, list(faults)


@lru_cache(maxsize=4096)  # watching files, and trying an edit, reads the same texts again
def _parsed(
    path: Path, file: str, text: str, prefixes: tuple[tuple[str, str], ...]
) -> tuple[Document, Sequence[Violation]]:
    document, faults = turtle_reader.read(path, dict(prefixes), text)
    if not faults:
        document = replace(document, triples=tuple(_labelled(file, document.triples)))
    return document, tuple(faults)


def _labelled(file: str, triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """Yield triples whose blank nodes are labelled by file and number: the same each time."""
    order = InOrder(sha256(file.encode()).hexdigest()[:12])
    for t in triples:
        subject, value = t.subject, t.object
        if isinstance(subject, ox.NamedNode) and not isinstance(value, ox.BlankNode | ox.Triple):
            yield t
        else:
            yield order.term(t)


def read_prefixes(sources: Sources) -> Names:
    """Return the prefixes of ``prefixes.ttl``.

    :raises SourceError: with violations, if the file cannot be read or is not Turtle, or if a
        namespace is no IRI.
    """
    path = sources.ontology / "prefixes.ttl"
    document, faults = turtle_reader.read(path, None)
    names = Names({}) if faults else Names.load(path)
    faults += [
        error("prefix-not-iri", path, number, "stands for no IRI", entity=f"{prefix}:")
        for prefix, namespace in names.prefixes.items()
        if not is_iri(namespace)
        for number, line in enumerate(lines(document.text), 1)
        if f'"{namespace}"' in line
    ]
    faults += repeated_prefixes(document)
    if faults:
        raise SourceError(f"The list of all prefixes, {path}, cannot be used.", violations=faults)
    return names
