"""A site of two documents: a reader switches between them, and each page names its own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from service.release import Release
from tests import second

from ....system.server import running

pytestmark = pytest.mark.browser

FIRST = "Calcinosis Dermatomyositis: Causes & Treatment"
SECOND = "Juvenile Dermatomyositis: A Short Guide for Families"


@pytest.fixture(scope="module")
def two_address(two_release: Release) -> Iterator[str]:
    """The address of the service over both documents, with the text of the second."""
    with running(two_release.path, source_files=str(second.DOCUMENT)) as server:
        yield f"http://127.0.0.1:{server.port}"


def test_a_reader_switches_from_one_document_to_the_other(page: Page, two_address: str) -> None:
    page.goto(f"{two_address}/sources/")
    page.get_by_role("link", name=FIRST).click()
    expect(page).to_have_url(f"{two_address}/doc/source/cdct")
    page.get_by_role("navigation").get_by_role("link", name="Read along").click()
    page.get_by_role("link", name=SECOND).click()
    expect(page).to_have_url(f"{two_address}/doc/source/jdmf")
    expect(page.get_by_role("main")).not_to_contain_text(FIRST)


def test_a_passage_names_its_document_and_links_back(page: Page, two_address: str) -> None:
    page.goto(f"{two_address}/doc/passage/jdmf-008")
    trail = page.get_by_role("navigation", name="Where you are")
    expect(trail.get_by_role("link")).to_have_text([SECOND, "How the Illness Shows Itself"])
    expect(page.get_by_role("main")).to_contain_text("form under the skin")
    trail.get_by_role("link", name=SECOND).click()
    expect(page).to_have_url(f"{two_address}/doc/source/jdmf")


def test_previous_and_next_stay_within_a_document(page: Page, two_address: str) -> None:
    page.goto(f"{two_address}/doc/passage/jdmf-023")
    page.get_by_role("link", name="Passage 24").click()
    expect(page).to_have_url(f"{two_address}/doc/passage/jdmf-024")
    expect(page.locator('main a[href*="/passage/cdct"]')).to_have_count(0)
    expect(page.locator('a[rel="next"]')).to_have_count(0)
    page.goto(f"{two_address}/doc/source/jdmf-how-doctors-find-it")
    page.get_by_role("link", name="What Can Be Done").last.click()
    expect(page).to_have_url(f"{two_address}/doc/source/jdmf-what-can-be-done")


def test_statements_are_narrowed_to_a_document_and_back(page: Page, two_address: str) -> None:
    page.goto(f"{two_address}/statements/")
    page.get_by_role("link", name="guide for families", exact=True).first.click()
    expect(page.get_by_role("main")).to_contain_text("21 of ")
    expect(page.get_by_role("main")).to_contain_text("ultrasound detects calcium deposit")
    page.get_by_role("link", name="Remove filter: guide for families").click()
    expect(page).to_have_url(f"{two_address}/statements/")


def test_on_a_phone_nothing_is_wider_than_the_screen(page: Page, two_address: str) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    names = ("sources/", "statements/?source=jdmf", "doc/claim/0000386", "doc/tension/9001")
    for name in (*names, "doc/passage/jdmf-008", "doc/source/jdmf-how-illness-shows-itself"):
        page.goto(f"{two_address}/{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
