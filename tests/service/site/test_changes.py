"""The page of changes, and the page of a retired term."""

import re
from typing import Protocol

import pytest
from flask.testing import FlaskClient

from service.release import Release

from .client import client_of, words

RETIRED = "/doc/id/CDMO_0000101"


class Editions(Protocol):
    """Two versions of the tiny ontology; see ``tests/conftest.py``."""

    @property
    def first(self) -> Release: ...
    @property
    def second(self) -> Release: ...


@pytest.fixture
def old(editions: Editions) -> FlaskClient:
    return client_of(editions.first)


@pytest.fixture
def new(editions: Editions) -> FlaskClient:
    return client_of(editions.second)


def headings(html: str) -> list[str]:
    return [words(text) for text in re.findall(r"<summary>(.*?)</summary>", html)]


def test_the_first_release_says_that_it_is_the_first(old: FlaskClient) -> None:
    text = words(old.get("/changes").text)
    assert "This is the first release" in text
    assert "0.1.0" in text


def test_a_later_release_lists_its_changes(new: FlaskClient) -> None:
    html = new.get("/changes").text
    assert "0.2.0 since 0.1.0" in words(html)
    assert "first release" not in html
    assert headings(html) == [
        "Terms retired 1",
        "Terms with another label 1",
        "Terms with another definition 1",
        "Statements changed 1",
        "Statements dropped 1",
        "Mappings dropped 1",
    ]
    assert "emerald spot was: green spot" in words(html)
    assert 'href="/doc/id/CDMO_0000100">emerald spot</a>' in html
    assert 'href="/doc/claim/0000005"' not in html, "a dropped claim has no page to link to"
    with new.get("/downloads/changes.json") as log:
        assert log.status_code == 200


def test_the_entity_tag_of_the_page_depends_on_earlier_releases(
    new: FlaskClient, old: FlaskClient
) -> None:
    tag = new.get("/changes").headers["ETag"]
    assert new.get("/changes", headers={"If-None-Match": tag}).status_code == 304
    assert old.get("/changes").headers["ETag"] != tag


def test_a_retired_term_keeps_its_address_and_its_page_names_the_successor(
    new: FlaskClient,
) -> None:
    moved = new.get("/id/CDMO_0000101")
    assert (moved.status_code, moved.headers["Location"]) == (303, RETIRED)
    html = new.get(RETIRED, headers={"Accept": "text/html"}).text
    assert "This term is obsolete. Use emerald spot instead." in words(html)
    assert '<a href="/doc/id/CDMO_0000100">emerald spot</a> instead' in html
    assert RETIRED in new.get("/changes").text


@pytest.mark.parametrize("suffix", ["ttl", "jsonld", "nt", "rdf"])
def test_every_format_names_the_successor(new: FlaskClient, suffix: str) -> None:
    data = new.get(f"{RETIRED}.{suffix}").text
    assert "IAO_0100001" in data or "IAO:0100001" in data
    assert "CDMO_0000100" in data or "CDMO:0000100" in data


def test_a_retired_term_is_found_but_not_listed(new: FlaskClient) -> None:
    assert "obsolete itch" in new.get("/search?q=obsolete+itch").text
    assert "obsolete itch" not in new.get("/browse/Manifestation").text
    assert f"{RETIRED}<" in new.get("/sitemap.xml").text


def test_the_data_of_the_successor_names_the_retired_term(new: FlaskClient) -> None:
    assert "CDMO_0000101" in new.get("/doc/id/CDMO_0000100.nt").text
