"""JSON Schema of our JSON (draft 2020-12), made from the tables of keys and shapes."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from service.cards.keys import KEYS, Key, Values
from service.cards.objects import SHAPES, SORTS
from service.problems import Problem

Schema = Mapping[str, Any]
"""A JSON Schema, or a reference to one."""

TEXT: Schema = {"type": "string"}
IRI: Schema = {"type": "string", "format": "iri"}
ANY: Schema = {}

_PLAIN: Mapping[Values, Schema] = {
    "iri": IRI,
    "text": TEXT,
    "string": TEXT,
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "date": {"type": "string", "format": "date"},
}

_CONVENIENCES: Mapping[str, Schema] = {
    "rows": {"type": "array", "items": TEXT},
    "total": {"type": "integer", "minimum": 0},
    "next": {"type": ["string", "null"], "format": "uri"},
    "score": {"type": "number", "minimum": 0, "maximum": 100},
    "match": {"type": "boolean"},
    "release": {"$ref": "#/components/schemas/Release"},
}
"""The schemas of keys that make no triple, where they are no text."""

_HIT = ("kind", "definition", "score", "why", "matched", "namedIn", "match")


def name_of(sort: str) -> str:
    """Return the name of the schema of a sort of objects, or of a list.

    >>> name_of("mappingSet")
    'MappingSet'
    """
    return sort[0].upper() + sort[1:]


def words_of(sort: str) -> str:
    """Return a sort of objects in words.

    >>> words_of("mappingSet")
    'mapping set'
    """
    return re.sub(r"(?=[A-Z])", " ", sort).lower()


def ref(name: str) -> Schema:
    """Return a reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def either(schemas: Iterable[Schema]) -> Schema:
    """Return the schema of values that fit one of several schemas."""
    first, *rest = schemas
    return {"anyOf": [first, *rest]} if rest else first


def released(schema: Schema) -> Schema:
    """Return the schema of a document: an object that names its release."""
    return {"allOf": [schema, ref("Released")]}


def schemas(problems: Iterable[type[Problem]]) -> dict[str, Schema]:
    """Return the schemas of all our JSON by name.

    :param problems: the problems that a request can meet.
    """
    objects = {name_of(sort): _object(sort) for sort in SHAPES}
    lists = {name_of(name): _list(sort) for name, sort in SORTS.items()}
    return objects | lists | {
        "Value": _properties({"value": TEXT, "language": TEXT, "datatype": IRI}, ["value"]),
        "Hit": {"allOf": [ref("Thing"), _of_keys(_HIT, ["score", "why", "match"])]},
        "Search": _properties({"q": TEXT, "items": _array(ref("Hit"))}, ["q", "items"]),
        "Release": _properties(
            {"version": TEXT, "date": _PLAIN["date"], "licence": IRI},
            ["version", "date", "licence"],
        ),
        "Released": _of_keys(("release",), ["release"]),
        "Problem": _problem(problems),
    }  # fmt: skip


def _object(sort: str) -> Schema:
    if sort == "thing":
        own = {"id": IRI, "curie": of_key(KEYS["curie"], ""), "label": of_key(KEYS["label"], "")}
        return _properties(own, ["id"])
    shape = SHAPES[sort]
    own = {name: of_key(KEYS[name], sort_of) for name, sort_of in shape.items()}
    return {"allOf": [ref("Thing"), _properties(own, [n for n in shape if KEYS[n].many])]}


def of_key(key: Key, sort: str) -> Schema:
    """Return the schema of the values of a key.

    :param sort: of the things there.
    """
    schema = _CONVENIENCES.get(key.name) or _PLAIN.get(key.values) or _thing(key, sort)
    if key.many:
        schema = _array(schema)
    return {**schema, "description": key.about}


def _thing(key: Key, sort: str) -> Schema:
    if key.values == "other":
        return TEXT
    sorts = ("claim", "passageInBrief", "thing") if sort == "concerned" else (sort,)
    values = ["Value"] if key.values == "any" else []
    return either(map(ref, [*map(name_of, sorts), *values]))


def _list(sort: str) -> Schema:
    total, following = (of_key(KEYS[name], "") for name in ("total", "next"))
    items = _array(ref(name_of(sort)))
    own = {"total": total, "next": following, "items": items}
    return _properties(own, list(own))


def _problem(problems: Iterable[type[Problem]]) -> Schema:
    types = [f"/problems/{problem.slug}" for problem in problems]
    own = {
        "type": {"type": "string", "format": "uri-reference", "enum": types},
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": {**TEXT, "description": "What happened this time, and how to mend it."},
        "instance": {**TEXT, "description": "The path of the request."},
        "field": {**TEXT, "description": "What is at fault: a parameter, or a member of JSON."},
        "parameter": {**TEXT, "description": "The same, of the SPARQL protocol."},
        "known": {**_array(TEXT), "description": "What it may be."},
        "offers": {**_array(TEXT), "description": "The media types on offer."},
    }
    return _properties(own, ["type", "title", "status", "detail", "instance"])


def _of_keys(names: Iterable[str], required: list[str]) -> Schema:
    return _properties({name: of_key(KEYS[name], "") for name in names}, required)


def _properties(properties: Mapping[str, Schema], required: list[str]) -> Schema:
    return {"type": "object", "properties": dict(properties), "required": required}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}
