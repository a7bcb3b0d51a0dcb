"""The picture of a term: each line is a statement, drawn as the data has it."""

import re
from typing import NamedTuple

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from service import iris
from service.library import Library
from service.release import Release
from service.site.overview import FEW, MAX_NODES, Comb, Overview, overview

from .client import client_of, page

CONDITION = "https://w3id.org/cdmo/id/CDMO_0000001"
UNDRAWN = {"kindOf", "website"}
"""Relations that no picture shows: kinds stand in the tree, and an address is no term."""


class Drawn(NamedTuple):
    """A line in the HTML of a page: where it leads, and how it looks."""

    path: str
    standing: str
    denied: bool
    at_odds: bool


def lines(html: str) -> list[Drawn]:
    """Return the lines of the picture in a page."""
    figure = re.search(r"<figure class=\"diagram overview\".*?</figure>", html, re.DOTALL)
    assert figure
    links = re.findall(r'<a href="([^"]+)" tabindex="-1">(.*?)</a>', figure[0], re.DOTALL)
    return [
        Drawn(
            path,
            re.findall(r'<path class="(\w+)" d="M1 ', inside)[0],
            'class="bar"' in inside,
            'class="odds"' in inside,
        )
        for path, inside in links
    ]


def combs(picture: Overview) -> tuple[Comb, ...]:
    return picture.combs + picture.folded


@pytest.fixture(scope="module")
def real_client(real_release: Release) -> FlaskClient:
    return client_of(real_release)


@pytest.fixture(scope="module")
def pages(pictures: list[Overview], real_client: FlaskClient) -> list[tuple[Overview, str]]:
    """Every picture with the page on which it stands."""
    return [(picture, page(real_client, f"{picture.ref.path}.html")) for picture in pictures]


@pytest.fixture(scope="module")
def pictures(real_library: Library) -> list[Overview]:
    shown = [overview(real_library, iri) for iri in real_library.terms]
    return [picture for picture in shown if picture]


def test_a_term_has_a_picture_unless_it_has_few_statements(
    real_library: Library, pictures: list[Overview]
) -> None:
    many = {iri for iri in real_library.terms if len(_drawable(real_library, iri)) >= FEW}
    assert {picture.ref.iri for picture in pictures} == many
    assert len(many) > 100


def test_every_statement_of_a_term_is_drawn_or_counted_in_one_sector(
    real_library: Library, pictures: list[Overview]
) -> None:
    for picture in pictures:
        drawn = [e.claim.ref.iri for c in combs(picture) for n in c.nodes for e in n.edges]
        claims = _drawable(real_library, picture.ref.iri)
        assert len(set(drawn)) == len(drawn)
        assert set(drawn) <= claims
        assert len(drawn) + sum(c.more for c in combs(picture)) == len(claims)
        for comb in combs(picture):
            assert 1 <= len(comb.nodes) <= MAX_NODES
            assert comb.more == 0 or len(comb.nodes) == MAX_NODES


def _drawable(library: Library, iri: str) -> set[str]:
    claims = library.claims_of_term.get(iri, ())
    return {c.ref.iri for c in claims if c.relation.name not in UNDRAWN}


def test_over_all_pages_a_line_looks_as_its_statement_is_in_the_data(
    real_library: Library, pages: list[tuple[Overview, str]]
) -> None:
    """Standing, polarity and tensions are read from the triples here, not by the library."""
    leading = _leading_concerns(real_library)
    for picture, html in pages:
        drawn = lines(html)
        assert len(drawn) == sum(len(n.edges) for c in combs(picture) for n in c.nodes)
        for line in drawn:
            iri = f"{iris.BASE}claim/{line.path.rpartition('/')[2]}"
            assert _object(real_library, iri, "standing") == iris.CDMO + line.standing
            assert (_object(real_library, iri, "polarity") == iris.NEGATIVE) == line.denied
            assert (iri in leading) == line.at_odds
            ends = {_object(real_library, iri, end) for end in ("subject", "object")}
            assert picture.ref.iri in ends


def _object(library: Library, iri: str, name: str) -> str:
    (value,) = library.values(iri, iris.CDMO + name)
    assert isinstance(value, ox.NamedNode)
    return value.value


def _leading_concerns(library: Library) -> set[str]:
    """Return what the tensions concern that can mislead, as a query finds it."""
    solutions = library.store.query(
        """
        SELECT ?about WHERE {
          ?tension cdmo:tensionKind/cdmo:displayGroup "leading" ; cdmo:concerns ?about .
        }
        """,
        prefixes={"cdmo": iris.CDMO},
        use_default_graph_as_union=True,
    )
    assert isinstance(solutions, ox.QuerySolutions)
    return {solution["about"].value for solution in solutions}


def test_over_all_pages_links_lead_to_documents_and_to_the_whole_list(
    real_library: Library, pages: list[tuple[Overview, str]]
) -> None:
    """A crawl of the whole site requests each of them; here it is enough that they are known."""
    for picture, html in pages:
        ids = set(re.findall(r'\bid="([^"]+)"', html))
        for comb in combs(picture):
            assert comb.anchor in ids, picture.ref.label
            for node in comb.nodes:
                for ref in (node.ref, *(edge.claim.ref for edge in node.edges)):
                    assert real_library.knows(ref.iri)
                    assert f'href="{ref.path}"' in html
            if comb.more:
                assert f'href="#{comb.anchor}">+{comb.more}<' in html


def test_statements_of_one_pair_have_a_line_each(real_library: Library) -> None:
    """Hedged in one place and stated in another, by two statements: neither speaks for both."""
    biopsy = next(
        node
        for comb in _picture(real_library).combs
        for node in comb.nodes
        if node.ref.label == "biopsy"
    )
    assert [edge.claim.standing.name for edge in biopsy.edges] == ["stated", "prospective"]


def test_the_picture_of_the_condition_has_its_signs_tests_and_treatments(
    real_library: Library,
) -> None:
    kinds = {
        comb.sector.words: [
            real_library.terms[node.ref.iri].kinds[0].rpartition("/")[2] for node in comb.nodes
        ]
        for comb in _picture(real_library).combs
    }
    order = ["Causes", "Risk factors", "What is at work in it", "Signs and symptoms"]
    assert list(kinds)[:4] == order
    assert kinds["Signs and symptoms"] == ["Manifestation"] * MAX_NODES
    assert kinds["How it is found"] == ["Test"] * MAX_NODES
    assert kinds["What helps"] == ["Intervention"] * MAX_NODES
    assert set(kinds["What is at work in it"]) == {"Mechanism"}


def _picture(library: Library) -> Overview:
    picture = overview(library, CONDITION)
    assert picture
    return picture


def test_tests_and_treatments_are_counted_at_each_sign(real_library: Library) -> None:
    hooked = {
        node.ref.iri: dict(node.hooked)
        for comb in _picture(real_library).combs
        for node in comb.nodes
    }
    for iri, counts in hooked.items():
        if counts:
            helping = [
                c
                for c in real_library.claims_of_term[iri]
                if c.object.iri == iri
                and c.relation.inverse_sector
                and c.relation.inverse_sector.words == "What helps"
            ]
            assert counts.get("What helps", 0) == len(helping)
    assert sum(map(bool, hooked.values())) > 10


def test_home_shows_the_condition_and_the_same_as_a_table(
    real_library: Library, real_client: FlaskClient
) -> None:
    html = page(real_client, "/")
    drawn = {line.path for line in lines(html)}
    assert drawn == {line.path for line in lines(page(real_client, "/doc/id/CDMO_0000001.html"))}
    table = re.search(r"<table.*?</table>", html.partition("</figure>")[2], re.DOTALL)
    assert table
    assert set(re.findall(r'href="(/doc/claim/[^"]+)"', table[0])) == drawn
    for comb in combs(_picture(real_library)):
        if comb.more:
            assert f'href="/doc/id/CDMO_0000001#{comb.anchor}">{comb.more} more</a>' in table[0]


def test_every_relation_of_the_document_has_a_sector_from_both_ends(
    real_library: Library,
) -> None:
    used = {claim.relation for claim in real_library.claims.values()}
    without = {r.name for r in used if not (r.sector and r.inverse_sector)}
    assert without == UNDRAWN
