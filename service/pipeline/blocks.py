"""A Turtle file as blocks: the statements about one subject, with the comments above them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pyoxigraph as ox

from service.pipeline.turtle_reader import Document
from service.pipeline.turtle_tokens import bare, comments
from service.rdf.terms import Subject, Term
from service.rdf.turtle import Writer


@dataclass(frozen=True)
class Block:
    """One statement of Turtle, up to its full stop.

    :param subject: an IRI, or the blank node that is no value in the block.
    :param triples: the triples of the subject and of the blank nodes inside.
    :param comments: the comments above and inside.
    """

    subject: Subject
    triples: tuple[ox.Triple, ...]
    comments: tuple[str, ...] = ()


@dataclass
class Blocks:
    """A file of blocks, which can be changed and written again.

    :param head: comments at the top.
    :param tail: comments at the end.
    """

    blocks: list[Block] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)

    def write(
        self, prefixes: Mapping[str, str], words: Mapping[str, str] = MappingProxyType({})
    ) -> str:
        """Return the file in the house's order.

        :param prefixes: the prefixes to write names with.
        :param words: written identifiers to their words; lines leave room for these at their ends.
        """
        comments_of: dict[Term, list[str]] = defaultdict(list)
        for block in self.blocks:
            comments_of[block.subject] += block.comments
        triples = [triple for block in self.blocks for triple in block.triples]
        return Writer(triples, prefixes, comments_of, words).document(self.head, self.tail)


def read_blocks(document: Document) -> Blocks:
    """Return the blocks of a file whose Turtle is sound."""
    file = Blocks()
    directives = "".join(f"@prefix {p}: <{ns}> .\n" for p, ns in document.prefixes.items())
    statements = ""
    # Line by line, until statements are whole: the parser does not tell which triples belong
    # to a statement.
    for line in document.text.splitlines(keepends=True):
        statements += line
        try:
            quads = list(ox.parse(directives + statements, ox.RdfFormat.TURTLE))
        except SyntaxError:
            continue
        if quads:
            triples = tuple(quad.triple for quad in quads)
            values = {triple.object for triple in triples}
            subjects = (t.subject for t in triples if t.subject not in values)
            subject = next(subjects, triples[0].subject)
            file.blocks.append(Block(subject, triples, tuple(comments(statements))))
        elif bare(statements).strip():
            file.head += comments(statements)
            directives += statements
        else:
            continue
        statements = ""
    file.tail = comments(statements)
    return file
