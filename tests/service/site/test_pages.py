"""Pages for people: what each shows, and that each shows it without a script."""

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.iris import BASE
from service.library import describe
from service.site.problem_pages import problem_types
from service.site.query.form import query_form
from service.site.schema_org import WEB_SITE

HTML = {"Accept": "text/html"}


def page(client: FlaskClient, path: str) -> str:
    response = client.get(path, headers=HTML)
    assert response.status_code == 200, path
    assert response.mimetype == "text/html"
    return response.text


def words(html: str) -> str:
    """Return what a reader sees, in one line."""
    html = re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def every_page(app: Flask) -> list[str]:
    fixed = [
        "/",
        "/browse/",
        "/browse/Condition",
        "/browse/Intervention?modality=occasional",
        "/statements/",
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
        *(f"/problems/{kind.slug}" for kind in problem_types()),
    ]
    documents = app.extensions["site"].library.documents
    return fixed + ["/doc/" + iri.removeprefix(BASE) for iri in documents]


def test_every_page_says_that_it_restates_one_document_and_is_no_medical_advice(
    app: Flask, client: FlaskClient
) -> None:
    for path in every_page(app):
        text = words(page(client, path))
        assert "This site restates one web article" in text, path
        assert "not medical advice" in text, path


def test_every_page_is_well_formed_enough_to_find_one_way_in(
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
    seen: dict[str, int] = {}
    todo = every_page(app)
    while todo:
        path = todo.pop().partition("#")[0]
        if path in seen:
            continue
        with client.get(path, headers=HTML) as response:  # closes files that are sent
            seen[path] = response.status_code
            if response.mimetype == "text/html":
                found = re.findall(
                    r'(?:href|src|action)="(/[^"]*)"', response.get_data(as_text=True)
                )
                links = [link.replace("&amp;", "&") for link in found]
                todo += [link for link in links if not link.startswith("/sparql")]
    assert {p: s for p, s in seen.items() if s not in (200, 303)} == {}


def test_nothing_is_loaded_from_another_host(app: Flask, client: FlaskClient) -> None:
    for path in every_page(app)[:40]:
        response = client.get(path, headers=HTML)
        assert not re.findall(r'<(?:script|img|iframe)[^>]+src="(?:https?:)?//', response.text)
        assert not re.findall(r'rel="stylesheet"[^>]+href="(?:https?:)?//', response.text)
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_home_shows_the_four_pillars_with_their_numbers(client: FlaskClient) -> None:
    text = words(page(client, "/"))
    assert "Conditions 1 term 1 statement " in text
    assert "Manifestations 1 term 2 statements" in text
    assert "Tests 1 term 1 statement " in text
    assert "Interventions 3 terms 3 statements" in text


def test_a_term_page_tells_what_is_said_how_surely_and_where(client: FlaskClient) -> None:
    text = words(page(client, "/doc/id/CDMO_0000003.html"))
    assert "A medication that slows the loss of bone." in text or (
        "a medication that slows the loss of bone." in text
    )
    assert "bisphosphonate treats" in text
    assert "calcinosis in some cases" in text
    assert "off-label" in text
    assert "2 passages" in text
    assert "“ sometimes ”: Drugs, 2 ; stated plainly: Drug table, 3 · The statement" in text
    assert "not pain stated plainly" in text
    assert "the table loses a hedge" in text
    assert "is a kind of off-label medication" in text.partition("Found by reasoning")[2]


def test_every_statement_opens_to_its_passages_in_place(app: Flask, client: FlaskClient) -> None:
    library = app.extensions["site"].library
    for iri in library.terms:
        html = page(client, f"{library.names.document(iri)}.html")
        opened = re.findall(r"<details><summary>\d+ passages?\b.*?</details>", html)
        shown = sum(len(group.statements) for group in describe(library, iri).groups)
        assert len(opened) == shown
        for details in opened:
            assert '<a href="/doc/passage/' in details
            assert '<a href="/doc/claim/' in details


def test_an_obsolete_term_keeps_a_page_that_names_its_successor(client: FlaskClient) -> None:
    text = words(page(client, "/doc/id/CDMO_0000007.html"))
    assert "This term is obsolete. Use bisphosphonate instead." in text


def test_a_passage_without_claims_says_why(client: FlaskClient) -> None:
    text = words(page(client, "/doc/passage/cdct-001.html"))
    assert "It states nothing by itself: navigation" in text


def test_without_the_document_no_text_stands_on_the_page(client: FlaskClient) -> None:
    text = words(page(client, "/doc/source/cdct.html"))
    assert "The article’s text is not part of this site." in text


def test_a_question_shows_its_answer_and_opens_in_the_editor(client: FlaskClient) -> None:
    html = page(client, "/doc/question/off-label.html")
    assert "bisphosphonate" in words(html)
    assert 'href="/query?question=off-label"' in html


def test_facets_narrow_a_list_and_can_be_taken_off(client: FlaskClient) -> None:
    assert "3 of 3 terms" in words(page(client, "/browse/Intervention"))
    narrowed = page(client, "/browse/Intervention?modality=occasional")
    assert "1 of 3 terms" in words(narrowed)
    assert 'href="/browse/Intervention"' in narrowed


def test_search_finds_by_other_names_and_codes(client: FlaskClient) -> None:
    assert "calcinosis" in words(page(client, "/search?q=calcified+skin"))
    assert "also called" in words(page(client, "/search?q=calcified+skin"))
    hits = client.get("/suggest?q=HP:0012531").get_json()
    assert hits[0]["label"] == "pain"
    assert hits[0]["path"] == "/doc/id/CDMO_0000005"


def test_the_mapping_explorer_goes_from_a_code_to_our_term(client: FlaskClient) -> None:
    text = words(page(client, "/mappings/?code=HP:0012531"))
    assert "Pain HP:0012531 pain the same" in text


@pytest.mark.parametrize("kind", problem_types())
def test_every_problem_has_a_page(client: FlaskClient, kind: type) -> None:
    assert kind.title in words(page(client, f"/problems/{kind.slug}"))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "path", ["/nope", "/browse/Nonsense", "/problems/nonsense", "/downloads/x"]
)
def test_what_is_not_there_is_a_404_page_for_people(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers=HTML)
    assert response.status_code == 404
    assert response.mimetype == "text/html"


def test_the_query_form_works_without_a_script_and_escapes_the_query(app: Flask) -> None:
    with app.test_request_context("/sparql"):
        html = query_form('SELECT ?x { ?x ?y "</textarea><script>" }')
    assert re.search(r'<form class="query"[^>]* action="/query" method="get">', html)
    assert "</textarea><script>" not in html
    assert "Which drugs are used off-label?" in html


def test_static_files_are_fingerprinted_and_kept_for_good(client: FlaskClient) -> None:
    html = page(client, "/")
    paths = re.findall(r'(?:href|src)="(/static/[^"]+)"', html)
    assert len(paths) >= 3
    for path in paths:
        with client.get(path) as response:
            assert response.status_code == 200
            assert "immutable" in response.headers["Cache-Control"]


def test_pages_carry_an_entity_tag(client: FlaskClient) -> None:
    tag = client.get("/", headers=HTML).headers["ETag"]
    assert client.get("/", headers={**HTML, "If-None-Match": tag}).status_code == 304


def test_the_sitemap_lists_documents_and_robots_names_it(client: FlaskClient) -> None:
    sitemap = client.get("/sitemap.xml")
    assert sitemap.mimetype == "application/xml"
    assert "<loc>http://localhost/doc/id/CDMO_0000003</loc>" in sitemap.text
    robots = client.get("/robots.txt").text
    assert "Disallow: /sparql" in robots
    assert "Sitemap: http://localhost/sitemap.xml" in robots


def test_an_answer_is_a_table_with_labels_and_links(client: FlaskClient) -> None:
    query = "SELECT ?drug WHERE { ?c <https://w3id.org/cdmo/schema/offLabel> true ; "
    query += "<https://w3id.org/cdmo/schema/subject> ?drug }"
    html = client.get("/query", query_string={"query": query}).get_data(as_text=True)
    assert "1 row" in words(html)
    assert '<a href="/doc/id/CDMO_0000003">bisphosphonate</a> <code>CDMO:0000003</code>' in html


def test_a_mistaken_query_comes_back_with_its_place(client: FlaskClient) -> None:
    response = client.get("/query", query_string={"query": "SELECT ?x\nWHERE { ?x ?y }"})
    assert response.status_code == 400
    text = words(response.get_data(as_text=True))
    assert "line 2" in text.lower()
    assert "SELECT ?x" in text


def test_yes_no_and_graphs_are_shown_too(client: FlaskClient) -> None:
    ask = client.get("/query", query_string={"query": "ASK { ?s ?p ?o }"})
    assert "Yes." in words(ask.get_data(as_text=True))
    describe = "DESCRIBE <https://w3id.org/cdmo/id/CDMO_0000003>"
    graph = client.get("/query", query_string={"query": describe})
    assert "CDMO:0000003" in graph.get_data(as_text=True)


def test_updates_are_refused_on_the_page_too(client: FlaskClient) -> None:
    response = client.get("/query", query_string={"query": "DELETE WHERE { ?s ?p ?o }"})
    assert response.status_code == 403


def test_two_terms_stand_side_by_side(client: FlaskClient) -> None:
    text = words(page(client, "/compare?a=bisphosphonate&b=CDMO:0000002"))
    assert "bisphosphonate and medication" in text
    assert "A medication that slows the loss of bone." in text or (
        "a medication that slows the loss of bone." in text
    )


def test_comparing_with_what_is_unknown_says_so(client: FlaskClient) -> None:
    assert "No term is called “qqqq”" in words(page(client, "/compare?a=qqqq&b=pain"))


def test_reasoning_is_explained_by_the_axioms_behind_it(client: FlaskClient) -> None:
    text = words(page(client, "/doc/id/CDMO_0000003.html"))
    assert "is a kind of off-label medication Because" in text
    assert "it is a kind of medication claim:0000003" in text
    assert "it uses calcium" in text


def test_what_follows_is_explained_by_statements_and_not_by_itself(client: FlaskClient) -> None:
    text = words(page(client, "/doc/id/CDMO_0000006.html")).partition("Found by reasoning")[2]
    assert re.search(r"detects pain may be so Because \(pain\) it \w+ pain .*?claim:\d+", text)


def embedded(html: str) -> dict[str, object]:
    opening = '<script type="application/ld+json" id="schema-org">'
    found = json.loads(html.partition(opening)[2].partition("</script>")[0])
    assert isinstance(found, dict)
    return found


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
    found = embedded(page(client, f"/doc/{local}.html"))
    assert found["@type"] == schema_type
    assert found["@id"] == BASE + local
    assert found["name"]


def test_home_embeds_the_dataset(client: FlaskClient) -> None:
    graph = embedded(page(client, "/"))["@graph"]
    assert isinstance(graph, list)
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
def test_other_pages_say_what_they_are(client: FlaskClient, path: str, schema_type: str) -> None:
    found = embedded(page(client, path))
    assert (found["@type"], found["isPartOf"]) == (schema_type, WEB_SITE)


def test_a_claim_keeps_its_hedge_and_its_denial(client: FlaskClient) -> None:
    names = [embedded(page(client, f"/doc/claim/000000{n}.html"))["name"] for n in (1, 2)]
    assert names == [
        "bisphosphonate treats calcinosis (off-label) [in some cases]",
        "bisphosphonate does not treat pain [stated plainly]",
    ]


def test_schema_org_says_nothing_that_the_document_hedges(client: FlaskClient) -> None:
    """``bisphosphonate treats calcinosis`` is hedged: no possibleTreatment."""
    assert "possibleTreatment" not in embedded(page(client, "/doc/id/CDMO_0000001.html"))


def test_the_neighbourhood_is_a_picture_with_a_table_as_its_equal(client: FlaskClient) -> None:
    html = page(client, "/neighbours/CDMO_0000003")
    picture = html.partition("<svg")[2].partition("</svg>")[0]
    assert "medication</text>" in picture
    assert 'class="l2"' in picture
    assert ">pain<" not in picture, "a negative statement joins nothing"
    text = words(html.partition("</svg>")[2])
    assert "treats calcinosis in some cases" in text
    assert "not treats pain stated plainly" in text
