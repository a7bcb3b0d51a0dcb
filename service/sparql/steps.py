"""Write triples as a chain of joins, each of them from the variables that are bound before it.

``LATERAL`` is the engine's keyword for a join that takes one row after the other. For triples it
has the same solutions as a plain join.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from service.sparql.tokens import Token

_FAR = 1_000
"""The factor by which a path of any length costs more."""
_SINGLES = frozenset({"iri", "name", "variable"})
_VALUES = frozenset({"A", "TRUE", "FALSE"})


class UnknownError(Exception):
    """A query contains something that is not known here."""


def is_value(token: Token) -> bool:
    """Tell whether a token is a word that may be a term of a triple."""
    return token.keyword in _VALUES or token.text.isdigit()


def chain(
    elements: Iterable[Sequence[Token]], bound: set[str], fresh: Iterator[str]
) -> Iterator[str]:
    """Yield the steps in which a group's triples are joined.

    :param elements: the tokens of triples.
    :param bound: the variables that are bound before the triples.
    :param fresh: unused variables, for the steps of a path.
    :raises UnknownError: if a triple has brackets.
    """
    left = [triple for tokens in elements for triple in _triples(tokens, fresh)]
    known, join = set(bound), "{}"
    while left:
        best = min(left, key=lambda triple: triple.cost(known))
        left.remove(best)
        known |= best.variables()
        yield join.format(best)
        join = "LATERAL {{ {} }}"


@dataclass(frozen=True)
class _Triple:
    """A triple pattern whose predicate is a path without a sequence."""

    subject: str
    path: Sequence[Token]
    object: str

    def __str__(self) -> str:
        return f"{self.subject} {''.join(t.text for t in self.path)} {self.object}"

    def variables(self) -> set[str]:
        """Return the variables in it."""
        terms = (self.subject, self.object, self.path[0].text)
        return {term[1:] for term in terms if term[0] in "?$"}

    def cost(self, bound: set[str]) -> int:
        """Return a rough number of its solutions, given the bound variables."""
        subject, object_ = (
            term[0] not in "?$" or term[1:] in bound for term in (self.subject, self.object)
        )
        if subject and object_:
            return 1
        is_far = any(token.text in {"*", "+"} for token in self.path)
        is_type = self.path[0].text in {"a", "rdf:type"}
        rows = 10 if subject else (100_000 if is_type else 10_000) if object_ else 1_000_000
        return rows * (_FAR if is_far else 1)


def _triples(stream: Sequence[Token], fresh: Iterator[str]) -> Iterator[_Triple]:
    at, subject = 0, ""
    while at < len(stream):
        if not subject:
            subject, at = _term(stream, at)
        begun, at = at, _end_of_path(stream, at)
        path, comma = stream[begun:at], True
        while comma:
            object_, at = _term(stream, at)
            yield from _steps(subject, path, object_, fresh)
            comma = at < len(stream) and stream[at].text == ","
            at += comma
        if at < len(stream) and stream[at].text not in ";.":
            raise UnknownError
        while at < len(stream) and stream[at].text in ";.":
            subject = subject if stream[at].text == ";" else ""
            at += 1


def _steps(
    subject: str, path: Sequence[Token], object_: str, fresh: Iterator[str]
) -> Iterator[_Triple]:
    """Yield a triple for each step of a sequence path."""
    depth, cuts = 0, list[int]()
    for place, token in enumerate(path):
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and token.text == "|":
            yield _Triple(subject, path, object_)
            return
        if depth == 0 and token.text == "/":
            cuts.append(place)
    begun = 0
    for cut in cuts:
        middle = next(fresh)
        yield _Triple(subject, path[begun:cut], middle)
        subject, begun = middle, cut + 1
    yield _Triple(subject, path[begun:], object_)


def _term(stream: Sequence[Token], at: int) -> tuple[str, int]:
    """Return the term at an index, and the index after it.

    :raises UnknownError: if there is none, or it is in brackets.
    """
    token = stream[at] if at < len(stream) else Token("sign", "", 0)
    if token.kind in _SINGLES or (token.kind == "word" and is_value(token)):
        return token.text, at + 1
    if token.kind != "string":
        raise UnknownError
    following = stream[at + 1 : at + 4]
    if following and following[0].kind == "language":
        return token.text + following[0].text, at + 2
    if [t.text for t in following[:2]] == ["^", "^"] and len(following) == 3:
        return f"{token.text}^^{following[2].text}", at + 4
    return token.text, at + 1


def _end_of_path(stream: Sequence[Token], at: int) -> int:
    """Return the index after a path, or after a variable as predicate.

    :raises UnknownError: if there is neither.
    """
    if at < len(stream) and stream[at].kind == "variable":
        return at + 1
    expects, depth = True, 0
    while at < len(stream):
        token = stream[at]
        if token.text == "(" and expects:
            depth += 1
        elif token.text in {"^", "!"} and expects:
            pass
        elif expects and (token.kind in {"iri", "name"} or token.text == "a"):
            expects = False
        elif not expects and token.text == ")" and depth:
            depth -= 1
        elif not expects and token.text in {"/", "|"}:
            expects = True
        elif expects or token.text not in {"*", "+", "?"}:
            break
        at += 1
    if expects or depth:
        raise UnknownError
    return at
