"""A whole description as JSON-LD with the published context: the same triples as its Turtle.

Every key holds values of one sort of JSON. A property has the key of the table that fits all its
values, and else the name that the context's prefixes give it, which is always an array.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import isfinite, nan
from typing import Any

import pyoxigraph as ox

from service import iris
from service.cards.context import CONTEXT, compact
from service.cards.keys import KEYS, Key, Values
from service.formats import JSON_LD
from service.rdf.jsonld import native, node_id
from service.rdf.refusals import of_rdf_1_1
from service.rdf.terms import Term, text

Object = dict[str, Any]
"""A JSON object."""

_STRINGS = {"string": iris.XSD_STRING, "date": iris.XSD_DATE}
_BY_IRI: Mapping[str, list[Key]] = defaultdict(list)
for _key in KEYS.values():
    if _key.iri and not _key.reverse:
        _BY_IRI[_key.iri].append(_key)


def linked_data(triples: Iterable[ox.Triple]) -> Object:
    """Return triples as a JSON-LD document: the context, and the resources in their order.

    A resource with no triple but its English label is only named where it is mentioned.

    :raises NotAcceptable: if there is a term for which JSON-LD has no form.
    """
    values: dict[Term, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    labels: dict[Term, str] = {}
    mentioned: set[Term] = set()
    for triple in of_rdf_1_1(triples, JSON_LD):
        values[triple.subject][triple.predicate.value].append(triple.object)
        if triple.predicate.value != iris.TYPE:
            mentioned.add(triple.object)
        value = triple.object
        is_label = triple.predicate.value == iris.LABEL
        if is_label and isinstance(value, ox.Literal) and (label := plain(value, "text")):
            labels.setdefault(triple.subject, label)
    graph = [
        resource_object(subject, own, labels)
        for subject, own in values.items()
        if not (subject in mentioned and subject in labels and sum(map(len, own.values())) == 1)
    ]
    return {**CONTEXT, "@graph": graph}


def resource_object(
    subject: Term, own: Mapping[str, list[Term]], labels: Mapping[Term, str]
) -> Object:
    """Return a resource with all its values.

    :param labels: the labels of the things that it names.
    """
    result: Object = {"id": node_id(subject)}
    for predicate, terms in own.items():
        key = _fitting(predicate, terms)
        if key is None:
            result[compact(predicate)] = [_generic(term, labels) for term in terms]
        else:
            values = [_value(term, key, labels) for term in terms]
            result[key.name] = values if key.many else values[0]
    return result


def _fitting(predicate: str, terms: list[Term]) -> Key | None:
    """Return the key of the table that holds all values of a property."""
    for key in _BY_IRI.get(predicate, ()):
        if (key.many or len(terms) == 1) and all(_fits(term, key) for term in terms):
            return key
    return None


def _fits(term: Term, key: Key) -> bool:
    if isinstance(term, ox.Literal):
        return key.values == "any" or plain(term, key.values) is not None
    if key.values == "iri":
        return isinstance(term, ox.NamedNode)
    return key.values in ("thing", "any")


def _value(term: Term, key: Key, labels: Mapping[Term, str]) -> Any:
    if key.values == "iri":
        return text(term)
    if isinstance(term, ox.Literal) and key.values != "any":
        return plain(term, key.values)
    return _generic(term, labels)


def _generic(term: Term, labels: Mapping[Term, str]) -> Object:
    """Return any value as an object: a thing, or ``value`` with its type or language."""
    if isinstance(term, ox.Literal):
        return value_object(term)
    label = {"label": labels[term]} if term in labels else {}
    return {"id": node_id(term), **label}


# -- literals as plain values, where a key and its context say the rest ------------------------


def plain(literal: ox.Literal, values: Values) -> Any:
    """Return a literal as a plain value that a key's context reads as just this literal.

    :param values: the sort of values that the key holds.
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
        value = native(literal)
        return value if isinstance(value, bool) == (values == "boolean") else None
    return None


def value_object(literal: ox.Literal) -> dict[str, str]:
    """Return a literal as an object: ``value``, and its language or its type."""
    if literal.language:
        direction = {"@direction": literal.direction.value} if literal.direction else {}
        return {"value": literal.value, "language": literal.language, **direction}
    datatype = literal.datatype.value
    typed = {} if datatype == iris.XSD_STRING else {"datatype": datatype}
    return {"value": literal.value, **typed}
