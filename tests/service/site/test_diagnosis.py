"""The path of diagnosis: the document's examinations as steps."""

import re
from collections import Counter

import pytest
from flask.testing import FlaskClient

from service.iris import CDMO
from service.library import Library, Path, diagnostic_path
from service.rdf.terms import text
from service.release import Release

from .client import client_of, page, words
from .marks import puts, recorded, tree

ABOUT = """
SELECT DISTINCT ?claim WHERE {
  ?claim cdmo:subject ?subject ; cdmo:object ?object ; cdmo:relation ?relation .
  FILTER(?relation != rdfs:subClassOf)
  {
    VALUES ?end { cdmo:subject cdmo:object }
    ?claim ?end ?test . ?test rdfs:subClassOf+ cdmo:Test
  } UNION {
    ?claim cdmo:subject ?subject . ?relation rdfs:subPropertyOf+ cdmo:informsAbout .
    FILTER NOT EXISTS { ?subject rdfs:subClassOf+ cdmo:ResearchTopic }
  }
}
"""
"""A query for the statements of the path, independent of its code."""

PREFIXES = {"cdmo": CDMO, "rdfs": "http://www.w3.org/2000/01/rdf-schema#"}


@pytest.fixture(scope="module")
def path(real_library: Library) -> Path:
    drawn = diagnostic_path(real_library)
    assert drawn
    return drawn


@pytest.fixture(scope="module")
def html(real_release: Release) -> str:
    return page(client_of(real_release), "/diagnosis/")


def test_a_release_without_steps_says_so(client: FlaskClient) -> None:
    assert "does not say which tests are steps" in words(page(client, "/diagnosis/"))


def test_steps_stand_as_the_document_first_names_them(path: Path) -> None:
    assert [step.test.label for step in path.steps] == [
        "clinical evaluation",
        "laboratory test",
        "imaging study",
        "biopsy",
        "electromyography",
    ]
    first = [min(x.passage.order for c in s.claims for x in c.citations) for s in path.steps]
    assert first == sorted(first)


def test_steps_are_ordered_only_where_the_document_orders_them(path: Path, html: str) -> None:
    assert [(c.relation.ref.label, c.object.label) for c in path.order] == [
        ("begins with", "clinical evaluation")
    ]
    assert "need not be the order in practice" in words(html)


def test_kinds_parts_and_findings_stand_with_their_step(path: Path) -> None:
    clinical, laboratory, imaging, biopsy, _ = path.steps
    assert {"physical examination", "medical history assessment"} <= {
        t.label for t in clinical.tests
    }
    assert "blood test" in {t.label for t in laboratory.tests}
    assert "X-ray" in {t.label for t in imaging.tests}
    assert "microscopic examination" in {t.label for t in biopsy.tests}
    subjects = {c.subject.label for c in laboratory.claims}
    assert {"elevated creatine kinase", "anti-Jo-1 antibody"} <= subjects


def test_every_claim_about_a_test_or_a_finding_has_one_place(
    real_library: Library, path: Path
) -> None:
    rows = real_library.store.query(ABOUT, prefixes=PREFIXES, use_default_graph_as_union=True)
    about = {text(row["claim"]) for row in rows}  # type: ignore[union-attr]
    groups = (path.whole.claims, *(step.claims for step in path.steps), path.others)
    placed = Counter(claim.ref.iri for group in groups for claim in group)
    assert set(placed) == about
    assert set(placed.values()) == {1}


def test_every_statement_is_listed_with_its_firmness_and_passages(
    real_library: Library, path: Path, html: str
) -> None:
    data = recorded(real_library.store)
    for _, iri, shown in puts(tree(html)):
        assert shown == data[iri], iri
    listed = html.partition('id="list"')[2]
    for step, anchor in [(path.whole, "whole")] + [
        (step, f"step-{n}") for n, step in enumerate(path.steps, 1)
    ]:
        part = listed.partition(f'<h3 id="{anchor}"')[2].partition("</section>")[0]
        assert html.count(f'href="#{anchor}"') >= 1
        items = re.findall(r"<li.*?</li>", part, re.DOTALL)
        for claim, item in zip(step.claims, items, strict=True):
            assert f'href="{claim.ref.path}"' in item
            assert claim.reading() in item, "a denial has words of its own"
            for citation in claim.citations:
                assert f'href="{citation.passage.ref.path}"' in item
            tensions = real_library.tensions_about(claim.ref.iri)
            assert ("at-odds" in item) == any(t.kind.leading for t in tensions)


def test_the_figure_repeats_no_line_and_each_step_has_a_purpose(html: str) -> None:
    figure = html.partition("</ol></figure>")[0].partition('<ol class="path">')[2]
    steps = [re.findall(r"<p>(.*?)</p>", step, re.DOTALL) for step in figure.split("<h2>")]
    for step in steps:
        assert len(step) == len(set(step))
    lines = [words(line) for step in steps for line in step]
    for text_of in ("complete blood count assesses overall health", "assesses nerve involvement"):
        assert any(text_of in line for line in lines)
    assert "the numbers and the dotted line follow the order" in words(html)


def test_pages_link_to_the_path(real_release: Release) -> None:
    client = client_of(real_release)
    for address in ("/", "/browse/Test", "/sitemap.xml"):
        assert "/diagnosis/" in client.get(address).text, address
