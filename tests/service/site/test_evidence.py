"""Evidence in place: each citation quotes its sentence if the document is available."""

import os
import re
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service.iris import SUBCLASS
from service.library import Library, Passage
from service.release import Release
from service.settings import Settings
from service.site.site import Site

from .client import client_of, page, words


def site_of(client: FlaskClient) -> Site:
    site = client.application.extensions["site"]
    assert isinstance(site, Site)
    return site


def sentence(site: Site, passage: Passage) -> str:
    """Return the text of a passage, which must be available."""
    text = site.passage_text(passage)
    assert text
    return text


def text_of(html: str) -> str:
    """Return the text of HTML with its spaces unchanged."""
    return unescape(re.sub(r"<[^>]+>", "", html))


@pytest.fixture(scope="module")
def with_document(release: Release) -> FlaskClient:
    """A client of the tiny release with its document."""
    document = Path(__file__).parents[2] / "data" / "tiny" / "document.txt"
    return client_of(release, Settings(source_files=(document,)))


@pytest.fixture(scope="module")
def without_document(release: Release) -> FlaskClient:
    return client_of(release)


def check_citations(client: FlaskClient) -> int:
    """Check on all pages of claims and terms that each citation quotes its sentence."""
    site, quotes = site_of(client), 0
    term_page = cache(lambda path: page(client, path))
    for claim in site.library.claims.values():
        html = page(client, f"{claim.ref.path}.html")
        cited = html.partition("<dt>Where it says so</dt>")[2].partition("</dd>")[0]
        shown = re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", cited, flags=re.DOTALL)
        assert [text_of(one) for one in shown] == [
            sentence(site, citation.passage) for citation in claim.citations
        ]
        for one, citation in zip(shown, claim.citations, strict=True):
            marked = {text_of(m).lower() for m in re.findall(r"<mark>(.*?)</mark>", one)}
            assert marked == ({citation.hedge.lower()} if citation.hedge else set()), claim.ref
        for term in (claim.subject, claim.object):
            if term.iri in site.library.terms:
                html = term_page(f"{term.path}.html")
                row = html.partition(f'class="itself" href="{claim.ref.path}"')[2]
                folded = row.partition("<details>")[2].partition("</details>")[0]
                for citation in claim.citations:
                    assert sentence(site, citation.passage) in text_of(folded), claim.ref
        quotes += len(shown)
    return quotes


def test_every_citation_quotes_its_sentence_with_the_hedge_marked(
    with_document: FlaskClient,
) -> None:
    assert check_citations(with_document) > 10


@pytest.mark.source
def test_every_citation_of_the_article_quotes_its_sentence(real_release: Release) -> None:
    path = os.environ.get("CDMO_SOURCE")
    if not path:
        pytest.skip("needs the source document: set CDMO_SOURCE")
    assert check_citations(client_of(real_release, Settings(source_files=(Path(path),)))) > 1000


def test_without_the_document_a_citation_has_its_hedge_and_position(
    without_document: FlaskClient,
) -> None:
    for claim in site_of(without_document).library.claims.values():
        html = page(without_document, f"{claim.ref.path}.html")
        assert "<blockquote" not in html
        for citation in claim.citations:
            passage = citation.passage
            assert f"characters {passage.start} to {passage.end}" in words(html)
            assert f"<q>{citation.hedge}</q>" in html or not citation.hedge


def test_another_document_is_not_quoted(release: Release, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("x" * 5000)
    client = client_of(release, Settings(source_files=(other,)))
    claim = next(iter(site_of(client).library.claims.values()))
    for path in (claim.ref.path, claim.subject.path, claim.citations[0].passage.ref.path):
        assert "<blockquote" not in page(client, f"{path}.html")
        assert "xxx" not in page(client, f"{path}.html")


def test_sections_passages_and_disagreements_quote_too(with_document: FlaskClient) -> None:
    site = site_of(with_document)
    for section in site.library.sections.values():
        html = page(with_document, f"{section.ref.path}.html")
        for passage in site.library.passages.values():
            if passage.section is section:
                assert f'id="p{passage.order}"' in html
                assert sentence(site, passage) in text_of(html)
    for tension in site.library.tensions.values():
        html = page(with_document, f"{tension.ref.path}.html")
        for involved in tension.involved:
            assert sentence(site, involved.passage) in text_of(html), tension.ref


def test_every_row_of_a_term_links_to_its_own_statement(real_release: Release) -> None:
    client = client_of(real_release)
    library: Library = site_of(client).library
    for iri in library.terms:
        html = page(client, f"{library.names.document(iri)}.html")
        links = re.findall(r'class="itself" href="([^"]+)"', html)
        assert sorted(links) == sorted(
            str(claim.ref.path) for claim in library.claims_of_term.get(iri, ())
        )


def test_the_reading_view_folds_hierarchy_statements(real_release: Release) -> None:
    """Statements with a tension stay visible."""
    client = client_of(real_release)
    library: Library = site_of(client).library
    folded = 0
    for section in library.sections.values():
        html = page(client, f"{section.ref.path}.html")
        for passage in library.passages.values():
            if passage.section is not section:
                continue
            item = html.partition(f'<li id="p{passage.order}"')[2].partition('<li id="p')[0]
            still_open = re.sub(r"<details>.*?</details>", "", item, flags=re.DOTALL)
            for claim in library.claims_of_passage.get(passage.ref.iri, ()):
                misleads = any(t.kind.leading for t in library.tensions_about(claim.ref.iri))
                is_open = f'href="{claim.ref.path}"' in still_open
                assert f'href="{claim.ref.path}"' in item
                assert is_open == (misleads or claim.relation.ref.iri != SUBCLASS), claim.ref
                folded += not is_open
    assert folded > 50
