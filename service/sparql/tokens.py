"""The terminals of SPARQL 1.1 (Query §19.8).

Letters inside an IRI, a string, a comment or a prefixed name are never mistaken for a keyword.
The tokens are those that the engine's parser finds; it has no tokenizer apart from its grammar,
so "<" is a sign or the beginning of an IRI depending on the brackets around it.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple

HEX = "[0-9A-Fa-f]"
IRI = rf'<(?:[^<>"{{}}|^`\\\x00-\x20]|\\u{HEX}{{4}}|\\U{HEX}{{8}})*+>'
_PN_BASE = (
    r"A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D"
    r"\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_PN_CHARS = _PN_BASE + r"_\-0-9\u00B7\u0300-\u036F\u203F-\u2040"
_VARIABLE = _PN_BASE + r"_0-9\u00B7\u0300-\u036F\u203F-\u2040"
_PN_PREFIX = rf"[{_PN_BASE}][{_PN_CHARS}]*+(?:\.++[{_PN_CHARS}]++)*+"
_PLX = rf"%{HEX}{{2}}|\\[_~.\-!$&'()*+,;=/?#@%]"
# The engine takes dots in one place of a local name; another token follows the next dot.
_PN_LOCAL = (
    rf"(?:[{_PN_BASE}_:0-9]|{_PLX})(?:[{_PN_CHARS}:]|{_PLX})*+"
    rf"(?:\.++(?:[{_PN_CHARS}:]|{_PLX})++)?+"
)
SPACE = r"(?:[ \t\r\n]++|\#[^\r\n]*+)"
_NAME = rf"(?P<name>(?:{_PN_PREFIX})?+:(?:{_PN_LOCAL})?+)|"
_NUMBER = (
    r"(?:[0-9]++(?:\.[0-9]*+)?(?=[eE][+-]?[0-9])|[0-9]*\.[0-9]++|[0-9]++)(?:[eE][+-]?[0-9]++)?+"
)
# A string with an invalid escape is not a string.
_ESCAPED = (
    rf"\\(?:[tbnrf\"'\\]|u(?![dD][89a-fA-F]){HEX}{{4}}"
    rf"|U(?!0000[dD][89a-fA-F])(?:0010|000{HEX}){HEX}{{4}})"
)

FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
"""The words with which a query begins, after its prologue."""

_ANY_IRI = re.compile(IRI)
_CODE_POINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


class Token(NamedTuple):
    """One terminal.

    :param kind: iri, string, variable, blank, name, language, number, word or sign. A sign that
        would begin an IRI if some prefix were declared is ``doubtful``.
    :param start: offset of its first character in the query.
    """

    kind: str
    text: str
    start: int

    @property
    def keyword(self) -> str:
        """The word in capitals, or "" if the token is no word."""
        return self.text.upper() if self.kind == "word" else ""


# Patterns compile when first used: each takes milliseconds, and most queries need none of them.
@cache
def _terminals(names: bool, less: bool) -> re.Pattern[str]:
    """Return the pattern of one terminal or space.

    :param names: whether a prefixed name may begin here.
    :param less: whether "<" is a sign here.
    """
    return re.compile(
        rf"""(?P<space>{SPACE})
        |{"" if less else f"(?P<iri>{IRI})|"}
        (?P<variable>[?$][{_VARIABLE}]++)
        |(?P<blank>_:[{_PN_BASE}_0-9][{_PN_CHARS}]*+(?:\.++[{_PN_CHARS}]++)*+)
        |{_NAME if names else ""}
        (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
        |(?P<number>{_NUMBER})
        |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
        |(?P<sign>\^\^|&&|\|\||!=|<=|{"" if less else "<<|>>|"}>=|.)""",
        re.VERBOSE | re.DOTALL,
    )


@cache
def _run() -> re.Pattern[str]:
    return re.compile(rf"[{_PN_BASE}][{_PN_CHARS}.]*+")


@cache
def string_pattern(quote: str) -> re.Pattern[str]:
    """Return the pattern of a string; for three quotes, of its content."""
    if len(quote) == 3:
        return re.compile(rf"(?:[^{quote[0]}\\]++|{_ESCAPED}|{quote[0]}(?!{quote[1:]}))*+")
    return re.compile(rf"{quote}(?:[^{quote}\\\r\n]++|{_ESCAPED})*+{quote}")


Content = Literal["expression", "terms", "group", "select", "unsure"]
"""What a bracket holds: behind an operand of an expression "<" is a sign, elsewhere an IRI."""


class _Brackets:
    """The open brackets and what each of them holds."""

    def __init__(self) -> None:
        self._open: list[Content] = []
        self._last = self._before = Token("sign", "", 0)

    @property
    def inner(self) -> Content:
        return self._open[-1] if self._open else "select"

    def compares(self) -> bool:
        """Tell whether "<" would be a sign now: an operand of an expression has ended."""
        if self.inner not in {"expression", "unsure"}:
            return False
        kind, text, _ = self._last
        if kind == "word":
            return text.endswith(("true", "false"))
        return kind not in {"sign", "doubtful"} or text in {")", "]", "}"}

    def add(self, token: Token) -> None:
        """Open or close brackets for the next token."""
        text = token.text
        if token.kind == "sign":
            if text == "(":
                self._open.append(self._parenthesis())
            elif text == "{":
                self._open.append("group")
            elif text in {"[", "<<"}:
                self._open.append("terms")
            elif self._open and text in {")", "}", "]", ">>"}:
                self._open.pop()
        elif self._last.text == "{" and token.keyword.startswith("SELECT") and self._open:
            self._open[-1] = "select"
        self._before, self._last = self._last, token

    def _parenthesis(self) -> Content:
        """Return what a parenthesis that opens now holds; terms are a list, a row or a path."""
        inner, last = self.inner, self._last
        if last.text == "<<" or inner == "terms":
            return "terms"
        if inner in {"expression", "unsure"}:
            return inner
        if word := last.keyword:
            return "terms" if last.text == "a" or word.endswith("VALUES") else "expression"
        if inner == "select":
            return "expression"
        if last.kind in {"iri", "name"} and self._before.keyword.endswith("FILTER"):
            return "expression"
        # FILTERe:f(1<2) is a filter if e: is declared, and begins a triple if FILTERe: is.
        return "unsure" if last.kind == "name" and "FILTER" in last.text.upper() else "terms"


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """Yield the terminals of a query without white space and comments.

    A text that the engine refuses may be cut differently. The time grows with the length alone,
    whatever the text: where no prefix or no string can begin any more, none is tried again.

    :param start: offset to begin at, outside of all brackets.
    """
    offset, nameless, strings = start, 0, True
    long_from = {"'": 0, '"': 0}
    brackets = _Brackets()
    while offset < len(text):
        first = text[offset]
        compares = first == "<" and brackets.compares()
        if first in long_from:
            end = _string_end(text, offset, long_from) if strings else 0
            strings = end > 0  # behind a string that is not closed, no quote means anything
            kind, end = ("string", end) if strings else ("sign", offset + 1)
        else:
            match = _terminals(offset >= nameless, compares).match(text, offset)
            assert match, "its last alternative takes any character"
            kind, end = match.lastgroup or "sign", match.end()
            if kind == "space":
                offset = end
                continue
            may_begin_name = kind in {"word", "sign"} and offset >= nameless
            if may_begin_name and (run := _run().match(text, offset)):
                nameless = run.end()  # no colon follows these letters
        if compares and brackets.inner == "unsure" and (iri := _ANY_IRI.match(text, offset)):
            kind = "doubtful" if "#" in iri.group() or "'" in iri.group() else kind
        token = Token(kind, text[offset:end], offset)
        brackets.add(token)
        yield token
        offset = end


def _string_end(text: str, offset: int, long_from: dict[str, int]) -> int:
    """Return where the string that begins at an offset ends, or 0 if it never does.

    :param long_from: for each quote, the offset before which no long string is closed. Three
        quotes before it are an empty string and the beginning of another one.
    """
    quote = text[offset]
    if offset >= long_from[quote] and text.startswith(quote * 3, offset):
        content = string_pattern(quote * 3).match(text, offset + 3)
        assert content, "it may be empty"
        if text.startswith(quote * 3, content.end()):
            return content.end() + 3
        long_from[quote] = content.end()
    match = string_pattern(quote).match(text, offset)
    return match.end() if match else 0


def unescape(text: str) -> str:
    r"""Replace code point escapes that stand outside strings and IRIs (Query §19.2).

    The engine reads the others itself.

    >>> unescape(r"\u0053ELECT ?x { }")
    'SELECT ?x { }'
    """
    if "\\u" not in text and "\\U" not in text:
        return text
    parts, end = [], 0
    for token in tokens(text):
        if token.start < end or token.text != "\\":
            continue
        match = _CODE_POINT.match(text, token.start)
        if match and (character := code_point(match)):
            parts += [text[end : token.start], character]
            end = match.end()
    return "".join((*parts, text[end:]))


def code_point(match: re.Match[str]) -> str:
    """Return the character of a matched escape, or "" for a surrogate or none at all."""
    point = int(match.group(1) or match.group(2), 16)
    return "" if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF else chr(point)


def unescape_iri(reference: str) -> str:
    """Return an IRI reference with its code point escapes replaced."""
    return _CODE_POINT.sub(lambda match: code_point(match) or match.group(), reference)
