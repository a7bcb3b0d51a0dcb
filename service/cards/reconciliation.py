"""The Reconciliation Service API 0.2 over terms: its manifest, queries, suggestions.

https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
Identifiers are IRIs; a CURIE or the end of an IRI is understood wherever one is read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from service import iris
from service.cards.descriptions import Object
from service.cards.hits import MAX_WORDS, score
from service.cards.properties import (
    DEFAULT_CANDIDATES,
    MAX_BATCH,
    PROPERTIES,
    kind_named,
    names_of,
    property_named,
    property_object,
    read_limit,
    values,
)
from service.cards.strict_json import as_object, member, read_json, refuse_others
from service.library import Hit, Index, Library, fold
from service.problems import BadRequest, BodyTooLarge

LEAST = 40.0
"""The least score of a candidate; hits with only some words, or only in other text, have less."""

LOOKED_AT = 400
"""The most hits from which candidates are chosen by type and properties."""

SUGGESTED = 10
"""Suggestions in one answer."""


@dataclass(frozen=True)
class Query:
    """A name to reconcile.

    :param types: IRIs of kinds.
    :param strict: whether a candidate is of "any" or of "all" of the types, or "should" be.
    :param properties: the texts that may name a value of each.
    """

    words: str
    types: tuple[str, ...] = ()
    strict: str = "any"
    properties: tuple[tuple[str, frozenset[str]], ...] = ()
    limit: int = DEFAULT_CANDIDATES


def manifest(library: Library, host: str) -> Object:
    """Return the description of the service.

    :param host: the address of this host, with a slash at its end.
    """

    def service(path: str) -> Object:
        return {"service_url": host.removesuffix("/"), "service_path": f"/reconcile/{path}"}

    limit = {"name": "limit", "label": "Limit", "type": "number", "default": 0}
    limit["help_text"] = "How many values at most; 0 for all."
    return {
        "versions": ["0.2"],
        "name": "CDMO: terms of an article on calcinosis dermatomyositis",
        "identifierSpace": iris.TERM.rpartition("/")[0] + "/",
        "schemaSpace": iris.CDMO,
        "view": {"url": f"{host}reconcile/view?id={{{{id}}}}"},
        "preview": {
            "url": f"{host}reconcile/preview?id={{{{id}}}}",
            "width": 400,
            "height": 220,
        },
        "defaultTypes": [_type(library, kind.ref.iri) for kind in library.pillars],
        "suggest": {name: service(f"suggest/{name}") for name in ("entity", "type", "property")},
        "extend": {"propose_properties": service("properties"), "property_settings": [limit]},
        "batchSize": MAX_BATCH,
    }


# -- queries ---------------------------------------------------------------------------------


def parse_queries(library: Library, text: str) -> dict[str, Query]:
    """Read a batch of queries by their keys.

    :raises BadRequest: naming the field that is not as the specification has it.
    :raises BodyTooLarge: if there are too many.
    """
    batch = as_object(read_json(text, "queries"), "queries")
    if len(batch) > MAX_BATCH:
        raise BodyTooLarge(f"A batch may have {MAX_BATCH} queries.", field="queries")
    return {name: _query(library, value, f"queries.{name[:50]}") for name, value in batch.items()}


def _query(library: Library, value: Any, field: str) -> Query:
    query = as_object(value, field)
    refuse_others(query, ("query", "type", "type_strict", "properties", "limit"), field)
    words = member(query, "query", str, field)
    constraints = member(query, "properties", list, field) or []
    if words is None and not constraints:
        raise BadRequest(f"{field} has no query.", field=f"{field}.query")
    types = member(query, "type", (str, list), field) or []
    types = [types] if isinstance(types, str) else types
    strict = member(query, "type_strict", str, field) or "any"
    if strict not in ("any", "should", "all"):
        raise BadRequest(f"{field}.type_strict is not known.", field=f"{field}.type_strict")
    return Query(
        (words or "").strip()[:MAX_WORDS],
        tuple(kind_named(library, one, f"{field}.type") for one in types),
        strict,
        tuple(_constraint(c, f"{field}.properties") for c in constraints),
        read_limit(query, field),
    )


def _constraint(value: Any, field: str) -> tuple[str, frozenset[str]]:
    constraint = as_object(value, field)
    refuse_others(constraint, ("pid", "v"), field)
    key = property_named(member(constraint, "pid", str, field) or "", f"{field}.pid")
    wanted = constraint.get("v")
    each = wanted if isinstance(wanted, list) else [wanted]
    for one in each:
        is_entity = isinstance(one, dict) and isinstance(one.get("id"), str)
        if not (is_entity or isinstance(one, str | int | float)):
            raise BadRequest(f"{field}.v is of the wrong type.", field=f"{field}.v")
    texts = (one["id"] if isinstance(one, dict) else one for one in each)
    return key.name, frozenset(name for text in texts for name in names_of(text))


def reconcile(library: Library, index: Index, queries: dict[str, Query]) -> Object:
    """Return the candidates for each query, the best first."""
    same = cache(lambda query: {"result": _candidates(library, index, query)})
    return {name: same(query) for name, query in queries.items()}


def _candidates(library: Library, index: Index, query: Query) -> list[Object]:
    if not query.words:
        hits = [
            Hit(e, 1000, "name") for e in index.entries if query.properties and e.group == "term"
        ]
        accepted = None
    else:
        results = index.search(query.words, LOOKED_AT, "term")
        hits, accepted = [h for h in results.hits if score(h) >= LEAST], results.accepted
    candidates: list[Object] = []
    for hit in hits:
        kinds = library.terms[hit.entry.iri].kinds
        fitting = len(set(query.types) & set(kinds))
        needed = len(set(query.types)) if query.strict == "all" else min(1, len(query.types))
        if query.strict != "should" and fitting < needed:
            continue
        if not all(_has(library, hit.entry.iri, *one) for one in query.properties):
            continue
        candidates.append(
            {
                "id": hit.entry.iri,
                "name": hit.entry.label,
                "description": hit.entry.definition,
                "type": [_type(library, kind) for kind in kinds],
                "score": score(hit),
                "features": [{"id": "name", "value": score(hit)}],
                "match": hit == accepted and fitting >= needed,
            }
        )
        if len(candidates) == query.limit:
            break
    return candidates


def _has(library: Library, iri: str, name: str, wanted: frozenset[str]) -> bool:
    return any(names_of(value) & wanted for value in values(library, iri, name))


def _type(library: Library, iri: str) -> Object:
    return {"id": iri, "name": library.ref(iri).label}


# -- suggestions -----------------------------------------------------------------------------


def suggest_entities(library: Library, index: Index, prefix: str, start: int) -> Object:
    """Return terms whose names begin with the typed text, or are like it."""
    hits = index.search(prefix[:MAX_WORDS], start + SUGGESTED, "term").hits[start:]
    return {
        "result": [
            {
                "id": hit.entry.iri,
                "name": hit.entry.label,
                "description": hit.entry.definition,
                "notable": [_type(library, k) for k in library.terms[hit.entry.iri].kinds],
            }
            for hit in hits
        ]
    }


def suggest_types(library: Library, prefix: str, start: int) -> Object:
    """Return kinds with a word that begins with the typed text."""
    kinds = (
        {**_type(library, iri), "description": kind.definition}
        for iri, kind in library.kinds.items()
    )
    return {"result": _beginning(kinds, prefix)[start : start + SUGGESTED]}


def suggest_properties(prefix: str, start: int) -> Object:
    """Return properties with a word that begins with the typed text."""
    matches = _beginning(map(property_object, PROPERTIES.values()), prefix)
    return {"result": matches[start : start + SUGGESTED]}


def _beginning(objects: Iterable[Object], prefix: str) -> list[Object]:
    typed = fold(prefix)
    return [one for one in objects if f" {typed}" in f" {fold(one['name'])}" or prefix == one["id"]]
