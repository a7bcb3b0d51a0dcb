"""Pages of other people's data in a browser: axe, a narrow window, and without scripts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ViewportSize

from service.pipeline.foreign import graph_of, load

from ....system.server import ROOT, running
from .test_pages_in_browser import AXE, RUN

FILES = [ROOT / "tests/data/vocabularies" / name for name in ("vehicles.ttl", "colours.ttl")]
PATHS = (
    "/",
    "/resource?iri=http://vehicles.example/ns%23Tandem",
    "/resource?iri=http://vehicles.example/ns%23Vehicle",
    "/resource?iri=http://colours.example/red",
    "/terms?sort=class",
    "/terms?below=http://colours.example/colour",
    "/search?q=bike",
    "/search?q=nothing+here",
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    release = load({graph_of(path): path for path in FILES}, tmp_path_factory.mktemp("others"))
    with running(release.path) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_no_violation_and_a_narrow_window_has_room(
    browser: Browser, others: str, path: str, *, scripts: bool
) -> None:
    narrow = ViewportSize(width=320, height=640)
    context = browser.new_context(viewport=narrow, java_script_enabled=scripts, bypass_csp=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(others + path)
    assert page.locator("main").bounding_box()["width"] <= narrow["width"]  # type: ignore[index]
    if scripts:
        assert page.evaluate("document.documentElement.scrollWidth") <= narrow["width"]
        page.evaluate(AXE)
        assert page.evaluate(RUN) == []
    assert page.locator("h1").inner_text()
    assert not errors
    context.close()
