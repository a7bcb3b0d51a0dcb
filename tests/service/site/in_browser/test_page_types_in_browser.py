"""Every page type without scripts, by the keyboard, on paper and in forced colours."""

from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from service.library import Library
from service.names import Names

from ..page_types import PAGES
from .test_pages_in_browser import AXE, RUN

pytestmark = pytest.mark.browser

STOPS = 15
"""The number of tab stops tested on each page: the frame, and the first in the content."""

FOCUS = """() => {
  const element = document.activeElement;
  if (element === document.body) return null;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  return {
    name: element.outerHTML.slice(0, 120),
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
    seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}"""

DEAD = """() => [...document.querySelectorAll("button:not([type=submit])")]
  .filter((button) => !button.form && button.checkVisibility()).map((b) => b.outerHTML)"""
"""Visible buttons outside forms, which do nothing without scripts."""

FORCED = RUN.replace("rules: {", "rules: {'color-contrast': {enabled: false}, ")
"""Axe without contrast: in forced colours that is the browser's, but axe reads our colours."""

PRINTED = """() => {
  const style = getComputedStyle(document.body);
  const content = document.querySelector("main").getBoundingClientRect();
  return [style.color, style.backgroundColor, content.height > 0,
    document.documentElement.scrollWidth <= innerWidth + 1];
}"""


def test_no_control_is_dead_without_scripts_and_the_heading_is_there(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for path in PAGES:
        page.goto(address + path)
        assert page.locator("h1").is_visible(), path
        assert page.evaluate(DEAD) == [], path
    context.close()


def test_each_tab_stop_is_visible_and_outlined(page: Page, address: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    faults = []
    for path in PAGES:
        page.goto(address + path)
        page.locator("body").focus()
        for _ in range(STOPS):
            page.keyboard.press("Tab")
            focus = page.evaluate(FOCUS)
            if focus and not (focus["outlined"] and focus["seen"]):
                faults.append((path, focus))
    assert faults == []


def test_every_page_prints_black_on_white_and_fits(browser: Browser, address: str) -> None:
    page = browser.new_page(color_scheme="dark", viewport={"width": 720, "height": 1000})
    for path in PAGES:
        page.goto(address + path)
        page.emulate_media(media="print")
        black_on_white = ["rgb(0, 0, 0)", "rgb(255, 255, 255)", True, True]
        assert page.evaluate(PRINTED) == black_on_white, path
        page.emulate_media(media="screen")
    page.close()


def test_in_forced_colours_axe_finds_no_violation(browser: Browser, address: str) -> None:
    context = browser.new_context(forced_colors="active", bypass_csp=True)
    page = context.new_page()
    faults = {}
    for path in PAGES:
        page.goto(address + path)
        page.evaluate(AXE)
        if violations := page.evaluate(FORCED):
            faults[path] = [(v["id"], v["nodes"][0]["html"][:200]) for v in violations]
    context.close()
    assert faults == {}


def real_pages(library: Library) -> list[str]:
    """Return pages of the real release: a term of each kind, and the fullest of other sorts."""
    terms = [library.terms_of(kind)[0].ref.iri for kind in library.kinds if library.terms_of(kind)]
    fullest = [
        max(library.claims.values(), key=lambda c: len(c.citations)).ref.iri,
        max(library.tensions.values(), key=lambda t: len(t.involved)).ref.iri,
        max(library.lists.values(), key=lambda x: len(x.entries)).ref.iri,
        max(library.questions, key=lambda q: q.rows or 0).ref.iri,
        list(library.sections)[-1],
        list(library.passages)[-1],
    ]
    paths = [f"{Names.document(iri)}.html" for iri in (*terms, *fullest)]
    return [*paths, "/tensions/", "/questions/", "/search?q=pain", "/browse/Intervention"]


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1200, "dark")])
def test_pages_of_the_real_release_fit_and_axe_finds_no_violation(
    browser: Browser,
    real_address: str,
    real_library: Library,
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    faults = {}
    for path in real_pages(real_library):
        page.goto(real_address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.evaluate(AXE)
        if violations := page.evaluate(RUN):
            faults[path] = [(v["id"], v["nodes"][0]["html"][:200]) for v in violations]
    context.close()
    assert faults == {}
