"""Reconciliation: names to candidates, by types and properties; suggestions; data extension."""

import gc
import json
import weakref
from pathlib import Path
from typing import Any

import pytest

from service.cards.properties import (
    MAX_BATCH,
    MAX_CANDIDATES,
    PROPERTIES,
    extend,
    propose_properties,
)
from service.cards.reconciliation import (
    manifest,
    parse_queries,
    reconcile,
    suggest_entities,
    suggest_properties,
    suggest_types,
)
from service.library import Index, Library, search_entries
from service.problems import BadRequest, BodyTooLarge, Problem

MESSY = Path(__file__).parents[1] / "library" / "data" / "messy-names.tsv"


@pytest.fixture(scope="module")
def index(small: Library) -> Index:
    return Index(search_entries(small))


def ask(library: Library, index: Index, **query: Any) -> list[dict[str, Any]]:
    queries = parse_queries(library, json.dumps({"q": query}))
    candidates: list[dict[str, Any]] = reconcile(library, index, queries)["q"]["result"]
    return candidates


def names(candidates: list[dict[str, Any]]) -> list[str]:
    return [candidate["name"] for candidate in candidates]


# -- candidates ------------------------------------------------------------------------------


def test_a_name_has_candidates_of_which_one_is_a_match(small: Library, index: Index) -> None:
    first, *others = ask(small, index, query="Calcinosis")
    assert first == {
        "id": "https://w3id.org/cdmo/id/CDMO_0000001",
        "name": "calcinosis",
        "description": small.terms["https://w3id.org/cdmo/id/CDMO_0000001"].definition,
        "type": [{"id": "https://w3id.org/cdmo/schema/Condition", "name": "condition"}],
        "score": 100.0,
        "features": [{"id": "name", "value": 100.0}],
        "match": True,
    }
    assert not any(other["match"] for other in others)


def test_an_entry_with_only_some_of_the_words_is_no_candidate(small: Library, index: Index) -> None:
    assert index.search("calcinosis of the moon").partial
    assert ask(small, index, query="calcinosis of the moon") == []


@pytest.mark.parametrize(
    "kind", ["Condition", "cdmo:Condition", "https://w3id.org/cdmo/schema/Condition"]
)
def test_candidates_have_the_requested_type(small: Library, index: Index, kind: str) -> None:
    assert "calcinosis" in names(ask(small, index, query="calcinosis", type=kind))
    assert "calcinosis" not in names(ask(small, index, query="calcinosis", type="Manifestation"))


def test_several_types_mean_any_all_or_preferably_as_the_query_says(
    small: Library, index: Index
) -> None:
    both = ["Condition", "Manifestation"]
    assert "calcinosis" in names(ask(small, index, query="calcinosis", type=both))
    assert ask(small, index, query="calcinosis", type=both, type_strict="all") == []
    should = ask(small, index, query="calcinosis", type="Manifestation", type_strict="should")
    assert (should[0]["name"], should[0]["match"]) == ("calcinosis", False)


@pytest.mark.parametrize(
    ("pid", "value"),
    [
        ("mappings", "HP:0012531"),
        ("mappings", "http://purl.obolibrary.org/obo/HP_0012531"),
        ("mappings", "Pain"),
        ("mappings", {"id": "http://purl.obolibrary.org/obo/HP_0012531"}),
        ("mappings", ["HP:0000001", "HP:0012531"]),
        ("curie", "CDMO:0000005"),
        ("label", "PAIN"),
    ],
)
def test_a_candidate_has_the_requested_values(
    small: Library, index: Index, pid: str, value: object
) -> None:
    constraint = [{"pid": pid, "v": value}]
    assert names(ask(small, index, query="pain", properties=constraint)) == ["pain"]
    assert names(ask(small, index, properties=constraint)) == ["pain"]
    assert ask(small, index, query="calcinosis", properties=constraint) == []


def test_no_more_candidates_than_the_limit(small: Library, index: Index) -> None:
    assert len(ask(small, index, query="calcinosis", limit=1)) == 1
    assert len(ask(small, index, query="calcinosis", limit=10**9)) <= MAX_CANDIDATES


def test_a_batch_has_a_result_for_each_key(small: Library, index: Index) -> None:
    batch = {f"q{i}": {"query": "calcinosis"} for i in range(MAX_BATCH)}
    results = reconcile(small, index, parse_queries(small, json.dumps(batch)))
    assert results.keys() == batch.keys()
    assert all(result["result"][0]["match"] for result in results.values())


def test_the_second_readers_names_over_the_real_release(real_library: Library) -> None:
    """The names of ``library/test_messy_names.py``; absent ones have no candidate."""
    lines = [line for line in MESSY.read_text("utf-8").splitlines() if not line.startswith("#")]
    meant = {line.split("\t")[0]: line.split("\t")[3] for line in lines}
    queries = parse_queries(real_library, json.dumps({name: {"query": name} for name in meant}))
    results = reconcile(real_library, Index(search_entries(real_library)), queries)
    candidates = {name: result["result"] for name, result in results.items()}
    assert [name for name, iri in meant.items() if not iri and candidates[name]] == []
    first = {name: one["id"] for name, ranked in candidates.items() for one in ranked[:1]}
    right = [name for name, iri in meant.items() if iri and first.get(name) == iri]
    assert len(right) >= 0.85 * len([iri for iri in meant.values() if iri])
    for name, ranked in candidates.items():
        assert {one["id"] for one in ranked if one["match"]} <= {meant[name]}


# -- invalid input -------------------------------------------------------------------------------


def constrained(properties: str) -> str:
    return f'{{"q": {{"query": "pain", "properties": {properties}}}}}'


def wanted(properties: str) -> str:
    return f'{{"ids": [], "properties": [{properties}]}}'


REFUSED = [
    ("", "queries"),
    ("[]", "queries"),
    ("{", "queries"),
    ('{"q": 1}', "queries.q"),
    ('{"q": {}}', "queries.q.query"),
    ('{"q": {"query": 1}}', "queries.q.query"),
    ('{"q": {"query": ["pain"]}}', "queries.q.query"),
    ('{"q": {"query": "pain", "size": 1}}', "queries.q.size"),
    ('{"q": {"query": "pain", "limit": "1"}}', "queries.q.limit"),
    ('{"q": {"query": "pain", "limit": true}}', "queries.q.limit"),
    ('{"q": {"query": "pain", "limit": 0}}', "queries.q.limit"),
    ('{"q": {"query": "pain", "limit": 1.5}}', "queries.q.limit"),
    ('{"q": {"query": "pain", "limit": 1e400}}', "queries"),
    ('{"q": {"query": "pain", "limit": NaN}}', "queries"),
    ('{"q": {"query": "pain", "limit": ' + "9" * 5000 + "}}", "queries"),
    ('{"q": {"query": "pain", "query": "skin"}}', "queries"),
    ('{"q": {"query": "pain"}, "q": {"query": "skin"}}', "queries"),
    ('{"q": ' + "[" * 100_000, "queries"),
    ('{"q": {"query": "pain", "type": "Nothing"}}', "queries.q.type"),
    ('{"q": {"query": "pain", "type": [["Condition"]]}}', "queries.q.type"),
    ('{"q": {"query": "pain", "type": {"id": "Condition"}}}', "queries.q.type"),
    ('{"q": {"query": "pain", "type_strict": "some"}}', "queries.q.type_strict"),
    (constrained("{}"), "queries.q.properties"),
    (constrained("[1]"), "queries.q.properties"),
    (
        '{"q": {"query": "pain", "properties": [{"pid": "P31", "v": "x"}]}}',
        "queries.q.properties.pid",
    ),
    (constrained('[{"pid": "label"}]'), "queries.q.properties.v"),
    (
        '{"q": {"query": "pain", "properties": [{"pid": "label", "v": {}}]}}',
        "queries.q.properties.v",
    ),
    (
        '{"q": {"query": "pain", "properties": [{"pid": "label", "v": [[]]}]}}',
        "queries.q.properties.v",
    ),
    (json.dumps({f"q{i}": {"query": "pain"} for i in range(MAX_BATCH + 1)}), "queries"),
]


@pytest.mark.parametrize(("text", "field"), REFUSED, ids=lambda value: value[:60])
def test_an_invalid_batch_is_refused_by_the_name_of_its_field(
    small: Library, text: str, field: str
) -> None:
    with pytest.raises(Problem) as refused:
        parse_queries(small, text)
    assert refused.value.extras["field"] == field
    assert isinstance(refused.value, BadRequest | BodyTooLarge)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("1", "extend"),
        ('{"ids": "x", "properties": []}', "extend.ids"),
        ('{"ids": [1], "properties": []}', "extend.ids"),
        (json.dumps({"ids": ["x"] * (MAX_BATCH + 1)}), "extend.ids"),
        (wanted("{}"), "extend.properties.id"),
        (wanted('{"id": "P31"}'), "extend.properties.id"),
        (
            wanted('{"id": "label", "settings": []}'),
            "extend.properties.settings",
        ),
        (
            wanted('{"id": "label", "settings": {"limit": -1}}'),
            "extend.properties.settings.limit",
        ),
        (json.dumps({"ids": [], "properties": [{"id": "label"}] * 100}), "extend.properties"),
    ],
    ids=lambda value: value[:60],
)
def test_an_invalid_extension_is_refused_by_the_name_of_its_field(
    small: Library, text: str, field: str
) -> None:
    with pytest.raises(Problem) as refused:
        extend(small, text)
    assert refused.value.extras["field"] == field


# -- suggestions and extension ---------------------------------------------------------------


def test_terms_types_and_properties_are_suggested_as_someone_types(
    small: Library, index: Index
) -> None:
    assert names(suggest_entities(small, index, "calcino", 0)["result"])[0] == "calcinosis"
    assert names(suggest_types(small, "cond", 0)["result"]) == ["condition"]
    assert "exact synonyms" in names(suggest_properties("syn", 0)["result"])
    assert len(suggest_properties("", 0)["result"]) == 10
    assert suggest_properties("", len(PROPERTIES))["result"] == []


def test_an_extension_has_things_and_plain_values(small: Library) -> None:
    query = {
        "ids": ["CDMO:0000005", "CDMO_0000001", "https://example.org/other"],
        "properties": [{"id": "mappings"}, {"id": "exactSynonyms", "settings": {"limit": 1}}],
    }
    answer = extend(small, json.dumps(query))
    assert [meta["id"] for meta in answer["meta"]] == ["mappings", "exactSynonyms"]
    assert answer["rows"] == {
        "CDMO:0000005": {
            "mappings": [{"id": "http://purl.obolibrary.org/obo/HP_0012531", "name": "Pain"}],
            "exactSynonyms": [],
        },
        "CDMO_0000001": {
            "mappings": answer["rows"]["CDMO_0000001"]["mappings"],
            "exactSynonyms": [{"str": "calcium deposition disease"}],
        },
        "https://example.org/other": {"mappings": [], "exactSynonyms": []},
    }


def test_every_property_can_be_asked_for_of_every_term(small: Library) -> None:
    wanted = [{"id": name} for name in PROPERTIES]
    rows = extend(small, json.dumps({"ids": [*small.terms], "properties": wanted}))["rows"]
    cells = [cell for row in rows.values() for values in row.values() for cell in values]
    assert {frozenset(cell) for cell in cells} <= {frozenset({"str"}), frozenset({"id", "name"})}


def test_properties_are_proposed_for_a_type(small: Library) -> None:
    proposed = propose_properties(small, "cdmo:Condition", 3)
    assert proposed["type"] == "https://w3id.org/cdmo/schema/Condition"
    assert [p["id"] for p in proposed["properties"]] == list(PROPERTIES)[:3]


def test_the_manifest_leads_to_this_host(small: Library) -> None:
    described = manifest(small, "https://example.org/")
    assert described["view"]["url"] == "https://example.org/reconcile/view?id={{id}}"
    assert described["suggest"]["entity"]["service_url"] == "https://example.org"


def test_values_are_remembered_only_as_long_as_their_library(small: Library) -> None:
    """A service may open one release after another."""
    library = Library(small.store, small.names)
    text = json.dumps({"ids": [next(iter(library.terms))], "properties": [{"id": "label"}]})
    assert extend(library, text)["rows"]
    seen = weakref.ref(library)
    del library
    gc.collect()
    assert seen() is None
