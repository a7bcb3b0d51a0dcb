"""Judge the sources as far as possible where a part of them cannot be read.

The blocks of a broken file that can be read by themselves stay; the others are unread. A finding
about a name in an unread block, or about a block that refers to it, may follow from its absence
alone, so it waits until the block can be read.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pyoxigraph as ox

from service import iris
from service.names import Names
from service.pipeline import graphs, turtle_reader
from service.pipeline.turtle_reader import Document
from service.pipeline.turtle_tokens import bare
from service.pipeline.violations import Violation
from service.rdf.terms import Subject, is_iri, text

_START = re.compile(r"^(?=[^\s#@)\].;,])(?!(?:prefix|base)\s)", re.IGNORECASE | re.MULTILINE)
"""Where blocks begin, as ``cdmo format`` writes them."""
_NAME = re.compile(r"<([^<>\s]*)>|([\w-]*:[\w.:-]*[\w-])")


@dataclass
class Unread:
    """The blocks that cannot be read.

    :param subjects: IRIs of their subjects.
    :param names: all IRIs in them, subjects too.
    """

    subjects: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.names)

    def add(self, block: str, names: Names) -> None:
        """Add a block by its text."""
        words = (match[1] or match[2] or "" for match in _NAME.finditer(bare(block)))
        named = [names.iri(word) or word for word in words if word]
        self.subjects.update(named[:1])
        self.names.update(named)

    def without_followers(
        self, violations: Iterable[Violation], store: ox.Store, names: Names
    ) -> Iterator[Violation]:
        """Yield the findings that cannot follow from the absence of the blocks."""
        named = (self.names - _vocabulary(store)) | self._referring(store) if self else set()
        for violation in violations:
            words = {violation.entity, *re.findall(r"[^\s\[\]]+", violation.message)}
            if named.isdisjoint(names.iri(word) or word for word in words):
                yield violation

    def _referring(self, store: ox.Store) -> set[str]:
        """Return the IRIs of the blocks that refer to a subject of an unread block."""
        terms: list[Subject] = [ox.NamedNode(iri) for iri in self.subjects if is_iri(iri)]
        referring: set[str] = set()
        for term in terms:
            for quad in store.quads_for_pattern(None, None, term, None):
                if isinstance(quad.subject, ox.BlankNode):
                    terms.append(quad.subject)
                else:
                    referring.add(text(quad.subject))
        return referring


def _vocabulary(store: ox.Store) -> set[str]:
    """Return the properties and types that editors use: nearly every block names some."""
    return {
        iri
        for name in ("ontology", "claims", "questions")
        for t in graphs.triples(store, name)
        for iri in (t.predicate.value, t.predicate.value == iris.TYPE and text(t.object))
        if iri
    }


def readable(document: Document, known: Mapping[str, str], unread: Unread) -> list[ox.Triple]:
    """Return the triples of the blocks that can be read; the others are added to ``unread``.

    :param document: a file that cannot be read as a whole.
    :param known: the prefixes that its blocks may use.
    """
    head = "".join(f"@prefix {p}: <{namespace}> . " for p, namespace in known.items())
    triples: list[ox.Triple] = []
    for block in _blocks(document.text):
        part, faults = turtle_reader.read(document.path, known, head + block)
        if faults:
            unread.add(block, Names(known))
        else:
            triples += part.triples
    return triples


def _blocks(turtle: str) -> Iterator[str]:
    """Yield the blocks of a text; a line inside a string may begin one too."""
    starts = [m.start() for m in _START.finditer(turtle)]
    for start, end in zip(starts, [*starts[1:], len(turtle)], strict=False):  # perhaps none
        yield turtle[start:end]
