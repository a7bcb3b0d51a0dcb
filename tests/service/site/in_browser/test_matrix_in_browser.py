"""The matrix and the path of diagnosis in a real browser, over the real release."""

import pytest
from playwright.sync_api import Browser, Page, expect

from .test_pages_in_browser import AXE, RUN

pytestmark = pytest.mark.browser

PHONES = [320, 390]


def test_rows_are_sorted_and_a_cell_is_opened_without_scripts(
    browser: Browser, real_address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(real_address + "/matrix/?outcome=CDMO_0000106")
    page.get_by_role("link", name="name", exact=True).click()
    rows = page.locator(".matrix tbody th a").all_text_contents()
    assert rows == sorted(rows, key=str.lower)
    assert len(rows) > 10
    page.locator(".matrix td a", has_text="alleviates").first.click()
    opened = page.locator(".statements > li:target")
    expect(opened).to_be_in_viewport()
    assert opened.get_by_role("link", name="alleviates").first.is_visible()
    assert opened.locator("a[href*='/passage/']").count()
    context.close()


def test_a_cell_is_reached_and_opened_by_the_keyboard(page: Page, real_address: str) -> None:
    # Fast keys would interrupt one smooth scroll by the next.
    page.emulate_media(reduced_motion="reduce")
    page.goto(real_address + "/matrix/?outcome=CDMO_0000106")
    page.locator(".grid").focus()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.matrix td a')"):
            break
    assert page.evaluate("document.activeElement.textContent.includes('pain:')")
    page.keyboard.press("Enter")
    expect(page.locator(".statements > li:target")).to_be_in_viewport()


def test_headings_stay_visible_while_the_matrix_scrolls_in_its_box(
    page: Page, real_address: str
) -> None:
    page.goto(real_address + "/matrix/?outcome=Outcome")
    grid = page.locator(".grid")
    assert grid.evaluate("(box) => box.scrollWidth > 1.2 * box.clientWidth")
    grid.evaluate("(box) => box.scrollTo(2000, 2000)")
    box = grid.bounding_box()
    row = page.locator(".matrix tbody th").last.bounding_box()
    column = page.locator(".matrix thead th").nth(1).bounding_box()
    assert box
    assert row
    assert column
    assert abs(row["x"] - box["x"]) < 2
    assert abs(column["y"] - box["y"]) < 2
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_box_of_a_narrowed_matrix_has_its_width(page: Page, real_address: str) -> None:
    page.goto(real_address + "/matrix/?outcome=CDMO_0000106")
    table, grid = page.locator(".matrix").bounding_box(), page.locator(".grid").bounding_box()
    assert table
    assert grid
    assert grid["width"] < table["width"] + 30


@pytest.mark.parametrize("width", PHONES)
@pytest.mark.parametrize("path", ["/matrix/", "/matrix/?intervention=CDMO_0000306"])
def test_on_a_phone_the_matrix_is_a_list_for_each_intervention(
    browser: Browser, real_address: str, width: int, path: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(real_address + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    grid = page.locator(".grid")
    assert grid.evaluate("(box) => box.scrollWidth <= box.clientWidth")
    cell = page.locator(".matrix tr", has=page.locator("th", has_text="bisphosphonate")).first
    expect(cell.get_by_text("calcinosis dermatomyositis:")).to_be_visible()
    page.close()


def test_on_paper_every_cell_names_its_outcome(page: Page, real_address: str) -> None:
    page.goto(real_address + "/matrix/")
    page.emulate_media(media="print")
    names = page.locator(".matrix td .of")
    assert names.count() > 200
    assert names.first.evaluate("(e) => getComputedStyle(e).position") == "static"
    assert page.locator(".matrix td:empty").first.is_hidden()


@pytest.mark.parametrize("path", ["/diagnosis/", "/matrix/?outcome=Condition"])
def test_axe_finds_no_violation(browser: Browser, real_address: str, path: str) -> None:
    for width in (320, 1280):
        context = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True)
        page = context.new_page()
        page.goto(real_address + path)
        page.evaluate(AXE)
        faults = [(v["id"], v["nodes"][0]["html"][:200]) for v in page.evaluate(RUN)]
        assert faults == [], width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        context.close()


def test_a_step_leads_to_its_statements(page: Page, real_address: str) -> None:
    page.goto(real_address + "/diagnosis/")
    page.locator(".path").get_by_role("link", name="Biopsy", exact=True).click()
    heading = page.locator(":target")
    expect(heading).to_be_in_viewport()
    expect(heading).to_contain_text("Biopsy")
