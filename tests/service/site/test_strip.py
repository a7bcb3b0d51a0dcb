"""The document as a strip: a cell for each passage, and the outline that says the same."""

import re

from flask.testing import FlaskClient

from service.library import Library
from service.release import Release
from service.site.strip import CELL, PITCH, WIDTH, cells, strip

from .client import client_of, page, words


def test_a_cell_is_divided_among_the_standings_of_its_passage(small: Library) -> None:
    by_order = {cell.passage.order: cell for cell in cells(small).values()}
    assert [(s.name, n) for s, n in by_order[3].standings] == [("stated", 2), ("hedged", 1)]
    assert [(s.name, *part) for s, *part in by_order[3].parts] == [
        ("stated", 0.0, 16.0),
        ("hedged", 16.0, 8.0),
    ]
    assert by_order[1].standings == ()
    assert by_order[1].parts == []


def test_a_passage_is_marked_by_its_own_tension_and_by_those_of_its_claims(small: Library) -> None:
    marked = {cell.passage.order for cell in cells(small).values() if cell.tensions}
    assert marked == {2, 3}, "passage 2 makes a claim that the tension concerns"


def test_the_outline_says_what_the_picture_shows(client: FlaskClient) -> None:
    html = page(client, "/doc/source/cdct.html")
    picture, _, outline = html.partition("</figure>")
    shown = re.findall(r'href="([^"]+#p3)" tabindex="-1"><title>3: ([^<]+)</title>', picture)
    assert shown == [("/doc/source/cdct-drugs#p3", "2 stated, 1 hedged; disagreement")]
    assert 'href="/doc/source/cdct-drugs#p3"' in outline
    assert "passage 3 ≠ : 2 stated, 1 hedged; disagreement" in words(outline)
    assert "passage 1 : states nothing" in words(outline)


def test_over_all_passages_the_strip_shows_how_each_puts_its_statements(
    real_library: Library, real_release: Release
) -> None:
    by_passage = cells(real_library)
    picture = strip(real_library, by_passage)
    placed = [(cell, x, y) for band in picture.bands for cell, x, y in band.cells]
    assert [cell.passage for cell, _, _ in placed] == [c.passage for c in by_passage.values()]
    assert len({(x, y) for _, x, y in placed}) == len(placed) > 250
    for cell, x, y in placed:
        citations = [
            citation
            for claim in real_library.claims.values()
            for citation in claim.citations
            if citation.passage is cell.passage
        ]
        assert cell.statements == len(citations)
        assert dict(cell.standings).keys() == {c.standing for c in citations}
        assert 0 <= x <= WIDTH - CELL
        assert 0 <= y <= picture.height - PITCH
    html = page(client_of(real_release), f"{real_library.sources[0].path}.html")
    assert len(html) < 150_000
    for cell, _, _ in placed:
        assert html.count(f'#p{cell.passage.order}"') == 2
