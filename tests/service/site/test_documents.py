"""Linked data over HTTP: from an IRI to its document, in the format that the client prefers."""

import json
from pathlib import Path
from typing import Any

import pytest
import rdflib
from flask import Flask
from flask.testing import FlaskClient
from rdflib.compare import isomorphic

from service.cards import CONTEXT
from service.iris import BASE
from service.site.linked_data import FORMATS

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")

ACCEPT = Path(__file__).parents[2] / "data" / "accept.txt"
PARSERS = {"ttl": "turtle", "nt": "nt", "rdf": "xml", "jsonld": "json-ld"}
TERM = "/doc/id/CDMO_0000003"


def cases() -> list[tuple[str, str, str]]:
    """Return suffix, ``Accept`` field and the program that sends it."""
    lines = ACCEPT.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(suffix, header, program) for suffix, header, program in rows]


@pytest.mark.parametrize(("suffix", "header", "program"), cases())
def test_each_program_gets_the_format_that_it_prefers(
    client: FlaskClient, suffix: str, header: str, program: str
) -> None:
    response = client.get(TERM, headers={"Accept": header})
    if suffix == "406":
        assert response.status_code == 406
        return
    assert response.status_code == 200, program
    assert response.mimetype == FORMATS[suffix].media_type, program
    assert "Accept" in response.headers["Vary"]


def test_without_an_accept_field_a_document_is_turtle(client: FlaskClient) -> None:
    assert client.get(TERM).mimetype == "text/turtle"


@pytest.mark.parametrize(
    "path",
    [
        "/id/CDMO_0000001",
        "/schema/treats",
        "/claim/0000001",
        "/passage/cdct-001",
        "/tension/0001",
        "/question/off-label",
        "/source/cdct",
        "/mapping/hp",
        "/graph/claims",
        "/ontology",
        "/ontology/0.0.1",
    ],
)
def test_the_address_of_an_iri_answers_303_to_its_document(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Accept": "text/html"})
    assert response.status_code == 303
    assert response.headers["Location"] == "/doc" + path
    page = client.get(response.headers["Location"], headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert page.mimetype == "text/html"


@pytest.mark.parametrize(
    ("path", "overview"),
    [
        ("/doc/schema/", "/doc/ontology"),
        ("/schema", "/doc/ontology"),
        ("/doc/id/", "/terms/"),
        ("/doc/question", "/questions/"),
        ("/doc/mapping/", "/mappings/"),
        ("/doc/graph/", "/sparql"),
        ("/doc/claim/?standing=hedged", "/statements/?standing=hedged"),
    ],
)
def test_a_truncated_address_leads_to_the_overview(
    client: FlaskClient, path: str, overview: str
) -> None:
    response = client.get(path)
    assert (response.status_code, response.headers["Location"]) == (303, overview)
    assert client.get(overview, headers={"Accept": "text/html"}).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/id/CDMO_9999999", "/doc/id/CDMO_9999999", "/doc/id/CDMO_9999999.ttl", "/schema/no", "/doc/"],
)
@pytest.mark.parametrize("accept", ["text/html", "text/turtle", "*/*"])
def test_an_unknown_iri_is_a_problem_with_status_404(
    client: FlaskClient, path: str, accept: str
) -> None:
    response = client.get(path, headers={"Accept": accept})
    assert response.status_code == 404
    assert "Traceback" not in response.text


def test_a_problem_is_json_for_programs(client: FlaskClient) -> None:
    response = client.get("/id/CDMO_9999999", headers={"Accept": "text/turtle"})
    assert response.mimetype == "application/problem+json"
    problem = json.loads(response.data)
    assert problem["status"] == 404
    assert problem["type"].endswith("/problems/unknown-resource")


def test_not_acceptable_lists_the_offers(client: FlaskClient) -> None:
    response = client.get(TERM, headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert set(json.loads(response.data)["offers"]) == {f.media_type for f in FORMATS.values()}


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_suffix_overrides_the_accept_field(client: FlaskClient, suffix: str) -> None:
    response = client.get(f"{TERM}.{suffix}", headers={"Accept": "image/png"})
    assert response.status_code == 200
    assert response.mimetype == FORMATS[suffix].media_type
    assert "Accept" not in {v.strip() for v in response.headers.get("Vary", "").split(",")}


def test_negotiated_and_suffixed_documents_are_the_same_bytes(client: FlaskClient) -> None:
    for suffix, offer in FORMATS.items():
        negotiated = client.get(TERM, headers={"Accept": offer.media_type})
        assert negotiated.data == client.get(f"{TERM}.{suffix}").data
        assert negotiated.headers["Content-Location"] == f"{TERM}.{suffix}"


def test_the_link_field_names_other_formats_data_and_licence(
    client: FlaskClient,
) -> None:
    links = client.get(f"{TERM}.html").headers["Link"]
    for suffix in ("ttl", "jsonld", "json", "nt", "rdf"):
        assert f'<{TERM}.{suffix}>; rel="alternate"' in links
    assert 'rel="describedby"' in links
    assert '<https://creativecommons.org/licenses/by/4.0/>; rel="license"' in links


def test_head_is_get_without_a_body(client: FlaskClient) -> None:
    for path in (TERM, f"{TERM}.jsonld", "/id/CDMO_0000003"):
        get, head = client.get(path), client.head(path)
        assert head.status_code == get.status_code
        assert head.data == b""
        for name in ("Content-Type", "Content-Length", "ETag", "Vary", "Link", "Location"):
            assert head.headers.get(name) == get.headers.get(name), (path, name)


def test_an_entity_tag_saves_the_body_and_differs_by_format(client: FlaskClient) -> None:
    tags = set()
    for suffix in FORMATS:
        first = client.get(f"{TERM}.{suffix}")
        tag = first.headers["ETag"]
        tags.add(tag)
        again = client.get(f"{TERM}.{suffix}", headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == tag
    assert len(tags) == len(FORMATS)


def test_an_entity_tag_does_not_hide_a_404(client: FlaskClient) -> None:
    tag = client.get(f"{TERM}.ttl").headers["ETag"]
    for value in (tag, "*"):
        response = client.get("/doc/id/CDMO_9999999.ttl", headers={"If-None-Match": value})
        assert response.status_code == 404


def test_every_format_of_every_document_holds_the_same_triples(
    app: Flask, client: FlaskClient
) -> None:
    """Turtle, JSON-LD, N-Triples and RDF/XML agree; the page embeds a part of them, its card."""
    for iri in app.extensions["site"].library.documents:
        path = "/doc/" + iri.removeprefix(BASE)
        if path == "/doc/ontology":
            continue
        graphs = {}
        for suffix, parser in PARSERS.items():
            data = client.get(f"{path}.{suffix}").data
            graphs[suffix] = rdflib.Graph().parse(data=data, format=parser)
        assert len(graphs["nt"]) > 0, iri
        for suffix, graph in graphs.items():
            assert isomorphic(graph, graphs["nt"]), (iri, suffix)
        inside, card = embedded(client.get(f"{path}.html").text), client.get(f"{path}.json").json
        del inside["@context"]
        assert card is not None
        assert inside.items() <= card.items(), iri


def embedded(page: str) -> dict[str, Any]:
    """Return the JSON-LD in a page."""
    opening = '<script type="application/ld+json" id="data">'
    value: dict[str, Any] = json.loads(page.partition(opening)[2].partition("</script>")[0])
    return value


def test_json_is_the_card_with_its_release_and_names_the_context(client: FlaskClient) -> None:
    response = client.get(f"{TERM}.json")
    assert response.mimetype == "application/json"
    assert response.json is not None
    assert response.json["id"] == BASE + "id/CDMO_0000003"
    assert list(response.json)[-1] == "release"
    assert response.json["release"].keys() == {"version", "date", "licence"}
    link = '</context.jsonld>; rel="http://www.w3.org/ns/json-ld#context"'
    assert f'{link}; type="application/ld+json"' in response.headers["Link"]
    assert link not in client.get(f"{TERM}.jsonld").headers["Link"]


def test_the_published_context_is_the_one_inside_json_ld(client: FlaskClient) -> None:
    response = client.get("/context.jsonld")
    assert response.mimetype == "application/ld+json"
    assert "max-age=86400" in response.headers["Cache-Control"]
    assert response.json == CONTEXT
    description = json.loads(client.get(f"{TERM}.jsonld").data)
    assert description["@context"] == CONTEXT["@context"]
    tag = response.headers["ETag"]
    assert client.get("/context.jsonld", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("name", "suffix"), [("ttl", "ttl"), ("json", "json"), ("json-ld", "jsonld"), ("nt", "nt")]
)
def test_a_parameter_names_the_format_at_the_iri_and_at_its_document(
    client: FlaskClient, name: str, suffix: str
) -> None:
    response = client.get(f"{TERM}?format={name}", headers={"Accept": "text/html"})
    assert response.data == client.get(f"{TERM}.{suffix}").data
    redirect = client.get(f"/id/CDMO_0000003?format={name}")
    assert redirect.headers["Location"] == f"{TERM}.{suffix}"


def test_an_unknown_format_is_refused_with_the_offers(client: FlaskClient) -> None:
    for path in (TERM, "/id/CDMO_0000003"):
        response = client.get(f"{path}?format=docx")
        assert response.status_code == 406
        assert "application/json" in json.loads(response.data)["offers"]


def test_the_address_of_the_ontology_leads_to_the_whole_ontology(client: FlaskClient) -> None:
    response = client.get("/ontology", headers={"Accept": "text/turtle"}, follow_redirects=True)
    assert response.mimetype == "text/turtle"
    assert b"owl#Ontology" in response.data


def test_rdf_has_published_iris_and_pages_have_local_links(client: FlaskClient) -> None:
    headers = {"Host": "some.example.org"}
    turtle = client.get(f"{TERM}.ttl", headers=headers).text
    assert "https://w3id.org/cdmo/" in turtle
    assert "some.example.org" not in turtle
    page = client.get(f"{TERM}.html", headers=headers).text
    assert 'href="/doc/id/CDMO_0000002"' in page
    assert 'href="https://w3id.org/cdmo/id/CDMO_0000002"' not in page
