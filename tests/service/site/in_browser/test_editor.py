"""The query editor in a real browser: YASGUI with a release's names, examples and views."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.resources import files
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, expect

from service.release import Release
from service.site.query.editor import snippets
from service.site.query.vendor import editor_installed

from ..client import client_of

pytestmark = pytest.mark.browser

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
RUN = """axe.run(document, {rules: {"target-size": {enabled: true}}}).then((r) => r.violations)"""
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 900}}
PREFIXES = """\
PREFIX CDMO: <https://w3id.org/cdmo/id/CDMO_>
PREFIX cdmo: <https://w3id.org/cdmo/schema/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
STATEMENTS = (
    PREFIXES
    + """\
SELECT ?subject ?relation ?object WHERE {
  ?claim cdmo:subject ?subject ; cdmo:relation ?relation ; cdmo:object ?object .
}"""
)
COUNTS = (
    PREFIXES
    + """\
SELECT ?subject (COUNT(?claim) AS ?claims) WHERE { ?claim cdmo:subject ?subject }
GROUP BY ?subject"""
)
TRIPLES = (
    PREFIXES + "CONSTRUCT { ?s cdmo:treats ?o } WHERE { ?s cdmo:treats ?o . FILTER(isIRI(?o)) }"
)
MISTAKE = PREFIXES + "SELECT ?x\nWHERE { ?x cdmo:treats }"


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    if editor_installed():
        return
    if os.environ.get("CI") == "true":
        pytest.fail("CI must have the query editor: make editor")
    pytest.skip("the query editor is not installed: make editor")


@pytest.fixture
def complaints(page: Page, address: str) -> Iterator[list[str]]:
    """Errors, warnings and requests to other hosts, of which there must be none at the end."""
    messages: list[str] = []

    def console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "status of 400" not in message.text:
            messages.append(message.text)

    def requested(request: Request) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            messages.append(f"asks another host: {request.url}")

    page.on("console", console)
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on("request", requested)
    yield messages
    assert messages == []


@pytest.fixture
def editor(page: Page, address: str, complaints: list[str]) -> Page:
    """The query page with an empty editor that is ready."""
    open_query(page, address)
    write(page, "")
    return page


def open_query(page: Page, address: str, query: str = "", **more: str) -> None:
    """Open the query page with a query, as a link does."""
    parameters = {"query": query, **more} if query else more
    page.goto(f"{address}/query?" + "&".join(f"{k}={quote(v)}" for k, v in parameters.items()))
    page.wait_for_selector("html[data-editor=ready]")


def field(page: Page) -> Locator:
    return page.locator(".tabPanel.active").get_by_role("textbox", name="SPARQL query")


def write(page: Page, text: str) -> None:
    """Replace the query in the editor by pasting."""
    field(page).focus()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    if text:
        page.keyboard.insert_text(text)


def read(page: Page) -> str:
    query = page.evaluate(
        "document.querySelector('.tabPanel.active .CodeMirror').CodeMirror.getValue()"
    )
    assert isinstance(query, str)
    return query


def button(page: Page, name: str) -> Locator:
    return page.locator(".tabPanel.active").get_by_role("button", name=name, exact=True)


def rows(page: Page) -> Locator:
    return page.locator(".tabPanel.active .answer-table tbody tr")


def test_a_query_that_is_typed_and_run_shows_rows_with_labels_and_links(
    editor: Page, address: str
) -> None:
    field(editor).focus()
    editor.keyboard.insert_text(STATEMENTS)
    editor.keyboard.press("Control+Enter")
    row = rows(editor).filter(has_text="calcinosis").first
    link = row.get_by_role("link", name="bisphosphonate", exact=True)
    expect(link).to_have_attribute("href", f"{address}/doc/id/CDMO_0000003")
    expect(row.locator("code").first).to_have_text("CDMO:0000003")
    expect(row.get_by_role("link", name="treats", exact=True)).to_be_visible()


def test_rows_are_sorted_and_filtered(page: Page, address: str, complaints: list[str]) -> None:
    open_query(page, address, PREFIXES + "SELECT ?name WHERE { ?x rdfs:label ?name } LIMIT 40")
    rows(page).first.wait_for()
    before = rows(page).count()
    assert before > 8
    button(page, "name").click()
    shown = rows(page).all_inner_texts()
    assert shown == sorted(shown, key=str.casefold)
    assert page.locator(".answer-table th").get_attribute("aria-sort") == "ascending"
    page.get_by_label("Filter the rows").fill(shown[0])
    expect(page.locator(".answer-table [role=status]")).to_contain_text("without the filter")
    assert 0 < rows(page).count() < before


def test_a_term_is_completed_by_its_label_and_its_prefix_declared(editor: Page) -> None:
    editor.keyboard.type("ASK { ?claim ?relation bisphos")
    hint = editor.locator(".CodeMirror-hint", has_text="bisphosphonate")
    expect(hint.first).to_contain_text("CDMO:0000003")
    editor.keyboard.press("Enter")
    # The editor shows the label beside the identifier.
    expect(editor.locator(".named")).to_have_text("bisphosphonate")
    query = read(editor)
    assert query.startswith("PREFIX CDMO: <https://w3id.org/cdmo/id/CDMO_>\n")
    assert query.endswith("?relation CDMO:0000003")


def test_several_words_a_synonym_and_a_misspelling_complete_terms(editor: Page) -> None:
    editor.keyboard.type("ASK { ?x ?y calcified sk")
    expect(editor.locator(".CodeMirror-hint").first).to_contain_text("also called calcified skin")
    editor.keyboard.press("Escape")
    write(editor, "")
    editor.keyboard.type("ASK { ?x ?y bisfosphonate")
    expect(editor.locator(".CodeMirror-hint").first).to_contain_text("bisphosphonate")


def test_relations_and_classes_are_completed_where_they_can_stand(editor: Page) -> None:
    hints = editor.locator(".CodeMirror-hint")
    editor.keyboard.type("SELECT * WHERE { ?x trea")
    expect(hints.first).to_contain_text("cdmo:treats")
    editor.keyboard.press("Enter")
    editor.keyboard.type(" ?y ; a Cla")
    expect(hints.filter(has_text="cdmo:Claim").first).to_be_visible()
    editor.keyboard.press("Escape")
    write(editor, "")
    editor.keyboard.type("SELECT * WHERE { ?x cdmo:sub")
    expect(hints.first).to_contain_text("cdmo:subject")
    assert read(editor).startswith("PREFIX cdmo: <https://w3id.org/cdmo/schema/>")


def test_a_mistake_is_explained_and_marked_at_its_line(editor: Page) -> None:
    editor.keyboard.insert_text(MISTAKE)
    button(editor, "Run").click()
    alert = editor.get_by_role("alert")
    expect(alert).to_contain_text("line 5")
    mark = editor.locator(".problem-line").locator("xpath=..")
    expect(mark).to_contain_text("WHERE { ?x cdmo:treats }")
    expect(editor.locator(".problem-word")).to_have_text("}")
    alert.get_by_role("button", name="Go to line 5").click()
    cursor = "document.querySelector('.CodeMirror').CodeMirror.getCursor().line"
    assert editor.evaluate(cursor) == 4
    editor.keyboard.type("?y ")
    expect(editor.locator(".problem-line")).to_have_count(0)


def test_a_link_to_a_mistake_shows_it_too(page: Page, address: str, complaints: list[str]) -> None:
    open_query(page, address, MISTAKE)
    expect(page.locator(".problem-word")).to_have_text("}")
    expect(page.get_by_role("alert")).to_be_visible()


def test_an_empty_answer_says_what_the_release_does_not_have(
    page: Page, address: str, complaints: list[str]
) -> None:
    open_query(page, address, PREFIXES + "SELECT * { ?s a cdmo:Interventoin }")
    hint = page.locator("#hints")
    expect(hint).to_contain_text("cdmo:Interventoin stands in no triple here")
    expect(hint).to_contain_text("Did you mean cdmo:Intervention?")
    open_query(page, address, PREFIXES + 'SELECT * { ?s rdfs:label "no such thing"@en }')
    expect(page.get_by_text("The article may not say.")).to_be_visible()
    expect(hint).to_have_count(0)


def test_an_example_is_found_by_its_plain_words_and_run(editor: Page) -> None:
    editor.get_by_text("Start from a question").wait_for()
    editor.get_by_label("Find a question").fill("article off-label")
    editor.get_by_role("link", name="Which drugs are used off-label?").click()
    expect(editor.locator(".tabPanel.active .asked")).to_contain_text("the article calls off-label")
    expect(rows(editor).get_by_role("link", name="bisphosphonate")).to_be_visible()
    assert "cdmo:offLabel true" in read(editor)


def test_a_permalink_restores_query_and_view_in_another_browser(
    browser: Browser, page: Page, address: str, complaints: list[str]
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    open_query(page, address, COUNTS)
    page.get_by_role("button", name="Chart").click()
    expect(page.locator("svg.chart")).to_be_visible()
    button(page, "Copy link").click()
    expect(page.get_by_text("Copied the link")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert parse_qs(urlsplit(link).query) == {"query": [COUNTS], "view": ["chart"]}
    other = browser.new_context()
    elsewhere = other.new_page()
    elsewhere.goto(link)
    expect(elsewhere.locator("svg.chart")).to_be_visible()
    assert read(elsewhere) == COUNTS
    other.close()


def test_back_returns_to_the_query_before(editor: Page) -> None:
    editor.keyboard.insert_text(COUNTS)
    button(editor, "Run").click()
    expect(editor.get_by_role("columnheader", name="claims")).to_be_visible()
    write(editor, STATEMENTS)
    button(editor, "Run").click()
    expect(editor.get_by_role("columnheader", name="relation")).to_be_visible()
    editor.go_back()
    expect(
        editor.locator(".tabPanel.active").get_by_role("columnheader", name="claims")
    ).to_be_visible()
    assert read(editor) == COUNTS


def test_numbers_are_drawn_as_a_chart(page: Page, address: str, complaints: list[str]) -> None:
    open_query(page, address, COUNTS, view="chart")
    chart = page.get_by_role("img", name="Chart: claims for each subject")
    expect(chart).to_contain_text("bisphosphonate")
    for shape in ("line", "points", "bars"):
        page.get_by_label("as", exact=True).select_option(shape)
        expect(chart).to_contain_text("bisphosphonate")
    page.get_by_label("show", exact=True).select_option("number of rows")
    expect(page.get_by_role("img", name="Chart: number of rows")).to_be_visible()


@pytest.mark.parametrize("query", [STATEMENTS, TRIPLES], ids=["rows", "triples"])
def test_resources_and_their_relations_are_drawn_as_a_graph(
    page: Page, address: str, complaints: list[str], query: str
) -> None:
    open_query(page, address, query, view="graph")
    graph = page.get_by_role("group", name="The answer as a graph")
    node = graph.get_by_role("link", name="bisphosphonate")
    expect(node).to_have_attribute("href", f"{address}/doc/id/CDMO_0000003")
    assert graph.locator("line").count() >= 1


def test_a_picture_is_saved_as_a_file_of_its_own(
    page: Page, address: str, complaints: list[str]
) -> None:
    open_query(page, address, COUNTS, view="chart")
    expect(page.locator("svg.chart")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download Results").click()
    saved = download.value.path().read_text(encoding="utf-8")
    assert saved.startswith("<svg")
    assert 'fill="rgb(' in saved


def test_the_response_is_shown_unchanged(page: Page, address: str, complaints: list[str]) -> None:
    open_query(page, address, STATEMENTS, view="response")
    shown = page.get_by_role("region", name="Response").text_content()
    assert json.loads(shown or "")["head"]["vars"] == ["subject", "relation", "object"]
    open_query(page, address, TRIPLES, view="response")
    text = page.locator(".tabPanel.active").get_by_role("region", name="Response")
    expect(text).to_contain_text("cdmo:treats")


def test_a_boolean_is_shown_as_yes_or_no(page: Page, address: str, complaints: list[str]) -> None:
    open_query(page, address, PREFIXES + "ASK { CDMO:0000003 cdmo:treats CDMO:0000001 }")
    expect(page.locator(".tabPanel.active .yasr_results")).to_have_text("Yes.")


@pytest.fixture
def templates(small_release: Release) -> Iterator[None]:
    """The templates of the code, outside the server."""
    with client_of(small_release).application.app_context():
        yield


@pytest.mark.usefixtures("templates")
def test_the_query_is_copied_as_code(page: Page, address: str, complaints: list[str]) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    open_query(page, address, COUNTS)
    for tool, code in snippets(COUNTS, f"{address}/sparql"):
        page.locator(".tabPanel.active summary", has_text="Copy as").click()
        button(page, tool).click()
        expect(page.get_by_text(f"Copied the query as {tool}.")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == code


@pytest.mark.parametrize("view", ["Table", "Graph"])
def test_iris_that_would_run_code_are_shown_but_not_linked(
    page: Page, address: str, complaints: list[str], view: str
) -> None:
    query = "SELECT * { VALUES (?a ?b) { (<javascript:alert(1)> <http://ok.example/>) } }"
    open_query(page, address, query)
    button(page, f"Shows {view} view").click()
    active = page.locator(".tabPanel.active")
    expect(active.get_by_text("javascript:alert(1)").first).to_be_visible()
    assert active.locator("a[href^='http://ok']").count() == 1
    assert page.locator("a[href^='javascript' i]").count() == 0


def test_the_result_is_downloaded_in_the_chosen_format(
    page: Page, address: str, complaints: list[str]
) -> None:
    open_query(page, address, COUNTS)
    page.locator(".tabPanel.active summary", has_text="Download").click()
    with page.expect_download() as download:
        button(page, "CSV").click()
    assert download.value.path().read_text(encoding="utf-8").startswith("subject,claims")


def test_tab_leaves_the_editor_and_reaches_every_control_in_order(editor: Page) -> None:
    editor.keyboard.insert_text(STATEMENTS)
    editor.keyboard.press("Tab")
    expect(button(editor, "Run")).to_be_focused()
    editor.keyboard.press("Enter")
    expect(rows(editor).first).to_be_visible()
    described = field(editor).get_attribute("aria-describedby")
    expect(editor.locator(f"#{described}")).to_contain_text("Tab leaves the editor")
    for name in ("Copy as", "Copy link", "Download", "Shows Table view"):
        editor.keyboard.press("Tab")
        focused = editor.evaluate(
            "document.activeElement.ariaLabel ?? document.activeElement.textContent"
        )
        assert focused == name
    for _ in range(5):
        editor.keyboard.press("Shift+Tab")
    expect(field(editor)).to_be_focused()
    assert read(editor) == STATEMENTS


def test_queries_stay_in_their_tabs_between_visits(editor: Page, address: str) -> None:
    editor.keyboard.insert_text(COUNTS)
    editor.get_by_role("button", name="Add a new tab").click()
    expect(editor.get_by_role("tab")).to_have_count(2)
    editor.get_by_role("tab").first.click()
    assert read(editor) == COUNTS
    open_query(editor, address)
    expect(editor.get_by_role("tab")).to_have_count(2)
    assert read(editor) == COUNTS
    for _ in range(2):
        editor.get_by_role("tab", selected=True).focus()
        editor.keyboard.press("Delete")
    expect(editor.get_by_role("tab")).to_have_count(1)


@pytest.mark.parametrize(("size", "scheme"), [("phone", "dark"), ("desktop", "light")])
def test_axe_finds_no_violation_in_any_view(
    browser: Browser, address: str, size: str, scheme: str
) -> None:
    context = browser.new_context(
        viewport=SIZES[size],  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
        bypass_csp=True,
    )
    page = context.new_page()
    faults: dict[str, list[tuple[str, str]]] = {}

    def examine(name: str) -> None:
        page.evaluate(AXE)
        violations = page.evaluate(RUN)
        if violations:
            faults[name] = [(v["id"], v["nodes"][0]["html"][:200]) for v in violations]
        if page.evaluate("document.documentElement.scrollWidth") > SIZES[size]["width"]:
            faults.setdefault(name, []).append(("wider than the screen", ""))

    open_query(page, address)
    examine("first visit")
    for view, mark in {
        "table": ".answer-table tbody tr",
        "chart": "svg.chart",
        "graph": "svg.graph",
        "response": ".yasr_results pre",
    }.items():
        open_query(page, address, STATEMENTS, view=view)
        page.locator(f".tabPanel.active {mark}").first.wait_for()
        examine(view)
    page.locator(".tabPanel.active summary", has_text="Copy as").click()
    button(page, "curl").wait_for()
    examine("menu")
    open_query(page, address, MISTAKE)
    page.locator(".problem-word").wait_for()
    examine("link to a mistake")
    button(page, "Run").click()
    page.locator(".errorResult .alert").wait_for()
    examine("mistake")
    write(page, "ASK { ?x ?y ")
    page.keyboard.type("bisphos")
    page.locator(".CodeMirror-hint").first.wait_for()
    examine("completion")
    context.close()
    assert faults == {}


def test_no_other_page_loads_the_editor(page: Page, address: str) -> None:
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    for path in ("/", "/questions/", "/doc/id/CDMO_0000003.html", "/search?q=pain"):
        page.goto(address + path)
    assert not [url for url in urls if "vendor" in url or "editor" in url]


def test_without_scripts_the_plain_form_answers(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "/query")
    page.get_by_label("SPARQL query").fill(STATEMENTS)
    page.get_by_role("button", name="Run").click()
    assert page.get_by_role("cell", name="bisphosphonate CDMO:0000003").first.is_visible()
    page.get_by_text("Start from a question").click()
    page.get_by_role("link", name="Which drugs are used off-label?").click()
    assert "cdmo:offLabel" in page.get_by_label("SPARQL query").input_value()
    context.close()


# -- code for other tools ------------------------------------------------------------------------

AWKWARD = PREFIXES + (
    "SELECT ?label WHERE { CDMO:0000003 rdfs:label ?label . # `x` ${y} )\" it's\n"
    "  FILTER(?label != '''a\"b''' && ?label != \"it's \\\\ \\\"\") }"
)


@pytest.mark.usefixtures("templates")
@pytest.mark.parametrize("query", [COUNTS, AWKWARD], ids=["plain", "awkward"])
def test_the_code_runs_as_pasted(
    page: Page, address: str, query: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = dict(snippets(query, f"{address}/sparql"))
    for tool in ("Python, SPARQLWrapper", "Python, rdflib"):
        exec(compile(code[tool], tool, "exec"), {})
        assert "bisphosphonate" in capsys.readouterr().out or query == COUNTS
    if shutil.which("curl"):
        done = subprocess.run(["/bin/sh", "-c", code["curl"]], capture_output=True, check=True)
        assert b"bisphosphonate" in done.stdout or b"CDMO_0000003" in done.stdout
    page.goto(address + "/about")
    printed: list[str] = []
    page.on("console", lambda message: printed.append(message.text))
    page.evaluate(f"(async () => {{ {code['JavaScript']} }})()")
    assert printed
    raw = re.search(r'r"(-*)\((.*)\)\1"\n', code["R"], re.DOTALL)
    assert raw
    assert raw[2] == query
