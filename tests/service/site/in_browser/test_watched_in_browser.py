"""While the sources are watched, an open page shows the outcome of an edit."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from service.sources import Sources

from ....system.server import serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TERMS = "ontology/modules/terms.ttl"
LABEL = 'rdfs:label "green spot"@en'


def test_a_page_shows_a_mistake_until_it_is_mended_and_then_reloads(
    tiny: Sources, edit: Callable[[str, str, str], Path], tmp_path: Path, page: Page
) -> None:
    arguments = ("--watch", "--dist", str(tmp_path / "dist"))
    with serving(tiny.root, *arguments, log=tmp_path / "log") as server:
        page.goto(f"http://127.0.0.1:{server.port}/id/CDMO_0000100")
        finding = page.get_by_role("alert")
        expect(finding).to_have_count(0)
        edit(TERMS, LABEL, f"{LABEL} <b>")
        expect(finding).to_contain_text(f"{TERMS}:", timeout=60_000)
        expect(finding.locator("b")).to_have_count(0)
        edit(TERMS, f"{LABEL} <b>", LABEL)
        expect(finding).to_have_count(0, timeout=60_000)
        edit(TERMS, "that marks the skin green", "that dyes the skin green")
        expect(page.get_by_text("that dyes the skin green").first).to_be_visible(timeout=60_000)
