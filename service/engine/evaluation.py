"""What a query means where the engine departs from SPARQL 1.1: unknown functions, and ``*``."""

import re
from typing import Any

import pyoxigraph as ox

from service.sparql.references import selects_all
from service.sparql.tokens import tokens

Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

_UNKNOWN = re.compile(r"The custom function <(.*)> is not supported")


def evaluate(store: ox.Store, text: str, **options: Any) -> Results:
    """Evaluate a query.

    The columns of ``SELECT *`` come in the order in which the query names its variables; the
    engine has them by the alphabet.

    :param options: of :meth:`pyoxigraph.Store.query`.
    :raises SyntaxError, RuntimeError, OSError: as that does.
    """
    results = _query(store, text, options)
    star = selects_all(text)
    if star is None or not isinstance(results, ox.QuerySolutions) or len(results.variables) < 2:
        return results
    variables = [v.value for v in results.variables]
    first = {t.text[1:]: t.start for t in reversed([*tokens(text)]) if t.kind == "variable"}
    names = sorted(variables, key=lambda name: first.get(name, len(text)))
    if names == variables:
        return results
    return _query(store, f"{text[:star]} ?{' ?'.join(names)} {text[star + 1 :]}", options)


def _query(store: ox.Store, text: str, options: dict[str, Any]) -> Results:
    """Evaluate a query; the call of an unknown function is an error (Query §17.6), no more."""
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
