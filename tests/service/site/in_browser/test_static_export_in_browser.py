"""The export of the real release behind a plain file server: five tasks of a reader in a browser.

The server is that of ``python -m http.server``, with the files at the root of a host or below a
path of it.
"""

import json
import os
import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pyoxigraph as ox
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
)

from service.export import export
from service.library import Library
from service.release import Release
from service.site.query.vendor import editor_installed, engine_installed

from ...export.pages import dead_links
from .test_pages_in_browser import AXE, RUN

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BASES = ("/", "/cdmo/")
ASK = """async ([address, query, accept]) => {
  const { here } = await import(address + "static/address.js");
  const request = { method: "POST", headers: { Accept: accept } };
  const body = new URLSearchParams({ query });
  const answer = await fetch(here("/sparql"), { ...request, body });
  return [answer.status, await answer.text()];
}"""
FIND = """async ([address, labels]) => {
  const { search } = await import(address + "static/exported/lookup.js");
  const first = async (label) => [label, (await search(label)).hits[0]?.entry.label];
  return Promise.all(labels.map(first));
}"""
CALCINOSIS = """
SELECT ?term { ?term <http://www.w3.org/2000/01/rdf-schema#label> "calcinosis"@en }
"""
MISTAKE = "SELECT *\nWHERE { ?s ?p }"
JSON = "application/sparql-results+json"
AXE_PAGES = ("", "search.html?q=pain", "a-z/", "api/", "query.html", "statements/index.html")


class Handler(SimpleHTTPRequestHandler):
    """Serves files without a log; for a missing file it sends the page that hosts show."""

    def log_message(self, *_: object) -> None:
        pass

    def send_error(self, code: int, *_: object) -> None:
        folder = Path(self.directory)
        page = next(folder.glob("**/404.html")).read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)


@pytest.fixture(scope="module")
def folder(real_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export of the real release."""
    if not (editor_installed() and engine_installed()):
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have the query editor and the engine: make editor")
        pytest.skip("the query editor and the engine are not installed: make editor")
    folder = tmp_path_factory.mktemp("host") / "cdmo"
    export(real_release, folder, print, public="https://example.org/cdmo/")
    return folder


@pytest.fixture(scope="module", params=BASES)
def site(folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of the export, at the root of a host or below a path."""
    base: str = request.param
    root = folder if base == "/" else folder.parent
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(root))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}{base}"
        server.shutdown()
        thread.join()


@pytest.fixture
def reader(context: BrowserContext, site: str) -> Iterator[Page]:
    """The home page; no page may request another host or report an error."""
    faults: list[str] = []
    page = context.new_page()

    def requested(request: Request) -> None:
        if not request.url.startswith((site, "data:", "blob:")):
            faults.append(f"asks another host: {request.url}")

    def console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "status of 404" not in message.text:
            faults.append(message.text)

    context.on("request", requested)
    page.on("console", console)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(site)
    yield page
    assert faults == []


def test_no_link_of_the_real_export_is_dead(folder: Path) -> None:
    assert dead_links(folder, "/cdmo/") == []


# -- five tasks -------------------------------------------------------------------------------


def test_find_a_term_by_its_name(reader: Page) -> None:
    box = reader.get_by_role("combobox", name="Search")
    box.press_sequentially("bisph")
    reader.get_by_role("option", name="bisphosphonate").first.wait_for()
    box.press("Enter")
    reader.locator(".hits").get_by_role("link", name="bisphosphonate", exact=True).click()
    expect(reader.locator("h1")).to_have_text("bisphosphonate")


def test_read_a_statement_with_its_passage(reader: Page) -> None:
    reader.get_by_role("navigation", name="Main").get_by_role("link", name="Statements").click()
    reader.get_by_role("link", name="hedged", exact=True).click()
    statement = reader.locator("main a[href*='/doc/claim/'], main a[href*='doc/claim/']").first
    words = statement.text_content() or ""
    statement.click()
    expect(reader.locator("h1")).to_contain_text(words)
    reader.locator(".citations a[href*='passage/']").first.click()
    expect(reader.locator("main")).to_contain_text(words)


def test_follow_a_contradiction_to_both_sides(reader: Page, site: str) -> None:
    reader.get_by_role("navigation", name="Main").get_by_role("link", name="Disagreements").click()
    sides = reader.locator(".tension .sides").first.locator("> div")
    links = [side.locator("a[href*='passage/']").first for side in sides.all()]
    assert len(links) == 2
    passages = [link.get_attribute("href") or "" for link in links]
    overview = reader.url
    for link, passage in zip(links, passages, strict=True):
        link.click()
        assert reader.url.split("#")[0].endswith(passage.rsplit("/", 1)[1].split("#")[0])
        expect(reader.locator("h1")).to_be_visible()
        reader.goto(overview)


def test_download_a_term_as_turtle(reader: Page, site: str, real_library: Library) -> None:
    reader.goto(f"{site}doc/id/CDMO_0000001.html")
    link = reader.get_by_role("link", name="Turtle", exact=True).first
    body = reader.request.get(f"{site}doc/id/{link.get_attribute('href')}").body()
    triples = [*ox.parse(body, format=ox.RdfFormat.TURTLE)]
    iri = ox.NamedNode("https://w3id.org/cdmo/id/CDMO_0000001")
    labels = {quad.object.value for quad in triples if quad.subject == iri and "label" in str(quad)}
    assert real_library.ref(iri.value).label in labels


def test_look_a_term_up_from_a_to_z_without_scripts(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site)
    page.get_by_label("Search").first.fill("calcinosis")
    page.get_by_role("button", name="Search").first.click()
    page.get_by_role("link", name="all terms from A to Z").first.click()
    page.get_by_role("navigation", name="Letters").get_by_role("link", name="C").click()
    page.get_by_role("link", name="calcinosis", exact=True).click()
    expect(page.locator("h1")).to_have_text("calcinosis")
    page.goto(f"{site}query.html")
    expect(page.get_by_role("link", name="download the dataset")).to_be_visible()
    context.close()


# -- search and queries ------------------------------------------------------------------------


def test_every_term_is_found_by_its_name(reader: Page, site: str, real_library: Library) -> None:
    terms = [t.ref.label for t in real_library.terms.values() if not t.obsolete]
    assert len(terms) > 300
    for label, first in reader.evaluate(FIND, [site, terms]):
        assert first == label


def test_the_editor_shows_links_and_saves_the_answer(reader: Page, site: str) -> None:
    reader.goto(f"{site}query.html?{urlencode({'query': CALCINOSIS})}")
    rows = reader.locator(".yasr tbody tr")
    rows.first.wait_for(timeout=60_000)
    reader.get_by_text("Download", exact=True).first.click()
    with reader.expect_download() as download:
        reader.get_by_role("button", name="CSV", exact=True).click()
    saved = download.value.path().read_text("utf-8")
    assert saved.split() == ["term", "https://w3id.org/cdmo/id/CDMO_0000003"]
    rows.get_by_role("link", name="calcinosis", exact=True).click()
    reader.wait_for_url(f"{site}doc/id/CDMO_0000003.html")
    expect(reader.locator("h1")).to_have_text("calcinosis")


def test_a_question_of_the_site_is_answered_on_the_query_page(reader: Page, site: str) -> None:
    reader.goto(f"{site}questions/")
    reader.locator("main a[href*='doc/question/']").first.click()
    reader.locator("main a[href*='query.html?']").first.click()
    reader.locator(".yasr tbody tr").first.wait_for(timeout=60_000)


def test_a_mistake_is_shown_at_its_line(reader: Page, site: str) -> None:
    reader.goto(f"{site}query.html?{urlencode({'query': MISTAKE})}")
    expect(reader.get_by_role("button", name="Go to line 2")).to_be_visible(timeout=60_000)


def rows_of(text: str) -> Counter[str]:
    """Return the rows of a result in any order, with one name for all blank nodes."""
    result: dict[str, Any] = json.loads(text)
    if "boolean" in result:
        return Counter([str(result["boolean"])])
    rows = result["results"]["bindings"]
    for row in rows:
        for value in row.values():
            if value["type"] == "bnode":
                value["value"] = ""
    return Counter(json.dumps(row, sort_keys=True) for row in rows)


@pytest.mark.parametrize("site", ["/"], indirect=True)
def test_every_question_has_the_rows_of_the_endpoint(
    reader: Page, site: str, real_library: Library, real_address: str
) -> None:
    for question in real_library.questions:
        status, text = reader.evaluate(ASK, [site, question.query, JSON])
        assert status == 200, (question.ref.label, text)
        address = f"{real_address}/sparql?{urlencode({'query': question.query, 'format': 'json'})}"
        with urlopen(address) as answer:
            assert rows_of(text) == rows_of(answer.read().decode()), question.ref.label


@pytest.mark.parametrize("site", ["/cdmo/"], indirect=True)
@pytest.mark.parametrize("path", ["nothing-here", "nothing/here/at-all"])
def test_the_page_for_missing_addresses_has_links_that_work(
    reader: Page, site: str, path: str
) -> None:
    """The page was exported for this path."""
    assert_axe_finds_no_violation(reader, f"{site}{path}")
    reader.get_by_role("navigation", name="Main").get_by_role("link", name="Questions").click()
    reader.wait_for_url(f"{site}questions/")


@pytest.mark.parametrize("path", AXE_PAGES)
def test_axe_finds_no_violation(reader: Page, site: str, path: str) -> None:
    assert_axe_finds_no_violation(reader, f"{site}{path}")


def assert_axe_finds_no_violation(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("h1")).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.evaluate(AXE)
    violations = page.evaluate(RUN)
    assert violations == [], [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations]
