"""The tokens of Turtle: the one pattern for all code that reads a file as text.

The parser of the store returns the triples of a file, not their places; code that needs comments,
lines or columns reads the tokens.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_STRING = r"""
    "{3}(?:[^"\\]|\\.|"(?!""))*"{3} | '{3}(?:[^'\\]|\\.|'(?!''))*'{3}
  | "(?:[^"\\\r\n]|\\.)*" | '(?:[^'\\\r\n]|\\.)*'"""
TOKEN = re.compile(
    rf"""
    (?P<derived>(?<![^\n])[ \t]*\#:[ ][^\r\n#]*\r?\n | [ \t]*\#:[ ][^\r\n#]*)
  | (?P<comment>\#[^\r\n]*)
  | (?P<string>{_STRING})
  | (?P<name><[^<>"{{}}|^`\s]*> | (?:[^\s<>"'(){{}}\[\];,#^\\]|\\.)+)
  | (?P<mark>[\[\]();,]|\^\^)
    """,
    re.VERBOSE | re.DOTALL,
)
"""Turtle 1.1, §6.5. Numbers, keywords and full stops are names here.

A derived comment alone on its line includes the line's end. It ends before the next ``#``, as
people write comments after it.
"""


_HIDDEN = re.compile(
    rf"""
    <[^<>"{{}}|^`\s]*> | \\.
  | (?P<hidden>\#[^\r\n]* | {_STRING})
    """,
    re.VERBOSE | re.DOTALL,
)
"""Comments and strings, and other tokens that may hold a sign that begins one."""
_INK = re.compile(r"[^\r\n]")


class Token(NamedTuple):
    """A token that states something.

    :param start: its first code point in the text, from 0.
    """

    word: str
    start: int
    is_string: bool = False


def comments(text: str) -> list[str]:
    """Return the comments of Turtle, in their order."""
    return [
        m[0].strip(" \t").rstrip() for m in TOKEN.finditer(text) if m["comment"] or m["derived"]
    ]


def bare(text: str) -> str:
    """Return Turtle without its strings and comments; all other text stays in its place."""

    def kept(match: re.Match[str]) -> str:
        if not match["hidden"]:
            return match[0]
        is_line = "\n" not in match[0] and "\r" not in match[0]
        return " " * len(match[0]) if is_line else _INK.sub(" ", match[0])

    return _HIDDEN.sub(kept, text)


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of Turtle except comments; a full stop at the end is its own token."""
    for match in TOKEN.finditer(text):
        if match["string"]:
            yield Token(match[0], match.start(), True)
        elif match["mark"]:
            yield Token(match[0], match.start())
        elif name := match["name"]:
            word = name if name.startswith("<") else name.rstrip(".")
            if word:
                yield Token(word, match.start())
            if len(word) < len(name):
                yield Token(".", match.start() + len(word))
