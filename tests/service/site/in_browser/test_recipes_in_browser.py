"""The recipes for browsers, each run as a module of a page from another origin."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from ..client import recipes

pytestmark = pytest.mark.browser


def run(page: Page, app: Flask, name: str, address: str) -> None:
    """Run a recipe in a page."""
    _, code = recipes(app.test_client(), address)[name]
    page.add_script_tag(content=code, type="module")


def test_a_term_is_shown_with_its_treatments(
    page: Page, app: Flask, address: str, origin: str
) -> None:
    page.goto(origin)
    run(page, app, "card_js", address)
    expect(page.locator("li").first).to_contain_text("treats calcinosis")
    expect(page.locator("body")).to_contain_text("calcinosis:")


def test_a_name_is_completed(page: Page, app: Flask, address: str, origin: str) -> None:
    page.goto(origin)
    run(page, app, "complete_js", address)
    page.locator("input").fill("bisph")
    expect(page.locator("option").first).to_have_text("bisphosphonate (CDMO:0000003)")
