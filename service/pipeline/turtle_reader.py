"""Read a Turtle file: its triples, its comments, the lines of its blocks, and its violations."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from service.pipeline.files import line_and_column, read_text
from service.pipeline.files import lines as lines_of
from service.pipeline.statements import Statements
from service.pipeline.turtle_tokens import bare, tokens
from service.pipeline.violations import Related, Violation, did_you_mean, error, prefix_fault
from service.problems import SourceError
from service.rdf.terms import Term

UNDECLARED = "urn:undeclared:"
"""The beginning of the IRIs as which names with an unknown prefix are read."""

_DECLARATION = re.compile(r"(?:^|\s)@?prefix\s+([^\s:<]*):\s*<([^<>]*)>", re.IGNORECASE)
_SUBJECT = re.compile(r"<([^<>]*)>|((?:[^\s:<>;,()\[\]\\]|\\.)*):((?:[^\s<>;,()\[\]\\]|\\.)*)")
_IRI = re.compile(r"<[^<>\"{}|^`\s]*>")
_RDF_1_2 = re.compile(r"<<|\{\||~|--(ltr|rtl)\b")
_UNDECLARED = re.compile(r"The prefix (\S*): has not been declared")
_HINTS = {
    "dot is expected": "End the block before this line with ' .', or join it on with ' ;' or ' ,'.",
    "Unexpected end": "A string, a bracket or the last block is not closed.",
    "should end with a ']'": "Close the blank node with ']' before the ' ;' or ' .' of its block.",
}


@dataclass(frozen=True)
class Document:
    """A Turtle file that has been read.

    :param triples: in the order of the file; none if the file has a syntax error.
    :param prefixes: the prefixes that the file declares or uses without a declaration.
    :param outline: the text without strings and comments.
    """

    path: Path
    text: str = ""
    triples: tuple[ox.Triple, ...] = ()
    prefixes: Mapping[str, str] = field(default_factory=dict)
    outline: str = field(default="", repr=False)

    @cached_property
    def statements(self) -> Statements:
        """The statements with their places; only messages need them, not a clean file."""
        return Statements(self.text, self.triples)

    def uses(self, predicate: Term) -> bool:
        """Tell whether a statement of the file has a predicate."""
        return any(t.predicate == predicate for t in self.triples)

    @cached_property
    def blocks(self) -> tuple[tuple[str, int], ...]:
        """Subject IRI and line of each block, in order; lines are counted from 1.

        A block begins at the start of a line, as ``cdmo format`` writes it.
        """
        blocks: list[tuple[str, int]] = []
        for number, line in enumerate(lines_of(self.outline or bare(self.text)), 1):
            match = _SUBJECT.match(line)
            if match and match[2] != "_":
                iri, prefix, local = match.groups()
                namespace = self.prefixes.get(prefix or "", "")
                iri = iri or namespace + re.sub(r"\\(.)", r"\1", local or "")
                blocks.append((iri, number))
        return tuple(blocks)

    @cached_property
    def lines(self) -> Mapping[str, int]:
        """Subject IRI to the line on which its first block begins."""
        return dict(reversed(self.blocks))


def read(
    path: Path, known: Mapping[str, str] | None, text: str | None = None
) -> tuple[Document, list[Violation]]:
    """Read a Turtle file and report all faults of its syntax and its prefixes.

    :param known: the prefixes that files may declare, each with its namespace; None: any.
    :param text: the new text of the file, used instead of that on disk.
    :return: the document (without triples if it has a syntax error) and the violations.
    """
    try:
        text = read_text(path) if text is None else text
    except SourceError as fault:
        return Document(path), fault.extras["violations"]
    outline, declared, violations = bare(text), {}, []
    for match in _DECLARATION.finditer(outline):
        prefix, declared[prefix] = match.groups()
        if known is not None and (wrong := prefix_fault(prefix, declared[prefix], known)):
            rule, message, hint = wrong
            line, column = line_and_column(text, match.start(1))
            name = f"{prefix}:"
            violations.append(error(rule, path, line, message, hint, entity=name, column=column))
    known = known or {}
    triples: tuple[ox.Triple, ...] = ()
    head = ""
    while True:
        try:
            quads = ox.parse(head + text, ox.RdfFormat.TURTLE, rename_blank_nodes=True)
            triples = tuple(quad.triple for quad in quads)
            violations += _later_turtle(path, outline, triples)
            break
        except SyntaxError as fault:
            undeclared = _UNDECLARED.search(str(fault))
            missing = undeclared[1] if undeclared else None
            at = (fault.offset or 0) - (len(head) if fault.lineno == 1 else 0)
            violation = _syntax_violation(path, fault, at or None, missing, known)
            violations.append(_with_open_bracket(violation, text))
            if missing is None or missing in declared:
                break
            # Declare it for now, on the first line to keep line numbers, and read on: all
            # unknown prefixes of a file are reported, not just the first.
            declared[missing] = known.get(missing, f"{UNDECLARED}{missing}:")
            head += f"@prefix {missing}: <{declared[missing]}> . "
    return Document(path, text, triples, declared, outline), violations


def _later_turtle(path: Path, outline: str, triples: Iterable[ox.Triple]) -> Iterator[Violation]:
    """Yield a violation, with its line, for the first part of a file that needs RDF 1.2."""
    if any(
        isinstance(t.object, ox.Triple)
        or (isinstance(t.object, ox.Literal) and t.object.direction is not None)
        for t in triples
    ):
        match = _RDF_1_2.search(_IRI.sub(lambda iri: " " * len(iri[0]), outline))
        line, column = line_and_column(outline, match.start()) if match else (None, None)
        message = "states a triple about a triple or a text with a direction, which RDF 1.1 has not"
        hint = "Write an owl:Axiom for the triple, or the text without its direction."
        yield error("rdf-1.2", path, line, message, hint, column=column)


def _with_open_bracket(violation: Violation, text: str) -> Violation:
    """Move the violation of an unclosed bracket to the bracket itself.

    The parser stops only at a later token that cannot be inside.
    """
    if "should end with a ']'" not in violation.message:
        return violation
    stop = violation.line or 1, violation.column or 1
    is_open: list[tuple[int, int]] = []
    for token in tokens(text):
        place = line_and_column(text, token.start) if token.word in ("[", "]") else (0, 0)
        if place >= stop:
            break
        if token.word == "[" and not token.is_string:
            is_open.append(place)
        elif token.word == "]" and is_open:
            is_open.pop()
    if not is_open:
        return violation
    line, column = is_open[-1]
    note = Related(violation.place, "here it is read as still open")
    return replace(violation, line=line, column=column, related=(note,))


def _syntax_violation(
    path: Path,
    fault: SyntaxError,
    column: int | None,
    prefix: str | None,
    known: Mapping[str, str],
) -> Violation:
    if prefix is not None:
        hint = (
            f"Add @prefix {prefix}: <{known[prefix]}> . or run: cdmo format"
            if prefix in known
            else did_you_mean(prefix, known) or "Declare it in ontology/prefixes.ttl."
        )
        message, name = "is not declared in this file", f"{prefix}:"
        line = fault.lineno
        return error("unknown-prefix", path, line, message, hint, entity=name, column=column)
    # The parser puts the place before and after its message; the violation has its own.
    message = re.sub(r"^Parser error .*?: ", "", re.sub(r" \(line \d+\)$", "", fault.msg))
    hint = next(
        (hint for part, hint in _HINTS.items() if part in fault.msg),
        "See Turtle, https://www.w3.org/TR/turtle/.",
    )
    return error("turtle-syntax", path, fault.lineno, message, hint, column=column)
