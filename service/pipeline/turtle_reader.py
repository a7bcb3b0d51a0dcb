"""Read a Turtle file: its triples, its statements with their lines, and what is wrong with it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from service.pipeline.files import read_text
from service.pipeline.violations import Violation, did_you_mean, error, prefix_fault
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


_DIRECTIVES = {"@prefix": 4, "prefix": 3, "@base": 3, "base": 2}
"""Directives and their number of tokens: SPARQL's forms end without a dot (Turtle §2.4)."""


@dataclass
class Statement:
    """A directive, or a block of triples with one subject; perhaps with comments.

    :param line: of its first token, counted from 1.
    :param comments: those that stand above it, in it, or behind it on its last line.
    """

    line: int = 0
    tokens: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    @property
    def directive(self) -> str:
        """The keyword by which it declares a prefix or a base, or an empty text."""
        word = self.tokens[0].lower() if self.tokens else ""
        return word if word in _DIRECTIVES else ""

    @property
    def prefix(self) -> tuple[str, str] | None:
        """Prefix and namespace, if it declares one."""
        if self.directive.endswith("prefix") and len(self.tokens) > 2:
            return self.tokens[1].removesuffix(":"), self.tokens[2][1:-1]
        return None

    @property
    def is_whole(self) -> bool:
        """Whether its latest token is its last one."""
        length = _DIRECTIVES.get(self.directive)
        return len(self.tokens) == length if length else self.tokens[-1] == "."


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
        """The statements of the text; comments after the last one make one without tokens."""
        return list(_statements(self.text))

    @cached_property
    def lines(self) -> Mapping[str, int]:
        """Subject IRI to the line on which its first block begins, counted from 1."""
        lines: dict[str, int] = {}
        for statement in self.statements:
            if statement.tokens and not statement.directive:
                lines.setdefault(self._iri(statement.tokens[0]), statement.line)
        return lines

    def _iri(self, word: str) -> str:
        if word.startswith("<"):
            return word[1:-1]
        prefix, _, local = word.partition(":")
        return self.prefixes.get(prefix, "\0") + re.sub(r"\\(.)", r"\1", local)


def _statements(text: str) -> Iterator[Statement]:
    statement, previous = Statement(), Statement()
    line, at = 1, 0
    for token in _TOKEN.finditer(text):
        newlines = text.count("\n", at, token.start())
        line, at = line + newlines, token.start()
        if token.lastgroup == "comment":
            behind = newlines == 0 and not statement.tokens and previous.tokens
            (previous if behind else statement).comments.append(token.group().rstrip())
            continue
        statement.line = statement.line or line
        statement.tokens.append(token.group())
        if statement.is_whole:
            yield statement
            previous, statement = statement, Statement()
    if statement.tokens or statement.comments:
        yield statement


def read(path: Path, known: Mapping[str, str] | None) -> tuple[Document, list[Violation]]:
    """Read a Turtle file and report all that is wrong with its syntax and its prefixes.

    :param known: the prefixes that files may declare, each with its namespace; None: any.
    :return: what could be read (no triples after a syntax error) and the violations.
    """
    try:
        text = read_text(path)
    except SourceError as fault:
        return Document(path), fault.extras["violations"]
    statements = list(_statements(text))
    declarations = [(s.prefix, s.line) for s in statements if s.prefix]
    declared = dict(declaration for declaration, _ in declarations)
    violations = [
        error(wrong[0], path, line, *wrong[1:], entity=f"{prefix}:")
        for (prefix, namespace), line in declarations
        if known is not None and (wrong := prefix_fault(prefix, namespace, known))
    ]
    known = known or {}
    triples: tuple[ox.Triple, ...] = ()
    head = ""
    while True:
        try:
            quads = ox.parse(head + text, ox.RdfFormat.TURTLE, rename_blank_nodes=True)
            triples = tuple(quad.triple for quad in quads)
            break
        except SyntaxError as fault:
            match = _UNDECLARED.search(str(fault))
            prefix = match[1] if match else None
            violations.append(_syntax_violation(path, fault, prefix, known))
            if prefix is None or prefix in declared:
                break
            # Declare it for now, on the first line so that lines stay, and read on: all
            # unknown prefixes of a file are reported, not just the first.
            declared[prefix] = known.get(prefix, f"urn:undeclared:{prefix}:")
            head += f"@prefix {prefix}: <{declared[prefix]}> . "
    return Document(path, text, triples, declared), violations


def _syntax_violation(
    path: Path, fault: SyntaxError, prefix: str | None, known: Mapping[str, str]
) -> Violation:
    if prefix is not None:
        hint = (
            f"Add @prefix {prefix}: <{known[prefix]}> . or run: cdmo format"
            if prefix in known
            else did_you_mean(prefix, known) or "Declare it in ontology/prefixes.ttl."
        )
        message = "is not declared in this file"
        return error("unknown-prefix", path, fault.lineno, message, hint, entity=f"{prefix}:")
    # The parser puts the place before and after its message; the violation has it already.
    message = re.sub(r"^Parser error .*?: ", "", re.sub(r" \(line \d+\)$", "", fault.msg))
    message = f"column {fault.offset}: {message}" if fault.offset else message
    hint = next(
        (hint for part, hint in _HINTS.items() if part in fault.msg),
        "See Turtle, https://www.w3.org/TR/turtle/.",
    )
    return error("turtle-syntax", path, fault.lineno, message, hint)
