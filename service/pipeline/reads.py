"""What a query reads: the graphs and the predicates on which its result can depend.

A result depends on the triples that its patterns can match. Where that cannot be told for certain,
a query reads everything: what is not understood here costs time, and never a wrong answer.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from service import iris

_TOKEN = re.compile(
    r"""
    (?P<space>\s+ | \#[^\r\n]*)
  | (?P<string>"{3}(?:[^"\\]|\\.|"(?!""))*"{3} | '{3}(?:[^'\\]|\\.|'(?!''))*'{3}
             | "(?:[^"\\\r\n]|\\.)*" | '(?:[^'\\\r\n]|\\.)*')
  | (?P<iri><[^<>"{}|^`\\\s]*>)
  | (?P<variable>[?$]\w+)
  | (?P<name>(?:[^\W\d_](?:[\w.-]*[\w-])?)?:(?:[\w%:\\-](?:(?:[\w%:-]|\\.|\.(?=[\w%:\\.-]))*))?)
  | (?P<blank>_:[\w-]+)
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<word>[\w]+(?:\.\d+)?)
  | (?P<sign>\^\^|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_UNORDERED = frozenset({"SAMPLE", "GROUP_CONCAT", "LIMIT", "OFFSET"})
"""What lets a result depend on the order in which the engine finds things."""
_PASSING = frozenset({"NOW", "RAND", "UUID", "STRUUID", "BNODE"})
"""Functions with another value each time."""


_OPERATOR = frozenset("()&=?!,;*")
"""What an IRI in angle brackets may be an expression by."""


@dataclass(frozen=True, slots=True)
class Reads:
    """What a query reads.

    :param predicates: those of the triples that its patterns can match; None: of all.
    :param names_graphs: whether it asks for graphs by their names.
    :param is_passing: whether it has another result each time.
    """

    predicates: frozenset[str] | None = None
    names_graphs: bool = True
    is_passing: bool = False


def reads(query: str, prefixes: Mapping[str, str]) -> Reads:
    """Return what a query reads.

    :param prefixes: those that it may use without declaring them.
    """
    words = set(re.findall(r"\w+", query.upper()))  # in strings and comments too
    names_graphs = bool(words & {"GRAPH", "FROM", "SERVICE"})
    is_passing = bool(words & _PASSING)
    predicates = None
    if not words & _UNORDERED:
        with suppress(_NotUnderstoodError, RecursionError):
            predicates = _Walk([*_tokens(query), _END], dict(prefixes)).predicates()
    return Reads(predicates, names_graphs, is_passing)


class _NotUnderstoodError(Exception):
    """The query has what is not known here."""


class _Token(NamedTuple):
    kind: str
    text: str

    @property
    def word(self) -> str:
        """The word in capitals, or "" if it is none."""
        return self.text.upper() if self.kind == "word" else ""


_END = _Token("end", "")


def _tokens(query: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(query):
        if match.lastgroup == "iri" and not _OPERATOR.isdisjoint(match[0]):
            raise _NotUnderstoodError  # perhaps "less than"
        if match.lastgroup != "space":
            yield _Token(match.lastgroup or "sign", match[0])


@dataclass
class _Group:
    """The patterns that are joined between two brackets, and those of the groups around them.

    A path of no step leads from each node of the graph to itself, be it in no pattern at all. Where
    one of its ends is also in another pattern of the group, only nodes of that pattern count.

    :param anchored: variables in patterns that match triples alone.
    :param loose: the two ends of each path that may have no step.
    """

    anchored: set[str] = field(default_factory=set)
    loose: list[tuple[str, str]] = field(default_factory=list)
    within: list["_Group"] = field(default_factory=list)

    def check(self, around: frozenset[str] = frozenset()) -> None:
        """Raise if a path has an end neither here nor around."""
        anchored = self.anchored | around
        loose = self.loose
        while anchored_now := [ends for ends in loose if not anchored.isdisjoint(ends)]:
            anchored.update(*anchored_now)
            loose = [ends for ends in loose if ends not in anchored_now]
        if loose:
            raise _NotUnderstoodError
        for group in self.within:
            group.check(frozenset(anchored))


_CONSTANT = ""
"""The place of a term that is no variable, as an end of a path: always anchored."""
_OPERATORS = frozenset("*?+")


class _Walk:
    """A walk over the tokens of a query."""

    def __init__(self, tokens: list[_Token], prefixes: dict[str, str]) -> None:
        self._tokens = tokens
        self._at = 0
        self._prefixes = prefixes
        self._predicates: set[str] = set()
        self._nodes = 0

    def predicates(self) -> frozenset[str]:
        """Return the predicates of all patterns."""
        self._prologue()
        form = self._next().word
        if form == "CONSTRUCT" and self._sign == "{":
            self._skip("{", "}")
        elif form not in ("SELECT", "ASK", "CONSTRUCT"):
            raise _NotUnderstoodError
        groups: list[_Group] = []
        self._query(groups)
        if self._token is not _END:
            raise _NotUnderstoodError
        for group in groups:
            group.check()
        return frozenset(self._predicates)

    # -- tokens ----------------------------------------------------------------------------------

    @property
    def _token(self) -> _Token:
        return self._tokens[self._at]

    @property
    def _sign(self) -> str:
        return self._token.text if self._token.kind == "sign" else ""

    def _next(self) -> _Token:
        token = self._token
        if token is _END:
            raise _NotUnderstoodError
        self._at += 1
        return token

    def _take(self, sign: str) -> bool:
        if self._sign == sign:
            self._at += 1
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise _NotUnderstoodError

    def _skip(self, opening: str, closing: str) -> None:
        """Skip what stands between brackets, where there are no patterns."""
        self._expect(opening)
        depth = 1
        while depth:
            token = self._next()
            if token.kind == "sign":
                depth += (token.text == opening) - (token.text == closing)

    # -- the query -------------------------------------------------------------------------------

    def _prologue(self) -> None:
        while self._token.word == "PREFIX":
            self._at += 1
            name, iri = self._next(), self._next()
            if name.kind != "name" or not name.text.endswith(":") or iri.kind != "iri":
                raise _NotUnderstoodError
            self._prefixes[name.text[:-1]] = iri.text[1:-1]

    def _query(self, groups: list[_Group]) -> None:
        """Read from behind the form of a query to its end, or to that of a group around it."""
        while self._sign not in ("{", "}"):
            if self._sign == "(":
                self._expression(groups)
            elif self._next().word in ("FROM", "BASE"):
                raise _NotUnderstoodError
        group = _Group()
        groups.append(group)
        self._group(group)
        while self._token is not _END and self._sign != "}":  # ORDER BY, HAVING and the like
            if self._sign == "(":
                self._expression(groups)
            elif self._token.word == "VALUES":
                self._values()
            elif self._sign == "{":
                raise _NotUnderstoodError
            else:
                self._at += 1

    def _expression(self, groups: list[_Group]) -> None:
        """Read an expression in brackets; the groups behind EXISTS are added."""
        self._expect("(")
        while not self._take(")"):
            if self._sign == "(":
                self._expression(groups)
            elif self._sign == "{":
                inner = _Group()
                groups.append(inner)
                self._group(inner)
            elif self._next().text in ("}", "."):
                raise _NotUnderstoodError

    def _values(self) -> None:
        self._at += 1
        while self._sign != "{":
            if self._next().kind not in ("variable", "sign"):
                raise _NotUnderstoodError
        self._skip("{", "}")

    def _group(self, group: _Group) -> None:
        self._expect("{")
        if self._token.word == "SELECT":
            self._at += 1
            apart: list[_Group] = []
            self._query(apart)
            for inner in apart:
                inner.check()
            self._expect("}")
            return
        while not self._take("}"):
            word = self._token.word
            if word in ("OPTIONAL", "MINUS", "UNION"):
                self._at += 1
                self._within(group)
            elif self._sign == "{":
                self._within(group)
            elif word == "GRAPH":
                self._at += 1
                if self._next().kind not in ("variable", "iri", "name"):
                    raise _NotUnderstoodError
                inner = _Group()
                self._group(inner)
                inner.check()
            elif word == "FILTER":
                self._at += 1
                self._filter(group)
            elif word == "BIND":
                self._at += 1
                self._expression(group.within)
            elif word == "VALUES":
                self._values()
            elif word in ("SERVICE", "LATERAL"):
                raise _NotUnderstoodError
            elif not self._take("."):
                self._triples(group)

    def _within(self, group: _Group) -> None:
        inner = _Group()
        group.within.append(inner)
        self._group(inner)

    def _filter(self, group: _Group) -> None:
        while self._sign not in ("(", "{"):
            if self._next().kind not in ("word", "iri", "name", "sign"):
                raise _NotUnderstoodError
        if self._sign == "{":
            self._within(group)
        else:
            self._expression(group.within)

    # -- triples ---------------------------------------------------------------------------------

    def _triples(self, group: _Group) -> None:
        is_node = self._sign in ("[", "(")
        subject = self._term(group)
        if not (is_node and self._sign in (".", "}")):
            self._properties(group, subject)

    def _properties(self, group: _Group, subject: str) -> None:
        while self._sign not in (".", "}", "]"):
            if self._take(";"):
                continue
            if self._token.word in ("FILTER", "OPTIONAL", "BIND", "VALUES", "GRAPH", "MINUS"):
                return
            if self._sign == "{":
                return
            if self._token.kind == "variable":
                raise _NotUnderstoodError
            has_step = self._path()
            while True:
                value = self._term(group)
                if has_step:
                    group.anchored.update({subject, value} - {_CONSTANT})
                elif _CONSTANT not in (subject, value):
                    group.loose.append((subject, value))
                if not self._take(","):
                    break
            if self._sign != ";":
                return

    def _path(self) -> bool:
        """Read a path; tell whether it has a step on each way."""
        has_step = False
        alternatives = []
        while True:
            has_step = self._step() or has_step  # one step of a sequence is enough
            if self._take("/"):
                continue
            alternatives.append(has_step)
            has_step = False
            if not self._take("|"):
                return all(alternatives)

    def _step(self) -> bool:
        self._take("^")
        token = self._next()
        if token.kind == "sign" and token.text == "(":
            has_step = self._path()
            self._expect(")")
        else:
            self._predicates.add(self._iri(token))
            has_step = True
        if self._sign in _OPERATORS:
            return self._next().text == "+" and has_step
        return has_step

    def _iri(self, token: _Token) -> str:
        if token.kind == "iri":
            return token.text[1:-1]
        if token.kind == "word" and token.text == "a":
            return iris.TYPE
        prefix, colon, local = token.text.partition(":")
        if token.kind != "name" or not colon or prefix not in self._prefixes:
            raise _NotUnderstoodError
        return self._prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)

    def _term(self, group: _Group) -> str:
        """Read a subject or an object; return the variable that it is, or that it stands for."""
        token = self._next()
        if token.kind in ("variable", "blank"):
            return token.text[1:] if token.kind == "variable" else token.text
        if token.kind in ("iri", "name"):
            return _CONSTANT
        if token.kind == "string":
            if self._token.kind == "language":
                self._at += 1
            elif self._take("^^"):
                self._iri(self._next())
            return _CONSTANT
        if token.kind == "word" and (token.text.lower() in ("true", "false") or _is_number(token)):
            return _CONSTANT
        if token.kind == "sign" and token.text in "+-" and _is_number(self._token):
            self._at += 1
            return _CONSTANT
        if token.kind == "sign" and token.text == "[":
            self._nodes += 1
            node = f"[{self._nodes}"
            self._properties(group, node)
            self._expect("]")
            return node
        raise _NotUnderstoodError


def _is_number(token: _Token) -> bool:
    return token.kind == "word" and token.text[0].isdigit()
