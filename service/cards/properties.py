"""The properties of terms for reconciliation: the keys of their cards, and values for them."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from service import iris
from service.cards.cards import object_of
from service.cards.descriptions import Object
from service.cards.keys import KEYS, Key
from service.cards.objects import SHAPES
from service.library import Library, fold

PROPERTIES: Mapping[str, Key] = {
    name: KEYS[name] for name in ("curie", "label", *SHAPES["term"]) if name != "type"
}
"""The properties by their identifiers, which are the keys of cards."""

_SHAPES = {name: "mapping" if name == "mappings" else "thing" for name in PROPERTIES}


def property_named(name: str) -> Key | None:
    """Return the property with an identifier: a key, or the IRI that it stands for."""
    by_iri = (key for key in PROPERTIES.values() if key.iri == name and key.iri)
    return PROPERTIES.get(name) or next(by_iri, None)


def property_object(key: Key) -> Object:
    """Return a property as suggestions and proposals name it."""
    words = re.sub(r"(?<=[a-z])([A-Z])", r" \1", key.name).lower()
    return {"id": key.name, "name": words, "description": key.about}


def term_named(library: Library, name: str) -> str | None:
    """Return the IRI of the term that an IRI, a CURIE or the end of an IRI names."""
    for iri in (name, library.names.iri(name) or "", f"{iris.BASE}id/{name}"):
        if iri in library.terms:
            return iri
    return None


@lru_cache(maxsize=16384)
def values(library: Library, iri: str, name: str) -> list[Any]:
    """Return the values of a term for a property: things, rows of mapping sets, or literals."""
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
    """Return by which texts a constraint may name a value: names, codes in any spelling, IRIs."""
    return {spelling for text in _texts(value) for spelling in (text.lower(), fold(text)) if text}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name in ("id", "curie", "label", "target", "targetLabel", "value"):
            yield from _texts(value.get(name, ""))
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        yield text.strip()
