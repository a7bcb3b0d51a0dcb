"""Pages and lists of a release of two documents name the document of each statement."""

import json
import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from service.library import Library
from service.release import Release
from service.settings import Settings
from tests import second

from .client import client_of, page, words

TRAIL = re.compile(r'<span class="where">([^<]*)</span></li>')
FIRST, SECOND = "article on calcinosis", "guide for families"


@pytest.fixture(scope="module")
def two(two_release: Release) -> FlaskClient:
    return client_of(two_release, Settings(source_files=(second.DOCUMENT,)))


def test_a_statement_is_shown_with_its_firmness_in_each_document(two: FlaskClient) -> None:
    shown = words(page(two, "/doc/claim/0000348.html"))
    assert f"{FIRST}: stated plainly {SECOND}: believed or suggested" in shown
    assert f"{SECOND} )" in shown, "its passages name their document"
    listed = words(page(two, "/statements/?source=jdmf"))
    assert f"detects calcium deposit {FIRST}: may be so {SECOND}: stated plainly" in listed


@pytest.mark.parametrize("path", ["/", "/about", "/sources/"])
def test_both_documents_are_named_and_lead_to_their_pages(two: FlaskClient, path: str) -> None:
    html = page(two, path)
    assert 'href="/doc/source/cdct"' in html
    assert 'href="/doc/source/jdmf"' in html


def test_the_parent_of_documents_leads_to_their_list(two: FlaskClient) -> None:
    assert two.get("/source/").headers["Location"].endswith("/sources/")


def test_no_page_mentions_a_single_article(two: FlaskClient, two_library: Library) -> None:
    """All sorts of pages are read, except for descriptions by editors."""
    paths = ["/", "/about", "/browse/Test", "/statements/", "/passages/", "/tensions/"]
    paths += ["/diagnosis/", "/compare?a=ultrasound&b=X-ray", "/search?q=zzzz", "/search?q=skin"]
    paths += [f"/doc/{name}.html" for name in ("claim/0000421", "passage/jdmf-014")]
    paths += [
        f"/doc/source/{name}.html" for name in ("jdmf", "jdmf-how-doctors-find-it", "jdmf-list-001")
    ]
    written = {t.description for t in two_library.tensions.values()}
    written |= {t.decision for t in two_library.tensions.values()}
    for path in paths:
        shown = words(page(two, path))
        for text in written:
            shown = shown.replace(words(text), "")
        assert "the article " not in shown.replace(FIRST, ""), path
        assert "disagrees with itself" not in shown, path


def test_reading_stays_within_a_document(two: FlaskClient) -> None:
    first = page(two, "/doc/passage/jdmf-001.html")
    assert 'rel="prev"' not in first
    assert 'rel="next" href="/doc/passage/jdmf-002"' in first
    assert "Juvenile Dermatomyositis: A Short Guide for Families" in first
    assert 'rel="next"' not in page(two, "/doc/passage/cdct-260.html")
    outline = page(two, "/doc/source/jdmf.html")
    assert "/doc/source/jdmf-what-can-be-done" in outline
    assert "/doc/source/cdct-" not in outline


def test_passages_are_quoted_from_their_own_document(two: FlaskClient) -> None:
    """Only the second document is available, so passages of the first have no text."""
    shown = words(page(two, "/doc/claim/0000386.html"))
    assert "Ultrasound finds calcium deposits." in shown
    assert "characters 8275 to 8365" in shown


def test_a_disagreement_shows_a_document_on_each_side(two: FlaskClient) -> None:
    shown = words(page(two, "/doc/tension/9001.html"))
    one, _, other = shown.partition("On the other")
    assert f"( {FIRST} )" in one
    assert f"( {SECOND} )" in other


def test_a_tension_within_a_document_has_no_passage_of_another(two_library: Library) -> None:
    for tension in two_library.tensions.values():
        if tension.kind.ref.label != "disagreement":
            assert len({x.passage.source for x in tension.involved}) <= 1, tension.ref.iri


@pytest.mark.parametrize(
    ("name", "count"), [("statements", 21), ("passages", 24), ("tensions", 1), ("questions", 0)]
)
def test_lists_are_narrowed_to_a_document(two: FlaskClient, name: str, count: int) -> None:
    answer = json.loads(two.get(f"/{name}.json?source=jdmf").text)
    assert answer["total"] == count
    assert two.get(f"/{name}.json?source=nowhere").status_code == 400


@pytest.mark.parametrize("name", ["cdct", "jdmf"])
def test_a_statement_stands_where_the_chosen_document_makes_it(
    two: FlaskClient, two_library: Library, name: str
) -> None:
    own = {
        section.trail
        for section in two_library.sections.values()
        if section.source.iri.endswith(f"/{name}")
    }
    shown = TRAIL.findall(page(two, f"/statements/?source={name}"))
    assert len(shown) > 20
    assert set(map(unescape, shown)) <= own


def test_a_statement_stands_where_the_chosen_section_makes_it(
    two: FlaskClient, two_library: Library
) -> None:
    for iri, section in two_library.sections.items():
        if section.depth == 0 and section.source.iri.endswith("/jdmf"):
            html = page(two, f"/statements/?section={iri.rpartition('/')[2]}")
            assert {t.partition(" › ")[0] for t in map(unescape, TRAIL.findall(html))} <= {
                section.ref.label
            }


def test_disagreements_of_a_document_are_counted_in_its_sections(two: FlaskClient) -> None:
    html = page(two, "/tensions/?source=jdmf")
    chip = html.partition('<a class="chip" href="/tensions/">')[2]
    assert SECOND in words(chip.partition("</a>")[0])
    filters = html.partition('id="filters"')[2]
    assert "section=jdmf-" in filters
    assert "section=cdct-" not in filters


def test_a_list_of_a_document_shows_standings_in_that_document(two: FlaskClient) -> None:
    """The first document states it plainly, the second reports a belief."""
    for source, standing in (("cdct", "stated"), ("jdmf", "hedged")):
        address = f"/statements.json?source={source}&subject=dermatomyositis&standing={standing}"
        labels = {item["label"] for item in json.loads(two.get(address).text)["items"]}
        assert "dermatomyositis is a kind of autoimmune disease" in labels, source


@pytest.mark.slow
def test_with_one_document_no_page_names_it_beside_a_statement(
    real_library: Library, real_release: Release
) -> None:
    """With one document its name would add nothing."""
    client = client_of(real_release)
    for iri in real_library.documents:
        path = real_library.names.document(iri)
        html = page(client, f"{path}.html")
        assert 'class="of"' not in html, path
        shown = words(html)
        assert not [w for w in ("documents say", "documents disagree", "(guide") if w in shown], (
            path
        )


def test_with_one_document_its_name_is_left_out(
    real_library: Library, real_release: Release
) -> None:
    html = page(client_of(real_release), "/doc/claim/0000348.html")
    assert "The article" in html
    assert "source=" not in page(client_of(real_release), "/statements/")
    assert real_library.sources[0].label not in words(html)
