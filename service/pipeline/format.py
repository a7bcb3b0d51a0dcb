"""Write the Turtle of the sources in the house's order, and keep its comments."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pyoxigraph as ox

from service.pipeline import turtle_reader
from service.pipeline.blocks import read_blocks
from service.pipeline.comments import names_in_words, with_derived, without_derived
from service.pipeline.files import write_all
from service.pipeline.turtle_reader import Document
from service.pipeline.turtle_tokens import comments
from service.pipeline.violations import Violation, error, errors
from service.problems import SourceError
from service.rdf.blank_nodes import canonical_triples
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

    :param check: only report, change nothing.
    :raises SourceError: as :func:`formatted` does; a file that would lose something stays as it
        is, the others are written.
    :raises NotWritten: if one cannot be written; then none is.
    """
    changed, violations = formatted(paths, prefixes, sources=sources)
    if not check:
        write_all(changed)
    if violations:
        raise SourceError("Some files cannot be formatted.", violations=violations)
    return list(changed)


def formatted(
    paths: Iterable[Path],
    prefixes: Mapping[str, str],
    *,
    sources: Sources | None = None,
    texts: Mapping[Path, str] = MappingProxyType({}),
) -> tuple[dict[Path, str], list[Violation]]:
    """Return the text in the house's order of each Turtle file that is not in it.

    Comments of people stay: those at the top and at the end of the file, and others above their
    block. Derived comments are written anew.

    :param prefixes: the prefixes files may use; one that is used but not declared is added.
    :param sources: the project of the files, which labels what they name.
    :param texts: new texts of files, used instead of those on disk.
    :return: the new texts, and a violation for each file that would lose a triple or a comment of
        a person; such a file has no new text.
    :raises SourceError: if a file cannot be read or is not Turtle: without its labels, derived
        comments would be lost.
    """
    paths = list(paths)
    documents: dict[Path, Document] = {}
    violations: list[Violation] = []
    others = sources.turtle_files if sources else ()
    for path in dict.fromkeys([*paths, *others, *(p for p in texts if p.suffix == ".ttl")]):
        document, faults = turtle_reader.read(path, prefixes, texts.get(path))
        documents[path] = document
        violations += [
            v for v in errors(faults) if v.rule != "unknown-prefix" or v.entity[:-1] not in prefixes
        ]
    if violations:
        message = "Some files cannot be read; none was formatted."
        raise SourceError(message, violations=violations)
    names = names_in_words(documents.values(), prefixes, sources)
    changed: dict[Path, str] = {}
    for path in paths:
        document = documents[path]
        plain = replace(document, text=without_derived(document.text), outline="")
        text = with_derived(_formatted(plain, prefixes, names), names)
        if text == document.text:
            continue
        if _keeps_all(plain, text):
            changed[path] = text
        else:
            message = "would lose triples or comments, so it is left as it is"
            hint = "Move the comments out of the blocks."
            violations.append(error("format", path, 1, message, hint))
    return changed, violations


def _formatted(document: Document, prefixes: Mapping[str, str], words: Mapping[str, str]) -> str:
    """Return a document in the house's order, with its comments."""
    if not comments(document.text):  # writing the whole at once is faster
        return Writer(document.triples, prefixes, words=words).document()
    return read_blocks(document).write(prefixes, words)


def _keeps_all(document: Document, text: str) -> bool:
    """Tell whether a text has every triple and every comment of a document."""
    triples = (quad.triple for quad in ox.parse(text, ox.RdfFormat.TURTLE))
    same = canonical_triples(triples) == canonical_triples(document.triples)
    return same and sorted(comments(without_derived(text))) == sorted(comments(document.text))
