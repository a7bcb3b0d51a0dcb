"""The matrix of interventions and outcomes: a cell for each pair with a claim."""

import re
from collections import Counter, defaultdict
from html import escape

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from service.iris import BASE, CDMO
from service.library import Library, effects
from service.rdf.terms import text

from .client import page, words

EFFECTS = """
SELECT DISTINCT ?claim ?subject ?object WHERE {
  ?claim cdmo:subject ?subject ; cdmo:object ?object ; cdmo:relation/rdfs:subPropertyOf* ?wide .
  ?subject rdfs:subClassOf+ cdmo:Intervention .
  ?object rdfs:subClassOf+ ?kind . ?kind cdmo:displayGroup ?group .
  FILTER(?wide IN (cdmo:helpsAgainst, cdmo:furthers, cdmo:bringsAbout, cdmo:actsOn))
  FILTER(?group IN ("pillar", "supporting") && ?kind != cdmo:Intervention)
}
"""
"""A query for the claims of the matrix, independent of its code."""

PUT = """
SELECT ?claim ?assertion ?aim WHERE {
  ?claim cdmo:citation ?citation . ?citation cdmo:assertion ?assertion .
  OPTIONAL { ?citation cdmo:aim ?aim }
}
"""

PLAIN = """
SELECT DISTINCT ?subject ?object ?passage WHERE {
  ?claim cdmo:subject ?subject ; cdmo:object ?object ; cdmo:relation/rdfs:subPropertyOf* ?wide .
  FILTER(?wide IN (cdmo:helpsAgainst, cdmo:furthers, cdmo:bringsAbout, cdmo:actsOn))
  ?claim cdmo:polarity cdmo:positive ; cdmo:citation ?citation .
  FILTER NOT EXISTS { ?claim cdmo:relation cdmo:hasAdverseEffect }
  ?citation cdmo:assertion cdmo:plain ; cdmo:passage ?passage .
  FILTER NOT EXISTS { ?citation cdmo:aim ?aim }
  FILTER NOT EXISTS { ?citation cdmo:collective true }
}
"""
"""Passages that plainly state an effect of one intervention, not as an aim."""

PREFIXES = {"cdmo": CDMO, "rdfs": "http://www.w3.org/2000/01/rdf-schema#"}

CELL = re.compile(
    r'<a href="(?P<href>[^"]*)#(?P<anchor>\w+-\w+)"><span class="of">.*?</a>', re.DOTALL
)
LINE = re.compile(
    r'<span class="line(?: unwanted)?" data-claim="(?P<claim>[^"]+)">(?P<inside>.*?)'
    r'(?=<span class="line|<span class="count")',
    re.DOTALL,
)
SAID = re.compile(r'<span class="said (\w+)( aim)?"><span class="marks">((?:<i></i>)+)</span>')


def select(library: Library, query: str) -> ox.QuerySolutions:
    """Return the solutions of a query over all graphs."""
    rows = library.store.query(query, prefixes=PREFIXES, use_default_graph_as_union=True)
    assert isinstance(rows, ox.QuerySolutions)
    return rows


Marks = Counter[tuple[str, bool]]
"""Assertion, and whether it is an aim, to the number of passages."""


def marks_of(line: str) -> Marks:
    """Return the marks of a line."""
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


def test_a_denial_is_shown_as_one_and_does_not_count_as_a_benefit(
    client: FlaskClient, small: Library
) -> None:
    cell = next(c for c in effects(small) if c.outcome.label == "pain")
    assert cell.unwanted == cell.claims
    assert cell.plain_passages == set()
    table, _, below = page(client, "/matrix/").partition("</table>")
    assert "pain: does not treat" in words(table)
    assert f'<li id="{cell.anchor}" class="negative">' in below


def test_a_cell_links_to_its_statements_and_passages(client: FlaskClient) -> None:
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
def test_an_unknown_view_is_not_found(client: FlaskClient, query: str) -> None:
    assert client.get(f"/matrix/?{query}").status_code == 404


def test_pages_link_to_the_matrix(client: FlaskClient) -> None:
    for path in ("/", "/browse/Intervention", "/sitemap.xml"):
        assert "/matrix/" in client.get(path).text, path
    assert 'href="/matrix/?intervention=CDMO_0000003"' in page(client, "/doc/id/CDMO_0000003.html")


# -- over all of the real release ----------------------------------------------------------------


@pytest.fixture(scope="module")
def pairs(real_library: Library) -> dict[str, tuple[str, str]]:
    """The IRI of each claim of the matrix to its intervention and outcome."""
    rows = real_library.store.query(EFFECTS, prefixes=PREFIXES, use_default_graph_as_union=True)
    return {
        text(row["claim"]): (text(row["subject"]), text(row["object"]))
        for row in rows  # type: ignore[union-attr]
    }


@pytest.fixture(scope="module")
def puts(real_library: Library) -> dict[str, Marks]:
    """The assertions of each claim with numbers of passages, independent of the pages' code."""
    marks: dict[str, Marks] = defaultdict(Counter)
    rows = real_library.store.query(PUT, prefixes=PREFIXES, use_default_graph_as_union=True)
    for row in rows:  # type: ignore[union-attr]
        name = text(row["assertion"]).removeprefix(CDMO)
        marks[text(row["claim"])][name, row["aim"] is not None] += 1
    return marks


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


def test_every_cell_agrees_with_the_data(
    real: FlaskClient,
    real_library: Library,
    pairs: dict[str, tuple[str, str]],
    puts: dict[str, Marks],
) -> None:
    html = page(real, "/matrix/")
    by_curie = {real_library.names.curie(iri): real_library.claims[iri] for iri in pairs}
    shown: Counter[str] = Counter()
    for match in CELL.finditer(html):
        passages, subjects = set(), set()
        for line in LINE.finditer(match[0]):
            claim = by_curie[line["claim"]]
            shown[claim.ref.iri] += 1
            subjects.add(pairs[claim.ref.iri])
            assert marks_of(line["inside"]) == puts[claim.ref.iri], claim.ref.label
            assert claim.reading() in line["inside"]
            unwanted = claim.negative or claim.relation.name == "hasAdverseEffect"
            assert ('class="line unwanted"' in line[0]) == unwanted
            assert all(escape(words) in line["inside"] for words in claim.narrowings)
            passages |= {c.passage.ref.iri for c in claim.citations}
            warnings = real_library.warnings_of(claim.ref.iri)
            assert ('class="warning"' in line["inside"]) == bool(warnings), match["anchor"]
        assert len(subjects) == 1
        assert match["anchor"] == "-".join(iri.rpartition("/")[2] for iri in subjects.pop())
        number = len(passages)
        assert f" {number} passage{'' if number == 1 else 's'}" in f" {words(match[0])}"
    assert shown == Counter(pairs.keys())


def test_every_cell_links_to_the_list_of_its_statements(
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
def test_rows_are_in_the_requested_order(
    real: FlaskClient, real_library: Library, order: str
) -> None:
    table = page(real, f"/matrix/?outcome=CDMO_0000106&order={order}").partition("</table>")[0]
    rows = re.findall(r'<th scope="row"><a [^>]+>([^<]+)</a> <span class="count">(\d+)', table)
    plain: dict[str, set[str]] = defaultdict(set)
    within = {BASE + "id/CDMO_0000106", *real_library.hierarchy.kinds(BASE + "id/CDMO_0000106")}
    for row in select(real_library, PLAIN):
        if text(row["object"]) in within:
            plain[real_library.ref(text(row["subject"])).label].add(text(row["passage"]))
    assert len(rows) > 10
    keys = {
        "": [-len(plain[label]) for label, _ in rows],
        "passages": [-int(n) for _, n in rows],
        "name": [label.lower() for label, _ in rows],
    }[order]
    assert keys == sorted(keys)


def test_a_hope_never_has_the_words_of_an_effect(real: FlaskClient, real_library: Library) -> None:
    html = page(real, "/matrix/")
    hopes = {c.ref.curie: c for x in effects(real_library) for c in x.claims if c.is_prospect}
    for line in LINE.finditer(html):
        if claim := hopes.pop(line["claim"], None):
            assert re.match(r"is (meant|hoped) to|.*\(aim or hope\)", words(line["inside"]))
            assert claim.relation.words != claim.reading()
    assert not hopes


def test_the_matrix_has_a_column_for_each_kind_and_one_for_unwanted_outcomes(
    real: FlaskClient, real_library: Library
) -> None:
    html = page(real, "/matrix/").partition("</table>")[0]
    heads = re.findall(r'<th scope="col">(.*?) <span class="count">(\d+)', html)
    kinds = {cell.kind for cell in effects(real_library)}
    assert len(heads) == len(kinds) + 1
    assert heads[-1][0] == "Adverse effects and denials"
    unwanted = [c for c in effects(real_library) if c.unwanted == c.claims]
    assert int(heads[-1][1]) == len(unwanted) >= 3
    for row in html.split("<tr>")[2:]:
        *wanted, last = row.split("<td>")[1:]
        assert len(wanted) == len(kinds)
        for cell in CELL.finditer(last):
            assert 'class="line unwanted"' in cell[0]


def test_the_page_explains_order_and_signs_above_the_table(
    real: FlaskClient,
) -> None:
    above = words(page(real, "/matrix/").partition("<table")[0])
    assert "the wording, not the effect" in above
    assert "contradicts this elsewhere" in above
    assert "goes further than the article does elsewhere" in above


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
