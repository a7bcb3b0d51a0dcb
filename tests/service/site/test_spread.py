"""Words and marks for firmness and for our additions, with links to their meanings."""

import re

import pyoxigraph as ox
from flask.testing import FlaskClient

from service.iris import BASE, CDMO, DEFINED, EXACT_MATCH, FORMED, SUBCLASS
from service.library import Library
from service.rdf.terms import text

from .client import page, words
from .marks import puts, tree

ORIGIN = ox.NamedNode(f"{CDMO}origin")


def test_a_claim_shows_the_number_of_passages_for_each_assertion(small: Library) -> None:
    claim = small.claims[BASE + "claim/0000001"]
    shares = [(s.assertion.words, s.aim, s.passages) for s in claim.spread]
    assert shares == [("stated plainly", None, 2)]
    assert [(tag.words, n) for tag, n in claim.tags] == [("in some cases", 1)]


def test_each_mark_links_to_its_meaning_and_pages_have_the_legend(client: FlaskClient) -> None:
    html = page(client, "/doc/id/CDMO_0000003.html")
    assert '<a class="said plain" href="/doc/schema/plain">' in html
    assert '<a class="tag" href="/doc/schema/someCases">in some cases' in html
    assert "in some cases 1 of 2" in words(html)
    assert html.count('<p class="legend">') == 1


def test_every_page_says_once_that_the_article_cites_no_source(client: FlaskClient) -> None:
    for path in ("/", "/about", "/doc/id/CDMO_0000003.html", "/doc/claim/0000001.html"):
        assert words(page(client, path)).count("cites no source for any of this") == 1, path


def test_a_general_term_shows_and_counts_statements_about_its_kinds(client: FlaskClient) -> None:
    html = page(client, "/doc/id/CDMO_0000002.html")
    text = words(html)
    assert "Also said of its kinds: 1 calcinosis said of bisphosphonate stated plainly" in text
    assert 'id="treats"' in html


# -- over all of the real release ----------------------------------------------------------------


def test_the_page_of_pain_lists_treatments_of_kinds_of_pain(real: FlaskClient) -> None:
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
        on_page = {subject for _, subject, _ in puts(tree(html))}
        for kind in library.hierarchy.kinds(iri):
            missing = {
                claim.ref.iri
                for claim in library.claims_of_term.get(kind, ())
                if claim.relation.ref.iri != SUBCLASS
            } - on_page
            assert not missing, (iri, kind)


def test_our_groupings_are_listed_separately_for_every_kind(
    real: FlaskClient, library: Library
) -> None:
    """A list has one number for the terms of the document and one for our groupings."""
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


def test_prominent_pages_say_that_author_and_date_are_unknown(real: FlaskClient) -> None:
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
