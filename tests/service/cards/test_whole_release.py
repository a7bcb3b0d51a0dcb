"""The JSON of every resource in the real release agrees with its RDF."""

import json
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from service.cards import CONTEXT, card, in_page, linked_data
from service.iris import BASE, ENDPOINT
from service.library import Library, describe
from service.rdf.blank_nodes import canonical_triples

from ...system.npm import installed, node
from .readers import Document, by_oxigraph, by_pyld, dataset, parse

JSONLD = Path(__file__).parents[2] / "system" / "jsonld"
AT_ONCE = 100
"""The number of documents for one run of a reader."""

Cards = dict[str, Document]


@pytest.fixture(scope="module")
def cards(real_library: Library) -> Cards:
    """The card of every document."""
    ours = [iri for iri in real_library.documents if iri.startswith(BASE)]
    assert len(ours) > 2000
    return {iri: card(real_library, iri) for iri in ours}


@pytest.fixture(scope="module")
def known(real_library: Library) -> set[ox.Triple]:
    return dataset(real_library)


def by_jsonld_js(documents: list[Document], folder: Path) -> list[set[ox.Triple]]:
    result = node(JSONLD / "triples.js", cwd=folder, text=json.dumps(documents))
    assert result.returncode == 0, result.stderr
    return [parse(text) for text in json.loads(result.stdout)]


def objects(value: Any) -> Iterator[Document]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from objects(part)
    elif isinstance(value, list):
        for part in value:
            yield from objects(part)


def json_type(value: Any) -> str:
    names = {dict: "object", list: "array", str: "string", bool: "boolean"}
    return names.get(type(value), "number")


def types_of_keys(documents: Iterator[Document]) -> dict[str, set[str]]:
    """Return the JSON types of each key's values; a name with a dot is for members of arrays."""
    types: dict[str, set[str]] = defaultdict(set)
    for document in documents:
        for one in objects(document):
            for key, value in one.items():
                types[key].add(json_type(value))
                if isinstance(value, list):
                    types[f"{key}."].update(map(json_type, value))
    return types


@pytest.mark.slow
def test_every_triple_of_a_card_is_in_the_dataset(cards: Cards, known: set[ox.Triple]) -> None:
    for iri, value in cards.items():
        triples = by_pyld({**CONTEXT, **value})
        assert triples <= known, (iri, triples - known)
        assert triples, iri


@pytest.mark.slow
def test_javascript_reads_the_same_triples(cards: Cards, request: pytest.FixtureRequest) -> None:
    folder = installed(JSONLD, request.config)
    documents = [{**CONTEXT, **value} for value in cards.values()]
    for start in range(0, len(documents), AT_ONCE):
        some = documents[start : start + AT_ONCE]
        for document, triples in zip(some, by_jsonld_js(some, folder), strict=True):
            assert triples == by_oxigraph(document), document["id"]


def test_no_key_has_two_types_over_all_cards(cards: Cards) -> None:
    types = types_of_keys(iter(cards.values()))
    assert {key: names for key, names in types.items() if len(names) > 1} == {}


def test_every_thing_has_a_label_but_parts_and_things_of_others(cards: Cards) -> None:
    """A mapping has its target's name beside it; a part of a document has no name."""
    for iri, value in cards.items():
        foreign = {one["target"]["id"] for one in objects(value) if "target" in one}
        named = (one for one in objects(value) if "id" in one and one["id"] not in foreign)
        for one in named if iri != ENDPOINT else ():
            is_part = "#" in one["id"].removeprefix(BASE) and one["id"].startswith(BASE)
            assert is_part or one.get("label"), (iri, one["id"])


def test_a_claim_is_the_same_object_wherever_it_stands(cards: Cards) -> None:
    alone = {iri: value for iri, value in cards.items() if "/claim/" in iri}
    places = 0
    for value in cards.values():
        for one in objects(value):
            if "/claim/" in one.get("id", "") and "citations" in one:
                assert one == alone[one["id"]]
                places += 1
    assert places > 2 * len(alone)


@cache
def _described(library: Library) -> dict[str, tuple[ox.Triple, ...]]:
    ours = [iri for iri in library.documents if iri.startswith(BASE)]
    return {iri: describe(library, iri).triples for iri in ours}


@pytest.mark.slow
def test_a_description_has_the_triples_of_its_turtle(real_library: Library) -> None:
    for iri, triples in _described(real_library).items():
        document = linked_data(triples)
        assert canonical_triples(by_oxigraph(document)) == sorted(triples, key=str), iri


@pytest.mark.slow
def test_no_key_of_a_description_has_two_types(real_library: Library) -> None:
    documents = map(linked_data, _described(real_library).values())
    types = types_of_keys({"@graph": d["@graph"]} for d in documents)
    assert {key: names for key, names in types.items() if len(names) > 1} == {}


@pytest.mark.slow
def test_a_description_has_plain_keys_only(real_library: Library) -> None:
    for iri, triples in _described(real_library).items():
        graph = linked_data(triples)["@graph"]
        assert [key for one in objects(graph) for key in one if key.startswith("@")] == [], iri


def test_the_json_embedded_in_a_page_is_a_part_of_the_card(cards: Cards) -> None:
    for value in cards.values():
        inside = in_page(value)
        assert inside.items() >= CONTEXT.items()
        assert {k: v for k, v in inside.items() if k != "@context"}.items() <= value.items()
        assert len(json.dumps(inside)) < 40_000
