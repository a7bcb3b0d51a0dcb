"""The search for applications uses the index of the search page."""

import re

import pytest
from flask.testing import FlaskClient

from .client import page


@pytest.mark.parametrize(
    "typed", ["pain", "calcinosis", "bisphosphonate off-label", "qqqq", "HP:0012531"]
)
def test_the_page_and_the_json_find_the_same(client: FlaskClient, typed: str) -> None:
    parameters = {"q": typed, "kind": "all", "limit": 100}
    hits = client.get("/search.json", query_string=parameters).get_json()["items"]
    html = page(client, f"/search?q={typed}").partition("<main")[2]
    linked = re.findall(r'<li><a href="/doc/([^"]+)">', html)
    assert sorted(linked) == sorted(hit["id"].partition("/cdmo/")[2] for hit in hits)


def test_the_json_names_its_context_and_release(client: FlaskClient) -> None:
    response = client.get("/search.json?q=pain")
    assert response.mimetype == "application/json"
    assert "/context.jsonld" in response.headers["Link"]
    assert response.get_json()["release"]["version"] == "0.0.1"


def test_an_unknown_parameter_is_refused_with_the_known_ones(client: FlaskClient) -> None:
    response = client.get("/search.json?q=pain&size=3", headers={"Accept": "application/json"})
    assert response.status_code == 400
    assert response.get_json()["field"] == "size"
    assert response.get_json()["known"] == ["q", "kind", "limit"]
