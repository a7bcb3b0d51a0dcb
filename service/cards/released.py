"""Objects as documents: with their release, as bytes, or inside a page."""

import json
from collections.abc import Mapping
from typing import Any

from service.cards.context import CONTEXT
from service.cards.keys import KEYS
from service.iris import LICENCE
from service.release import Manifest

MAX_IN_PAGE = 20_000
"""Characters of a card in a page; a longer one is there without the claims and mappings of it."""

LONG = (
    "statements",
    "statementsAbout",
    "claims",
    "mappings",
    "mappingRows",
    "passages",
    "concerns",
)
"""Keys whose values are whole things in any number."""


def release_object(manifest: Manifest) -> dict[str, str]:
    """Return what ends every document: which release it is from."""
    return {"version": manifest.version, "date": manifest.modified, "licence": LICENCE}


def as_json(value: Mapping[str, Any], manifest: Manifest) -> bytes:
    """Return an object as a JSON document that names its release."""
    return to_bytes({**value, "release": release_object(manifest)})


def to_bytes(value: Mapping[str, Any]) -> bytes:
    """Return an object as UTF-8, a line for each key so that people can read it."""
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def in_page(card: Mapping[str, Any]) -> dict[str, Any]:
    """Return a card for its page, with the context inside.

    The page itself has what a long card leaves out; its document has it as JSON.
    """
    value = {**CONTEXT, **card}
    if len(json.dumps(card, ensure_ascii=False)) > MAX_IN_PAGE:
        value = {name: part for name, part in value.items() if name not in LONG}
    return value


assert set(LONG) <= KEYS.keys()
