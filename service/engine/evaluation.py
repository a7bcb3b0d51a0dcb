"""Evaluate queries; mend where the engine departs from SPARQL 1.1: unknown functions and ``*``."""

import contextlib
import re
from typing import Any

import pyoxigraph as ox

from service.formats import Kind
from service.sparql.plans import planned
from service.sparql.references import calls_out, selects_all
from service.sparql.tokens import tokens

Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

_UNKNOWN = re.compile(r"The custom function <(.*)> is not supported")


_EMPTY = ox.Store()


def evaluate(store: ox.Store, text: str, *, plans: bool = True, **options: Any) -> Results:
    """Evaluate a query, once.

    The columns of ``SELECT *`` come in the order in which the query names its variables. The
    engine's own order is alphabetical; it stays if the query calls another endpoint.

    :param plans: whether to rewrite the query in a form that the engine evaluates faster.
    :param options: those of :meth:`pyoxigraph.Store.query`.
    :raises SyntaxError, RuntimeError, OSError: as :meth:`pyoxigraph.Store.query` does.
    """
    text = name_columns(text, options.get("base_iri"))
    if plans and (better := planned(text)) != text:
        with contextlib.suppress(SyntaxError):  # then the query itself is malformed
            return _query(store, better, options)
    return _query(store, text, options)


def name_columns(text: str, base: str | None) -> str:
    """Return a query with the variables of ``SELECT *`` in place of its star.

    :raises SyntaxError, RuntimeError: as :func:`evaluate`.
    """
    star = selects_all(text)
    if star is not None and not calls_out(text):
        # An empty store yields the variables without the work that the engine does at once.
        results = _query(_EMPTY, text, {"base_iri": base})
        assert isinstance(results, ox.QuerySolutions)
        first = {t.text[1:]: t.start for t in reversed([*tokens(text)]) if t.kind == "variable"}
        variables = [variable.value for variable in results.variables]
        variables.sort(key=lambda name: first.get(name, len(text)))
        if variables:
            return f"{text[:star]} ?{' ?'.join(variables)} {text[star + 1 :]}"
    return text


def shape(text: str, base: str) -> tuple[Kind, tuple[str, ...]]:
    """Return the kind of a query's result and the variables of its solutions.

    :raises SyntaxError, RuntimeError: as :func:`evaluate`.
    """
    results = _query(_EMPTY, text, {"base_iri": base})
    if isinstance(results, ox.QuerySolutions):
        return "solutions", tuple(variable.value for variable in results.variables)
    return ("boolean" if isinstance(results, ox.QueryBoolean) else "graph"), ()


def _query(store: ox.Store, text: str, options: dict[str, Any]) -> Results:
    """Evaluate a query; calling an unknown function is only an expression error (Query §17.6)."""
    functions: dict[ox.NamedNode, Any] = {}
    while True:
        try:
            return store.query(text, custom_functions=functions, **options)
        except RuntimeError as error:
            unknown = _UNKNOWN.fullmatch(str(error))
            if unknown is None or ox.NamedNode(unknown[1]) in functions:
                raise
            functions[ox.NamedNode(unknown[1])] = _error


def _error(*_: object) -> None:
    """Return None, which is an expression error to the engine."""
