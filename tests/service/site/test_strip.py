"""The document as a strip with a cell for each passage, and the outline with the same content."""

import re

from flask.testing import FlaskClient

from service.library import Library
from service.release import Release
from service.site.reading import cells, strip

from .client import client_of, page, words


def test_a_cell_is_divided_among_the_standings_of_its_passage(small: Library) -> None:
    by_order = {cell.passage.order: cell for cell in cells(small, small.sources[0].iri)}
    assert [(s.name, n) for s, n in by_order[3].standings] == [("stated", 2), ("hedged", 1)]
    assert [(s.name, *part) for s, *part in by_order[3].parts] == [
        ("stated", 0.0, 16.0),
        ("hedged", 16.0, 8.0),
    ]
    assert by_order[1].standings == ()
    assert by_order[1].parts == []


def test_the_less_cautious_passage_is_marked(
    small: Library,
) -> None:
    (tension,) = (t for t in small.tensions.values() if t.kind.leading)
    marked = {cell.passage.order for cell in cells(small, small.sources[0].iri) if cell.warnings}
    cautious = {x.passage.order for x in tension.involved if x.opposite}
    assert (marked, cautious) == ({3}, {2})


def test_the_outline_has_the_content_of_the_strip(client: FlaskClient) -> None:
    html = page(client, "/doc/source/cdct.html")
    picture, _, outline = html.partition("</figure>")
    shown = re.findall(r'href="([^"]+#p3)" tabindex="-1" title="3: ([^"]+)"', picture)
    summary = "2 stated, 1 hedged; goes further than elsewhere"
    assert shown == [("/doc/source/cdct-drugs#p3", summary)]
    assert 'href="/doc/source/cdct-drugs#p3"' in outline
    assert f"passage 3 ! : {summary}" in words(outline)
    assert "passage 1 : states nothing" in words(outline)


def test_the_strip_shows_the_standings_of_every_passage(
    real_library: Library, real_release: Release
) -> None:
    every = cells(real_library, real_library.sources[0].iri)
    picture = strip(real_library, every)
    placed = [cell for _, band in picture.bands for cell in band]
    assert placed == every
    assert len(placed) > 250
    for cell in placed:
        citations = [
            citation
            for claim in real_library.claims.values()
            for citation in claim.citations
            if citation.passage is cell.passage
        ]
        assert cell.statements == len(citations)
        assert dict(cell.standings).keys() == {c.standing for c in citations}
        denied = sum(
            claim.negative
            for claim in real_library.claims.values()
            for citation in claim.citations
            if citation.passage is cell.passage
        )
        assert cell.denials == denied
    html = page(client_of(real_release), f"{real_library.sources[0].path}.html")
    assert len(html) < 150_000
    for cell in placed:
        assert html.count(f'#p{cell.passage.order}"') == 2
    denials = [cell.passage.order for cell in placed if cell.denials]
    assert denials
    figure = html.partition("</figure>")[0]
    for order in denials:
        cell_html = figure.partition(f'title="{order}: ')[2].partition("</a>")[0]
        assert "denied or advised against" in cell_html
        assert ">×</text>" in cell_html
    assert "denies or advises against something" in figure
