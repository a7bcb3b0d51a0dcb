"""Reconciliation over a real socket: the specification's schemas, a client, a thousand names.

``RECONCILIATION_SCHEMAS`` names the folder of the schemas of the Reconciliation Service API 0.2.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from service.cards.properties import MAX_BATCH, PROPERTIES
from service.release import Release

from .server import Server, running

FORM = {"Content_Type": "application/x-www-form-urlencoded"}
NAMES = {
    "pain": ("pain", True),
    "Calcinosis": ("calcinosis", True),
    "calcium deposition disease": ("calcinosis", True),
    "HP:0012531": ("pain", True),
}
QUERIES = {
    "plain": {"query": "calcinosis"},
    "typed": {"query": "calcinosis", "type": "Condition", "type_strict": "all", "limit": 2},
    "with a code": {"query": "pain", "properties": [{"pid": "mappings", "v": ["HP:0012531"]}]},
    "without candidates": {"query": "nothing of the sort"},
}
EXTENSION: dict[str, list[Any]] = {
    "ids": ["CDMO:0000001", "CDMO:0000003", "CDMO:0000005", "other"],
    "properties": [{"id": name, "settings": {"limit": 3}} for name in PROPERTIES],
}


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    with running(small_release.path, engine_workers="2") as one:
        yield one


def post(server: Server, **form: object) -> tuple[int, Any]:
    body = urlencode({name: json.dumps(value) for name, value in form.items()}).encode()
    response, content = server.ask("POST", "/reconcile", body, **FORM, Accept="application/json")
    return response.status, json.loads(content)


def get(server: Server, path: str, **parameters: str) -> Any:
    response, content = server.ask("GET", f"/reconcile{path}?{urlencode(parameters)}")
    assert response.status == 200, content
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    return json.loads(content)


# -- the specification ---------------------------------------------------------------------------

Validate = Callable[[str, Any], None]


@pytest.fixture(scope="module")
def validate() -> Validate:
    """A function that validates a value by a schema of the specification."""
    folder = os.environ.get("RECONCILIATION_SCHEMAS")
    if not folder:
        pytest.skip("needs the specification's schemas: set RECONCILIATION_SCHEMAS")
    jsonschema = pytest.importorskip("jsonschema")
    referencing = pytest.importorskip("referencing")
    draft_7 = pytest.importorskip("referencing.jsonschema").DRAFT7
    schemas = {path.name: json.loads(path.read_text()) for path in Path(folder).glob("*.json")}
    resource = referencing.Resource.from_contents
    resources = [(schema["$id"], resource(schema, draft_7)) for schema in schemas.values()]
    registry = referencing.Registry().with_resources(resources)

    def check(name: str, value: Any) -> None:
        jsonschema.Draft7Validator(schemas[f"{name}.json"], registry=registry).validate(value)

    return check


def test_the_manifest_is_valid(server: Server, validate: Validate) -> None:
    validate("manifest", get(server, ""))


def test_queries_and_results_are_valid(server: Server, validate: Validate) -> None:
    validate("reconciliation-query-batch", QUERIES)
    status, results = post(server, queries=QUERIES)
    assert status == 200
    validate("reconciliation-result-batch", results)
    assert get(server, "", queries=json.dumps(QUERIES)) == results
    assert [len(results[name]["result"]) > 0 for name in QUERIES] == [True, True, True, False]


def test_suggestions_are_valid(server: Server, validate: Validate) -> None:
    entities = get(server, "/suggest/entity", prefix="calcino")
    validate("suggest-entities-response", entities)
    validate("suggest-types-response", get(server, "/suggest/type", prefix="c"))
    validate("suggest-properties-response", get(server, "/suggest/property", prefix="syn"))
    assert entities["result"][0]["name"] == "calcinosis"


def test_an_extension_is_valid(server: Server, validate: Validate) -> None:
    validate("data-extension-query", EXTENSION)
    status, answer = post(server, extend=EXTENSION)
    assert status == 200
    validate("data-extension-response", answer)
    assert answer["rows"].keys() == set(EXTENSION["ids"])
    proposal = get(server, "/properties", type="cdmo:Condition", limit="4")
    validate("data-extension-property-proposal", proposal)


# -- clients -------------------------------------------------------------------------------------


def test_a_third_party_client_reconciles_a_table(server: Server) -> None:
    reconciler = pytest.importorskip("reconciler")
    pandas = pytest.importorskip("pandas")
    endpoint = f"http://127.0.0.1:{server.port}/reconcile"
    table = reconciler.reconcile(pandas.Series(list(NAMES)), reconciliation_endpoint=endpoint)
    named = zip(table["name"], table["match"], strict=True)
    assert dict(zip(table["input_value"], named, strict=True)) == NAMES


def test_a_thousand_names_fit_in_one_request(server: Server) -> None:
    long = "calcinosis " + "of the skin and of other soft tissue, as it was written down " * 8
    batch = {f"q{i}": {"query": f"{i} {long}"[:450]} for i in range(MAX_BATCH)}
    status, results = post(server, queries=batch)
    assert (status, len(results)) == (200, MAX_BATCH)
    status, problem = post(server, queries={**batch, "one more": {"query": "pain"}})
    assert (status, problem["field"]) == (413, "queries")


def test_other_sites_may_send_requests_and_frame_a_preview(server: Server) -> None:
    response, _ = server.ask(
        "OPTIONS",
        "/reconcile",
        Origin="https://example.org",
        Access_Control_Request_Method="POST",
        Access_Control_Request_Headers="x-requested-with",
    )
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    response, body = server.ask("GET", "/reconcile/preview?id=CDMO:0000001", Accept="text/html")
    assert response.status == 200
    assert "frame-ancestors *" in response.headers["Content-Security-Policy"]
    assert b"calcinosis" in body
    response, _ = server.ask("GET", "/reconcile/view?id=CDMO:0000001")
    assert (response.status, response.headers["Location"]) == (303, "/doc/id/CDMO_0000001")


@pytest.mark.parametrize(
    ("target", "body", "status", "field"),
    [
        ("/reconcile?callback=x", None, 400, "callback"),
        ("/reconcile?queries=%7B%7D&extend=%7B%7D", None, 400, None),
        ("/reconcile?queries=%5B%5D", None, 400, "queries"),
        ("/reconcile", b"queries=" + b"%5B" * 200_000, 400, "queries"),
        ("/reconcile", b"", 400, None),
        ("/reconcile/suggest/entity?cursor=-1", None, 400, "cursor"),
        ("/reconcile/properties?limit=1e9", None, 400, "limit"),
        ("/reconcile/properties?type=Nothing", None, 400, "type"),
        ("/reconcile/view?id=nothing", None, 404, "id"),
        ("/reconcile/view", None, 404, "id"),
    ],
)
def test_invalid_requests_are_problems_that_name_the_field(
    server: Server, target: str, body: bytes | None, status: int, field: str | None
) -> None:
    method = "GET" if body is None else "POST"
    response, content = server.ask(method, target, body, **FORM, Accept="application/json")
    problem = json.loads(content)
    assert (response.status, problem["status"], problem.get("field")) == (status, status, field)


def test_json_instead_of_a_form_is_refused(server: Server) -> None:
    response, _ = server.ask("POST", "/reconcile", b"{}", Content_Type="application/json")
    assert response.status == 415
