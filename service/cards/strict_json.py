"""Read JSON from strangers: refuse input that no honest client sends, by name, before any work."""

import json
from collections.abc import Iterable
from typing import Any

from service.problems import BadRequest

MAX_DEPTH = 16
"""The most objects and arrays inside each other."""

MAX_DIGITS = 15
"""The most digits of a whole number; more are not exact in JSON."""


def read_json(text: str, field: str) -> Any:
    """Read a JSON text.

    :param field: the name of the parameter that holds it.
    :raises BadRequest: if it is no JSON, is nested too deeply, has a key twice, or has a number
        that JSON cannot carry exactly.
    """

    def whole(digits: str) -> int:
        if len(digits.lstrip("-")) > MAX_DIGITS:
            raise BadRequest(f"{field} has a number with too many digits.", field=field)
        return int(digits)

    def fraction(digits: str) -> float:
        if not abs(number := float(digits)) < 10**MAX_DIGITS:
            raise BadRequest(f"{field} has a number that is too large.", field=field)
        return number

    def constant(name: str) -> float:
        raise BadRequest(f"{field} has {name}, which is no JSON.", field=field)

    def unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for name, value in pairs:
            if name in result:
                raise BadRequest(f"{field} has the key {name[:50]!r} twice.", field=field)
            result[name] = value
        return result

    if _depth(text) > MAX_DEPTH:
        raise BadRequest(f"{field} may be nested {MAX_DEPTH} deep.", field=field)
    try:
        return json.loads(
            text,
            parse_int=whole,
            parse_float=fraction,
            parse_constant=constant,
            object_pairs_hook=unique,
        )
    except ValueError as error:
        raise BadRequest(f"{field} is no JSON: {error}.", field=field) from None


def _depth(text: str) -> int:
    """Return how deep a text may be nested at most; brackets in strings count too."""
    depth = deepest = 0
    for character in text:
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def as_object(value: Any, field: str) -> dict[str, Any]:
    """Return a value that is an object.

    :raises BadRequest: if it is none.
    """
    if not isinstance(value, dict):
        raise BadRequest(f"{field} is no JSON object.", field=field)
    return value


def member(value: dict[str, Any], name: str, sort: type | tuple[type, ...], field: str) -> Any:
    """Return a member of an object, None if there is none.

    :param field: the name of the object, for the message.
    :raises BadRequest: if it is not of the sort.
    """
    child = value.get(name)
    is_bool = isinstance(child, bool) and bool not in (sort if isinstance(sort, tuple) else (sort,))
    if child is not None and (is_bool or not isinstance(child, sort)):
        raise BadRequest(f"{field}.{name} is of the wrong type.", field=f"{field}.{name}")
    return child


def refuse_others(value: dict[str, Any], known: Iterable[str], field: str) -> None:
    """Refuse an object with a member that is not known.

    :raises BadRequest: naming it and those that are known.
    """
    known = tuple(known)
    for name in value:
        if name not in known:
            other = f"{field}.{name[:50]}"
            raise BadRequest(f"There is no member {other!r}.", field=other, known=known)
