"""Why a query may have found nothing: what it names and the release does not have."""

import difflib
import itertools
from collections.abc import Iterator
from typing import NamedTuple

import pyoxigraph as ox

from service import iris
from service.library import Library
from service.rdf.terms import is_iri
from service.sparql.references import declared_prefixes
from service.sparql.tokens import FORMS, Token, tokens

MAX_QUERY = 10_000
"""Characters of a query that is read."""

MAX_HINTS = 4
"""Hints on a page."""


class Hint(NamedTuple):
    """What a query names and the release does not have so.

    :param sort: "language" (the text has another language tag, or one), "case" (it is written with
        other capitals), "class" (it has subclasses and no instances), "graph" or "name".
    :param better: what the release has instead, or "".
    """

    sort: str
    written: str
    better: str = ""


def hints(query: str, library: Library) -> list[Hint]:
    """Return what may have kept a query from finding anything; none if that is not clear."""
    if len(query) > MAX_QUERY:
        return []
    return list(dict.fromkeys(_hints(query, library)))[:MAX_HINTS]


def _hints(query: str, library: Library) -> Iterator[Hint]:
    prefixes = declared_prefixes(query)
    stream = _without_prologue(tokens(query))
    earlier = before = end = Token("sign", "", 0)
    for token, after in itertools.pairwise([*stream, end]):
        is_call = before.text in {"(", ","} or earlier.text == ")"
        if token.kind == "string" and not is_call:
            yield from _of_text(token.text, _iri(before, prefixes) or iris.LABEL, after, library)
        elif token.kind in {"iri", "name"} and before.keyword not in {"SERVICE", "SILENT"}:
            iri = _iri(token, prefixes)
            is_graph = before.keyword in {"GRAPH", "NAMED", "FROM"}
            yield from _of_iri(token.text, iri, library, is_graph=is_graph)
            if before.text == "a" or _iri(before, prefixes) == iris.TYPE:
                yield from _of_class(token.text, iri, library)
        earlier, before = before, token


def _without_prologue(stream: Iterator[Token]) -> list[Token]:
    return list(itertools.dropwhile(lambda token: token.keyword not in FORMS, stream))


def _iri(token: Token, prefixes: dict[str, str]) -> str:
    """Return the IRI that a token names, or ""."""
    if token.kind == "iri":
        return token.text[1:-1]
    prefix, _, local = token.text.partition(":")
    return prefixes[prefix] + local if token.kind == "name" and prefix in prefixes else ""


def _of_text(written: str, property_: str, after: Token, library: Library) -> Iterator[Hint]:
    """Yield a hint on a string that is no value of a property, though one like it is."""
    text = written.strip("\"'")
    language = after.text[1:].lower() if after.kind == "language" else ""

    def is_value(text: str, language: str) -> bool:
        literal = ox.Literal(text, language=language or None)
        node = ox.NamedNode(property_) if is_iri(property_) else None
        return next(library.store.quads_for_pattern(None, node, literal, None), None) is not None

    if after.text == "^" or is_value(text, language):
        return
    written += after.text if language else ""
    for other in ("en", ""):
        if is_value(text, other):
            yield Hint("language", written, f'"{text}"@en' if other else f'"{text}"')
            return
    names = (term.ref.label for term in library.terms.values())
    if name := next((name for name in names if name.casefold() == text.casefold()), ""):
        yield Hint("case", written, f'"{name}"@en')


def _of_iri(written: str, iri: str, library: Library, *, is_graph: bool) -> Iterator[Hint]:
    """Yield a hint on a name that is in no triple, or names no graph."""
    if not iri.startswith(("http://", "https://")):
        return
    node = ox.NamedNode(iri)
    if is_graph:
        if not library.store.contains_named_graph(node):
            graphs = {g.value for g in library.store.named_graphs() if isinstance(g, ox.NamedNode)}
            near = difflib.get_close_matches(iri, sorted(graphs), 1, 0.8)
            yield Hint("graph", written, _curie(library, near[0]) if near else "")
    elif not (library.knows(iri) or _is_used(library, node)):
        known = [*library.relations, *library.kinds, *library.definitions]
        near = difflib.get_close_matches(iri, known, 1, 0.85) if iri.startswith(iris.CDMO) else []
        yield Hint("name", written, _curie(library, near[0]) if near else "")


def _of_class(written: str, iri: str, library: Library) -> Iterator[Hint]:
    """Yield a hint on a class whose members are classes themselves."""
    node = ox.NamedNode(iri)

    def has(property_: str) -> bool:
        quads = library.store.quads_for_pattern(None, ox.NamedNode(property_), node, None)
        return next(quads, None) is not None

    if has(iris.SUBCLASS) and not has(iris.TYPE):
        yield Hint("class", written, f"rdfs:subClassOf {written}")


def _curie(library: Library, iri: str) -> str:
    return library.names.curie(iri) or f"<{iri}>"


def _is_used(library: Library, node: ox.NamedNode) -> bool:
    find = library.store.quads_for_pattern
    places = (find(None, node, None, None), find(None, None, node, None))
    return any(next(quads, None) is not None for quads in places)
