"""Data extension of the Reconciliation Service API 0.2: values of properties for terms."""

from typing import Any

from service.cards.descriptions import Object
from service.cards.keys import Key
from service.cards.properties import (
    PROPERTIES,
    as_cell,
    property_named,
    property_object,
    term_named,
    values,
)
from service.cards.reconciliation import MAX_BATCH, kind_named, read_limit
from service.cards.strict_json import as_object, member, read_json, refuse_others
from service.library import Library
from service.problems import BadRequest, BodyTooLarge


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
    """Return the identifier of a property as it was given, its key, and how many values at most."""
    field = "extend.properties"
    one = as_object(value, field)
    refuse_others(one, ("id", "settings"), field)
    name = member(one, "id", str, field) or ""
    key = property_named(name)
    if key is None:
        raise BadRequest(f"{field}.id names no property.", field=f"{field}.id", known=[*PROPERTIES])
    settings = member(one, "settings", dict, field) or {}
    limit = settings.get("limit")
    if limit in (None, "", 0, "0"):
        return name, key, None
    if isinstance(limit, str) and limit.isascii() and limit.isdecimal():
        settings = {**settings, "limit": int(limit[:6])}
    return name, key, read_limit(settings, f"{field}.settings")
