"""The picture of the condition in a real browser, over the real release."""

from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from .test_pages_in_browser import AXE, DESKTOP, NARROW, PHONE, RUN

pytestmark = pytest.mark.browser

PAGES = ("/", "/doc/id/CDMO_0000001.html", "/doc/id/CDMO_0000312.html", "/doc/id/CDMO_0000106.html")


def test_a_term_and_a_line_of_the_home_picture_can_be_clicked(
    page: Page, real_address: str
) -> None:
    page.goto(real_address)
    picture = page.get_by_role("figure", name="at a glance")
    picture.get_by_role("link", name="skin lesion").last.click()
    assert page.locator("h1").text_content() == "skin lesion"
    page.go_back()
    picture.get_by_role("link", name="manifests as skin lesion").click()
    assert "/doc/claim/" in page.url


def test_statements_that_are_not_drawn_are_on_the_page_of_the_condition(
    page: Page, real_address: str
) -> None:
    page.goto(real_address)
    page.get_by_role("link", name="more under What helps").click()
    assert page.url.endswith("/doc/id/CDMO_0000001#treatment")
    assert page.locator("#treatment").is_visible()


@pytest.mark.parametrize("size", [NARROW, PHONE, DESKTOP], ids=["narrow", "phone", "desktop"])
def test_pages_with_a_picture_fit_and_axe_finds_no_violation(
    browser: Browser, real_address: str, size: dict[str, int]
) -> None:
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        context = browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            color_scheme=scheme,
            bypass_csp=True,
        )
        page = context.new_page()
        for path in PAGES:
            page.goto(real_address + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
            page.evaluate(AXE)
            faults = [(v["id"], v["nodes"][0]["html"][:200]) for v in page.evaluate(RUN)]
            assert faults == [], path
        context.close()


def test_labels_keep_their_size_and_stay_in_the_picture_at_320_pixels(
    browser: Browser, real_address: str
) -> None:
    page = browser.new_page(viewport=NARROW)  # type: ignore[arg-type]
    page.goto(real_address)
    page.locator(".comb").evaluate_all("(parts) => parts.forEach((part) => { part.open = true; })")
    rows = page.locator(".overview > .combs li")
    boxes = rows.evaluate_all(
        """(rows) => rows.map((row) => [
          row.querySelector("span > a").getBoundingClientRect().right <= innerWidth,
          parseFloat(getComputedStyle(row).fontSize) >= 14,
          [...row.querySelectorAll("a")].every((a) => a.getBoundingClientRect().height >= 24),
        ])"""
    )
    assert len(boxes) > 40
    assert {tuple(box) for box in boxes} == {(True, True, True)}
    page.close()


def test_on_a_phone_only_the_main_parts_are_unfolded(browser: Browser, real_address: str) -> None:
    page = browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
    page.goto(real_address + "/doc/id/CDMO_0000001.html")
    expect(page.locator(".comb:not([open])").first).to_be_visible()
    unfolded = page.locator(".overview > .combs > .comb[open] strong").all_text_contents()
    main = ["Signs and symptoms", "How it is found", "What helps", "What limits treatment"]
    assert unfolded == main
    assert page.locator(".overview").evaluate("(e) => e.offsetHeight") < 2600
    page.locator("summary", has_text="Causes").first.click()
    expect(page.get_by_role("link", name="autoimmune process").first).to_be_visible()
    page.close()


def test_denials_are_shown_by_words_and_crosses(page: Page, real_address: str) -> None:
    page.goto(real_address + "/doc/id/CDMO_0000330.html")
    denial = page.locator(".comb .denial", has_text="does not lead to")
    expect(denial).to_be_visible()
    row = page.locator(".comb .denial + ul li", has_text="cure")
    assert row.locator(".cross").count() == 1


def test_the_strip_of_the_article_wraps_on_a_phone(browser: Browser, real_address: str) -> None:
    for size in (NARROW, PHONE):
        page = browser.new_page(viewport=size)  # type: ignore[arg-type]
        page.goto(real_address + "/doc/source/cdct.html")
        cells = page.locator(".strip div a")
        assert cells.count() > 250
        rights = cells.evaluate_all("(all) => all.map((a) => a.getBoundingClientRect().right)")
        assert max(rights) <= size["width"]
        page.close()


def test_the_picture_is_complete_without_scripts_and_in_print(
    browser: Browser, real_address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(real_address)
    page.emulate_media(media="print")
    stroke = page.locator(".comb .stated path").first.evaluate("(e) => getComputedStyle(e).stroke")
    assert stroke == "rgb(0, 0, 0)"
    assert page.get_by_role("link", name="corticosteroid").first.is_visible()
    context.close()
