"""The place of each statement of a Turtle file, to the column."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import pyoxigraph as ox

from service.pipeline.files import line_starts
from service.pipeline.turtle_tokens import Token, tokens
from service.rdf.terms import Term

_END = Token("", -1)


class Statement(NamedTuple):
    """A triple, and the first code point of each part, from 0.

    :param block: the place of its subject.
    """

    triple: ox.Triple
    block: int
    predicate: int
    value: int


class Statements:
    """The statements of one file, by their subject."""

    def __init__(self, text: str, triples: Iterable[ox.Triple]) -> None:
        self.by_subject: Mapping[Term, list[Statement]] = defaultdict(list)
        self._starts = line_starts(text)
        for statement in _located(text, tuple(triples)):
            self.by_subject[statement.triple.subject].append(statement)

    def of_object(self, value: Term) -> Iterator[Statement]:
        """Yield the statements with a value."""
        for statements in self.by_subject.values():
            yield from (s for s in statements if s.triple.object == value)

    def line_and_column(self, at: int) -> tuple[int, int]:
        """Return line and column of a code point, both counted from 1."""
        line = bisect_right(self._starts, at)
        return line, at - self._starts[line - 1] + 1

    def of(self, subject: Term) -> Iterator[Statement]:
        """Yield the statements about a subject, then those inside its blank nodes."""
        yield from self.by_subject.get(subject, ())
        reached = [subject]
        for node in reached:
            for statement in self.by_subject.get(node, ()):
                value = statement.triple.object
                if isinstance(value, ox.BlankNode) and value not in reached:
                    reached.append(value)
                    yield from self.by_subject.get(value, ())


def _located(text: str, triples: tuple[ox.Triple, ...]) -> Iterator[Statement]:
    """Yield each triple with its places; nothing if these are not certain."""
    try:
        places = _Walk(text).places()
    except (IndexError, RecursionError):
        return
    if len(places) != len(triples) or any(isinstance(t.object, ox.Triple) for t in triples):
        return
    meanings: dict[str, ox.NamedNode] = {}
    for (word, _, _, _), triple in zip(places, triples, strict=True):
        if word and meanings.setdefault(word, triple.predicate) != triple.predicate:
            return
    for (_, block, predicate, value), triple in zip(places, triples, strict=True):
        yield Statement(triple, block, predicate, value)


_Places = tuple[str, int, int, int]
"""The written predicate, if there is one, and the places of subject, predicate and value."""


class _Walk:
    """A walk over the tokens of a file, which notes statements in the parser's order.

    The parser returns a triple when it reads the token that completes it. If one token completes
    several triples, the last comes first.
    """

    def __init__(self, text: str) -> None:
        self.tokens = [*tokens(text), _END]
        self.at = 0
        self.notes: list[tuple[int, _Places]] = []

    def places(self) -> list[_Places]:
        """Return the places of all statements."""
        while self._word:
            keyword = self._word.lower()
            if keyword in ("@prefix", "@base", "@version"):
                while self._next().word != ".":
                    pass
            elif keyword in ("prefix", "base", "version"):
                self.at += 3 if keyword == "prefix" else 2
            else:
                self._block()
        order = sorted(range(len(self.notes)), key=lambda n: (self.notes[n][0], -n))
        return [self.notes[n][1] for n in order]

    @property
    def _word(self) -> str:
        token = self.tokens[self.at]
        return "" if token.is_string else token.word

    def _next(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        if token is _END:
            raise IndexError
        return token

    def _note(self, completed: int, word: str, block: int, predicate: int, value: int) -> None:
        self.notes.append((completed, (word, block, predicate, value)))

    def _block(self) -> None:
        subject = self._next()
        if subject.word == "[":
            self._predicates(subject.start, "]")
            self._next()
        elif subject.word == "(":
            self._list(subject.start, None)
        self._predicates(subject.start, ".")
        self._next()

    def _predicates(self, block: int, end: str) -> None:
        """Read predicates and their objects up to the mark that ends them."""
        while self._word != end:
            predicate = self._next()
            if predicate.word == ";":
                continue
            self._object(block, predicate)
            while self._word == ",":
                self.at += 1
                self._object(block, predicate)

    def _object(self, block: int, predicate: Token, word: str | None = None) -> None:
        word = predicate.word if word is None else word
        token = self._next()
        if token.word == "(" and not token.is_string:
            self._list(token.start, (word, block, predicate.start))
            return
        completed = self.at - 1
        if token.is_string:
            if suffix := 2 if self._word == "^^" else int(self._word.startswith("@")):
                self.at += suffix
                completed = self.at - 1
            else:
                completed = self.at  # only the next token shows that there is no suffix
        elif token.word == "[":
            self._predicates(token.start, "]")
            completed = self.at
            self._next()
        self._note(completed, word, block, predicate.start, token.start)

    def _list(self, start: int, holder: tuple[str, int, int] | None) -> None:
        """Read a list: a node has the place of its member, the last rest that of the list's end."""
        node = start
        members = 0
        while self._word != ")":
            member = self.tokens[self.at]
            if members == 0 and holder:
                self._note(self.at, *holder, start)
            elif members:
                self._note(self.at, "", node, member.start, member.start)
                node = member.start
            self._object(node, member, "")
            members += 1
        end = self.at
        close = self._next().start
        if members:
            self._note(end, "", node, close, close)
        elif holder:
            self._note(end, *holder, start)
