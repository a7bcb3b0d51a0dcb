"""Read Turtle so that every mistake has its line and a way to mend it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from service.pipeline.violations import Violation, did_you_mean

_UNDECLARED = re.compile(r"The prefix (\S*): has not been declared")
_BLOCK_START = re.compile(r"^(<[^>\s]*>|[A-Za-z][\w.-]*:[\w.-]*)(?=\s|$)", re.MULTILINE)
_PREFIX_LINE = re.compile(r"^\s*(?:@prefix|PREFIX)\s+([\w.-]*):\s*<([^>]*)>", re.MULTILINE | re.I)
_HINTS = {
    "dot is expected": "End the block before this line with ' .', or join it on with ' ;' or ' ,'.",
    "Unexpected end": "A string, a bracket or the last block is not closed.",
    "should end with a ']'": "Close the blank node with ']' before the ' ;' or ' .' of its block.",
}


@dataclass(frozen=True)
class Document:
    """A Turtle file that has been read.

    :param triples: in the order of the file.
    :param lines: subject IRI to the line on which its block begins, counted from 1.
    """

    path: Path
    triples: tuple[ox.Triple, ...]
    lines: Mapping[str, int]


def read(path: Path, known: Mapping[str, str]) -> tuple[Document, list[Violation]]:
    """Read a Turtle file and say all that is wrong with its syntax and its prefixes.

    :param known: the prefixes that files may declare, each with its namespace.
    :returns: what could be read (nothing after a syntax error) and the violations.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        hint = "Save the file as UTF-8."
        found = Violation("turtle-encoding", "error", path, line, "", "is not UTF-8", hint)
        return Document(path, (), {}), [found]
    violations = _check_prefixes(path, text, known)
    triples: tuple[ox.Triple, ...] = ()
    declared = dict(_PREFIX_LINE.findall(text))
    head = ""
    while True:
        try:
            triples = tuple(
                ox.Triple(q.subject, q.predicate, q.object)
                for q in ox.parse(head + text, format=ox.RdfFormat.TURTLE)
            )
            break
        except SyntaxError as error:
            undeclared = _UNDECLARED.search(str(error))
            violations.append(_syntax_violation(path, error, undeclared, known))
            if not undeclared or undeclared[1] in declared:
                break
            # Declare it for now, on the first line so that lines stay, and read on: all
            # unknown prefixes of a file are reported, not just the first.
            declared[undeclared[1]] = known.get(undeclared[1], f"urn:undeclared:{undeclared[1]}:")
            head += f"@prefix {undeclared[1]}: <{declared[undeclared[1]]}> . "
    return Document(path, triples, _lines(text, declared)), violations


def _check_prefixes(path: Path, text: str, known: Mapping[str, str]) -> list[Violation]:
    found = []
    for match in _PREFIX_LINE.finditer(text):
        prefix, namespace = match.groups()
        line = text.count("\n", 0, match.start(1)) + 1
        if prefix not in known:
            hint = did_you_mean(prefix, known) or "Declare it in ontology/prefixes.ttl."
            said = "is not in ontology/prefixes.ttl, the only list of prefixes"
            found.append(Violation("unknown-prefix", "error", path, line, prefix + ":", said, hint))
        elif known[prefix] != namespace:
            said = f"stands for <{namespace}> here and for <{known[prefix]}> elsewhere"
            hint = f"Write @prefix {prefix}: <{known[prefix]}> ."
            found.append(Violation("prefix-differs", "error", path, line, prefix + ":", said, hint))
    return found


def _syntax_violation(
    path: Path, error: SyntaxError, undeclared: re.Match[str] | None, known: Mapping[str, str]
) -> Violation:
    if undeclared:
        prefix = undeclared[1]
        hint = (
            f"Add @prefix {prefix}: <{known[prefix]}> . or run: cdmo format"
            if prefix in known
            else did_you_mean(prefix, known) or "Declare it in ontology/prefixes.ttl."
        )
        said = "is not declared in this file"
        return Violation("unknown-prefix", "error", path, error.lineno, prefix + ":", said, hint)
    # The parser says the place before and after its message; the violation has it already.
    said = re.sub(r"^Parser error .*?: ", "", re.sub(r" \(line \d+\)$", "", error.msg))
    said = f"column {error.offset}: {said}" if error.offset else said
    hint = next(
        (h for part, h in _HINTS.items() if part in error.msg),
        "See Turtle, https://www.w3.org/TR/turtle/.",
    )
    return Violation("turtle-syntax", "error", path, error.lineno, "", said, hint)


def _lines(text: str, prefixes: Mapping[str, str]) -> dict[str, int]:
    lines: dict[str, int] = {}
    for match in _BLOCK_START.finditer(text):
        name = match[1]
        prefix, _, local = name.partition(":")
        iri = name[1:-1] if name[0] == "<" else prefixes.get(prefix, "\0") + local
        lines.setdefault(iri, text.count("\n", 0, match.start()) + 1)
    return lines
