"""Write the Turtle of the sources in the house's order, and keep its comments."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox

from service.pipeline import turtle_reader
from service.pipeline.comments import names_in_words, with_derived, without_derived
from service.pipeline.turtle_reader import Document, bare, comments
from service.pipeline.violations import Violation, error, errors
from service.problems import SourceError
from service.rdf.blank_nodes import canonical_triples
from service.rdf.terms import Term
from service.rdf.turtle import Writer
from service.sources import Sources


def format_sources(
    paths: Iterable[Path],
    prefixes: Mapping[str, str],
    *,
    sources: Sources | None = None,
    check: bool = False,
) -> list[Path]:
    """Write Turtle files in the house's order and return those that were not in it.

    Comments of people stay: those at the top and at the end of the file, and others above their
    block. Derived comments are written anew.

    :param prefixes: the prefixes files may use; one that is used but not declared is added.
    :param sources: the project of the files, which labels what they name.
    :param check: only report, change nothing.
    :raises SourceError: if a file cannot be read or is not Turtle, before any is written, for no
        derived comment may be lost with its labels; or if a file would lose a triple or a comment
        of a person: that file is left as it is, the others are written.
    """
    paths = list(paths)
    documents: dict[Path, Document] = {}
    violations: list[Violation] = []
    for path in dict.fromkeys([*paths, *(sources.turtle_files if sources else ())]):
        document, faults = turtle_reader.read(path, prefixes)
        documents[path] = document
        violations += [
            v for v in errors(faults) if v.rule != "unknown-prefix" or v.entity[:-1] not in prefixes
        ]
    if violations:
        message = "Some files cannot be read; none was formatted."
        raise SourceError(message, violations=violations)
    names = names_in_words(documents.values(), prefixes, sources)
    changed: list[Path] = []
    for path in paths:
        document = documents[path]
        plain = replace(document, text=without_derived(document.text))
        text = with_derived(_formatted(plain, prefixes, names), names)
        if text == document.text:
            continue
        if _keeps_all(plain, text):
            changed.append(path)
            if not check:
                path.write_text(text, encoding="utf-8", newline="")
        else:
            message = "would lose triples or comments, so it is left as it is"
            hint = "Move the comments out of the blocks."
            violations.append(error("format", path, 1, message, hint))
    if violations:
        raise SourceError("Some files cannot be formatted.", violations=violations)
    return changed


def _formatted(document: Document, prefixes: Mapping[str, str], words: Mapping[str, str]) -> str:
    """Return a document in the house's order, with its comments."""
    if not comments(document.text):
        return Writer(document.triples, prefixes, words=words).document()
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
    return Writer(triples, prefixes, comments_of, words).document(head, comments(statements))


def _keeps_all(document: Document, text: str) -> bool:
    """Tell whether a text has every triple and every comment of a document."""
    triples = (quad.triple for quad in ox.parse(text, ox.RdfFormat.TURTLE))
    same = canonical_triples(triples) == canonical_triples(document.triples)
    return same and sorted(comments(without_derived(text))) == sorted(comments(document.text))
