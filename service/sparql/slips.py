"""Find slips in triples: a missing full stop, semicolon or object.

The engine's parser reports where nothing fits any more, which is seldom where something is
missing. This module counts the terms of each triple instead. It is no parser: it ignores what it
does not know.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from service.sparql.tokens import Token

SUBJECT, PREDICATE, OBJECT = 1, 2, 3
"""The number of parts of a triple that have been read."""

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_TERMS = frozenset({"iri", "string", "variable", "blank", "name"})
_NAMING = frozenset({"GRAPH", "SERVICE"})
_SKIPPED = frozenset({"SELECT", "VALUES", "GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET"})
"""After these words there are no triples until a bracket opens or closes the pattern."""
_COMPARISONS = frozenset("<>=!")


class Slip(Exception):
    """A slip.

    :param token: the token at which it shows.
    """

    def __init__(self, token: Token, sentence: str, hint: str) -> None:
        super().__init__(sentence)
        self.token, self.sentence, self.hint = token, sentence, hint


@dataclass
class _Triple:
    """The part of a triple that has been read.

    :param parts: the number of its parts; a path counts as one.
    :param alone: whether the subject needs no predicate, since it is in brackets.
    """

    terms: list[Token] = field(default_factory=list)
    parts: int = 0
    alone: bool = False
    again: bool = False

    def check_end(self, token: Token) -> None:
        """Check that the triple is complete before the token that ends it.

        :raises Slip: if the triple is incomplete.
        """
        if self.parts == PREDICATE:
            raise Slip(
                token,
                f"The object is missing after {self.terms[-1].text}",
                "A triple has a subject, a predicate and an object, such as ?value.",
            )
        if self.parts == SUBJECT and not self.alone and not self.again:
            raise Slip(
                token,
                f"{self.terms[-1].text} stands alone",
                "A triple has a subject, a predicate and an object.",
            )


def find_slip(stream: list[Token]) -> Slip | None:
    """Return the first slip in the triples of a query, or None."""
    start = next((i for i, token in enumerate(stream) if token.text == "{"), len(stream))
    try:
        _read(stream, start)
    except Slip as slip:
        return slip
    return None


def _read(stream: list[Token], at: int) -> None:
    """Read the patterns of a query.

    :raises Slip: at the first slip.
    """
    triple, skipping = _Triple(), False
    while at < len(stream):
        token = stream[at]
        if token.text in "{}":
            if not skipping:
                triple.check_end(token)
            triple, skipping = _Triple(), token.text == "{" and _is_values(stream, at)
        elif skipping:
            pass
        elif token.kind == "word" and not _is_term(token):
            triple.check_end(token)
            triple, skipping = _Triple(), token.keyword in _SKIPPED
            at = _last_of_keyword(stream, at)
        elif token.text in "[(":
            goes_on, at = _continues(stream, at), _closing(stream, at)
            if not goes_on:
                _advance(triple, token, stream, at)
            triple.alone = triple.alone or triple.parts == SUBJECT
        elif token.text == "." and not _in_number(stream, at):
            triple.check_end(token)
            triple = _Triple()
        elif token.text in ";,":
            triple.check_end(token)
            triple.parts = min(triple.parts, SUBJECT if token.text == ";" else PREDICATE)
            triple.again = token.text == ";"
        elif token.text in _COMPARISONS and at and _is_term(stream[at - 1]):
            _check_comparison(triple, token, stream, at)
        elif _is_term(token) and not _continues(stream, at):
            _advance(triple, token, stream, at)
        at += 1


def _check_comparison(triple: _Triple, token: Token, stream: list[Token], at: int) -> None:
    """Check that a triple contains no comparison.

    :raises Slip: if it does.
    """
    if triple.parts < PREDICATE:
        return
    signs = token.text + "=" * (_at(stream, at + 1) == "=")
    value = _at(stream, at + len(signs)) or "…"
    object_ = triple.terms[-1].text if triple.parts == OBJECT else "?value"
    before = "" if triple.parts == OBJECT else f"{object_} "
    raise Slip(
        token,
        f"{signs} stands in a triple; a comparison is a condition of its own",
        f"Write {triple.terms[-1].text} {before}. FILTER({object_} {signs} {value}).",
    )


def _at(stream: list[Token], place: int) -> str:
    return stream[place].text if place < len(stream) else ""


def _last_of_keyword(stream: list[Token], at: int) -> int:
    """Return the index of the last token that belongs to a keyword, not to a triple.

    :raises Slip: if a condition that begins with a variable or a value has no brackets.
    """
    word, after = stream[at].keyword, stream[at + 1 : at + 2]
    if word in _NAMING:
        return at + (2 if after and after[0].keyword == "SILENT" else 1)
    if word not in {"FILTER", "BIND"}:
        return at
    if after and after[0].kind in {"variable", "string"}:
        raise Slip(after[0], f"{word} needs brackets", f"Write {word} ( … ).")
    return _end_of_call(stream, at + 1)


def _advance(triple: _Triple, token: Token, stream: list[Token], at: int) -> None:
    if triple.parts == OBJECT:
        rest = 1 + sum(1 for _ in _following(stream, at))
        last, subject = triple.terms[-1].text, triple.terms[0].text
        if rest == PREDICATE:
            raise Slip(
                token,
                f"A semicolon is missing between {last} and {token.text}",
                f"Write ; to say more about {subject}, or . to begin with something else.",
            )
        sign, use = (".", "end the triple") if rest > PREDICATE else (",", "give another object")
        name = "full stop" if sign == "." else "comma"
        raise Slip(
            token, f"A {name} is missing between {last} and {token.text}", f"Write {sign} to {use}."
        )
    triple.parts += 1
    triple.again = False
    triple.terms.append(token)


def _following(stream: list[Token], at: int) -> Iterator[Token]:
    """Yield the terms after an index, up to the end of the triple."""
    for place in range(at + 1, len(stream)):
        token = stream[place]
        if _is_term(token) and not _continues(stream, place):
            yield token
        elif token.text in {".", ";", ",", "{", "}", "[", "("} or token.kind == "word":
            return


def _is_term(token: Token) -> bool:
    return (token.kind in _TERMS or token.text == "a" or token.keyword in {"TRUE", "FALSE"}) or (
        token.kind == "word" and token.text[0].isdigit()
    )


def _continues(stream: list[Token], at: int) -> bool:
    """Tell whether the token at an index continues a term: a path, a datatype, or a number."""
    is_datatype = [t.text for t in stream[max(0, at - 2) : at]] == ["^", "^"]
    while at and stream[at - 1].text in {"^", "!"}:
        at -= 1
    before = stream[at - 1].text if at else ""
    is_fraction = before == "." and _in_number(stream, at - 1)
    return before in {"/", "|"} or is_fraction or is_datatype


def _in_number(stream: list[Token], at: int) -> bool:
    """Tell whether the token is a point between two digits."""
    if not 0 < at < len(stream) - 1:
        return False
    before, after = stream[at - 1], stream[at + 1]
    joined = (
        before.start + len(before.text) == stream[at].start and after.start == stream[at].start + 1
    )
    return joined and before.text[-1].isdigit() and after.text[0].isdigit()


def _is_values(stream: list[Token], at: int) -> bool:
    """Tell whether the bracket at an index opens the data of VALUES."""
    at -= 1
    while at > 0 and (stream[at].kind == "variable" or stream[at].text in "()"):
        at -= 1
    return stream[at].keyword == "VALUES"


def _closing(stream: list[Token], at: int) -> int:
    """Return the index of the bracket that closes the one at an index."""
    depth = 0
    for place in range(at, len(stream)):
        text = stream[place].text
        depth += (text in _PAIRS) - (text in _PAIRS.values())
        if depth == 0:
            return place
    return len(stream) - 1


def _end_of_call(stream: list[Token], at: int) -> int:
    """Return the index at which an expression in brackets ends; EXISTS opens a pattern there."""
    while at < len(stream) and stream[at].text not in {"(", "{", "}"}:
        at += 1
    if at < len(stream) and stream[at].text == "(":
        return _closing(stream, at)
    return at - 1
