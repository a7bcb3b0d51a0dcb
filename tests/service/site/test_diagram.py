"""Diagrams of the schema, each with a table of the same content."""

import re

import pytest
from flask.testing import FlaskClient

from service.library import Library, Ref
from service.site.diagram import (
    HEIGHT,
    MAX_ARROWS,
    WIDTH,
    Diagram,
    Point,
    draw,
    kinds,
    model,
    point,
)


def table(diagram: Diagram) -> set[tuple[str, str, tuple[tuple[str, int], ...]]]:
    return {
        (j.start.label, j.end.label, tuple((r.label, n) for r, n in j.relations))
        for j in diagram.joins
    }


def test_points_run_clockwise_from_the_top_with_labels_on_the_outer_side() -> None:
    assert [point(turn) for turn in (0, 0.25, 0.5, 0.75)] == [
        Point(480, 65, 480, 45, "middle"),
        Point(810, 320, 828, 325, "start"),
        Point(480, 575, 480, 609, "middle"),
        Point(150, 320, 132, 325, "end"),
    ]


def test_kinds_are_joined_by_the_statements_about_their_terms(small: Library) -> None:
    """``rdfs:subClassOf`` joins kinds too; a denial (bisphosphonate and pain) does not."""
    assert table(kinds(small)) == {
        ("intervention", "condition", (("treats", 1),)),
        ("intervention", "intervention", (("is a kind of", 1),)),
        ("test", "manifestation", (("confirms", 1),)),
    }


def test_the_parts_of_a_claim_are_joined_by_its_triples(small: Library) -> None:
    joins = table(model(small))
    assert ("claim", "passage", (("stated in", 5),)) in joins
    assert ("section", "source", (("part of", 1),)) in joins


def test_an_isolated_node_is_left_out(small: Library) -> None:
    labels = [ref.label for ref, _ in kinds(small).nodes]
    assert labels == ["condition", "manifestation", "test", "intervention"]


@pytest.fixture
def crowd() -> Diagram:
    names = [Ref(f"n{i}", f"https://example.org/{i}") for i in range(30)]
    seldom = Ref("seldom", "https://example.org/seldom")
    to = Ref("to", "")
    counts = {(a, to, b): 5 for a in names[:10] for b in names[:10]}
    return draw([*names, seldom], {**counts, (names[0], to, seldom): 1})


def test_the_most_frequent_edges_are_drawn_and_at_least_one_for_each_node(crowd: Diagram) -> None:
    assert len(crowd.joins) == 101
    assert MAX_ARROWS <= len(crowd.arrows) < 60
    labels = {ref.label for a in crowd.arrows for ref in (a.join.start, a.join.end)}
    assert labels == {ref.label for ref, _ in crowd.nodes}
    assert "seldom" in labels


def test_nodes_and_arrows_lie_inside_the_picture(crowd: Diagram) -> None:
    for _, at in crowd.nodes:
        assert 0 < at.x < WIDTH, at
        assert 0 < at.y < HEIGHT, at
    for arrow in crowd.arrows:
        numbers = [float(n) for n in re.findall(r"-?[\d.]+", arrow.path)]
        assert all(-20 < x < WIDTH + 20 for x in numbers[::2]), arrow
        assert all(-20 < y < HEIGHT + 20 for y in numbers[1::2]), arrow


def test_the_reference_page_has_pictures_tables_and_a_place_for_each_prefix(
    client: FlaskClient,
) -> None:
    html = client.get("/doc/ontology.html").text
    assert html.count('<svg class="map joins"') == 2
    assert html.count("The same as a table") == 2
    assert "intervention → condition: treats (1)</title>" in html
    assert 'id="prefix-cdmo"' in html
    links = set(re.findall(r'href="/doc/ontology#([^"]+)"', html))
    assert links <= set(re.findall(r'id="([^"]+)"', html))
