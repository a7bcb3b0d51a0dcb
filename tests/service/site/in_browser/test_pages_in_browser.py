"""The site in a real browser over a real socket: Debian's Chromium, driven by Playwright."""

from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from ..page_types import PAGES

pytestmark = pytest.mark.browser

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
RUN = """axe.run(document, {rules: {"target-size": {enabled: true}}}).then((r) => r.violations)"""
NARROW = {"width": 320, "height": 640}
"""WCAG 2.2, 1.4.10: a window of 1280 px at four times the size."""

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


def _fault(message: ConsoleMessage) -> bool:
    """Tell whether a message is an error, other than a response with status 4xx."""
    return message.type == "error" and "status of 40" not in message.text


def test_no_page_requests_another_host_or_breaks_its_content_policy(
    page: Page, address: str
) -> None:
    requests: list[Request] = []
    errors: list[str] = []

    def record(request: Request) -> None:
        requests.append(request)

    page.on("request", record)
    page.on("console", lambda message: errors.append(message.text) if _fault(message) else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    for path in PAGES:
        page.goto(address + path)
        assert page.locator("h1").count() == 1
    assert {r.url for r in requests if not r.url.startswith((address, "data:"))} == set()
    assert errors == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [NARROW, PHONE, DESKTOP], ids=["narrow", "phone", "desktop"])
def test_no_page_is_wider_than_the_screen(
    browser: Browser, address: str, size: dict[str, int], scheme: str
) -> None:
    context = browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    for path in PAGES:
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_no_violation(
    browser: Browser, address: str, size: dict[str, int], scheme: str
) -> None:
    """WCAG 2.2 AA and best practice, as far as a program can see."""
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
        bypass_csp=True,
    )
    page = context.new_page()
    faults = {}
    for path in PAGES:
        page.goto(address + path)
        page.evaluate(AXE)
        violations = page.evaluate(RUN)
        if violations:
            faults[path] = [(v["id"], v["nodes"][0]["html"][:200]) for v in violations]
    context.close()
    assert faults == {}


def test_every_page_reads_completely_without_scripts(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "/doc/id/CDMO_0000003.html")
    assert page.get_by_role("heading", name="bisphosphonate", exact=True).is_visible()
    assert page.get_by_role("link", name="calcinosis").first.is_visible()
    statement = page.locator(".statements > li", has_text="calcinosis").first
    statement.locator("summary").click()
    assert statement.get_by_role("link", name="Drug table, 3").is_visible()
    page.get_by_role("searchbox").fill("calcified skin")
    page.get_by_role("button", name="Search").click()
    assert page.get_by_role("link", name="calcinosis").first.is_visible()
    context.close()


def test_on_a_phone_tables_stack_their_cells(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
    for path in (
        "/mappings/?vocabulary=HP",
        "/doc/mapping/hp.html",
        "/doc/id/CDMO_0000005.html",
        "/compare?a=bisphosphonate&b=medication",
    ):
        page.goto(address + path)
        tables = page.locator(".scroll:has(table)")
        assert tables.count(), path
        for table in tables.all():
            assert table.evaluate("(box) => box.scrollWidth <= box.clientWidth"), path
    page.close()


def test_a_printed_page_is_light_and_shows_the_passages(browser: Browser, address: str) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(address + "/doc/id/CDMO_0000003.html")
    page.emulate_media(media="print")
    colours = page.evaluate(
        """() => [document.body, document.querySelector(".qualifier")].map((e) => {
          const style = getComputedStyle(e);
          return [style.color, style.backgroundColor];
        })"""
    )
    assert colours == [
        ["rgb(0, 0, 0)", "rgb(255, 255, 255)"],
        ["rgb(0, 0, 0)", "rgb(241, 238, 230)"],
    ]
    box = page.get_by_role("link", name="Drug table, 3").first.bounding_box()
    assert box is not None
    assert box["height"] > 5
    page.close()


@pytest.mark.parametrize("media", [{"media": "print"}, {"forced_colors": "active"}])
def test_marks_and_patterns_stay_in_print_and_in_forced_colours(
    browser: Browser, address: str, media: dict[str, Any]
) -> None:
    """They are borders and shapes, since both media drop backgrounds."""
    page = browser.new_page()
    page.emulate_media(**media)
    page.goto(address + "/doc/id/CDMO_0000003.html")
    mark = page.locator(".statements .marks i").first
    box = mark.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) > 3
    assert mark.evaluate("(e) => getComputedStyle(e).borderTopStyle") == "solid"
    page.goto(address + "/doc/source/cdct.html")
    fills = page.locator(".strip rect[fill]").evaluate_all(
        "(cells) => cells.map((cell) => getComputedStyle(cell).fill)"
    )
    assert len(set(fills)) > 1
    assert "none" not in fills
    page.close()


def test_a_printed_section_breaks_within_long_passages(browser: Browser, address: str) -> None:
    """Otherwise half a sheet would stay empty before each passage with many statements."""
    page = browser.new_page()
    page.goto(address + "/doc/source/cdct-drugs.html")
    page.emulate_media(media="print")
    breaks = page.evaluate(
        """() => [".passage", ".passage li", ".passage .mark"].map((selector) => {
          const style = getComputedStyle(document.querySelector(selector));
          return [style.breakInside, style.breakAfter];
        })"""
    )
    assert breaks == [["auto", "auto"], ["avoid", "auto"], ["auto", "avoid"]]
    assert page.evaluate("getComputedStyle(document.body).display") == "block"
    page.close()


def test_the_first_tab_stop_skips_to_the_content(page: Page, address: str) -> None:
    page.goto(address + "/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_typing_shows_suggestions_and_arrow_keys_choose_one(page: Page, address: str) -> None:
    page.goto(address + "/")
    box = page.get_by_role("combobox", name="Search")
    box.press_sequentially("bisph")
    option = page.get_by_role("option", name="bisphosphonate")
    option.first.wait_for()
    box.press("ArrowDown")
    assert option.first.get_attribute("aria-selected") == "true"
    box.press("Enter")
    page.wait_for_url("**/doc/id/CDMO_0000003")
    assert page.locator("h1").text_content() == "bisphosphonate"


def test_the_hierarchy_is_one_tab_stop_and_arrow_keys_walk_it(page: Page, address: str) -> None:
    page.goto(address + "/doc/id/CDMO_0000003.html")
    items = page.locator("[role=treeitem]")
    assert items.count() >= 4
    stops = page.locator("[role=treeitem][tabindex='0']")
    assert stops.count() == 1
    assert stops.text_content() == "bisphosphonate"
    stops.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "alendronate"
    assert stops.count() == 1
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "false"
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_url("**/doc/schema/Intervention")


@pytest.fixture
def plain(page: Page) -> Page:
    """A page whose query editor cannot be loaded, so that the plain form stays."""
    page.route("**/vendor/**", lambda route: route.abort())
    return page


def test_a_term_is_inserted_into_a_query_by_its_name(plain: Page, address: str) -> None:
    page = plain
    page.goto(address + "/query?query=ASK%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D")
    editor = page.get_by_role("textbox", name="SPARQL query")
    editor.evaluate("(e) => e.setSelectionRange(6, 8)")
    finder = page.get_by_label("Insert a term")
    finder.fill("bisph")
    page.locator("#insertable option").first.wait_for(state="attached")
    finder.fill("bisphosphonate (intervention)")
    page.wait_for_function("document.querySelector('#query').value.includes('CDMO:0000003')")
    query = editor.input_value()
    assert query.startswith("PREFIX CDMO: <https://w3id.org/cdmo/id/CDMO_>\n")
    assert "ASK { CDMO:0000003  ?p ?o }" in query


def test_a_mistake_is_shown_at_its_line(plain: Page, address: str) -> None:
    page = plain
    page.goto(address + "/query?query=SELECT%20%3Fx%0AWHERE%20%7B%20%3Fx%20%7D")
    chosen = page.evaluate(
        "(() => { const e = document.activeElement; "
        "return e.value.slice(e.selectionStart, e.selectionEnd) })()"
    )
    assert chosen == "WHERE { ?x }"
    assert page.get_by_role("alert").is_visible()
