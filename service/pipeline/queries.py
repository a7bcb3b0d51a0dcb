"""SPARQL queries that editors write into files: the checks and the rules of the ontology.

A file opens with comments: the demand or the statement of the query, in one sentence; ``# Why:``;
and further options, one a line. The query needs no prefix declarations.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise, takewhile
from pathlib import Path

import pyoxigraph as ox

from service.pipeline.files import lines, read_text
from service.pipeline.turtle_tokens import bare
from service.pipeline.violations import Violation, did_you_mean, error
from service.problems import SourceError
from service.sparql.references import references
from service.sparql.tokens import FORMS, Token, tokens

UNBOUND = "Correct the name of the variable, here or where the query binds it."


@dataclass(frozen=True, slots=True)
class QueryFile:
    """A query and its opening comments.

    :param rule: the first comment.
    :param options: the further comments, by key; ``why`` is one of them.
    """

    path: Path
    rule: str
    options: Mapping[str, str]
    text: str

    def names(self, option: str) -> tuple[str, ...]:
        """Return the value of an option that lists names, separated by commas."""
        return tuple(n.strip() for n in self.options.get(option, "").split(",") if n.strip())


def read_queries(
    folder: Path, options: Mapping[str, str], prefixes: Mapping[str, str], selects: str = ""
) -> list[QueryFile]:
    """Read the queries of a folder as :func:`read_each` does.

    :raises SourceError: with a violation for each fault of a file.
    """
    queries, violations = read_each(folder, options, prefixes, selects)
    if violations:
        raise SourceError("Some checks or rules cannot be run.", violations=violations)
    return queries


def read_each(
    folder: Path, options: Mapping[str, str], prefixes: Mapping[str, str], selects: str = ""
) -> tuple[list[QueryFile], list[Violation]]:
    """Read the queries of a folder, ``*.rq``, sorted by name.

    :param options: the keys of comments, each with the pattern of its values; an option whose
        pattern matches the empty text may be left out.
    :param prefixes: the prefixes that the queries may use.
    :param selects: the variable that they must select; empty for CONSTRUCT queries.
    :return: those that can be run, and a violation for each fault of the others.
    """
    queries: list[QueryFile] = []
    violations: list[Violation] = []
    for path in sorted(folder.glob("*.rq")):
        try:
            text = read_text(path)
        except SourceError as fault:
            violations += fault.extras["violations"]
            continue
        head = [line[1:].strip() for line in takewhile(lambda x: x.startswith("#"), lines(text))]
        pairs = [comment.partition(":") for comment in head[1:]]
        values = {key.lower(): value.strip() for key, _, value in pairs}
        faults = [*_check_options(values, options), *_check_query(text, prefixes, selects)]
        violations += [error("query-file", path, *fault) for fault in faults]
        loose = [] if faults else list(unbound(text))
        for number, name in loose:
            message = f"names ?{name}, which the query binds nowhere"
            violations.append(error("query-variable-unbound", path, number, message, UNBOUND))
        if not faults and not loose:
            queries.append(QueryFile(path, head[0] if head else "", values, text))
    return queries, violations


Fault = tuple[int, str, str]
"""Line, message and hint of a violation."""


def _check_options(values: Mapping[str, str], options: Mapping[str, str]) -> Iterator[Fault]:
    lines_of = {key: number for number, key in enumerate(values, 2)}
    for key, number in lines_of.items():
        if key not in options:
            hint = did_you_mean(key, options) or "Known options are: " + ", ".join(options)
            yield number, f"has an unknown option, '{key}'", hint
    for key, pattern in options.items():
        if not re.fullmatch(pattern, values.get(key, "")):
            hint = f"Open the file with its rule in one sentence, then '# {key}: {pattern}'."
            message = f"has no {key}, or not such a value: '{values.get(key, '')}'"
            yield lines_of.get(key, 1), message, hint


def _check_query(text: str, prefixes: Mapping[str, str], selects: str) -> Iterator[Fault]:
    if references(text).services:
        yield 1, "asks another endpoint", "Leave SERVICE out: a build reads the sources alone."
        return
    try:
        result = ox.Store().query(text, prefixes=dict(prefixes))
    except SyntaxError as fault:
        line, message = syntax_error(fault, text)
        yield line, f"is not SPARQL: {message}", "Prefixes are those of ontology/prefixes.ttl."
        return
    if not selects:
        if not isinstance(result, ox.QueryTriples):
            yield form_line(text), "is not a CONSTRUCT query", "A rule constructs triples."
    elif not isinstance(result, ox.QuerySolutions) or selects not in (
        v.value for v in result.variables
    ):
        yield form_line(text), f"does not select ?{selects}", f"Write SELECT ?{selects} ..."


def form_line(query: str) -> int:
    """Return the line of a query's form."""
    forms = (token for token in tokens(query) if token.keyword in FORMS)
    return line_of(query, next(forms, None))


def line_of(query: str, token: Token | None) -> int:
    """Return the line of a token of a query; without one the first."""
    return query.count("\n", 0, token.start if token else 0) + 1


def unbound(query: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of each variable that the head of a query names and its body does not.

    >>> list(unbound("SELECT ?term ?lable (1 AS ?one) WHERE { ?term rdfs:label ?label }"))
    [(1, 'lable')]
    """
    stream = [*tokens(query)]
    words = [token.keyword for token in stream]
    if "WHERE" not in words:
        return
    body = words.index("WHERE")
    known = {token.text[1:] for token in stream[body:] if token.kind == "variable"}
    known |= {named.text[1:] for word, named in pairwise(stream[:body]) if word.keyword == "AS"}
    for token in stream[:body]:
        if token.kind == "variable" and token.text[1:] not in known:
            known.add(token.text[1:])
            yield line_of(query, token), token.text[1:]


def syntax_error(fault: SyntaxError, query: str) -> tuple[int, str]:
    """Return the line of a syntax error in a query, and the engine's message on one line."""
    # The engine stops where the clause with the string begins.
    if (at := re.search(r"[\"']", bare(query))) is not None:
        return query.count("\n", 0, at.start()) + 1, "a string is not closed"
    match = re.match(r"error at (\d+):(\d+): (.*)", fault.msg, re.DOTALL)
    if match is None:
        return 1, " ".join(fault.msg.split())
    line, column, message = match.groups()
    message = "a prefix is not declared" if "Prefix not found" in message else message
    return int(line), f"column {column}: {' '.join(message.split())}"
