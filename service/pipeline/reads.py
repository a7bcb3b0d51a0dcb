"""The graphs and the predicates on which the result of a query can depend.

A result depends on the triples that its patterns can match. Where these are not known for certain,
a query reads everything: an unknown construct costs time, and never gives a wrong answer.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from service import iris
from service.pipeline.pattern_groups import Group, NotUnderstoodError
from service.sparql.tokens import Token, tokens, unescape, unescape_local

_UNORDERED = frozenset({"SAMPLE", "GROUP_CONCAT", "LIMIT", "OFFSET"})
"""The words by which a result depends on the order in which the engine finds solutions."""
LINKS = frozenset({iris.RELATION, iris.SUBPROPERTY, iris.INVERSE_OF})
"""Predicates whose triples name the predicates that a variable can stand for."""
_OPERATOR = frozenset("()&=?!,;*")
"""Signs by which a text in angle brackets may be an expression, not an IRI."""


@dataclass(frozen=True, slots=True)
class Reads:
    """The parts of a dataset that a query reads.

    :param predicates: the predicates of triples that its patterns can match; None: all.
    :param links: predicates of :data:`LINKS`; a pattern can match each predicate that their
        triples name too.
    :param names_graphs: whether it selects graphs by their names.
    :param is_volatile: whether it calls a function whose value differs each time.
    """

    predicates: frozenset[str] | None = None
    links: frozenset[str] = frozenset()
    names_graphs: bool = True
    is_volatile: bool = False


def reads(query: str, prefixes: Mapping[str, str]) -> Reads:
    """Return the parts of a dataset that a query reads.

    :param prefixes: the prefixes that it may use without declaring them.
    """
    stream = [*tokens(unescape(query)), _END]
    words = {token.keyword for token in stream}
    if any(_may_be_less_than(token) for token in stream):  # such a token may hide words
        words = set(re.findall(r"\w+", unescape(query).upper()))
        stream = []
    predicates, links = None, frozenset[str]()
    if stream and not words & _UNORDERED:
        with suppress(NotUnderstoodError, RecursionError):
            predicates, links = _Walk(stream, dict(prefixes)).predicates()
    names_graphs = bool(words & {"GRAPH", "FROM", "SERVICE"})
    return Reads(predicates, links, names_graphs, bool(words & _VOLATILE))


_VOLATILE = frozenset({"NOW", "RAND", "UUID", "STRUUID", "BNODE"})
_END = Token("end", "", -1)


def _may_be_less_than(token: Token) -> bool:
    return token.is_doubtful or (token.kind == "iri" and not _OPERATOR.isdisjoint(token.text))


_CONSTANT = ""
"""Stands for any constant as an end of a path: always anchored."""
_OPERATORS = frozenset("*?+")


class _Walk:
    """A walk over the tokens of a query."""

    def __init__(self, tokens: list[Token], prefixes: dict[str, str]) -> None:
        self._tokens = tokens
        self._at = 0
        self._prefixes = prefixes
        self._predicates: set[str] = set()
        self._named: set[str] = set()
        self._nodes = 0

    def predicates(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return the predicates of all patterns, and the links that name others."""
        self._prologue()
        form = self._next().keyword
        if form == "CONSTRUCT" and self._sign == "{":
            self._skip()
        elif form not in ("SELECT", "ASK", "CONSTRUCT"):
            raise NotUnderstoodError
        groups: list[Group] = []
        self._query(groups)
        if self._token is not _END:
            raise NotUnderstoodError
        for group in groups:
            self._named |= group.check()
        return frozenset(self._predicates | self._named), frozenset(self._named & LINKS)

    # -- tokens ----------------------------------------------------------------------------------

    @property
    def _token(self) -> Token:
        return self._tokens[self._at]

    @property
    def _sign(self) -> str:
        return self._token.text if self._token.kind == "sign" else ""

    def _next(self) -> Token:
        token = self._token
        if token is _END:
            raise NotUnderstoodError
        self._at += 1
        return token

    def _take(self, sign: str) -> bool:
        if self._sign == sign:
            self._at += 1
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise NotUnderstoodError

    def _skip(self) -> None:
        """Skip a template or data: brackets that hold no patterns."""
        self._expect("{")
        while self._next().text != "}":
            pass

    # -- the query -------------------------------------------------------------------------------

    def _prologue(self) -> None:
        while self._token.keyword == "PREFIX":
            self._at += 1
            name, iri = self._next(), self._next()
            if name.kind != "name" or not name.text.endswith(":") or iri.kind != "iri":
                raise NotUnderstoodError
            self._prefixes[name.text[:-1]] = iri.text[1:-1]

    def _query(self, groups: list[Group]) -> None:
        """Read a query after its form, to its end or to the end of the group around it."""
        while self._sign not in ("{", "}"):
            if self._sign == "(":
                self._expression(groups)
            elif self._next().keyword in ("FROM", "BASE"):
                raise NotUnderstoodError
        group = Group()
        groups.append(group)
        self._group(group)
        while self._token is not _END and self._sign != "}":  # ORDER BY, HAVING and the like
            if self._sign == "(":
                self._expression(groups)
            elif self._token.keyword == "VALUES":
                self._values()
            elif self._sign == "{":
                raise NotUnderstoodError
            else:
                self._at += 1

    def _expression(self, groups: list[Group]) -> None:
        """Read an expression in brackets; add the groups after EXISTS."""
        self._expect("(")
        while not self._take(")"):
            if self._sign == "(":
                self._expression(groups)
            elif self._sign == "{":
                inner = Group()
                groups.append(inner)
                self._group(inner)
            elif self._next().text in ("}", "."):
                raise NotUnderstoodError

    def _values(self, group: Group | None = None) -> None:
        """Read VALUES, and note its IRIs as values of its variables in a group."""
        self._at += 1
        variables: list[str] = []
        while self._sign != "{":
            token = self._next()
            if token.kind == "variable":
                variables.append(token.text[1:])
            elif token.kind != "sign":
                raise NotUnderstoodError
        start = self._at
        self._skip()
        data = self._tokens[start : self._at]
        if group is not None and "UNDEF" not in (token.keyword for token in data):
            named = {self._iri(token) for token in data if token.kind in ("iri", "name")}
            for variable in variables:
                group.named[variable] |= named

    def _group(self, group: Group) -> None:
        self._expect("{")
        if self._token.keyword == "SELECT":
            self._at += 1
            apart: list[Group] = []
            self._query(apart)
            for inner in apart:
                self._named |= inner.check()
            self._expect("}")
            return
        while not self._take("}"):
            word = self._token.keyword
            if word in ("OPTIONAL", "MINUS", "UNION"):
                self._at += 1
                self._within(group)
            elif self._sign == "{":
                self._within(group)
            elif word == "GRAPH":
                self._at += 1
                if self._next().kind not in ("variable", "iri", "name"):
                    raise NotUnderstoodError
                self._within(group, is_apart=True)
            elif word == "FILTER":
                self._at += 1
                self._filter(group)
            elif word == "BIND":
                self._at += 1
                self._expression(group.within)
            elif word == "VALUES":
                self._values(group)
            elif word in ("SERVICE", "LATERAL"):
                raise NotUnderstoodError
            elif not self._take("."):
                self._triples(group)

    def _within(self, group: Group, *, is_apart: bool = False) -> None:
        inner = Group(is_apart=is_apart)
        group.within.append(inner)
        self._group(inner)

    def _filter(self, group: Group) -> None:
        while self._sign not in ("(", "{"):
            if self._next().kind not in ("word", "iri", "name", "sign"):
                raise NotUnderstoodError
        if self._sign == "{":
            self._within(group)
        else:
            self._expression(group.within)

    # -- triples ---------------------------------------------------------------------------------

    def _triples(self, group: Group) -> None:
        is_node = self._sign in ("[", "(")
        subject = self._term(group)
        if not (is_node and self._sign in (".", "}")):
            self._properties(group, subject)

    def _properties(self, group: Group, subject: str) -> None:
        while self._sign not in (".", "}", "]"):
            if self._take(";"):
                continue
            if self._token.keyword in ("FILTER", "OPTIONAL", "BIND", "VALUES", "GRAPH", "MINUS"):
                return
            if self._sign == "{":
                return
            start = self._at
            if self._token.kind == "variable":
                group.predicates.add(self._next().text[1:])
                has_step = True
            else:
                has_step = self._path()
            link = self._tokens[start : self._at]
            while True:
                value = self._term(group)
                self._note_link(group, subject, link, value)
                if has_step:
                    group.anchored.update({subject, value} - {_CONSTANT})
                elif _CONSTANT not in (subject, value):
                    group.loose.append((subject, value))
                if not self._take(","):
                    break
            if self._sign != ";":
                return

    def _note_link(self, group: Group, subject: str, path: list[Token], value: str) -> None:
        """Note which variables a triple names, if its path is a link, perhaps with an operator."""
        link = path[0] if path[0].kind in ("name", "iri") and len(path) <= 2 else None
        if link is None or (iri := self._iri(link)) not in LINKS:
            return
        last = self._tokens[self._at - 1]
        operator = path[-1].text if len(path) == 2 else ""
        if operator in ("", "+"):
            for variable in {subject, value} - {_CONSTANT}:
                group.named[variable].add(iri)
        elif value == _CONSTANT and last.kind in ("iri", "name"):
            group.named[subject] |= {iri, self._iri(last)}
        else:
            group.steps.append((subject, iri, value))

    def _path(self) -> bool:
        """Read a path; return whether each alternative has at least one step."""
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

    def _iri(self, token: Token) -> str:
        if token.kind == "iri":
            return token.text[1:-1]
        if token.kind == "word" and token.text == "a":
            return iris.TYPE
        prefix, colon, local = token.text.partition(":")
        if token.kind != "name" or not colon or prefix not in self._prefixes:
            raise NotUnderstoodError
        return self._prefixes[prefix] + unescape_local(local)

    def _term(self, group: Group) -> str:
        """Read a subject or an object; return its variable, or a name for its blank node."""
        token = self._next()
        if token.kind in ("variable", "blank"):
            return token.text[1:] if token.kind == "variable" else token.text
        if token.kind in ("iri", "name"):
            return _CONSTANT
        if token.kind == "string":
            if self._token.kind == "language":
                self._at += 1
            elif self._take("^"):
                self._expect("^")
                self._iri(self._next())
            return _CONSTANT
        if token.kind == "sign" and token.text in "+-":
            token = self._next()
        if token.kind == "word" and (token.keyword in ("TRUE", "FALSE") or token.text[0].isdigit()):
            point, digits = self._tokens[self._at : self._at + 2]
            end = token.start + len(token.text)
            if point.text == "." and digits.keyword and digits.start == point.start + 1 == end + 1:
                self._at += 2  # a decimal
            return _CONSTANT
        if token.kind == "sign" and token.text == "[":
            self._nodes += 1
            node = f"[{self._nodes}"
            self._properties(group, node)
            self._expect("]")
            return node
        raise NotUnderstoodError
