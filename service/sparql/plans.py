"""Rewrite a query in a form that the engine evaluates fast, with the same solutions.

The engine orders the patterns of a group by itself, with two gaps (oxigraph/oxigraph#885, #1951):

- it joins triples after an OPTIONAL apart from those before it. The rewriting moves them before it
  if they share with the OPTIONAL only variables that are bound already, and else makes them a
  step from one row to the next (:mod:`service.sparql.steps`);
- it does not order the patterns in EXISTS, and joins them anew for each row. The rewriting makes
  them a chain of such steps, starting from the variables that the row binds.

A query for the first rows of all triples goes through :mod:`service.sparql.first_rows`.

A join with triples has the same solutions either way. This is no parser: a group with any element
that is unknown here stays as it is written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, takewhile

from service.sparql.first_rows import first_rows
from service.sparql.references import is_volatile
from service.sparql.steps import UnknownError, chain, is_value
from service.sparql.tokens import Token, tokens

MAX_CHARACTERS = 1 << 16
"""Longer queries stay as they are."""

MAX_DEPTH = 50
"""So do queries whose brackets nest deeper."""

_CLOSING = {"{": "}", "(": ")", "[": "]"}
_TRIPLE_SIGNS = frozenset(".;,/|^*+?!()[]-")
_GROUPS = frozenset({"OPTIONAL", "MINUS", "LATERAL"})
_ADDITIONS = frozenset({"OPTIONAL", "MINUS", "BIND"})
"""Elements that are computed for each solution of the patterns before them."""


@dataclass(frozen=True)
class _Element:
    """An element of a group.

    :param kind: TRIPLES; JOIN for other elements that are joined as triples are; or the keyword.
    """

    kind: str
    source: str
    stream: tuple[Token, ...]

    @property
    def variables(self) -> frozenset[str]:
        """The variables in it."""
        return frozenset(t.text[1:] for t in self.stream if t.kind == "variable")

    @property
    def certain(self) -> frozenset[str]:
        """The variables that it binds in every solution."""
        words = {t.keyword for t in self.stream if t.kind == "word" and not is_value(t)}
        is_graph = words == {"GRAPH"} and sum(t.text == "{" for t in self.stream) == 1
        return self.variables if self.kind == "TRIPLES" or is_graph else frozenset()

    @property
    def is_triples(self) -> bool:
        """Whether it consists of triples of one graph."""
        in_graph = self.kind == "JOIN" and self.stream[1].kind in {"iri", "name"}
        return self.kind == "TRIPLES" or (in_graph and bool(self.certain))


def planned(text: str) -> str:
    """Return a query with the same solutions in a faster form, or as it is.

    :param text: a query that the engine can parse; for any other the result may be anything.

    >>> planned("SELECT * { ?a :p ?b OPTIONAL { ?a :q ?c } ?b :r ?d }")
    'SELECT * { ?a :p ?b . ?b :r ?d OPTIONAL { ?a :q ?c } }'
    """
    lower = text.lower()
    has_gap = "optional" in lower or "exists" in lower
    if len(text) > MAX_CHARACTERS or is_volatile(text):
        return text
    if not has_gap:
        return first_rows(text)
    stream = [*tokens(text)]
    if any(token.is_doubtful for token in stream):
        return text
    try:
        return _Query(text, stream).written()
    except UnknownError:
        return text


class _Query:
    """A query as tokens, with the index at which each bracket closes."""

    def __init__(self, text: str, stream: list[Token]) -> None:
        self.text, self.stream = text, stream
        self.closing: dict[int, int] = {}
        values = [i for i, token in enumerate(stream) if token.keyword == "VALUES"]
        self.data = {self._next(place, "{") for place in values}
        opened: list[int] = []
        for place, token in enumerate(stream):
            if token.text in _CLOSING:
                opened.append(place)
                if len(opened) > MAX_DEPTH:
                    raise UnknownError
            elif token.text in _CLOSING.values():
                if not opened or _CLOSING[stream[opened[-1]].text] != token.text:
                    raise UnknownError
                self.closing[opened.pop()] = place
        if opened:
            raise UnknownError
        names = {token.text[1:] for token in stream if token.kind == "variable"}
        self.groups: dict[int, str] = {}
        self.fresh = (f"?step{i}" for i in range(len(stream)) if f"step{i}" not in names)

    def written(self) -> str:
        """Return the text with each of its groups in a faster form."""
        if not self.stream:
            return self.text
        body = self._source(0, len(self.stream), None)
        return f"{self.text[: self.stream[0].start]}{body}"

    def _source(self, start: int, end: int, bound: set[str] | None) -> str:
        """Return the text of a range of tokens, groups in a faster form.

        :param bound: within EXISTS, the variables that a row may bind; else None.
        """
        parts, at, offset = [], start, self.stream[start].start
        while at < end:
            if self.stream[at].text == "{" and at not in self.data:
                if at not in self.groups:
                    self.groups[at] = self._group(at, bound)
                parts += [self.text[offset : self.stream[at].start], self.groups[at]]
                at = self.closing[at]
                offset = self.stream[at].start + 1
            at += 1
        last = self.stream[end - 1]
        return "".join([*parts, self.text[offset : last.start + len(last.text)]])

    def _group(self, opening: int, bound: set[str] | None) -> str:
        """Return a group with its brackets."""
        closing = self.closing[opening]
        if self.stream[opening - 1].keyword.endswith("EXISTS"):
            outside = self.stream[:opening] + self.stream[closing:]
            bound = {t.text[1:] for t in outside if t.kind == "variable"} | (bound or set())
        if closing == opening + 1:
            return "{}"
        try:
            elements = [*self._elements(opening + 1, closing, bound)]
            better = _required_first(elements)
            source = " ".join(_joined(better) if bound is None else self._chain(better, bound))
            if bound is None and better == elements:
                source = self._source(opening + 1, closing, bound)
        except UnknownError:
            source = self._source(opening + 1, closing, bound)
        return f"{{ {source} }}"

    def _elements(self, at: int, end: int, bound: set[str] | None) -> Iterator[_Element]:
        """Yield the elements of a group.

        :raises UnknownError: at an element that is not known here.
        """
        while at < end:
            start, word = at, self.stream[at].keyword
            if self.stream[at].text == ".":
                at += 1
                continue
            if word in _GROUPS:
                kind, at = word, self._behind(at + 1, "{")
            elif word == "FILTER":
                kind, at = word, self._condition(at + 1)
            elif word == "BIND":
                kind, at = word, self._behind(at + 1, "(")
            elif word in {"GRAPH", "VALUES"}:
                kind, at = "JOIN", self._behind(self._next(at, "{"), "{")
            elif self.stream[at].text == "{":
                kind, at = "JOIN", self._end_of_union(at)
            else:
                kind, at = "TRIPLES", self._end_of_triples(at, end)
            stream = tuple(self.stream[start:at])
            yield _Element(kind, self._source(start, at, bound), stream)

    def _behind(self, at: int, bracket: str) -> int:
        """Return the index after a pair of brackets that begins at ``at``."""
        if at not in self.closing or self.stream[at].text != bracket:
            raise UnknownError
        return self.closing[at] + 1

    def _next(self, at: int, bracket: str) -> int:
        while at < len(self.stream) and self.stream[at].text != bracket:
            at += 1
        return at

    def _end_of_union(self, at: int) -> int:
        at = self._behind(at, "{")
        while self.stream[at].keyword == "UNION":
            at = self._behind(at + 1, "{")
        return at

    def _condition(self, at: int) -> int:
        """Return the index after a condition."""
        if self.stream[at].keyword == "NOT":
            at += 1
        if self.stream[at].keyword == "EXISTS":
            return self._behind(at + 1, "{")
        return self._behind(at if self.stream[at].text == "(" else at + 1, "(")

    def _end_of_triples(self, at: int, end: int) -> int:
        start = at
        while at < end and self.stream[at].text != "{":
            token = self.stream[at]
            if token.kind == "word" and not (is_value(token)):
                break
            is_sign = token.kind == "sign"
            if token.kind == "blank" or (is_sign and token.text not in _TRIPLE_SIGNS):
                raise UnknownError
            at += 1
        while at > start and self.stream[at - 1].text == ".":
            at -= 1
        if at == start:
            raise UnknownError
        return at

    def _chain(self, elements: list[_Element], bound: set[str]) -> list[str]:
        """Return the parts of a group, its triples as a chain of steps.

        :raises UnknownError: if some triples have a form that is not known here.
        """
        leading = [*takewhile(lambda e: e.kind in {"TRIPLES", "FILTER"}, elements)]
        triples = [e.stream for e in leading if e.kind == "TRIPLES"]
        filters = [e.source for e in leading if e.kind == "FILTER"]
        steps = chain(triples, bound, self.fresh)
        return [*steps, *filters, *_joined(elements[len(leading) :])]


def _required_first(elements: list[_Element]) -> list[_Element]:
    """Return a group's elements, each join before the OPTIONALs that it does not depend on."""
    better: list[_Element] = []
    for written in elements:
        element = written
        place, first = len(better), len(better)
        while place and _may_precede(element, better, place - 1):
            place -= 1
            first = place if better[place].kind in _ADDITIONS else first
        if element.is_triples and any(e.kind == "OPTIONAL" for e in better[:first]):
            element = _Element("LATERAL", f"LATERAL {{ {element.source} }}", element.stream)
            first = len(better)
        better.insert(first, element)
    return better


def _may_precede(element: _Element, elements: list[_Element], place: int) -> bool:
    """Tell whether an element may move before the one at ``place`` with the same solutions."""
    other = elements[place]
    if element.kind not in {"TRIPLES", "JOIN"} or other.kind not in _ADDITIONS:
        return element.kind in {"TRIPLES", "JOIN"} and other.kind in {"FILTER", "JOIN"}
    before = elements[:place]
    if not any(e.kind in {"TRIPLES", "JOIN"} for e in before):
        return (
            False  # in a group that begins otherwise, the engine reads GRAPH as a test of the graph
        )
    certain = frozenset[str]().union(*(e.certain for e in before))
    return element.variables & other.variables <= certain


def _joined(elements: list[_Element]) -> list[str]:
    """Return the texts of a group's elements, with full stops between triples."""
    parts = []
    for kind, several in groupby(elements, lambda element: element.kind):
        parts.append((" . " if kind == "TRIPLES" else " ").join(e.source for e in several))
    return parts
