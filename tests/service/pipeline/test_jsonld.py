"""JSON-LD that says the same as the triples."""

import json

import pyoxigraph as ox
from rdflib.compare import isomorphic

from service.pipeline import jsonld
from service.pipeline.graphs import graph_of

PREFIXES = {
    "CDMO": "https://w3id.org/cdmo/id/CDMO_",
    "owl": "http://www.w3.org/2002/07/owl#",
    "ex": "http://example.org/",
    "unused": "http://example.com/",
}
TEXT = """
PREFIX CDMO: <https://w3id.org/cdmo/id/CDMO_>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX ex: <http://example.org/>
CDMO:1 a owl:Class , ex:Kind ; ex:p "one" , "eins"@de , 1 , [ ex:q ( CDMO:2 "x" ) ] ;
  ex:r <http://example.org///odd> .
_:b ex:p _:b .
"""


def test_json_ld_says_what_the_triples_say() -> None:
    triples = [q.triple for q in ox.parse(TEXT, format=ox.RdfFormat.TURTLE)]
    text = jsonld.write(triples, PREFIXES)
    again = graph_of(q.triple for q in ox.parse(text, format=ox.RdfFormat.JSON_LD))
    assert isomorphic(again, graph_of(triples))
    assert set(json.loads(text)["@context"]) == {"CDMO", "owl", "ex"}
    assert json.loads(text)["@graph"][0]["@id"] == "CDMO:1"
