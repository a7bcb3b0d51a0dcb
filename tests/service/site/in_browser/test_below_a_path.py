"""The pages and their scripts in a service below a path of its host."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Request, expect

from service.release import Release

from ....system.server import running

pytestmark = pytest.mark.browser

BASE = "/cdmo"


@pytest.fixture(scope="module")
def home(small_release: Release) -> Iterator[str]:
    with running(small_release.path, public_url=f"https://example.org{BASE}") as server:
        yield f"http://127.0.0.1:{server.port}{BASE}/"


@pytest.fixture
def requests(page: Page, home: str) -> Iterator[list[str]]:
    """The addresses that the browser requests, all of which must be below the path."""
    asked: list[str] = []

    def requested(request: Request) -> None:
        asked.append(request.url)

    page.on("request", requested)
    page.on("pageerror", lambda error: asked.append(str(error)))
    yield asked
    assert [url for url in asked if not url.startswith((home, "data:", "blob:"))] == []


def test_a_suggestion_leads_to_its_page(page: Page, home: str, requests: list[str]) -> None:
    page.goto(home)
    box = page.get_by_role("combobox", name="Search")
    box.press_sequentially("bisph")
    page.get_by_role("option", name="bisphosphonate").first.wait_for()
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url(f"{home}doc/id/CDMO_0000003")
    assert f"{home}suggest?q=bisph" in requests


def test_the_query_page_queries_the_endpoint_and_links_its_rows(
    page: Page, home: str, requests: list[str]
) -> None:
    page.goto(
        f"{home}query?query=SELECT ?s {{ ?s a <http://www.w3.org/2002/07/owl%23Class> }} LIMIT 5"
    )
    page.get_by_role("button", name="Run").first.click()
    row = page.locator(f'td a[href*="{BASE}/doc/id/"]').first
    expect(row).to_be_visible()
    row.click()
    page.wait_for_url(f"{home}doc/id/*")
    assert page.locator("h1").text_content()
