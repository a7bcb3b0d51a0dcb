"""Five tasks of a reader: from the home page to the complete, right answer in two clicks.

A search counts as one click. The right answer comes from a query over the release, which is
written here and not taken from the pages or the questions.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from service.iris import BASE, CDMO
from service.names import Names
from service.rdf.terms import text
from service.release import Release, open_store

from ..marks import Shown, puts, recorded, tree

pytestmark = pytest.mark.browser

CLICKS = 2
PREFIXES = {
    "cdmo": CDMO,
    "CDMO": f"{BASE}id/CDMO_",
    "mapping": f"{BASE}mapping/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "sssom": "https://w3id.org/sssom/",
}

AGAINST_PAIN = """
SELECT DISTINCT ?claim ?treatment WHERE {
  ?claim cdmo:relation/rdfs:subPropertyOf* cdmo:helpsAgainst ; cdmo:subject ?treatment .
  ?claim cdmo:object/rdfs:subClassOf* CDMO:0000106 .
}
"""

AT_ODDS = """
SELECT DISTINCT ?tension ?named ?passage ?other WHERE {
  VALUES ?kind { cdmo:Contradiction cdmo:LostHedge cdmo:Overreach }
  ?tension cdmo:tensionKind ?kind ; cdmo:concerns ?named .
  { ?named cdmo:citation/cdmo:passage ?passage }
  UNION { ?named a cdmo:Passage BIND(?named AS ?passage) }
  BIND(EXISTS { ?tension cdmo:otherSide ?passage } AS ?other)
}
"""

OFF_LABEL = """
SELECT DISTINCT ?claim ?drug ?passage WHERE {
  ?claim cdmo:offLabel true ; cdmo:subject ?drug ; cdmo:citation/cdmo:passage ?passage .
}
"""

TO_DISCUSS = """
SELECT DISTINCT ?claim ?passage WHERE {
  ?put cdmo:hedge ?words ; cdmo:passage ?passage . FILTER(CONTAINS(?words, "discuss"))
  ?claim cdmo:citation ?made . ?made cdmo:passage ?passage .
  FILTER(?made = ?put || EXISTS {
    ?claim cdmo:subject CDMO:0000330 ; cdmo:object/rdfs:subClassOf+ cdmo:Outcome
  })
}
"""
"""The topics that a passage says should be discussed, and possible outcomes of surgery."""

HPO = """
SELECT DISTINCT ?label ?code WHERE {
  mapping:hp sssom:mappings ?row .
  ?row owl:annotatedSource ?term ; owl:annotatedProperty skos:exactMatch ; owl:annotatedTarget ?to .
  ?term rdfs:label ?label ; rdfs:subClassOf+ cdmo:Manifestation .
  FILTER NOT EXISTS { ?row sssom:predicate_modifier ?not }
  BIND(REPLACE(STR(?to), "^.*/HP_", "HP:") AS ?code)
}
"""


class Reader:
    """A reader who starts at the home page; the clicks are counted."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.clicks = 0
        page.goto(address)

    def click(self, target: Locator) -> None:
        """Click an element that scrolling makes visible; a third click fails the test."""
        self.clicks += 1
        assert self.clicks <= CLICKS
        target.click()
        self.page.wait_for_load_state()

    def follow(self, name: str) -> None:
        """Follow the first link in the content whose name is, or begins with, this one."""
        self.click(self.page.locator("main").get_by_role("link", name=name).first)

    def search(self, words: str) -> None:
        """Search for words."""
        self.page.get_by_label("Search").first.fill(words)
        self.click(self.page.get_by_role("button", name="Search").first)

    def sees(self, path: str, within: Locator | None = None) -> bool:
        """Tell whether a link to a path is visible without unfolding anything."""
        links = (within or self.page.locator("main")).locator(f'a[href="{path}"]')
        return any(link.is_visible() for link in links.all())

    def statements(self) -> dict[str, Shown]:
        """Return the IRI of each visible statement to its firmness."""
        html = "".join(
            put.evaluate("(e) => e.outerHTML")
            for put in self.page.locator("main .put[data-claim]").all()
            if put.is_visible()
        )
        return {subject: shown for _, subject, shown in puts(tree(f"<main>{html}</main>"))}


@pytest.fixture(
    params=[(1200, True), (1200, False), (390, True), (390, False)],
    ids=["desktop", "desktop-no-script", "phone", "phone-no-script"],
)
def reader(browser: Browser, real_address: str, request: pytest.FixtureRequest) -> Iterator[Reader]:
    width, scripts = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 844}, java_script_enabled=scripts
    )
    yield Reader(context.new_page(), real_address)
    context.close()


@pytest.fixture(scope="module")
def store(real_release: Release) -> ox.Store:
    return open_store(real_release)


def answer(store: ox.Store, query: str) -> list[tuple[str, ...]]:
    """Return the rows of a query over the whole release, as texts."""
    solutions = store.query(query, prefixes=PREFIXES, use_default_graph_as_union=True)
    assert isinstance(solutions, ox.QuerySolutions)
    rows = [tuple(text(value) for value in solution) for solution in solutions]
    assert rows
    return rows


def path(iri: str) -> str:
    return Names.document(iri) or ""


@pytest.mark.parametrize("way", ["question", "term"])
def test_treatments_for_pain_and_how_firmly(reader: Reader, store: ox.Store, way: str) -> None:
    """Treatments of kinds of pain count: nifedipine, diltiazem, calcium channel blockers."""
    if way == "question":
        reader.follow("What is there against pain of any kind")
    else:
        reader.search("pain")
        reader.follow("pain")
        assert reader.page.locator("h1").text_content() == "pain"
    rows = answer(store, AGAINST_PAIN)
    data = recorded(store)
    shown = reader.statements()
    for claim, treatment in rows:
        assert shown[claim] == data[claim], claim
        assert reader.sees(path(treatment)), treatment
    names = reader.page.locator("main").inner_text()
    for name in ("nifedipine", "diltiazem", "calcium channel blocker", "supportive therapy"):
        assert name in names


@pytest.mark.parametrize("way", ["card", "search"])
def test_contradicted_statements_with_both_sides(reader: Reader, store: ox.Store, way: str) -> None:
    if way == "search":
        reader.search("contradictions")
        reader.click(reader.page.get_by_role("link", name="Disagreements"))
    else:
        reader.follow("Where the article disagrees with itself")
    sides: dict[str, dict[bool, set[str]]] = defaultdict(lambda: {False: set(), True: set()})
    for tension, named, passage, other in answer(store, AT_ODDS):
        sides[tension][other == "true"] |= {named, passage}
    assert reader.page.locator(".tension .sides").count() == len(sides)
    for tension, (one, another) in ((t, (s[False], s[True])) for t, s in sides.items()):
        link = reader.page.locator(f'a[href="{path(tension)}"]')
        card = reader.page.locator(".tension", has=link)
        left, right = card.locator(".sides > div").all()
        for iris_of_side, side in ((one, left), (another, right)):
            passages = {path(iri) for iri in iris_of_side if "/passage/" in iri}
            linked = {a.get_attribute("href") or "" for a in side.locator("a").all()}
            assert {href for href in linked if "/passage/" in href} == passages
            for iri in iris_of_side:
                assert reader.sees(path(iri), side), iri


@pytest.mark.parametrize("way", ["question", "search"])
def test_which_drug_is_off_label_and_where(reader: Reader, store: ox.Store, way: str) -> None:
    if way == "search":
        reader.search("off-label")
    reader.follow("Which uses of medications does the document call off-label, and where?")
    rows = answer(store, OFF_LABEL)
    shown = reader.statements()
    data = recorded(store)
    for claim, drug, passage in rows:
        row = reader.page.locator("tbody tr", has=reader.page.locator(f'a[href="{path(claim)}"]'))
        assert row.count() == 1, claim
        assert reader.sees(path(drug), row)
        assert reader.sees(path(passage), row)
        assert shown[claim] == data[claim]
    assert set(shown) == {claim for claim, _, _ in rows}


@pytest.mark.parametrize("way", ["question", "search"])
def test_what_to_discuss_before_surgery(reader: Reader, store: ox.Store, way: str) -> None:
    if way == "search":
        reader.search("what to discuss before surgery")
    reader.follow("What should be discussed before surgery")
    shown = reader.statements()
    data = recorded(store)
    rows = answer(store, TO_DISCUSS)
    for claim, passage in rows:
        assert shown[claim] == data[claim], claim
        row = reader.page.locator("tbody tr", has=reader.page.locator(f'a[href="{path(claim)}"]'))
        assert reader.sees(path(passage), row.first)
    assert set(shown) == {claim for claim, _ in rows}


def test_the_hpo_code_of_a_manifestation(reader: Reader, store: ox.Store) -> None:
    """Each manifestation with an exact match has its code in the Human Phenotype Ontology."""
    rows = answer(store, HPO)
    assert Counter(label for label, _ in rows).most_common(1)[0][1] == 1
    home = reader.page.url
    for label, code in rows:
        seen = Reader(reader.page, home)
        seen.search(label)
        seen.click(seen.page.locator(".hits").get_by_role("link", name=label, exact=True).first)
        assert seen.page.locator("h1").text_content() == label
        expect(seen.page.locator("header code", has_text=code)).to_be_visible()
