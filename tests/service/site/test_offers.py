"""The formats on offer: others are refused, and documents come in the format of ``format=``."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.site.offers import OFFERS

PATHS = {
    "home.home": "/",
    "about.about": "/about",
    "about.changes": "/changes",
    "api.page": "/api/",
    "browse.kinds": "/browse/",
    "browse.kind": "/browse/Intervention",
    "find.terms": "/terms/",
    "comparison.compare": "/compare",
    "browse.diagnosis": "/diagnosis/",
    "disagreements.tensions": "/tensions/",
    "downloads.downloads": "/downloads",
    "find.search": "/search?q=skin",
    "lists.mappings": "/mappings/",
    "lists.passages": "/passages/",
    "lists.questions": "/questions/",
    "lists.sources": "/sources/",
    "lists.statements": "/statements/",
    "matrix.matrix": "/matrix/",
    "problems.index": "/problems/",
    "problems.problem": "/problems/bad-request",
    "query.query": "/query",
    "reconcile.preview": "/reconcile/preview?id=CDMO:0000001",
    "about.recipes": "/recipes/",
}
RDF_AND_TABLES = ("text/csv", "text/turtle", "application/ld+json", "application/json", "image/png")


def test_every_page_declares_its_formats(app: Flask, client: FlaskClient) -> None:
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.arguments or rule.endpoint in OFFERS:
            continue
        response = client.get(rule.rule, headers={"Accept": "text/html, */*;q=0.1"})
        negotiates = rule.endpoint.startswith(("linked_data.", "self_description."))
        is_page = response.mimetype == "text/html" and response.status_code == 200
        assert not is_page or negotiates, rule.endpoint
    assert PATHS.keys() == OFFERS.keys()


@pytest.mark.parametrize("accept", RDF_AND_TABLES)
@pytest.mark.parametrize("path", PATHS.values())
def test_a_page_is_not_sent_to_a_client_that_accepts_none(
    client: FlaskClient, path: str, accept: str
) -> None:
    response = client.get(path, headers={"Accept": accept})
    endpoint = next(name for name, known in PATHS.items() if known == path)
    if accept in {offer.media_type for offer in OFFERS[endpoint]}:
        assert (response.status_code, response.mimetype) == (200, accept)
        return
    assert response.status_code == 406
    assert response.vary.to_header() == "Accept"
    assert client.get(path, headers={"Accept": f"{accept}, */*;q=0.1"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "media_type"),
    [
        ("/doc/id/CDMO_0000001?format=ttl", 200, "text/turtle"),
        ("/doc/id/CDMO_0000001?format=application/rdf%2Bxml", 200, "application/rdf+xml"),
        ("/doc/id/CDMO_0000001?format=html", 200, "text/html"),
        ("/doc/id/CDMO_0000001.ttl?format=turtle", 200, "text/turtle"),
        ("/doc/id/CDMO_0000001.ttl?format=nt", 406, "application/problem+json"),
        ("/doc/id/CDMO_0000001?format=zip", 406, "application/problem+json"),
        ("/.well-known/void?format=nt", 200, "application/n-triples"),
        ("/id/CDMO_0000001?format=zip", 406, "application/problem+json"),
    ],
)
def test_a_format_may_be_named_in_the_address(
    client: FlaskClient, path: str, status: int, media_type: str
) -> None:
    response = client.get(path, headers={"Accept": "application/ld+json"})
    assert (response.status_code, response.mimetype) == (status, media_type)


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("/ontology.owl", "/doc/ontology.rdf"),
        ("/ontology.xml", "/doc/ontology.rdf"),
        ("/ontology.ttl", "/doc/ontology.ttl"),
        ("/ontology/0.0.1.owl", "/doc/ontology/0.0.1.rdf"),
        ("/id/CDMO_0000001.jsonld", "/doc/id/CDMO_0000001.jsonld"),
        ("/id/CDMO_0000001?format=nt", "/doc/id/CDMO_0000001.nt"),
        ("/schema/treats.rdf?format=rdfxml", "/doc/schema/treats.rdf"),
        ("/id/CDMO:0000001", "/doc/id/CDMO_0000001"),
        ("/id/CDMO:0000001.json", "/doc/id/CDMO_0000001.json"),
        ("/schema/cdmo:treats", "/doc/schema/treats"),
        ("/question/off-label.csv", "/doc/question/off-label.csv"),
        ("/mapping/hp.tsv", "/doc/mapping/hp.tsv"),
    ],
)
def test_an_iri_with_a_suffix_leads_to_the_document_in_that_format(
    client: FlaskClient, path: str, document: str
) -> None:
    """Suffixes are for tools that cannot send ``Accept``."""
    response = client.get(path)
    assert (response.status_code, response.location) == (303, document)
    assert client.get(document).status_code == 200


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/id/", "/terms/"),
        ("/id", "/terms/"),
        ("/claim/?standing=hedged", "/statements/?standing=hedged"),
        ("/passage/", "/passages/"),
        ("/tension/", "/tensions/"),
        ("/question/", "/questions/"),
        ("/mapping/", "/mappings/"),
    ],
)
def test_the_parent_of_iris_leads_to_their_list(client: FlaskClient, path: str, page: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.location) == (303, page)
    for accept in ("text/html", "application/json", "text/csv"):
        assert client.get(page, headers={"Accept": accept}).mimetype == accept


@pytest.mark.parametrize(
    "path",
    [
        "/ontology.zip",
        "/id/CDMO_0000001.csv",
        "/id/nothing.ttl",
        "/id/CDMO_0000001.ttl.ttl",
    ],
)
def test_a_suffix_of_an_unknown_resource_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
