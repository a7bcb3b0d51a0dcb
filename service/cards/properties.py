"""Data extension, and what it shares with reconciliation: names, values and limits.

Properties are the keys of the cards of terms (Reconciliation Service API 0.2 §7).
"""

from collections.abc import Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from service import iris
from service.cards.cards import object_of
from service.cards.descriptions import Object
from service.cards.keys import KEYS, Key
from service.cards.objects import SHAPES
from service.cards.schemas import words_of
from service.cards.strict_json import as_object, member, read_json, refuse_others
from service.library import Library, fold
from service.problems import BadRequest, BodyTooLarge

PROPERTIES: Mapping[str, Key] = {
    name: KEYS[name] for name in ("curie", "label", *SHAPES["term"]) if name != "type"
}
"""The properties by their identifiers, which are the keys of cards."""

_SHAPES = {name: "mapping" if name == "mappings" else "thing" for name in PROPERTIES}

MAX_BATCH = 1000
"""The most names in one request, and the most terms in one extension."""

DEFAULT_CANDIDATES, MAX_CANDIDATES = 5, 100


def property_named(name: str, field: str) -> Key:
    """Return the property with an identifier: a key, or the IRI that it stands for.

    :raises BadRequest: if there is none.
    """
    for key in PROPERTIES.values():
        if name and name in (key.name, key.iri):
            return key
    raise BadRequest(f"{field} names no property.", field=field, known=[*PROPERTIES])


def property_object(key: Key) -> Object:
    """Return a property as suggestions and proposals name it."""
    return {"id": key.name, "name": words_of(key.name), "description": key.about}


def term_named(library: Library, name: str) -> str | None:
    """Return the IRI of the term that an IRI, a CURIE or the end of an IRI names."""
    for iri in (name, library.names.iri(name) or "", f"{iris.BASE}id/{name}"):
        if iri in library.terms:
            return iri
    return None


def kind_named(library: Library, name: Any, field: str) -> str:
    """Return the IRI of the kind that an IRI, a CURIE or the end of an IRI names.

    :raises BadRequest: if there is none.
    """
    if isinstance(name, str):
        for iri in (name, library.names.iri(name) or "", iris.CDMO + name):
            if iri in library.kinds:
                return iri
    known = [kind.ref.curie for kind in library.kinds.values()]
    raise BadRequest(f"{field} names no type.", field=field, known=known)


def read_limit(value: dict[str, Any], field: str) -> int:
    """Return the limit in an object: of candidates or of values.

    :raises BadRequest: if it is no whole number from 1 on.
    """
    limit = member(value, "limit", (int, float), field)
    if limit is None:
        return DEFAULT_CANDIDATES
    if limit < 1 or limit != int(limit):
        raise BadRequest(f"{field}.limit is a whole number from 1 on.", field=f"{field}.limit")
    return min(int(limit), MAX_CANDIDATES)


_known: WeakKeyDictionary[Library, dict[tuple[str, str], list[Any]]] = WeakKeyDictionary()
"""The values that are read already, as long as their library is used."""


def values(library: Library, iri: str, name: str) -> list[Any]:
    """Return the values of a term for a property: things, rows of mapping sets, or literals."""
    known = _known.setdefault(library, {})
    if (iri, name) not in known:
        known[iri, name] = _read_values(library, iri, name)
    return known[iri, name]


def _read_values(library: Library, iri: str, name: str) -> list[Any]:
    if name in ("curie", "label"):
        value = getattr(library.ref(iri), name)
    else:
        value = object_of(library, iri, "term", {name: _SHAPES[name]}).get(name)
    return value if isinstance(value, list) else [] if value is None else [value]


def as_cell(value: Any) -> Object:
    """Return a value as data extension writes it (Reconciliation API 0.2 §7.3)."""
    if isinstance(value, bool):
        return {"str": str(value).lower()}
    if isinstance(value, int | float):
        return {"int" if isinstance(value, int) else "float": value}
    if isinstance(value, str):
        return {"str": value}
    if "target" in value:
        value = {**value["target"], "label": value.get("targetLabel")}
    if "id" not in value:
        return {"str": value["value"]}
    return {"id": value["id"], "name": value.get("label") or value.get("curie") or value["id"]}


def names_of(value: Any) -> set[str]:
    """Return the texts that name a value in a constraint: names, codes in any spelling, IRIs."""
    return {spelling for text in _texts(value) for spelling in (text.lower(), fold(text)) if text}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name in ("id", "curie", "label", "target", "targetLabel", "value"):
            yield from _texts(value.get(name, ""))
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        yield text.strip()


def propose_properties(library: Library, kind: str, limit: int) -> Object:
    """Return the properties of a kind of term: those of every term."""
    named = {"type": kind_named(library, kind, "type")} if kind else {}
    return {
        **named,
        "limit": limit,
        "properties": [*map(property_object, PROPERTIES.values())][:limit],
    }


def extend(library: Library, text: str) -> Object:
    """Return values of properties for terms; a term that is not known has none.

    :raises BadRequest: naming the field that is not as the specification has it.
    :raises BodyTooLarge: if there are too many terms.
    """
    query = as_object(read_json(text, "extend"), "extend")
    refuse_others(query, ("ids", "properties"), "extend")
    ids = member(query, "ids", list, "extend") or []
    if not all(isinstance(one, str) for one in ids):
        raise BadRequest("extend.ids has something that is no string.", field="extend.ids")
    if len(ids) > MAX_BATCH:
        raise BodyTooLarge(f"An extension may have {MAX_BATCH} terms.", field="extend.ids")
    wanted = [_wanted(one) for one in member(query, "properties", list, "extend") or []]
    if len(wanted) > len(PROPERTIES):
        raise BadRequest("extend.properties has too many.", field="extend.properties")
    rows: Object = {}
    for one in ids:
        iri = term_named(library, one)
        rows[one] = {
            name: [as_cell(v) for v in values(library, iri, key.name)[:limit]] if iri else []
            for name, key, limit in wanted
        }
    meta = [{"id": name, "name": property_object(key)["name"]} for name, key, _ in wanted]
    return {"meta": meta, "rows": rows}


def _wanted(value: Any) -> tuple[str, Key, int | None]:
    """Return the identifier of a property as it was given, its key, and the most values wanted."""
    field = "extend.properties"
    one = as_object(value, field)
    refuse_others(one, ("id", "settings"), field)
    name = member(one, "id", str, field) or ""
    key = property_named(name, f"{field}.id")
    settings = member(one, "settings", dict, field) or {}
    limit = settings.get("limit")
    if limit in (None, "", 0, "0"):
        return name, key, None
    if isinstance(limit, str) and limit.isascii() and limit.isdecimal():
        settings = {**settings, "limit": int(limit[:6])}
    return name, key, read_limit(settings, f"{field}.settings")
