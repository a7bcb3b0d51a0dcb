"""The ontology as a graph of nodes and edges, as ROBOT would write it (see `test_robot.py`)."""

import json
from typing import Any

import pyoxigraph as ox

from service.pipeline.obographs import obographs
from service.release import Release

HEAD = """
PREFIX : <https://w3id.org/cdmo/id/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
:Knee a owl:Class ; rdfs:label "knee"@en .
:Leg a owl:Class .
:partOf a owl:ObjectProperty .
"""
BASE = "https://w3id.org/cdmo/id/"


def graph(turtle: str) -> dict[str, Any]:
    quads = ox.parse(HEAD + turtle, ox.RdfFormat.TURTLE)
    (only,) = json.loads(obographs(quad.triple for quad in quads))["graphs"]
    assert isinstance(only, dict)
    return only


def test_an_existential_axiom_is_an_edge_with_its_annotations() -> None:
    restriction = "[ a owl:Restriction ; owl:onProperty :partOf ; owl:someValuesFrom :Leg ]"
    axiom = f"""
        :Knee rdfs:subClassOf {restriction} .
        [] a owl:Axiom ; owl:annotatedSource :Knee ; owl:annotatedProperty rdfs:subClassOf ;
           owl:annotatedTarget {restriction} ; rdfs:comment "so"
    """
    comment = {"pred": "http://www.w3.org/2000/01/rdf-schema#comment", "val": "so"}
    assert graph(axiom + ".")["edges"] == [
        {
            "sub": f"{BASE}Knee",
            "pred": f"{BASE}partOf",
            "obj": f"{BASE}Leg",
            "meta": {"basicPropertyValues": [comment]},
        }
    ]


def test_a_definition_that_obographs_cannot_hold_is_left_out() -> None:
    """A part of a definition would be another definition."""
    union = "[ owl:unionOf ( :Leg :Knee ) ]"
    half = f"[ owl:onProperty :partOf ; owl:someValuesFrom {union} ]"
    text = f":Joint a owl:Class ; owl:equivalentClass [ owl:intersectionOf ( :Knee {half} ) ] ."
    assert "logicalDefinitionAxioms" not in graph(text)


def test_a_release_has_the_graph_and_the_mapping_sets_as_files(release: Release) -> None:
    document = json.loads(release.dump("ontology.obographs.json").read_text("utf-8"))
    labels = {node.get("lbl") for node in document["graphs"][0]["nodes"]}
    assert "green knee" in labels
    assert "green knee" in release.dump("mappings/hp.sssom.tsv").read_text("utf-8")
