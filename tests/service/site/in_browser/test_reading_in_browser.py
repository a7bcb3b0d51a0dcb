"""Reading in a real browser: sticky sentences, copying of codes, anchors by name."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from service.release import Release

from ....system.server import running

pytestmark = pytest.mark.browser

DOCUMENT = Path(__file__).parents[3] / "data" / "tiny" / "document.txt"
SIZES = [ViewportSize(width=1200, height=700), ViewportSize(width=390, height=700)]
CODES = "section.codes"


@pytest.fixture(scope="module")
def with_document(release: Release) -> Iterator[str]:
    """The address of a server with the tiny release and its document."""
    with running(release.path, engine_workers="2", source_files=str(DOCUMENT)) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.mark.parametrize("size", SIZES, ids=["desktop", "phone"])
def test_a_sentence_stays_visible_while_its_statements_scroll(
    browser: Browser, with_document: str, size: ViewportSize
) -> None:
    """CSS does it: the page runs no script."""
    context = browser.new_context(viewport=size, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{with_document}/doc/source/cdct")
    page.goto(with_document + str(page.locator("a.button").get_attribute("href")))
    row = page.locator(".passage:not(.silent)").first
    words, says = row.locator(".words"), row.locator(".says")
    says.evaluate("element => { element.style.minHeight = '3000px' }")
    page.evaluate("scrollTo({top: 1500, behavior: 'instant'})")
    box, top = words.bounding_box(), says.bounding_box()
    assert box
    assert top
    assert top["y"] < 0
    assert 0 <= box["y"] < size["height"] / 2
    context.close()


def test_a_code_is_copied_by_the_keyboard_and_the_page_says_so(
    context: BrowserContext, address: str
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{address}/doc/id/CDMO_0000005")
    code = page.locator(f"{CODES} code").first.inner_text()
    button = page.get_by_role("button", name=f"Copy {code}", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(CODES).get_by_role("status")).to_have_text(f"Copied {code}")
    assert page.evaluate("navigator.clipboard.readText()") == code
    assert page.locator(f"{CODES} button").count() == page.locator(f"{CODES} li").count()


def test_a_refusal_to_copy_is_reported(page: Page, address: str) -> None:
    page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error())")
    page.goto(f"{address}/doc/id/CDMO_0000005")
    page.locator(f"{CODES} button").first.click()
    expect(page.locator(CODES).get_by_role("status")).to_contain_text("did not allow it")


def test_codes_without_scripts_have_no_button(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/doc/id/CDMO_0000005")
    expect(page.locator(f"{CODES} code").first).to_be_visible()
    assert page.locator(f"{CODES} button").count() == 0
    context.close()


@pytest.mark.parametrize("size", SIZES, ids=["desktop", "phone"])
def test_a_group_has_an_anchor_by_name_that_the_contents_do_not_cover(
    browser: Browser, address: str, size: ViewportSize
) -> None:
    context = browser.new_context(viewport=size)
    page = context.new_page()
    for name in ("treats", "not-treats"):
        page.goto(f"{address}/doc/id/CDMO_0000003#{name}")
        head, contents = page.locator(f"#{name} h4"), page.locator("nav.contents")
        expect(head).to_be_in_viewport()
        group, bar = head.bounding_box(), contents.bounding_box()
        assert group
        assert bar
        assert group["y"] >= bar["y"] + bar["height"] - 1 or bar["y"] > group["y"]
    context.close()
