"""Check queries for names of ours that exist nowhere, and for labels in any language.

A misspelt name finds nothing, silently. Questions, checks and rules have queries. A
name exists if the sources declare it or use it as a property, or if a rule makes it. A term may
have labels in several languages; a question that takes them all has a row for each.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

import pyoxigraph as ox

from service import iris
from service.pipeline import checks, graphs, rules
from service.pipeline.integrity import Question, on_line, questions
from service.pipeline.loading import Loaded
from service.pipeline.queries import QueryFile, line_of, read_each
from service.pipeline.turtle_tokens import bare
from service.pipeline.violations import Violation, did_you_mean
from service.rdf.terms import text
from service.release import GRAPHS, graph_iri
from service.sparql.references import declared_prefixes
from service.sparql.tokens import Token, tokens, unescape_local

_COMMENTED = re.compile(r"([^#]*)# +(\S.*?)\s*")
_TERM = re.compile(r"\bCDMO:[0-9]{7}\b")
_LABEL = re.compile(r"([^\s;.{}()]*?)\(?rdfs:label(?:\|[^\s)]*)?\)?\s+\?(\w+)")
_IN_ENGLISH_ONLY = re.compile(
    r"(cdmo:(relation|citation|chapter|section|standing|kind|tensionKind|polarity|frequency|evidence"
    r"|assertsNothing|mostCautiousCitation|firmestCitation)|owl:onProperty|owl:annotatedProperty)/$"
)
"""Steps to resources with English labels only: schema, document, and those that rules make."""


def check_names(loaded: Loaded) -> Iterator[Violation]:
    """Yield a violation for each name of ours in a query that exists nowhere."""
    known = _known(loaded)
    prefixes = loaded.names.prefixes
    for query in _runnable(loaded):
        for line, name in _unknown(query.text, prefixes, known):
            message, hint = _words(name, loaded, known)
            yield Violation("query-name-unknown", "error", query.path, line, "", message, hint)
    for question in questions(loaded.store):
        declared = {**prefixes, **declared_prefixes(question.query)}
        for line, name in _unknown(question.query, declared, known):
            message, hint = _words(name, loaded, known)
            violation = loaded.violation("query-name-unknown", question.iri, message, hint)
            yield on_line(loaded, violation, iris.SELECT, line)
        yield from _stale_comments(question, loaded)


def _stale_comments(question: Question, loaded: Loaded) -> Iterator[Violation]:
    """Yield a violation for each comment after an identifier that is not its name."""
    for number, line in enumerate(question.query.split("\n"), 1):
        match = _COMMENTED.fullmatch(line)
        if match is None or len(_TERM.findall(match[1])) != 1:
            continue
        term = _TERM.findall(match[1])[0]
        labels = graphs.values(
            loaded.store, ox.NamedNode(loaded.names.iri(term) or term), iris.LABEL
        )
        if labels and match[2] not in map(text, labels):
            message = f"calls {term} '{match[2]}'"
            hint = f"Write # {text(labels[0])}, or correct the identifier."
            violation = loaded.violation("query-comment", question.iri, message, hint, "warning")
            yield on_line(loaded, violation, iris.SELECT, number)


def labels_in_any_language(query: str) -> Iterator[tuple[int, str]]:
    r"""Yield line and variable of each label that a query takes in any language.

    >>> list(labels_in_any_language("SELECT ?drug {\n ?d rdfs:label ?drug }"))
    [(2, 'drug')]
    >>> query = '{ ?d rdfs:label ?drug FILTER(LANGMATCHES(LANG(?drug), "en")) }'
    >>> list(labels_in_any_language(query))
    []
    """
    plain = bare(query)
    for match in _LABEL.finditer(plain):
        steps, variable = match.groups()
        if _IN_ENGLISH_ONLY.search(steps) or re.search(rf"\bLANG\(\?{variable}\)", plain, re.I):
            continue
        yield plain.count("\n", 0, match.start(2)) + 1, variable


def check_labels(loaded: Loaded) -> Iterator[Violation]:
    """Yield a warning for each label that a question takes in any language."""
    rule = "question-label-language"
    for question in questions(loaded.store):
        for line, variable in labels_in_any_language(question.query):
            message = f"takes the label ?{variable} in whatever language"
            hint = f'Add FILTER(LANGMATCHES(LANG(?{variable}), "en")).'
            violation = loaded.violation(rule, question.iri, message, hint, "warning")
            yield on_line(loaded, violation, iris.SELECT, line)


def _runnable(loaded: Loaded) -> Iterator[QueryFile]:
    """Yield the checks and rules that can be run; the others are reported elsewhere."""
    folder, prefixes = loaded.sources.ontology, loaded.names.prefixes
    yield from read_each(folder / "checks", checks.OPTIONS, prefixes, selects="entity")[0]
    yield from _rules(loaded)


def _rules(loaded: Loaded) -> list[QueryFile]:
    folder = loaded.sources.ontology / "rules"
    return read_each(folder, rules.OPTIONS, loaded.names.prefixes)[0]


def _words(name: str, loaded: Loaded, known: set[str]) -> tuple[str, str]:
    shown = loaded.name(name)
    near = did_you_mean(shown, sorted({loaded.name(k) for k in known if _space(k) == _space(name)}))
    return f"asks for {shown}, which exists nowhere", near or "Correct the name, or declare it."


def _unknown(query: str, prefixes: Mapping[str, str], known: set[str]) -> Iterator[tuple[int, str]]:
    for before, token in pairwise([Token("", "", 0), *tokens(query)]):
        prefix, _, local = token.text.partition(":")
        name = ""  # the engine reports an undeclared prefix
        if token.kind == "name" and local and prefix in prefixes:
            name = prefixes[prefix] + unescape_local(local)
        elif token.kind == "iri" and not before.text.endswith(":"):  # a declaration
            name = token.text[1:-1]
        if name.startswith(iris.BASE) and _space(name) in _SPACES and name not in known:
            yield line_of(query, token), name


def _known(loaded: Loaded) -> set[str]:
    """Return the names that the sources declare or use as properties, and that rules make."""
    known = {graph_iri(name) for name in (*GRAPHS, "prefixes")} | _OF_WAIVERS
    for quad in loaded.store:
        known.add(quad.predicate.value)
        if quad.predicate.value == iris.TYPE:
            known.add(text(quad.subject))
    for path in loaded.sources.mapping_files:
        known.add(iris.MAPPING + path.name.removesuffix(".sssom.tsv"))
    for rule in _rules(loaded):
        body = next((t.start for t in tokens(rule.text) if t.keyword == "WHERE"), None)
        known |= {name for _, name in _unknown(rule.text[:body], loaded.names.prefixes, set())}
    return known


def _space(name: str) -> str:
    return name.removeprefix(iris.BASE).partition("/")[0]


_OF_WAIVERS = frozenset({iris.CDMO + "waives", iris.CDMO + "check"})
"""The properties of waivers; no module declares them, and there may be no waiver."""
_SPACES = frozenset({"id", "schema", "claim", "tension", "question", "graph", "mapping", "source"})
"""The beginnings of IRIs below which each name is declared."""
