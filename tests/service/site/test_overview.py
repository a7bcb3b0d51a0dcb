"""The picture of a term: each line is a statement with its standing in the data."""

import re
from html import unescape
from typing import NamedTuple

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from service import iris
from service.library import Library, limits_of_treatment
from service.release import Release, graph_iri
from service.site.overview import FEW, LIMITS, MAX_LINES, MAX_PROSPECTS, Comb, Overview, overview

from .client import client_of, page

CONDITION = "https://w3id.org/cdmo/id/CDMO_0000001"
UNDRAWN = {"kindOf", "website"}
"""Relations that no picture shows: kinds are in the tree, and an address is no term."""


class Drawn(NamedTuple):
    """A line in the HTML of a page: its target, the words above it, and its look."""

    path: str
    head: str
    standing: str
    denied: bool
    signs: str
    words: str


def lines(html: str) -> list[Drawn]:
    """Return the lines of the picture in a page."""
    figure = re.search(r"<figure class=\"diagram overview\".*?</figure>", html, re.DOTALL)
    assert figure
    groups = re.findall(
        r"<p(?: class=\"denial\")?>([^<]+)</p>\n<ul>(.*?)</ul>", figure[0], re.DOTALL
    )
    drawn = []
    for head, rows in groups:
        for row in re.findall(r"<li>(.*?)</li>", rows, re.DOTALL):
            links = re.findall(r'<a class="line" href="([^"]+)" [^>]*title="([^"]+)"', row)
            drawn.append(
                Drawn(
                    links[0][0],
                    unescape(head),
                    re.findall(r'<svg class="(\w+)"', row)[0],
                    'class="cross"' in row,
                    "".join(re.findall(r'class="warning"><span aria-hidden="true">(.)<', row)),
                    unescape(links[0][1]),
                )
            )
    return drawn


def combs(picture: Overview) -> tuple[Comb, ...]:
    return picture.combs + picture.folded


@pytest.fixture(scope="module")
def real_client(real_release: Release) -> FlaskClient:
    return client_of(real_release)


@pytest.fixture(scope="module")
def pages(pictures: list[Overview], real_client: FlaskClient) -> list[tuple[Overview, str]]:
    """Every picture with its page."""
    return [(picture, page(real_client, f"{picture.ref.path}.html")) for picture in pictures]


@pytest.fixture(scope="module")
def pictures(real_library: Library) -> list[Overview]:
    shown = [overview(real_library, iri) for iri in real_library.terms]
    return [picture for picture in shown if picture]


def test_a_term_with_several_statements_has_a_picture(
    real_library: Library, pictures: list[Overview]
) -> None:
    many = {iri for iri in real_library.terms if len(_drawable(real_library, iri)) >= FEW}
    assert {picture.ref.iri for picture in pictures} == many
    assert len(many) > 100


def test_every_statement_of_a_term_and_its_kinds_is_drawn_or_counted(
    real_library: Library, pictures: list[Overview]
) -> None:
    for picture in pictures:
        iri = picture.ref.iri
        parts = [comb for comb in combs(picture) if comb.sector is not LIMITS]
        drawn = [line.claim.ref.iri for comb in parts for line in comb.lines]
        own = _with_forms(real_library, iri)
        assert len(set(drawn)) == len(drawn)
        assert set(drawn) <= own
        assert len(drawn) + sum(comb.more for comb in parts) == len(own)
        below = {c for k in real_library.hierarchy.kinds(iri) for c in _with_forms(real_library, k)}
        counted = sum(comb.of_kinds for comb in parts) + sum(n for _, n in picture.of_kinds)
        assert counted >= len(below - own)
        assert counted <= len(below)
        for comb in parts:
            affirmed = [x for x in comb.lines if not (x.claim.negative or x.claim.is_prospect)]
            assert len(affirmed) <= MAX_LINES
            assert comb.more == 0 or len(comb.lines) >= min(MAX_LINES, MAX_PROSPECTS)


def _drawable(library: Library, iri: str) -> set[str]:
    claims = library.claims_of_term.get(iri, ())
    return {c.ref.iri for c in claims if c.relation.name not in UNDRAWN}


def _with_forms(library: Library, iri: str) -> set[str]:
    """Return the statements about a term and about its uses in the ontology."""
    forms = [
        ref.iri
        for ref in library.aspects.get(iri, ())
        if library.terms[ref.iri].kinds == library.terms[iri].kinds
    ]
    return {claim for term in (iri, *forms) for claim in _drawable(library, term)}


def test_the_look_of_each_line_agrees_with_the_data(
    real_library: Library, pages: list[tuple[Overview, str]]
) -> None:
    """Standing, polarity and tensions are read from the triples, not through the library."""
    warned = _warned(real_library)
    for picture, html in pages:
        drawn = lines(html)
        assert len(drawn) == sum(len(comb.lines) for comb in combs(picture))
        for line in drawn:
            iri = f"{iris.BASE}claim/{line.path.rpartition('/')[2]}"
            assert _object(real_library, iri, "standing") == iris.CDMO + line.standing
            assert (_object(real_library, iri, "polarity") == iris.NEGATIVE) == line.denied
            assert line.signs == max(warned.get(iri, {""})), iri


def test_a_denial_is_shown_once_and_not_folded(
    real_library: Library, pages: list[tuple[Overview, str]]
) -> None:
    denied = {line for _, html in pages for line in lines(html) if line.denied}
    assert {line.head for line in denied} >= {"does not lead to", "avoids"}
    for line in denied:
        assert re.search(r"\b(not|avoids|avoided)\b", line.head)
        assert not re.search(r"denied|not so", line.words), "two negatives make an affirmation"
    for picture, html in pages:
        affirmed = [line.denied for line in lines(html)]
        for comb in combs(picture):
            order = [line.claim.negative for line in comb.lines]
            assert order == sorted(order), "what a thing has comes before what it avoids"
        assert any(affirmed) == ("denied or advised against</span>" in html)


def test_a_narrow_screen_folds_no_denial_and_no_adverse_effect(pictures: list[Overview]) -> None:
    for picture in pictures:
        for comb in combs(picture):
            warnings = [
                line.claim.negative or "dverse" in line.claim.relation.name for line in comb.lines
            ]
            assert comb.in_brief or not any(warnings), picture.ref.label


def test_aims_and_hopes_have_their_own_words_and_come_after_statements(
    real_library: Library, pages: list[tuple[Overview, str]]
) -> None:
    """The words are those of their relation in the graph of aims and hopes."""
    labels = {words for r in real_library.relations.values() for words in (r.meant + r.hoped)}
    forms = set()
    for picture, html in pages:
        for line in lines(html):
            if line.standing == "prospective":
                assert re.search(r"meant to|hoped to|aim or hope", line.head), line
                forms.add(line.head)
            else:
                assert line.head not in labels
        for comb in combs(picture):
            order = [line.rank[:2] for line in comb.lines]
            assert order == sorted(order)
    assert {"is hoped to be helped by", "is meant to help against"} <= forms


def test_the_words_of_every_aim_are_those_of_the_graph(real_library: Library) -> None:
    checked = 0
    for claim in real_library.claims.values():
        if claim.is_prospect and any(claim.relation.meant):
            ends = ox.NamedNode(claim.subject.iri), ox.NamedNode(claim.object.iri)
            quads = real_library.store.quads_for_pattern(
                ends[0], None, ends[1], ox.NamedNode(graph_iri("prospective"))
            )
            words = {real_library.in_sentence(real_library.ref(q.predicate.value)) for q in quads}
            assert claim.reading() in words, claim.sentence
            checked += 1
    assert checked > 90


def _object(library: Library, iri: str, name: str) -> str:
    (value,) = library.values(iri, iris.CDMO + name)
    assert isinstance(value, ox.NamedNode)
    return value.value


def _warned(library: Library) -> dict[str, set[str]]:
    """Return the claims that mislead if they are read alone, with their signs, by a query.

    These are both sides of a contradiction, and the less cautious side of any other tension.
    """
    solutions = library.store.query(
        """
        SELECT DISTINCT ?claim ?kind WHERE {
          ?tension cdmo:tensionKind ?kind ; cdmo:concerns ?claim .
          ?kind cdmo:displayGroup "leading" .
          ?claim cdmo:citation/cdmo:passage ?passage .
          FILTER(?kind = cdmo:Contradiction || NOT EXISTS { ?tension cdmo:otherSide ?passage })
        }
        """,
        prefixes={"cdmo": iris.CDMO},
        use_default_graph_as_union=True,
    )
    assert isinstance(solutions, ox.QuerySolutions)
    signs: dict[str, set[str]] = {}
    for row in solutions:
        mutual = row["kind"].value == iris.CONTRADICTION
        signs.setdefault(row["claim"].value, set()).add("≠" if mutual else "!")
    return signs


def test_the_less_cautious_side_has_the_sign(real_library: Library) -> None:
    """Improved blood flow is no overreach; slowed calcification, in an answer, is one."""
    warned = _warned(real_library)
    leading = {
        ref.iri for t in real_library.tensions.values() if t.kind.leading for ref in t.concerns
    } & set(real_library.claims)
    assert len(warned) < 0.75 * len(leading)
    for iri in ("0000648", "0000649", "0000650", "0000386"):
        assert f"{iris.BASE}claim/{iri}" in leading - set(warned)


def test_links_of_pictures_lead_to_documents_and_to_the_whole_list(
    real_library: Library, pages: list[tuple[Overview, str]]
) -> None:
    """The crawl of the whole site requests the links; here they must only be known."""
    for picture, html in pages:
        ids = set(re.findall(r'\bid="([^"]+)"', html))
        for comb in combs(picture):
            assert comb.anchor in ids, picture.ref.label
            for line in comb.lines:
                for ref in (line.other, line.claim.ref):
                    assert real_library.knows(ref.iri)
                    assert f'href="{ref.path}"' in html
            if comb.more:
                assert f'href="#{comb.anchor}">+{comb.more}<' in html


def test_statements_of_one_pair_have_a_line_each(real_library: Library) -> None:
    """If one is hedged and the other is stated, neither line stands for both."""
    lines = [line for comb in combs(_picture(real_library)) for line in comb.lines]
    impact = [line for line in lines if line.other.label == "emotional impact"]
    assert [line.claim.standing.name for line in impact] == ["qualified", "hedged"]


def test_the_picture_of_the_condition_has_its_signs_tests_and_treatments(
    real_library: Library,
) -> None:
    kinds = {
        comb.sector.words: {
            real_library.terms[line.other.iri].kinds[0].rpartition("/")[2] for line in comb.lines
        }
        for comb in _picture(real_library).combs
    }
    order = ["Causes", "Risk factors", "What is at work in it", "Signs and symptoms"]
    assert list(kinds)[:4] == order
    assert kinds["Signs and symptoms"] == {"Manifestation"}
    assert kinds["How it is found"] <= {"Test", "Analyte"}
    assert kinds["What helps"] == {"Intervention"}
    assert kinds["What is at work in it"] == {"Mechanism"}


def test_every_chapter_about_treatments_is_represented(real_library: Library) -> None:
    helps = next(c for c in _picture(real_library).combs if c.sector.words == "What helps")
    shown = {x.passage.section.top for line in helps.lines for x in line.claim.citations}  # type: ignore[union-attr]
    tops = [iri for iri, s in real_library.sections.items() if not s.depth]
    chapters = {real_library.sections[top].ref.label for top in tops if top in shown}
    assert {"Medications", "Surgical interventions", "Supportive therapies"} <= chapters
    assert "surgical intervention" in {line.other.label for line in helps.lines}


def test_limits_of_treatment_come_after_treatments(
    real_library: Library, real_client: FlaskClient
) -> None:
    words = [comb.sector.words for comb in _picture(real_library).combs]
    assert words.index(LIMITS.words) == words.index("What helps") + 1
    limits = limits_of_treatment(real_library, CONDITION)
    sentences = [claim.sentence for claim in limits]
    assert "surgical intervention does not lead to cure" in sentences
    assert any("tendency to recur" in sentence for sentence in sentences)
    assert any(claim.relation.name == "hasAdverseEffect" for claim in limits)
    html = page(real_client, "/doc/id/CDMO_0000001.html")
    section = html.partition('id="limits"')[2].partition("</section>")[0]
    for sentence in sentences:
        assert sentence in section
    assert f"{len(sentences)} on what limits its treatment" in page(real_client, "/")


def test_statements_about_a_use_of_a_drug_are_on_the_page_of_the_drug(
    real_library: Library, real_client: FlaskClient
) -> None:
    html = page(real_client, "/doc/id/CDMO_0000307.html")
    adverse = real_library.relation(iris.HAS_ADVERSE_EFFECT).words
    heads = {line.head for line in lines(html)}
    assert f"long-term corticosteroid use {adverse}" in heads
    assert "long-term corticosteroid use requires" in heads
    listed = html.partition('id="says"')[2]
    assert "side effect</a> <small>said of" in listed
    assert "careful monitoring</a> <small>said of" in listed


def _picture(library: Library) -> Overview:
    picture = overview(library, CONDITION)
    assert picture
    return picture


def test_each_treatment_of_a_sign_is_counted_once_and_aims_separately(
    real_library: Library,
) -> None:
    hooked = {
        line.other.iri: {hook.words: hook for hook in line.hooks}
        for comb in _picture(real_library).combs
        for line in comb.lines
    }
    for iri, hooks in hooked.items():
        if hooks:
            helping = [
                c
                for c in real_library.claims_of_term[iri]
                if c.object.iri == iri
                and c.relation.inverse_sector
                and c.relation.inverse_sector.words == "What helps"
                and not c.negative
            ]
            helpers = {c.subject for c in helping if c.standing.name != "prospective"}
            meant = {c.subject for c in helping} - helpers
            hook = hooks.get("What helps")
            assert (
                (hook.others, hook.prospects) == (len(helpers), len(meant)) if hook else not helping
            )
    assert sum(map(bool, hooked.values())) > 10


def test_no_picture_counts_the_conditions_statements_at_a_term(
    real_library: Library, pictures: list[Overview]
) -> None:
    for picture in pictures:
        for comb in combs(picture):
            for line in comb.lines:
                is_condition = iris.CONDITION in real_library.terms[line.other.iri].kinds
                assert not (line.hooks and is_condition)


def test_home_shows_the_condition_and_the_same_as_a_table(
    real_library: Library, real_client: FlaskClient
) -> None:
    html = page(real_client, "/")
    drawn = {line.path for line in lines(html)}
    assert drawn == {line.path for line in lines(page(real_client, "/doc/id/CDMO_0000001.html"))}
    table = re.search(r"<table.*?</table>", html.partition("</figure>")[2], re.DOTALL)
    assert table
    assert set(re.findall(r'href="(/doc/claim/[^"]+)"', table[0])) == drawn
    for comb in combs(_picture(real_library)):
        if comb.more:
            assert f'href="/doc/id/CDMO_0000001#{comb.anchor}">{comb.more} more</a>' in table[0]


def test_every_relation_of_the_document_has_a_sector_from_both_ends(
    real_library: Library,
) -> None:
    used = {claim.relation for claim in real_library.claims.values()}
    without = {r.name for r in used if not (r.sector and r.inverse_sector)}
    assert without == UNDRAWN


def test_home_counts_disagreements_separately_from_minor_tensions(
    real_library: Library, real_client: FlaskClient
) -> None:
    leading = sum(tension.kind.leading for tension in real_library.tensions.values())
    card = page(real_client, "/").partition('id="odds"')[2].partition("</section>")[0]
    rest = len(real_library.tensions) - leading
    assert f"All {leading} places</a>, and {rest} smaller things" in card
