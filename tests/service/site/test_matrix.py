"""The matrix of interventions and outcomes: a cell for each pair that a claim joins."""

import re
from collections import Counter, defaultdict

import pytest
from flask.testing import FlaskClient

from service.iris import BASE, CDMO
from service.library import Library, effects
from service.rdf.terms import text
from service.release import Release

from .client import client_of, page, words

EFFECTS = """
SELECT DISTINCT ?claim ?subject ?object WHERE {
  ?claim cdmo:subject ?subject ; cdmo:object ?object ; cdmo:relation/rdfs:subPropertyOf* ?wide .
  ?subject rdfs:subClassOf+ cdmo:Intervention .
  ?object rdfs:subClassOf+ ?kind . ?kind cdmo:displayGroup ?group .
  FILTER(?wide IN (cdmo:helpsAgainst, cdmo:furthers, cdmo:bringsAbout, cdmo:actsOn))
  FILTER(?group IN ("pillar", "supporting") && ?kind != cdmo:Intervention)
}
"""
"""What the matrix is about, asked apart from its code."""

PUT = """
SELECT ?claim ?assertion ?aim WHERE {
  ?claim cdmo:citation ?citation . ?citation cdmo:assertion ?assertion .
  OPTIONAL { ?citation cdmo:aim ?aim }
}
"""

PREFIXES = {"cdmo": CDMO, "rdfs": "http://www.w3.org/2000/01/rdf-schema#"}

CELL = re.compile(
    r'<a href="(?P<href>[^"]*)#(?P<anchor>\w+-\w+)"><span class="of">.*?</a>', re.DOTALL
)
LINE = re.compile(
    r'<span class="line" data-claim="(?P<claim>[^"]+)">(?P<inside>.*?)'
    r'(?=<span class="line"|<span class="count")',
    re.DOTALL,
)
SAID = re.compile(r'<span class="said (\w+)( aim)?"><span class="marks">((?:<i></i>)+)</span>')

Marks = Counter[tuple[str, bool]]
"""How many passages assert a claim so, and whether as an aim."""


def marks_of(line: str) -> Marks:
    """Return what the marks of a line say."""
    marks: Marks = Counter()
    for name, aim, some in SAID.findall(line):
        marks[name, bool(aim)] += some.count("<i>")
    return marks


# -- the small release ---------------------------------------------------------------------------


def test_a_cell_has_the_claims_of_a_pair_and_none_of_another_relation(small: Library) -> None:
    pairs = {
        (c.intervention.label, c.outcome.label): [claim.negative for claim in c.claims]
        for c in effects(small)
    }
    assert pairs == {
        ("bisphosphonate", "calcinosis"): [False],
        ("bisphosphonate", "pain"): [True],
    }, "that it is a kind of medication is no effect"


def test_a_denial_says_so_and_has_no_firmness_of_its_own(
    client: FlaskClient, small: Library
) -> None:
    cell = next(c for c in effects(small) if c.outcome.label == "pain")
    assert cell.firmness == 0
    table, _, below = page(client, "/matrix/").partition("</table>")
    assert "pain: does not treat" in words(table)
    assert f'<li id="{cell.anchor}" class="negative">' in below


def test_a_cell_leads_to_its_statements_and_passages(client: FlaskClient) -> None:
    html = page(client, "/matrix/")
    for match in CELL.finditer(html):
        assert match["href"] == "", "few cells are listed on the page itself"
        item = html.partition(f'<li id="{match["anchor"]}"')[2].partition("</ul></li>")[0]
        assert 'href="/doc/claim/' in item
        assert 'href="/doc/passage/' in item


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", "2 of 2 cells"),
        ("?outcome=Manifestation", "1 of 2 cells"),
        ("?outcome=Test", "0 of 2 cells"),
        ("?intervention=CDMO_0000002", "2 of 2 cells"),
        ("?intervention=CDMO_0000003&order=passages", "2 of 2 cells"),
    ],
)
def test_the_matrix_is_narrowed_by_its_address(client: FlaskClient, query: str, count: str) -> None:
    assert count in words(page(client, f"/matrix/{query}"))


@pytest.mark.parametrize("query", ["order=x", "outcome=Nothing", "intervention=CDMO_9999999"])
def test_a_view_that_the_release_does_not_have_is_no_page(client: FlaskClient, query: str) -> None:
    assert client.get(f"/matrix/?{query}").status_code == 404


def test_pages_lead_to_the_matrix(client: FlaskClient) -> None:
    for path in ("/", "/browse/Intervention", "/sitemap.xml"):
        assert "/matrix/" in client.get(path).text, path
    assert 'href="/matrix/?intervention=CDMO_0000003"' in page(client, "/doc/id/CDMO_0000003.html")


# -- over all of the real release ----------------------------------------------------------------


@pytest.fixture(scope="module")
def real(real_release: Release) -> FlaskClient:
    return client_of(real_release)


@pytest.fixture(scope="module")
def pairs(real_library: Library) -> dict[str, tuple[str, str]]:
    """Intervention and outcome of each claim that the matrix is about, by its IRI."""
    rows = real_library.store.query(EFFECTS, prefixes=PREFIXES, use_default_graph_as_union=True)
    return {
        text(row["claim"]): (text(row["subject"]), text(row["object"]))
        for row in rows  # type: ignore[union-attr]
    }


@pytest.fixture(scope="module")
def puts(real_library: Library) -> dict[str, Marks]:
    """How many passages put each claim how, asked apart from the code of pages."""
    found: dict[str, Marks] = defaultdict(Counter)
    rows = real_library.store.query(PUT, prefixes=PREFIXES, use_default_graph_as_union=True)
    for row in rows:  # type: ignore[union-attr]
        name = text(row["assertion"]).removeprefix(CDMO)
        found[text(row["claim"])][name, row["aim"] is not None] += 1
    return found


def test_every_claim_from_an_intervention_to_an_outcome_is_in_one_cell(
    real_library: Library, pairs: dict[str, tuple[str, str]]
) -> None:
    placed = Counter(claim.ref.iri for cell in effects(real_library) for claim in cell.claims)
    assert set(placed) == set(pairs)
    assert set(placed.values()) == {1}
    assert len(placed) > 200
    for cell in effects(real_library):
        for claim in cell.claims:
            assert pairs[claim.ref.iri] == (cell.intervention.iri, cell.outcome.iri)


def test_every_cell_shows_what_the_data_says(
    real: FlaskClient,
    real_library: Library,
    pairs: dict[str, tuple[str, str]],
    puts: dict[str, Marks],
) -> None:
    html = page(real, "/matrix/")
    by_curie = {real_library.names.curie(iri): real_library.claims[iri] for iri in pairs}
    shown: Counter[str] = Counter()
    for match in CELL.finditer(html):
        passages, misleading, subjects = set(), False, set()
        for line in LINE.finditer(match[0]):
            claim = by_curie[line["claim"]]
            shown[claim.ref.iri] += 1
            subjects.add(pairs[claim.ref.iri])
            assert marks_of(line["inside"]) == puts[claim.ref.iri], claim.ref.label
            assert claim.relation_words in line["inside"]
            passages |= {c.passage.ref.iri for c in claim.citations}
            tensions = real_library.tensions_about(claim.ref.iri)
            misleading |= any(tension.kind.leading for tension in tensions)
        assert len(subjects) == 1
        assert match["anchor"] == "-".join(iri.rpartition("/")[2] for iri in subjects.pop())
        number = len(passages)
        assert f" {number} passage{'' if number == 1 else 's'}" in f" {words(match[0])}"
        assert ("≠" in match[0]) == misleading, match["anchor"]
    assert shown == Counter(pairs.keys())


def test_every_cell_leads_to_the_list_of_its_statements(
    real: FlaskClient, real_library: Library
) -> None:
    pages: dict[str, str] = {}
    html = page(real, "/matrix/")
    cells = {cell.anchor: cell for cell in effects(real_library)}
    for match in CELL.finditer(html):
        below = pages.setdefault(match["href"], page(real, match["href"].replace("&amp;", "&")))
        item = below.partition(f'<li id="{match["anchor"]}"')[2].partition("</ul></li>")[0]
        for claim in cells.pop(match["anchor"]).claims:
            assert f'href="{claim.ref.path}"' in item
            for citation in claim.citations:
                assert f'href="{citation.passage.ref.path}"' in item
    assert cells == {}
    for address, below in {**pages, "/matrix/": html}.items():
        assert len(below.encode()) < 150_000, address


@pytest.mark.parametrize("order", ["", "passages", "name"])
def test_rows_stand_in_the_order_that_is_asked_for(
    real: FlaskClient, real_library: Library, order: str
) -> None:
    table = page(real, f"/matrix/?outcome=CDMO_0000106&order={order}").partition("</table>")[0]
    rows = re.findall(r'<th scope="row"><a [^>]+>([^<]+)</a> <span class="count">(\d+)', table)
    firmest: dict[str, int] = defaultdict(int)
    within = {BASE + "id/CDMO_0000106", *real_library.hierarchy.kinds(BASE + "id/CDMO_0000106")}
    for cell in effects(real_library):
        if cell.outcome.iri in within:
            label = cell.intervention.label
            firmest[label] = max(firmest[label], cell.firmness)
    assert {label for label, _ in rows} == set(firmest)
    keys = {
        "": [-firmest[label] for label, _ in rows],
        "passages": [-int(n) for _, n in rows],
        "name": [label.lower() for label, _ in rows],
    }[order]
    assert keys == sorted(keys)


def test_claims_in_no_cell_are_counted_on_the_page(
    real: FlaskClient, real_library: Library, pairs: dict[str, tuple[str, str]]
) -> None:
    about = [
        c
        for c in real_library.claims.values()
        if (t := real_library.terms.get(c.subject.iri)) and f"{CDMO}Intervention" in t.kinds
    ]
    others = page(real, "/matrix/").partition("What is counted")[2].partition("</details>")[0]
    counts = [int(n) for n in re.findall(r'<span class="count">(\d+)</span>', others)]
    assert sum(counts) == len(about) - len(pairs)
