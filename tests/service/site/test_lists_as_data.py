"""Lists as data: the things of their page in each format, in parts."""

import csv
import io
import json
import re
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from service.cards import SORTS, Filter, Lists, parameters_of
from service.iris import BASE

from .client import HTML

KINDS = {"JSON": "application/json", "JSON Lines": "application/jsonl", "CSV": "text/csv"}


@pytest.fixture(scope="module")
def lists(real: FlaskClient) -> Lists:
    opened = real.application.extensions["site"].lists
    assert isinstance(opened, Lists)
    return opened


@pytest.mark.parametrize("name", SORTS)
def test_the_formats_of_a_list_have_the_same_cards(client: FlaskClient, name: str) -> None:
    document = client.get(f"/{name}.json").get_json()
    lines = client.get(f"/{name}.jsonl").text.splitlines()
    assert [json.loads(line) for line in lines] == document["items"]
    assert document["total"] == len(document["items"]) > 0
    assert document["next"] is None
    assert document["release"].keys() == {"version", "date", "licence"}
    rows = csv.reader(io.StringIO(client.get(f"/{name}.csv").text))
    assert len(list(rows)) > document["total"]
    for one in document["items"] if name != "mappings" else ():
        alone = client.get("/doc/" + one["id"].removeprefix(BASE) + ".json").get_json()
        assert {key: value for key, value in alone.items() if key != "release"} == one


@pytest.mark.parametrize("name", SORTS)
def test_a_final_slash_makes_no_difference(client: FlaskClient, name: str) -> None:
    assert client.get(f"/{name}", headers=HTML).data == client.get(f"/{name}/", headers=HTML).data
    assert client.get(f"/{name}.html").data == client.get(f"/{name}/", headers=HTML).data


@pytest.mark.parametrize("name", SORTS)
def test_a_page_links_its_list_as_data(client: FlaskClient, name: str) -> None:
    html = client.get(f"/{name}/", headers=HTML).text
    for label, media_type in KINDS.items():
        [address] = re.findall(f'<a href="([^"]+)">{label}</a>', html)
        assert f'<link rel="alternate" type="{media_type}" href="{address}"' in html
        response = client.get(address)
        assert (response.status_code, response.mimetype) == (200, media_type)


@pytest.mark.parametrize("media_type", KINDS.values())
def test_accept_field_and_parameter_choose_a_format_as_the_suffix_does(
    client: FlaskClient, media_type: str
) -> None:
    by_accept = client.get("/statements?standing=hedged", headers={"Accept": media_type})
    address = by_accept.headers["Content-Location"]
    assert client.get(address).data == by_accept.data
    assert client.get("/statements", query_string={"standing": "hedged", "format": media_type})
    assert by_accept.vary.to_header() == "Accept"
    etags = {
        client.get("/statements", headers={"Accept": a}).headers["ETag"] for a in KINDS.values()
    }
    assert len(etags) == len(KINDS)


@pytest.mark.parametrize("name", SORTS)
def test_following_next_returns_every_thing_once(client: FlaskClient, name: str) -> None:
    whole = client.get(f"/{name}.json").get_json()["items"]
    for suffix in ("json", "csv"):
        address, count, items = f"/{name}.{suffix}?limit=1", 0, []
        while address:
            response = client.get(address)
            count += 1
            if suffix == "json":
                items += response.get_json()["items"]
                assert response.get_json()["next"] == (_next(response.headers["Link"]) or None)
            address = _next(response.headers["Link"])
        assert count == len(whole)
        assert suffix == "csv" or items == whole


def _next(links: str) -> str:
    match = re.search(r'<([^>]+)>; rel="next"', links)
    return match[1] if match else ""


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("name", SORTS)
def test_a_wrong_parameter_is_a_problem_with_the_known_ones(
    client: FlaskClient, name: str, accept: str
) -> None:
    for suffix in ("", ".json", ".csv"):
        address = f"/{name}{suffix}?nothing=1"
        response = client.get(address, headers={"Accept": accept})
        assert response.status_code == 400
        assert "limit" in response.text
    problem = client.get(f"/{name}.json?nothing=1").get_json()
    assert problem["field"] == "nothing"
    assert problem["known"] == sorted(parameters_of(name))


def listed(html: str, space: str) -> set[str]:
    """Return the IRIs of a space that the main part of a page links to or lists in rows."""
    main = html.partition("<main")[2].partition('<aside class="secondary facets"')
    return {BASE + path for path in re.findall(rf'href="/doc/({space}/[\w-]+)"', "".join(main))}


CHEAP = ("kind", "standing", "polarity", "section", "relation", "vocabulary", "predicate")
"""The parameters tested in each run; terms are left to the slow one."""


@pytest.mark.parametrize(
    ("name", "space"),
    [("terms", "id"), ("statements", "claim"), ("tensions", "tension"), ("passages", "passage")],
)
@pytest.mark.parametrize(
    "takes", [pytest.param(CHEAP, id="few"), pytest.param((), id="all", marks=pytest.mark.slow)]
)
def test_a_page_has_the_things_of_its_list(
    real: FlaskClient, lists: Lists, name: str, space: str, takes: tuple[str, ...]
) -> None:
    for parameter in parameters_of(name).values():
        if parameter.takes in ("words", "number", "order", "format"):
            continue
        if (parameter.takes in CHEAP) != bool(takes):
            continue
        for value in lists.named.called(parameter.takes).shown:
            current = Filter({parameter.name: value})
            [(key, short)] = current.parameters(lists.named).items()
            address = f"/{name}/?limit=5000&{key}={quote(short)}"
            response = real.get(address, headers=HTML, follow_redirects=True)
            assert response.status_code == 200, address
            assert listed(response.text, space) == set(lists.select(name, current)), address


def test_the_downloads_name_every_list_as_a_table(client: FlaskClient) -> None:
    html = client.get("/downloads", headers=HTML).text
    for name in SORTS:
        assert f'<a href="/{name}.csv" download>{name}.csv</a></th><td>' in html
    assert "<td></td>" not in html
    tsv = client.get("/doc/mapping/hp.tsv")
    assert (tsv.status_code, tsv.mimetype) == (200, "text/tab-separated-values")
    assert tsv.text.startswith("#curie_map:\n")


def test_the_answer_to_a_question_comes_as_a_table(client: FlaskClient) -> None:
    card = client.get("/doc/question/off-label.json").get_json()
    for response in (
        client.get("/doc/question/off-label.csv"),
        client.get("/doc/question/off-label", headers={"Accept": "text/csv"}),
        client.get("/question/off-label.csv", follow_redirects=True),
    ):
        rows = list(csv.reader(io.StringIO(response.text)))
        assert rows == [card["columns"], *card["rows"]]
    page = client.get("/doc/question/off-label.html").text
    assert '<a href="/doc/question/off-label.csv"' in page
    assert client.get("/doc/question/nothing.csv").status_code == 404
