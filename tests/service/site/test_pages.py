"""The content of pages for people, which is complete without scripts."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.iris import BASE
from service.library import statement_groups
from service.problems import Problem, of_requests
from service.release import Release
from service.site.schema_org import WEB_SITE

from .client import HTML, client_of, page, words


def every_page(app: Flask) -> list[str]:
    fixed = [
        "/",
        "/browse/",
        "/browse/Condition",
        "/browse/Intervention?standing=qualified",
        "/statements/",
        "/statements/?subject=bisphosphonate&limit=1",
        "/terms/",
        "/passages/",
        "/questions/",
        "/tensions/",
        "/mappings/",
        "/mappings/?code=HP:0012531",
        "/search",
        "/search?q=pain",
        "/search?q=qqqq",
        "/about",
        "/changes",
        "/downloads",
        "/problems/",
        *(f"/problems/{kind.slug}" for kind in of_requests()),
    ]
    documents = app.extensions["site"].library.documents
    return fixed + ["/doc/" + iri.removeprefix(BASE) for iri in documents]


# -- every page --------------------------------------------------------------------------------


def test_every_page_says_that_it_restates_one_document_and_is_no_medical_advice(
    app: Flask, client: FlaskClient
) -> None:
    for path in every_page(app):
        text = words(page(client, path))
        assert "This site restates one web article" in text, path
        assert "not medical advice" in text, path


def test_every_page_has_one_heading_one_main_part_and_unique_ids(
    app: Flask, client: FlaskClient
) -> None:
    for path in every_page(app):
        html = page(client, path)
        assert html.count("<h1") == 1, path
        assert html.count("<main") == 1, path
        assert '<html lang="en">' in html, path
        assert 'href="#main">Skip' in html, path
        assert re.search(r"<title>[^<]+ · CDMO</title>", html), path
        ids = re.findall(r'\bid="([^"]+)"', html)
        assert len(ids) == len(set(ids)), (path, [i for i in ids if ids.count(i) > 1])
        assert "undefined" not in words(html).lower(), path


def test_every_link_on_every_page_leads_somewhere(app: Flask, client: FlaskClient) -> None:
    statuses: dict[str, int] = {}
    todo = every_page(app)
    while todo:
        path = todo.pop().partition("#")[0]
        if path in statuses:
            continue
        with client.get(path, headers=HTML) as response:  # closes sent files
            statuses[path] = response.status_code
            if response.mimetype == "text/html":
                html = response.get_data(as_text=True)
                addresses = re.findall(r'(?:href|src|action)="(/[^"]*)"', html)
                links = [address.replace("&amp;", "&") for address in addresses]
                todo += [link for link in links if not link.startswith("/sparql")]
    assert {path: s for path, s in statuses.items() if s not in (200, 303)} == {}


def test_no_page_loads_anything_from_another_host(app: Flask, client: FlaskClient) -> None:
    for path in every_page(app)[:40]:
        response = client.get(path, headers=HTML)
        assert not re.findall(r'<(?:script|img|iframe)[^>]+src="(?:https?:)?//', response.text)
        assert not re.findall(r'rel="stylesheet"[^>]+href="(?:https?:)?//', response.text)
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_pages_carry_an_entity_tag(client: FlaskClient) -> None:
    tag = client.get("/", headers=HTML).headers["ETag"]
    assert tag.startswith("W/")
    assert client.get("/", headers={**HTML, "If-None-Match": tag}).status_code == 304


def test_static_files_are_fingerprinted_and_never_expire(client: FlaskClient) -> None:
    paths = re.findall(r'(?:href|src)="(/static/[^"]+)"', page(client, "/"))
    assert len(paths) >= 3
    for path in paths:
        with client.get(path) as response:
            assert response.status_code == 200
            assert "immutable" in response.headers["Cache-Control"]


# -- pages of documents ------------------------------------------------------------------------


def test_a_term_page_shows_statements_with_firmness_and_sections(client: FlaskClient) -> None:
    text = words(page(client, "/doc/id/CDMO_0000003.html"))
    assert "a medication that slows the loss of bone." in text
    assert "bisphosphonate treats" in text
    assert "calcinosis stated plainly in 2 passages in some cases 1 of 2 off-label" in text
    assert "off-label" in text
    assert "2 passages" in text
    hedged = "stated plainly, in some cases “ sometimes ”: Drugs, 2"
    assert f"{hedged} ; stated plainly: Drug table, 3" in text
    assert "bisphosphonate does not treat pain stated plainly" in text
    assert "the table loses a hedge" in text
    assert "is a kind of off-label medication" in text.partition("Found by reasoning")[2]


def test_every_statement_unfolds_its_passages_in_place(app: Flask, client: FlaskClient) -> None:
    library = app.extensions["site"].library
    for iri in library.terms:
        html = page(client, f"{library.names.document(iri)}.html")
        opened = re.findall(r"<details><summary>\d+ passages?\b.*?</details>", html)
        groups = statement_groups(library, iri)
        statements = sum(len(group.statements) for group in groups)
        assert len(opened) == statements
        for details in opened:
            assert '<a href="/doc/passage/' in details


def test_an_inference_is_explained_by_the_axioms_behind_it(client: FlaskClient) -> None:
    text = words(page(client, "/doc/id/CDMO_0000003.html"))
    assert "is a kind of off-label medication Because" in text
    assert "it is a kind of medication claim:0000003" in text
    assert "it makes use of calcium" in text


def test_an_inference_is_explained_by_statements_and_not_by_itself(client: FlaskClient) -> None:
    text = words(page(client, "/doc/id/CDMO_0000006.html")).partition("Found by reasoning")[2]
    assert re.search(r"detects pain may be so Because \(pain\) it \w+ pain .*?claim:\d+", text)


def test_an_obsolete_term_keeps_a_page_that_names_its_successor(client: FlaskClient) -> None:
    text = words(page(client, "/doc/id/CDMO_0000007.html"))
    assert "This term is obsolete. Use bisphosphonate instead." in text


def test_a_passage_without_claims_gives_the_reason(client: FlaskClient) -> None:
    text = words(page(client, "/doc/passage/cdct-001.html"))
    assert "It states nothing by itself: navigation" in text


def test_without_the_document_its_text_is_on_no_page(client: FlaskClient) -> None:
    text = words(page(client, "/doc/source/cdct.html"))
    assert "The article’s text is not part of this site." in text


def test_a_question_shows_its_rows_and_opens_in_the_editor(client: FlaskClient) -> None:
    html = page(client, "/doc/question/off-label.html")
    assert "bisphosphonate" in words(html)
    assert 'href="/query?question=off-label"' in html


def test_a_script_in_a_search_stays_a_word(client: FlaskClient) -> None:
    html = client.get("/search?q=%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>alert" not in html


# -- lists, search, comparison -------------------------------------------------------------------


def test_home_names_the_condition_and_opens_three_doors(client: FlaskClient) -> None:
    html = page(client, "/")
    assert html.count('role="search"') == 1
    assert "Calcinosis: what one article says" in words(html)
    treatments, tensions, questions = html.partition("Three ways in")[2].split("<section")[1:4]
    assert 'href="/doc/id/CDMO_0000001#treated-by"' in treatments
    assert "bisphosphonate" in words(treatments)
    assert "the table loses a hedge" in words(tensions)
    assert "What it does not say" in words(questions)


def test_the_about_page_counts_statements_by_standing(
    client: FlaskClient,
) -> None:
    assert "<meter" not in page(client, "/")
    assert re.search("hedged</a></th><td><meter[^>]+></meter> 1<", page(client, "/about"))


def test_home_shows_the_four_pillars_with_their_numbers(client: FlaskClient) -> None:
    text = words(page(client, "/"))
    assert "Conditions 1 term 1 statement " in text
    assert "Manifestations 1 term 2 statements" in text
    assert "Tests 1 term 1 statement " in text
    assert "Interventions 2 terms 3 statements" in text


def test_facets_narrow_a_list_and_can_be_removed(client: FlaskClient) -> None:
    assert "2 of 2 terms" in words(page(client, "/browse/Intervention"))
    narrowed = page(client, "/browse/Intervention?standing=qualified")
    assert "1 of 2 terms" in words(narrowed)
    assert 'href="/browse/Intervention"' in narrowed


def test_terms_stand_in_a_headed_list_by_kinds_or_by_name(client: FlaskClient) -> None:
    by_kinds = page(client, "/browse/Intervention")
    text = words(by_kinds)
    assert "2 of 2 terms, 3 of 3 statements · A–Z Intervention Statements bisphosphonate" in text
    assert "1 term below bisphosphonate alendronate" in text
    assert "<details open><summary>1 term below" in by_kinds
    by_name = page(client, "/browse/Intervention?order=name")
    rows = re.findall(r'<div class="row"><span><a href="[^"]+">([^<]+)', by_name)
    assert rows == ["alendronate", "bisphosphonate", "medication"]


def test_facets_stand_before_the_list(client: FlaskClient) -> None:
    for path in ("/browse/Intervention", "/statements/"):
        html = page(client, path)
        assert html.index('class="secondary facets"') < html.index('class="primary"')


def test_facets_of_a_narrowed_list_keep_the_other_facets(client: FlaskClient) -> None:
    html = page(client, "/statements/?standing=qualified&narrowed=CDMO_0000001&start=0")
    links = re.findall(r'href="(/statements/\?[^"]*)"', html)
    assert links
    for link in links:
        assert "narrowed=CDMO_0000001" in link
        assert "x=y" not in link


def test_a_list_shows_items_that_other_lists_of_its_topic_lack(client: FlaskClient) -> None:
    text = words(page(client, "/doc/source/cdct-list-001.html"))
    assert "list of medication" in text
    assert "2 entries, given as examples. The article has 1 more list of the same." in text
    assert "Named here Drug table bisphosphonate passage 2 passage 3" in text
    assert "alendronate passage 2 not named" in text


def test_lists_of_the_document_are_linked_from_their_section_and_their_topic(
    client: FlaskClient,
) -> None:
    for path in ("/doc/source/cdct-drugs.html", "/doc/id/CDMO_0000002.html"):
        html = page(client, path)
        assert 'href="/doc/source/cdct-list-001"' in html
        assert "Drugs in the table 1 entry" in words(html)


def test_a_page_of_the_schema_does_not_repeat_itself(client: FlaskClient) -> None:
    text = words(page(client, "/doc/schema/hedged.html"))
    recorded = text.partition("All that is recorded")[2]
    assert "Rdf:type" in recorded or "rdf:type" in recorded
    assert not re.search("isplay order|efinition|loss|hort label", recorded)


def test_search_finds_by_other_names_and_codes(client: FlaskClient) -> None:
    assert "calcinosis" in words(page(client, "/search?q=calcified+skin"))
    assert "also called" in words(page(client, "/search?q=calcified+skin"))
    assert "word of the article" not in words(page(client, "/search?q=pain"))
    hits = client.get("/suggest?q=HP:0012531").get_json()
    assert hits[0]["label"] == "pain"
    assert hits[0]["path"] == "/doc/id/CDMO_0000005"


def test_the_list_of_mappings_leads_from_a_code_to_our_term(client: FlaskClient) -> None:
    text = words(page(client, "/mappings/?code=HP:0012531"))
    assert "Pain HP:0012531 pain the same" in text


@pytest.mark.parametrize("code", ["HPO:0012531", "hpo", "Human Phenotype"])
def test_a_vocabulary_is_found_by_its_usual_names(client: FlaskClient, code: str) -> None:
    text = words(page(client, f"/mappings/?code={code}"))
    assert "Human Phenotype Ontology (HPO) 1" in text
    assert "Pain HP:0012531 pain the same" in text
    assert "No mapped code" in words(page(client, "/mappings/?code=HPO:0012532"))


def test_vocabularies_have_their_names(client: FlaskClient) -> None:
    assert "Human Phenotype Ontology (HPO) 1" in words(page(client, "/mappings/"))


def test_a_comparison_begins_with_examples_and_marks_differences(client: FlaskClient) -> None:
    assert "For example bisphosphonate and" in words(page(client, "/compare"))
    both = page(client, "/compare?a=bisphosphonate&b=alendronate")
    assert "For example" not in words(both)


def test_each_download_has_a_description(real_release: Release) -> None:
    text = page(client_of(real_release), "/downloads")
    for name in real_release.manifest.files:
        if name.startswith("mappings/"):  # these have one description together
            assert f'href="/downloads/{name}"' in text
            continue
        assert re.search(rf"{re.escape(name)}</a></th><td>[A-Z][^<]+\.</td>", text), name


def test_two_terms_stand_side_by_side(client: FlaskClient) -> None:
    text = words(page(client, "/compare?a=bisphosphonate&b=CDMO:0000002"))
    assert "bisphosphonate and medication" in text
    assert "a medication that slows the loss of bone." in text


def test_a_comparison_with_an_unknown_term_says_so(client: FlaskClient) -> None:
    assert "No term is called “qqqq”" in words(page(client, "/compare?a=qqqq&b=pain"))


# -- where the document disagrees with itself ----------------------------------------------------


@pytest.mark.parametrize(
    ("path", "mark"),
    [
        ("/doc/id/CDMO_0000003", "lost caution , see Drugs, 2"),
        ("/doc/passage/cdct-002", "lost caution elsewhere: Drug table, 3"),
        ("/doc/passage/cdct-003", "lost caution , see Drugs, 2"),
        ("/doc/source/cdct-drugs", "lost caution , see Drugs, 2"),
        ("/statements/", "lost caution , see Drugs, 2"),
        ("/compare?a=bisphosphonate&b=x-ray", "lost caution , see Drugs, 2"),
        ("/search?q=bisphosphonate", "1 disagreement within the article"),
    ],
)
def test_a_mark_leads_to_the_passage_on_the_other_side(
    client: FlaskClient, path: str, mark: str
) -> None:
    assert mark in words(page(client, path))


def test_a_disagreement_stands_with_both_sides(client: FlaskClient) -> None:
    for path in ("/tensions/", "/doc/tension/0001", "/doc/claim/0000001"):
        text = words(page(client, path))
        first, second = text.partition("On one side")[2].split("On the other")
        assert "Drug table, 3" in first, path
        assert "Drugs, 2" in second, path
        assert "stated plainly in some cases “ sometimes ”" in second, path
        assert "Both passages keep their own words." in second, path


def test_disagreements_are_shown_by_section_and_by_term(client: FlaskClient) -> None:
    for query in ("section=cdct-drugs", "term=calcinosis", "term=medication", "term=CDMO:0000003"):
        assert "the table loses a hedge" in page(client, f"/tensions/?{query}"), query
    for query in ("term=pain", "term=x-ray&section=cdct-drugs"):
        text = words(page(client, f"/tensions/?{query}"))
        assert "None that would mislead a reader is recorded here." in text, query
    missing = client.get("/tensions/?term=alendronat", headers=HTML)
    assert missing.status_code == 400
    assert "No term is called “alendronat”" in words(missing.text)
    assert '<a href="/tensions/?term=alendronate">alendronate</a>' in missing.text


# -- problems, crawlers, downloads ---------------------------------------------------------------


@pytest.mark.parametrize("kind", of_requests())
def test_every_problem_has_a_page_that_says_what_to_do(
    client: FlaskClient, kind: type[Problem]
) -> None:
    text = words(page(client, f"/problems/{kind.slug}"))
    assert kind.title in text
    assert "What you can do" in text
    assert not re.search(r"extras|§|docstring|``", text)


def test_problems_of_a_build_or_of_a_command_have_no_page(client: FlaskClient) -> None:
    assert "sources have violations" not in page(client, "/problems/")
    assert client.get("/problems/source-error").status_code == 404


def test_an_unknown_address_offers_a_search(client: FlaskClient) -> None:
    html = client.get("/nope", headers=HTML).text
    assert "What you can do" in html
    assert re.search(r'<main.*<form[^>]+action="/search".*</main>', html, re.DOTALL)


@pytest.mark.parametrize(
    "path", ["/nope", "/browse/Nonsense", "/problems/nonsense", "/downloads/x"]
)
def test_an_unknown_address_is_a_page_with_status_404(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers=HTML)
    assert response.status_code == 404
    assert response.mimetype == "text/html"


def test_the_sitemap_lists_documents_and_robots_names_it(client: FlaskClient) -> None:
    sitemap = client.get("/sitemap.xml")
    assert sitemap.mimetype == "application/xml"
    assert "<loc>http://localhost/doc/id/CDMO_0000003</loc>" in sitemap.text
    robots = client.get("/robots.txt").text
    assert "Disallow: /sparql" in robots
    assert "Sitemap: http://localhost/sitemap.xml" in robots


def test_a_file_is_sent_from_the_disk_with_its_digest_as_entity_tag(
    app: Flask, client: FlaskClient
) -> None:
    release = app.extensions["site"].release
    with client.get("/downloads/ontology.ttl") as response:
        assert response.is_streamed, "a file of a gigabyte does not fit into memory"
        assert response.headers["ETag"] == f'"{release.manifest.files["ontology.ttl"]}"'
        assert response.mimetype == "text/turtle"
        assert response.data == release.dump("ontology.ttl").read_bytes()


# -- schema.org ----------------------------------------------------------------------------------


def embedded(html: str) -> dict[str, Any]:
    """Return the schema.org value of a page."""
    opening = '<script type="application/ld+json" id="schema-org">'
    value = json.loads(html.partition(opening)[2].partition("</script>")[0])
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize(
    ("local", "schema_type"),
    [
        ("id/CDMO_0000001", "MedicalCondition"),
        ("id/CDMO_0000003", "DrugClass"),
        ("id/CDMO_0000005", "MedicalSignOrSymptom"),
        ("id/CDMO_0000006", "MedicalTest"),
        ("id/CDMO_0000008", "DefinedTerm"),
        ("claim/0000001", "Claim"),
        ("question/off-label", "Question"),
        ("source/cdct", "Article"),
        ("tension/0001", "Comment"),
        ("passage/cdct-002", "CreativeWork"),
        ("schema/treats", "DefinedTerm"),
        ("mapping/hp", "Dataset"),
    ],
)
def test_pages_embed_schema_org(client: FlaskClient, local: str, schema_type: str) -> None:
    value = embedded(page(client, f"/doc/{local}.html"))
    assert value["@type"] == schema_type
    assert value["@id"] == BASE + local
    assert value["name"]


def test_home_embeds_the_dataset(client: FlaskClient) -> None:
    graph = embedded(page(client, "/"))["@graph"]
    assert [node["@type"] for node in graph] == ["WebSite", ["DefinedTermSet", "Dataset"]]


@pytest.mark.parametrize(
    ("path", "schema_type"),
    [
        ("/about", "AboutPage"),
        ("/browse/Condition", "CollectionPage"),
        ("/search?q=pain", "SearchResultsPage"),
        ("/sparql", "WebPage"),
    ],
)
def test_other_pages_embed_their_own_type(client: FlaskClient, path: str, schema_type: str) -> None:
    value = embedded(page(client, path))
    assert (value["@type"], value["isPartOf"]) == (schema_type, WEB_SITE)


def test_the_schema_org_name_of_a_claim_keeps_hedge_and_denial(client: FlaskClient) -> None:
    names = [embedded(page(client, f"/doc/claim/000000{n}.html"))["name"] for n in (1, 2)]
    assert names == [
        "bisphosphonate treats calcinosis (off-label) [stated plainly; elsewhere: "
        "stated plainly, in some cases]",
        "bisphosphonate does not treat pain [stated plainly]",
    ]


def test_schema_org_has_nothing_that_the_document_hedges(client: FlaskClient) -> None:
    """``bisphosphonate treats calcinosis`` is hedged: no possibleTreatment."""
    assert "possibleTreatment" not in embedded(page(client, "/doc/id/CDMO_0000001.html"))
