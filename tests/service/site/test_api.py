"""Every operation of the OpenAPI document over the small release: its answers and refusals."""

from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service import formats
from service.cards import API, CATALOG, Input, Operation, release_object
from service.iris import BASE
from service.site.filters import example

from .client import page, words

SERVER = ("/sparql", "/queries/")
"""Path prefixes that the server handles itself; tests/system/ covers them."""

HOSTILE = (
    *("\x00", "\u202e", "a" * 2001, "'; DROP TABLE x; --", "{{7*7}}", "%s", "../../etc/passwd"),
    *("<script>", "-1", "1e9", "٣", "NaN", "null", "[]", "\ud7ff\ufffe", "http://127.0.0.1:1/"),
)


@pytest.fixture(scope="module")
def operations(app: Flask) -> list[Operation]:
    return [
        one
        for one in app.extensions["site"].operations
        if one.method == "get" and not one.path.startswith(SERVER)
    ]


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    value = app.test_client().get(API).json
    assert isinstance(value, dict)
    return value


def test_every_operation_answers_as_documented(
    client: FlaskClient, operations: list[Operation]
) -> None:
    assert len(operations) > 30
    for operation in operations:
        response = client.get(example(operation), buffered=True)
        assert response.status_code == operation.status, operation.path
        if operation.answers and "*/*" not in operation.answers:
            assert response.mimetype in operation.answers, operation.path
        for accept in operation.answers if operation.inputs else ():
            response = client.get(example(operation), headers={"Accept": accept}, buffered=True)
            assert response.status_code == 200, (operation.path, accept)


def test_every_json_document_names_its_release(
    app: Flask, client: FlaskClient, operations: list[Operation]
) -> None:
    release = release_object(app.extensions["site"].release.manifest)
    """The exceptions are those of reconciliation, whose members the specification fixes."""
    named = [o for o in operations if o.answers.keys() == {formats.CARD.media_type}]
    ours = [o for o in named if o.group != "Reconciliation" or o.name == "reconcile"]
    assert {o.group for o in ours} == {"Lists", "Search", "Cards", "Reconciliation"}
    for operation in ours:
        is_manifest = operation.name == "reconcile"
        answer = client.get(operation.path if is_manifest else example(operation)).json
        assert answer is not None
        assert answer["release"] == release, operation.path
    description = client.get(API).json
    assert description is not None
    assert description["info"]["x-release"] == release


def test_every_answer_links_to_the_description(
    client: FlaskClient, operations: list[Operation]
) -> None:
    for path in ("/", "/api/", *map(example, operations)):
        links = client.get(path, buffered=True).headers["Link"]
        assert f'<{API}>; rel="service-desc"' in links
        assert '</api/>; rel="service-doc"' in links
        assert f'<{CATALOG}>; rel="api-catalog"' in links


def test_the_catalogue_follows_rfc_9727(client: FlaskClient) -> None:
    response = client.head(CATALOG)
    assert response.headers["Content-Type"].startswith("application/linkset+json; profile=")
    assert 'rel="api-catalog"' in response.headers["Link"]
    catalog = client.get(CATALOG).json
    assert catalog is not None
    own, *interfaces = catalog["linkset"]
    assert own["anchor"] == f"http://localhost{CATALOG}"
    assert [item["href"] for item in own["item"]] == [one["anchor"] for one in interfaces]
    for interface in interfaces:
        for relation in ("service-desc", "service-doc"):
            for target in interface[relation]:
                path = target["href"].removeprefix("http://localhost")
                answer = client.get(path, headers={"Accept": target["type"]}, buffered=True)
                assert (answer.status_code, answer.mimetype) == (200, target["type"])


def test_language_models_and_people_find_every_operation(
    client: FlaskClient, operations: list[Operation]
) -> None:
    guide, shown = client.get("/llms.txt").text, page(client, "/api/")
    for operation in operations:
        assert operation.path in guide
        assert operation.path in words(shown)
        for one in operation.inputs:
            assert (
                one.is_path or one.required or one.name == "format" or f'name="{one.name}"' in shown
            )
    assert BASE in guide


# -- bad input -------------------------------------------------------------------------------


def query_of(one: Input, value: str) -> str:
    return urlencode({one.name: value}, errors="surrogatepass")


def test_an_unknown_parameter_is_refused_by_name(
    client: FlaskClient, operations: list[Operation]
) -> None:
    for operation in (o for o in operations if o.group in ("Lists", "Search")):
        response = client.get(f"{operation.path}?nonsense=1", buffered=True)
        assert response.status_code == 400, operation.path
        assert response.json is not None
        assert "nonsense" in response.json["field"]
        assert {one.name for one in operation.inputs} <= set(response.json["known"])


def test_a_value_that_does_not_fit_is_refused_by_the_name_of_its_parameter(
    client: FlaskClient, operations: list[Operation]
) -> None:
    """Free text may have no hits; an invalid value of any other sort is refused."""
    for operation in operations:
        for one in (one for one in operation.inputs if not one.is_path):
            is_text = not (one.options or one.schema.get("type") == "integer")
            for value in HOSTILE:
                response = client.get(f"{operation.path}?{query_of(one, value)}")
                case = (operation.path, one.name, value)
                if not is_text or response.status_code != 200:
                    assert response.json is not None
                    if operation.group == "About the service":  # a format
                        assert response.status_code in (200, 406), case
                        continue
                    assert response.status_code in (400, 404)[: 1 + is_text], case
                    assert response.json["field"] == one.name, case


def test_unexpected_parameters_cause_no_server_error(
    client: FlaskClient, operations: list[Operation]
) -> None:
    for operation in operations:
        path = example(operation)
        path += "&" if "?" in path else "?"
        path += "start=1&start=2&%ff=%00&format=%00"
        assert client.get(path, buffered=True).status_code < 500, operation.path


def test_an_unknown_name_is_not_found(client: FlaskClient, operations: list[Operation]) -> None:
    for operation in (o for o in operations if o.group in ("Cards", "Documents")):
        for value in ("nothing", "%00", "%2e%2e", "a" * 3000, "%F0%9F%92%A9", "{name}", "x y"):
            path = operation.path.replace("{name}", value)
            path = path.replace("{space}", "id").replace("{suffix}", "ttl")
            response = client.get(path, buffered=True)
            assert 400 <= response.status_code < 500, path
            assert response.mimetype == "application/problem+json"
