"""The OpenAPI document agrees with the tables, and every card of the real release conforms."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from service.cards import (
    KEYS,
    SHAPES,
    SORTS,
    SPACES,
    Lists,
    Operation,
    card,
    name_of,
    openapi,
    operations,
    parameters_of,
)
from service.iris import BASE
from service.library import Index, Library, describe, search_entries
from service.problems import of_requests
from service.release import Release

HOST = "http://localhost"


def operations_of(library: Library) -> list[Operation]:
    named = Lists(library, lambda: Index(search_entries(library))).named

    def values(takes: Any) -> dict[str, str]:
        return dict(named.called(takes).shown)

    return operations(values, dict.fromkeys(SPACES, "x"), ["dataset.nq.gz"], of_document=True)


@pytest.fixture(scope="module")
def document(small: Library, small_release: Release) -> dict[str, Any]:
    value = openapi(operations_of(small), small_release.manifest, HOST)
    assert json.loads(json.dumps(value)) == value
    return value


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from ([value["$ref"]] if "$ref" in value else [])
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in set(references(document)):
        _, *path = reference.split("/")
        value: Any = document
        for part in path:
            value = value[part]


def test_every_sort_of_objects_has_a_schema_with_all_its_keys(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for sort, shape in SHAPES.items():
        if not shape:
            continue
        own = schemas[name_of(sort)]["allOf"][1]
        assert own["properties"].keys() == shape.keys()
        assert own["required"] == [name for name in shape if KEYS[name].many]
        for name, schema in own["properties"].items():
            assert schema["description"] == KEYS[name].about
            assert (schema.get("type") == "array") == KEYS[name].many


def test_every_list_has_all_its_parameters(document: dict[str, Any]) -> None:
    for name in SORTS:
        for suffix in ("json", "jsonl", "csv"):
            parameters = document["paths"][f"/{name}.{suffix}"]["get"]["parameters"]
            named = {parameter["name"]: parameter["description"] for parameter in parameters}
            known = {n: p.about for n, p in parameters_of(name).items() if p.takes != "format"}
            assert named == known


def test_every_problem_is_named(document: dict[str, Any]) -> None:
    types = document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
    assert types == [f"/problems/{problem.slug}" for problem in of_requests()]
    for problem in of_requests():
        response = document["components"]["responses"][f"Problem{problem.status}"]
        assert problem.slug in response["description"]


def test_the_document_tells_how_iris_map_to_this_host(document: dict[str, Any]) -> None:
    [server] = document["servers"]
    assert server["url"] == HOST
    assert BASE in server["description"]
    assert BASE in document["info"]["description"]


def test_names_of_operations_are_distinct(small: Library) -> None:
    names = [operation.name for operation in operations_of(small)]
    assert len(names) == len(set(names))


def test_other_data_has_no_lists(small: Library) -> None:
    some = operations(lambda _: {}, {}, [], of_document=False)
    assert {operation.group for operation in some} == {"Queries", "About the service"}


def test_over_all_documents_each_card_fits_the_schema_of_its_space(
    real_library: Library, real_release: Release
) -> None:
    schema = pytest.importorskip("jsonschema_rs", reason="needs schemathesis: install .[test]")
    document = openapi(operations_of(real_library), real_release.manifest, HOST)
    components = document["components"]
    validators = {
        sort: schema.Draft202012Validator(
            {"$ref": f"#/components/schemas/{name_of(sort)}", "components": components}
        )
        for sorts in SPACES.values()
        for sort in sorts
    }
    for iri in real_library.documents:
        space = iri.removeprefix(BASE).partition("/")[0]
        if not iri.startswith(BASE) or space not in SPACES:
            continue
        sort = describe(real_library, iri).type
        sort = "mappingSet" if sort == "mapping" else sort
        assert sort in SPACES[space], iri
        value = card(real_library, iri)
        assert validators[sort].is_valid(value), iri
        assert value.keys() <= {"id", "curie", "label", *SHAPES[sort]}, iri
