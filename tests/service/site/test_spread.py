"""How firmly the document puts things: what pages show is what the data says, everywhere."""

import re
from collections import Counter, defaultdict
from html.parser import HTMLParser

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from service.iris import BASE, CDMO, DEFINED, EXACT_MATCH, FORMED, SUBCLASS
from service.library import Library
from service.rdf.terms import text
from service.release import Release

from .client import client_of, page, words

ORIGIN = ox.NamedNode(f"{CDMO}origin")

Shown = Counter[str]
"""How many passages put a claim so, by the path of the page that explains it."""

RECORDED = """
SELECT ?claim ?citation ?value WHERE {
  ?claim cdmo:citation ?citation .
  { ?citation cdmo:assertion|cdmo:frequency|cdmo:advice|cdmo:aim ?value }
  UNION { ?citation cdmo:collective true BIND(cdmo:collective AS ?value) }
}
"""


class Puts(HTMLParser):
    """Reads from a page what its marks and tags say, by the IRI of the claim or the citation.

    An assertion has a mark for each passage. A tag holds for all passages, or says for how many;
    the tag of an aim holds for the passages of the marks before it.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, Shown]] = []
        self._depth = 0
        self._link = ""
        self._marks = 0
        self._tags: list[list[str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if subject := given.get("data-claim") or given.get("data-citation"):
            self._depth, self._tags = 1, []
            self.found.append((subject, Counter()))
        elif self._depth and tag == "span":
            self._depth += 1
        elif self._depth and tag == "a" and given["class"].startswith("said"):
            self._link, self._marks = given["href"], 0
        elif self._depth and tag == "a":
            self._tags.append([given["href"], ""])
        elif self._depth and tag == "i":
            self._marks += 1
            self.found[-1][1][self._link] += 1

    def handle_data(self, data: str) -> None:
        if self._depth and self._tags:
            self._tags[-1][1] += data

    def handle_endtag(self, tag: str) -> None:
        if not self._depth or tag not in ("a", "span"):
            return
        if tag == "a" and self._tags:
            href, said = self._tags.pop()
            shown = self.found[-1][1]
            all_passages = sum(n for path, n in shown.items() if path in self.assertions)
            part = next((int(w) for w in said.split() if w.isdigit()), all_passages)
            shown[href] += self._marks if href.endswith("/intended") else part
        if tag == "span":
            self._depth -= 1

    assertions = frozenset(
        f"/doc/schema/{name}" for name in ("plain", "possible", "believed", "underResearch")
    )


def test_a_claim_shows_how_many_passages_assert_it_alike(small: Library) -> None:
    claim = small.claims[BASE + "claim/0000001"]
    shares = [(s.assertion.words, s.aim, s.passages) for s in claim.spread]
    assert shares == [("stated plainly", None, 2)]
    assert [(tag.words, n) for tag, n in claim.tags] == [("in some cases", 1)]


def test_each_mark_leads_to_its_meaning_and_the_legend_stands_in_place(client: FlaskClient) -> None:
    html = page(client, "/doc/id/CDMO_0000003.html")
    assert '<a class="said plain" href="/doc/schema/plain">' in html
    assert '<a class="tag" href="/doc/schema/someCases">in some cases' in html
    assert "in some cases 1 of 2" in words(html)
    assert html.count('<p class="legend">') == 1


def test_every_page_says_once_that_the_article_cites_no_source(client: FlaskClient) -> None:
    for path in ("/", "/about", "/doc/id/CDMO_0000003.html", "/doc/claim/0000001.html"):
        assert words(page(client, path)).count("cites no source for any of this") == 1, path


def test_a_general_term_shows_and_counts_what_is_said_of_its_kinds(client: FlaskClient) -> None:
    html = page(client, "/doc/id/CDMO_0000002.html")
    text = words(html)
    assert "Also said of its kinds: 1 calcinosis said of bisphosphonate stated plainly" in text
    assert 'id="treats"' in html


# -- over all of the real release ----------------------------------------------------------------


@pytest.fixture(scope="module")
def real(real_release: Release) -> FlaskClient:
    return client_of(real_release)


@pytest.fixture(scope="module")
def library(real: FlaskClient) -> Library:
    found = real.application.extensions["site"].library
    assert isinstance(found, Library)
    return found


@pytest.fixture(scope="module")
def recorded(library: Library) -> dict[str, Shown]:
    """What the data says of each claim and each citation, asked apart from the code of pages."""
    found: dict[str, Shown] = defaultdict(Counter)
    rows = library.store.query(RECORDED, prefixes={"cdmo": CDMO}, use_default_graph_as_union=True)
    for row in rows:  # type: ignore[union-attr]
        claim, citation, value = (text(row[name]) for name in ("claim", "citation", "value"))
        path = library.names.document(value) or ""
        found[claim][path] += 1
        found[citation][path] += 1
    return found


@pytest.mark.parametrize("sort", ["terms", "claims", "passages", "sections"])
def test_every_statement_on_a_page_is_as_firm_as_the_data(
    real: FlaskClient, library: Library, recorded: dict[str, Shown], sort: str
) -> None:
    seen = set()
    for iri in getattr(library, sort):
        html = page(real, f"{library.names.document(iri)}.html")
        for subject, shown in Puts(html).found:
            assert shown == recorded[subject], (iri, subject)
            seen.add(subject.partition("#")[0])
    assert seen == set(library.claims)


def test_the_page_of_pain_names_what_is_given_against_kinds_of_pain(real: FlaskClient) -> None:
    text = words(page(real, "/doc/id/CDMO_0000106.html"))
    for remedy in ("nifedipine", "diltiazem", "calcium channel blocker"):
        assert remedy in text, remedy
    assert "calcium channel blocker said of pain from calcium deposits" in text
    assert "is alleviated by 8 + 1 of its kinds" in text


def test_every_statement_about_a_kind_of_a_term_is_on_the_page_of_the_term(
    real: FlaskClient, library: Library
) -> None:
    for iri in library.terms:
        html = page(real, f"{library.names.document(iri)}.html")
        ids = re.findall(r'\bid="([^"]+)"', html)
        assert len(ids) == len(set(ids)), iri
        on_page = {subject for subject, _ in Puts(html).found}
        for kind in library.hierarchy.kinds(iri):
            missing = {
                claim.ref.iri
                for claim in library.claims_of_term.get(kind, ())
                if claim.relation.ref.iri != SUBCLASS
            } - on_page
            assert not missing, (iri, kind)


def test_groupings_of_ours_are_apart_in_every_kind(real: FlaskClient, library: Library) -> None:
    """The reader of a list sees how many terms the document names, and how many it does not."""
    apart = 0
    for kind in library.kinds.values():
        terms = library.terms_of(kind.ref.iri)
        ours = [
            text(q.subject)
            for q in library.store.quads_for_pattern(None, ORIGIN, None, None)
            if text(q.object) in (FORMED, DEFINED)
        ]
        named = [t for t in terms if t.ref.iri not in ours]
        html = page(real, f"/browse/{kind.name}")
        listed, _, folded = html.partition('<details class="ours">')
        assert f"{len(named)} of {len(named)} term" in words(listed)
        for term in terms:
            assert f'href="{term.ref.path}"' in (listed if term in named else folded), term.ref
        apart += len(terms) - len(named)
    assert apart > 30


def test_where_people_look_it_says_that_author_and_date_are_unknown(real: FlaskClient) -> None:
    for path in ("/about", "/doc/source/cdct.html"):
        text = words(page(real, path))
        assert "author, publisher, date and address are not given" in text, path
        assert "27658 characters" in text, path
        assert re.search("report an error|Found an error", text), path


def test_the_page_of_the_condition_is_short_at_first_and_complete(real: FlaskClient) -> None:
    html = page(real, "/doc/id/CDMO_0000001.html")
    brief = words(html.partition('id="brief"')[2].partition("</section>")[0])
    for words_of_line in (
        "is a kind of",
        "manifests as",
        "is diagnosed with the help of",
        "is treated by",
    ):
        assert words_of_line in brief
    assert html.partition('id="brief"')[2].partition("</section>")[0].count("<dt>") == 5
    for name in ("treatment", "diagnosis", "treated-by", "managed-by", "has-manifestation"):
        assert f'id="{name}"' in html, name
    assert "All 21 of is treated by" in words(html)
    assert '>in <a href="/doc/id/CDMO_0000001">' not in html, "it is the context of the whole site"


def test_codes_of_exact_matches_stand_near_the_title(real: FlaskClient, library: Library) -> None:
    for iri, matches in library.matches.items():
        html = page(real, f"{library.names.document(iri)}.html")
        codes = html.partition('<section class="codes"')[2].partition("</section>")[0]
        for match in matches:
            exact = match.predicate.iri == EXACT_MATCH
            assert exact == (f"<code>{match.target.curie or match.target.iri}</code>" in codes)
