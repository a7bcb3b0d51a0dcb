"""RDF literals as plain values of JSON, where a key and its context say the rest."""

from math import isfinite, nan
from typing import Any

import pyoxigraph as ox

from service import iris
from service.cards.keys import Values

MAX_INTEGER = 2**53
"""Integers below it are exact in JSON."""

_STRINGS = {"string": iris.XSD_STRING, "date": iris.XSD_DATE}


def plain(literal: ox.Literal, values: Values) -> Any:
    """Return a literal as a plain value that a key's context reads as just this literal.

    :param values: what the key holds.
    :return: None if the literal does not fit.
    """
    if values == "text":
        english = literal.language == "en" and not literal.direction
        return literal.value if english else None
    if values in _STRINGS:
        return literal.value if literal.datatype.value == _STRINGS[values] else None
    if values == "number":
        number = float(literal.value) if literal.datatype.value == iris.XSD_DOUBLE else nan
        return number if isfinite(number) else None
    if values in ("boolean", "integer"):
        value = _native(literal)
        return value if isinstance(value, bool) == (values == "boolean") else None
    return None


def _native(literal: ox.Literal) -> bool | int | None:
    """Return a JSON boolean or number that expands to just this literal (JSON-LD API §8.4.2)."""
    if literal.datatype.value == iris.XSD_BOOLEAN and literal.value in ("true", "false"):
        return literal.value == "true"
    if literal.datatype.value == iris.XSD_INTEGER and literal.value.lstrip("-").isdecimal():
        number = int(literal.value)
        return number if str(number) == literal.value and abs(number) < MAX_INTEGER else None
    return None


def value_object(literal: ox.Literal) -> dict[str, str]:
    """Return a literal as an object: ``value``, and its language or its type."""
    if literal.language:
        direction = {"@direction": literal.direction.value} if literal.direction else {}
        return {"value": literal.value, "language": literal.language, **direction}
    datatype = literal.datatype.value
    typed = {} if datatype == iris.XSD_STRING else {"datatype": datatype}
    return {"value": literal.value, **typed}
