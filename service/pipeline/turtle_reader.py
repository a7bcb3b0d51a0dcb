"""Read a Turtle file: its triples, its statements with their lines, and what is wrong with it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from service.pipeline.files import read_text
from service.pipeline.violations import Violation, did_you_mean
from service.problems import SourceError

_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\r\n]*)
  | (?P<iri><[^<>"{}|^`\s]*>)
  | (?P<string>"{3}(?:[^"\\]|\\.|"(?!""))*"{3} | '{3}(?:[^'\\]|\\.|'(?!''))*'{3}
             | "(?:[^"\\\r\n]|\\.)*" | '(?:[^'\\\r\n]|\\.)*')
  | (?P<word>@[a-zA-Z0-9-]+
           | [+-]?(?:[0-9]+\.?[0-9]*[eE][+-]?[0-9]+ | \.[0-9]+[eE][+-]?[0-9]+
                   | [0-9]*\.[0-9]+ | [0-9]+)(?![\w:])
           | (?:[^\s<>"'(){}\[\];,#^.\\]|\\.|\.(?=\.*[^\s<>"'(){}\[\];,#^.]))+)
  | (?P<mark>\^\^|\S)
    """,
    re.VERBOSE | re.DOTALL,
)
"""The tokens of Turtle 1.1, §6.5, as far as statements, comments and prefixes need them."""

_UNDECLARED = re.compile(r"The prefix (\S*): has not been declared")
_HINTS = {
    "dot is expected": "End the block before this line with ' .', or join it on with ' ;' or ' ,'.",
    "Unexpected end": "A string, a bracket or the last block is not closed.",
    "should end with a ']'": "Close the blank node with ']' before the ' ;' or ' .' of its block.",
}


@dataclass
class Statement:
    """A directive, or a block of triples with one subject; perhaps with comments.

    :param start: offset of its first token in the text.
    :param line: of that token, counted from 1.
    :param words: its first three tokens.
    :param comments: those that stand above it, in it, or behind it on its last line.
    """

    start: int
    line: int
    words: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    end: int = 0

    @property
    def prefix(self) -> tuple[str, str] | None:
        """Prefix and namespace, if it declares one."""
        if len(self.words) == 3 and self.words[0].lower() in ("@prefix", "prefix"):
            return self.words[1].removesuffix(":"), self.words[2][1:-1]
        return None

    @property
    def is_directive(self) -> bool:
        """Whether it declares a prefix or a base."""
        return self.words[:1] != [] and self.words[0].lower() in _DIRECTIVES


_DIRECTIVES = {"@prefix": 4, "prefix": 3, "@base": 3, "base": 2}
"""Directives and their number of tokens: SPARQL's forms end without a dot (Turtle §2.4)."""


@dataclass(frozen=True)
class Document:
    """A Turtle file that has been read.

    :param triples: in the order of the file; none if the file has a syntax error.
    :param prefixes: those that the file declares or, for want of a declaration, uses.
    """

    path: Path
    text: str = ""
    triples: tuple[ox.Triple, ...] = ()
    prefixes: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def statements(self) -> list[Statement]:
        """The statements of the text; comments after the last one make one without words."""
        return list(_statements(self.text))

    @cached_property
    def lines(self) -> Mapping[str, int]:
        """Subject IRI to the line on which its first block begins, counted from 1."""
        lines: dict[str, int] = {}
        for statement in self.statements:
            if statement.words and not statement.is_directive:
                lines.setdefault(self._iri(statement.words[0]), statement.line)
        return lines

    def _iri(self, word: str) -> str:
        if word.startswith("<"):
            return word[1:-1]
        prefix, _, local = word.partition(":")
        return self.prefixes.get(prefix, "\0") + re.sub(r"\\(.)", r"\1", local)


def _statements(text: str) -> Iterator[Statement]:
    statement: Statement | None = None
    previous: Statement | None = None
    count, line, at = 0, 1, 0
    for token in _TOKEN.finditer(text):
        start, word = token.start(), token.group()
        newlines = text.count("\n", at, start)
        line, at = line + newlines, start
        if token.lastgroup == "comment":
            if newlines == 0 and statement is None and previous is not None:
                previous.comments.append(word.rstrip())
                continue
            statement = statement or Statement(start, line)
            statement.comments.append(word.rstrip())
            continue
        statement = statement or Statement(start, line)
        if not statement.words:
            statement.start, statement.line, count = start, line, 0
        count += 1
        if len(statement.words) < 3:
            statement.words.append(word)
        tokens = _DIRECTIVES.get(statement.words[0].lower())
        if count == tokens if tokens else (token.lastgroup, word) == ("mark", "."):
            statement.end = token.end()
            yield statement
            previous, statement = statement, None
    if statement is not None:
        statement.end = len(text)
        yield statement


def read(path: Path, known: Mapping[str, str]) -> tuple[Document, list[Violation]]:
    """Read a Turtle file and report all that is wrong with its syntax and its prefixes.

    :param known: the prefixes that files may declare, each with its namespace.
    :return: what could be read (no triples after a syntax error) and the violations.
    """
    try:
        text = read_text(path)
    except SourceError as error:
        return Document(path), error.extras["violations"]
    statements = list(_statements(text))
    violations = list(_check_prefixes(path, statements, known))
    declared = dict(s.prefix for s in statements if s.prefix)
    triples: tuple[ox.Triple, ...] = ()
    head = ""
    while True:
        try:
            quads = ox.parse(head + text, ox.RdfFormat.TURTLE, rename_blank_nodes=True)
            triples = tuple(quad.triple for quad in quads)
            break
        except SyntaxError as error:
            match = _UNDECLARED.search(str(error))
            prefix = match[1] if match else None
            violations.append(_syntax_violation(path, error, prefix, known))
            if prefix is None or prefix in declared:
                break
            # Declare it for now, on the first line so that lines stay, and read on: all
            # unknown prefixes of a file are reported, not just the first.
            declared[prefix] = known.get(prefix, f"urn:undeclared:{prefix}:")
            head += f"@prefix {prefix}: <{declared[prefix]}> . "
    return Document(path, text, triples, declared), violations


def _check_prefixes(
    path: Path, statements: list[Statement], known: Mapping[str, str]
) -> Iterator[Violation]:
    for statement in statements:
        if statement.prefix is None:
            continue
        prefix, namespace = statement.prefix
        if prefix not in known:
            rule = "unknown-prefix"
            message = "is not in ontology/prefixes.ttl, the only list of prefixes"
            hint = did_you_mean(prefix, known) or "Declare it in ontology/prefixes.ttl."
        elif known[prefix] != namespace:
            rule = "prefix-differs"
            message = f"stands for <{namespace}> here and for <{known[prefix]}> elsewhere"
            hint = f"Write @prefix {prefix}: <{known[prefix]}> ."
        else:
            continue
        yield Violation(rule, "error", path, statement.line, f"{prefix}:", message, hint)


def _syntax_violation(
    path: Path, error: SyntaxError, prefix: str | None, known: Mapping[str, str]
) -> Violation:
    if prefix is not None:
        hint = (
            f"Add @prefix {prefix}: <{known[prefix]}> . or run: cdmo format"
            if prefix in known
            else did_you_mean(prefix, known) or "Declare it in ontology/prefixes.ttl."
        )
        message = "is not declared in this file"
        line = error.lineno
        return Violation("unknown-prefix", "error", path, line, f"{prefix}:", message, hint)
    # The parser puts the place before and after its message; the violation has it already.
    message = re.sub(r"^Parser error .*?: ", "", re.sub(r" \(line \d+\)$", "", error.msg))
    message = f"column {error.offset}: {message}" if error.offset else message
    hint = next(
        (hint for part, hint in _HINTS.items() if part in error.msg),
        "See Turtle, https://www.w3.org/TR/turtle/.",
    )
    return Violation("turtle-syntax", "error", path, error.lineno, "", message, hint)
