"""Pages warn of disagreements: every page that a reader may see alone names the other side."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from service.library import Library
from service.release import Release, open_store

from ..service.site.client import client_of, page
from ..service.site.marks import concerned


@pytest.fixture(scope="module")
def client(real_release: Release) -> FlaskClient:
    return client_of(real_release)


@pytest.fixture(scope="module")
def library(client: FlaskClient) -> Library:
    opened = client.application.extensions["site"].library
    assert isinstance(opened, Library)
    return opened


def claims_at_issue(library: Library) -> Iterator[tuple[str, str, str, set[str]]]:
    """Yield tension, claim, passage, and the passages on the other side."""
    for tension in library.tensions.values():
        if tension.kind.leading:
            for here in tension.involved:
                across = {
                    x.passage.ref.iri for x in tension.involved if x.opposite != here.opposite
                }
                for claim, _ in here.claims:
                    yield tension.ref.iri, claim.ref.iri, here.passage.ref.iri, across


def test_each_tension_is_on_the_pages_of_all_resources_that_it_concerns(
    real_release: Release, client: FlaskClient, library: Library
) -> None:
    expected = concerned(open_store(real_release))
    assert len(expected) > 300
    missing = [
        (resource, tension)
        for resource, tensions in expected.items()
        for html in [page(client, f"{library.names.document(resource)}.html")]
        for tension in tensions
        if f'<a href="{library.names.document(tension)}">' not in html
    ]
    assert missing == []


def test_each_claim_at_issue_leads_to_the_other_side(library: Library) -> None:
    """The links are on the pages of its passages and on its own page."""
    for tension_iri, claim, passage, across in claims_at_issue(library):
        tension = library.tensions[tension_iri]
        against = {p.ref.iri for p in tension.against(claim, passage)}
        assert against, (tension_iri, claim, passage)
        assert against <= across, (tension_iri, claim, passage)
        assert tension.against(claim), (tension_iri, claim)


def test_each_claim_at_issue_is_marked_in_the_reading_view(
    client: FlaskClient, library: Library
) -> None:
    tops = {s.top for s in library.sections.values()}
    pages = {top: page(client, f"{library.names.document(top)}.html") for top in tops}
    for _, claim, passage, _ in claims_at_issue(library):
        section = library.passages[passage].section
        assert section, passage
        order = library.passages[passage].order
        row = pages[section.top].partition(f'<li id="p{order}"')[2].partition('<li id="p')[0]
        line = row.partition(f'<a href="{library.names.document(claim)}">')[2].partition("</li>")[0]
        assert 'class="at-odds' in line, (claim, passage)


def test_the_page_of_all_tensions_shows_both_sides_of_each(
    client: FlaskClient, library: Library
) -> None:
    html = page(client, "/tensions/")
    leading = [tension for tension in library.tensions.values() if tension.kind.leading]
    assert html.count('<div class="sides">') == len(leading)
    assert html.count("On one side") == html.count("On the other") == len(leading)
    for tension in library.tensions.values():
        assert f'<a href="{tension.ref.path}">' in html
