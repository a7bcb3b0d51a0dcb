"""Write the Turtle of the sources in the house's order, and keep its comments."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyoxigraph as ox

from service.pipeline import turtle_reader
from service.pipeline.turtle_reader import Document, bare, comments
from service.pipeline.violations import Violation, error, errors
from service.problems import SourceError
from service.rdf.blank_nodes import canonical_triples
from service.rdf.terms import Term
from service.rdf.turtle import Writer, write


def format_sources(
    paths: Iterable[Path], prefixes: Mapping[str, str], *, check: bool = False
) -> list[Path]:
    """Write Turtle files in the house's order and return those that were not in it.

    Comments stay: those at the top and at the end of the file, and others above their block.

    :param prefixes: the prefixes files may use; one that is used but not declared is added.
    :param check: only report, change nothing.
    :raises SourceError: if a file cannot be read, is not Turtle, or would lose a triple or a
        comment; that file is left as it is, the others are written.
    """
    changed: list[Path] = []
    violations: list[Violation] = []
    for path in paths:
        document, faults = turtle_reader.read(path, prefixes)
        faults = [
            v for v in errors(faults) if v.rule != "unknown-prefix" or v.entity[:-1] not in prefixes
        ]
        text = "" if faults else _formatted(document, prefixes)
        if not faults and not _keeps_all(document, text):
            message = "would lose triples or comments, so it is left as it is"
            hint = "Move the comments out of the blocks."
            faults = [error("format", path, 1, message, hint)]
        if faults:
            violations += faults
        elif text != document.text:
            changed.append(path)
            if not check:
                path.write_text(text, encoding="utf-8", newline="")
    if violations:
        raise SourceError("Some files cannot be formatted.", violations=violations)
    return changed


def _formatted(document: Document, prefixes: Mapping[str, str]) -> str:
    """Return a document in the house's order, with its comments."""
    if not comments(document.text):
        return write(document.triples, prefixes)
    head: list[str] = []
    comments_of: dict[Term, list[str]] = defaultdict(list)
    triples: list[ox.Triple] = []
    directives = "".join(f"@prefix {p}: <{ns}> .\n" for p, ns in document.prefixes.items())
    statements = ""
    # Line by line, until there are whole statements: the parser does not return which triples
    # a statement made.
    for line in document.text.splitlines(keepends=True):
        statements += line
        try:
            quads = list(ox.parse(directives + statements, ox.RdfFormat.TURTLE))
        except SyntaxError:
            continue
        if quads:
            part = [quad.triple for quad in quads]
            values = {triple.object for triple in part}
            subject = next((t.subject for t in part if t.subject not in values), part[0].subject)
            comments_of[subject] += comments(statements)
            triples += part
        elif bare(statements).strip():
            head += comments(statements)
            directives += statements
        else:
            continue
        statements = ""
    return Writer(triples, prefixes, comments_of).document(head, comments(statements))


def _keeps_all(document: Document, text: str) -> bool:
    """Tell whether a text has every triple and every comment of a document."""
    triples = (quad.triple for quad in ox.parse(text, ox.RdfFormat.TURTLE))
    same = canonical_triples(triples) == canonical_triples(document.triples)
    return same and sorted(comments(text)) == sorted(comments(document.text))
