"""The one published context, made from the table of keys, and objects as documents with it."""

import json
from collections.abc import Mapping
from typing import Any

from service import iris
from service.cards.keys import ALIASES, KEYS, PREFIXES, Key
from service.names import Names
from service.rdf.jsonld import prefix_definition
from service.release import Manifest

CONTEXT_PATH = "/context.jsonld"
"""Where the context is published."""

MAX_IN_PAGE = 20_000
"""The most characters of a card in a page; a longer one is without its claims and mappings."""

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
assert set(LONG) <= KEYS.keys()

_NAMES = Names(PREFIXES)
_TYPES = {"number": "xsd:double", "date": "xsd:date", "iri": "@id"}


def context() -> dict[str, Any]:
    """Return the context: keywords and prefixes, then every key that needs a word of its own."""
    terms = {name: _definition(key) for name, key in KEYS.items()}
    return {
        "@version": 1.1,
        "@vocab": iris.CDMO,
        **ALIASES,
        **{p: prefix_definition(namespace) for p, namespace in PREFIXES.items()},
        **{name: term for name, term in terms.items() if term != name},
    }


def _definition(key: Key) -> Any:
    """Return the term definition of a key; only its name if ``@vocab`` suffices."""
    if not key.iri:
        return None
    if key.iri == iris.TYPE:
        return {"@id": "@type", "@container": "@set"}
    definition: dict[str, str] = {"@reverse" if key.reverse else "@id": compact(key.iri)}
    if key.values == "text":
        definition["@language"] = "en"
    elif key.values in _TYPES:
        definition["@type"] = _TYPES[key.values]
    if key.many:
        definition["@container"] = "@set"
    if definition != {"@id": compact(key.iri)}:
        return definition
    return key.name if key.iri == iris.CDMO + key.name else compact(key.iri)


def compact(iri: str) -> str:
    """Return an IRI with the longest prefix of the context that fits, or as it is.

    >>> compact("http://www.w3.org/2000/01/rdf-schema#label")
    'rdfs:label'
    """
    curie = _NAMES.curie(iri) or iri
    # "prefix://..." would be read as an IRI (JSON-LD API §5.2).
    return iri if curie.partition(":")[2].startswith("//") else curie


CONTEXT: Mapping[str, Any] = {"@context": context()}
"""The document at :data:`CONTEXT_PATH`."""


# -- documents -------------------------------------------------------------------------------


def release_object(manifest: Manifest) -> dict[str, str]:
    """Return the end of every document: the release that it is from."""
    return {"version": manifest.version, "date": manifest.modified, "licence": iris.LICENCE}


def as_json(value: Mapping[str, Any], manifest: Manifest) -> bytes:
    """Return an object as a JSON document that names its release."""
    return to_bytes({**value, "release": release_object(manifest)})


def to_bytes(value: Mapping[str, Any]) -> bytes:
    """Return an object as UTF-8, a line for each key so that people can read it."""
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def in_page(card: Mapping[str, Any]) -> dict[str, Any]:
    """Return a card for its page, with the context inside.

    The parts that a long card leaves out are on the page, and as JSON in its document.
    """
    value = {**CONTEXT, **card}
    if len(json.dumps(card, ensure_ascii=False)) > MAX_IN_PAGE:
        value = {name: part for name, part in value.items() if name not in LONG}
    return value
