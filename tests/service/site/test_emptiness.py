"""Hints on the query page for a query without solutions; the protocol's answers have none."""

import pytest
from flask.testing import FlaskClient

from service.library import Library
from service.site.query.emptiness import Hint, hints

PROLOGUE = """PREFIX cdmo: <https://w3id.org/cdmo/schema/>
PREFIX graph: <https://w3id.org/cdmo/graph/>
PREFIX CDMO: <https://w3id.org/cdmo/id/CDMO_>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [
        ('?s rdfs:label "pain"', Hint("language", '"pain"', '"pain"@en')),
        ('?s rdfs:label "pain"@de', Hint("language", '"pain"@de', '"pain"@en')),
        ('?s rdfs:label "X-Ray"@en', Hint("case", '"X-Ray"@en', '"x-ray"@en')),
        ('?s ?p ?l FILTER(?l = "pain")', Hint("language", '"pain"', '"pain"@en')),
        ('?s cdmo:subject/rdfs:label "pain"', Hint("language", '"pain"', '"pain"@en')),
        ("?s cdmo:treat ?o", Hint("name", "cdmo:treat", "cdmo:treats")),
        (
            "?s cdmo:hasManifestatoin ?o",
            Hint("name", "cdmo:hasManifestatoin", "cdmo:hasManifestation"),
        ),
        ("?s a cdmo:Condition", Hint("class", "cdmo:Condition", "rdfs:subClassOf cdmo:Condition")),
        ("?s a CDMO:9999999", Hint("name", "CDMO:9999999", "")),
        ("GRAPH graph:claim { ?s ?p ?o }", Hint("graph", "graph:claim", "graph:claims")),
        ("GRAPH <https://example.org/g> { ?s ?p ?o }", Hint("graph", "<https://example.org/g>")),
    ],
)
def test_missing_resources_and_values_are_named(small: Library, pattern: str, hint: Hint) -> None:
    assert hints(f"{PROLOGUE}SELECT * {{ {pattern} }}", small) == [hint]


@pytest.mark.parametrize(
    "pattern",
    [
        '?s rdfs:label "pain"@en ; cdmo:treats CDMO:0000005',
        'GRAPH graph:claims { ?s rdfs:label ?l FILTER(CONTAINS(?l, "Nothing")) }',
        '?s rdfs:label "qqqq"@en',
        '?s rdfs:label ?l FILTER(STR(?l) = "pain")',
        "?s ?p <urn:x>",
    ],
)
def test_existing_and_unclear_patterns_get_no_hint(small: Library, pattern: str) -> None:
    assert hints(f"{PROLOGUE}SELECT * {{ {pattern} }}", small) == []


def test_the_page_of_an_empty_answer_shows_the_hints(client: FlaskClient) -> None:
    query = f'{PROLOGUE}SELECT * {{ ?s rdfs:label "pain" }}'
    html = client.get("/query", query_string={"query": query}).text
    assert "is no value here" in html
    assert "&#34;pain&#34;@en" in html
    full = client.get("/query", query_string={"query": query.replace('"pain"', "?label")}).text
    assert "is no value here" not in full


def test_the_editor_fetches_the_hints(client: FlaskClient) -> None:
    query = f"{PROLOGUE}SELECT * {{ ?s a cdmo:Condition }}"
    assert (
        "rdfs:subClassOf cdmo:Condition" in client.post("/query/hints", data={"query": query}).text
    )
    for other in ({"query": "SELECT * {}"}, {"query": "nonsense"}, {}):
        assert client.post("/query/hints", data=other).text.strip() == ""
