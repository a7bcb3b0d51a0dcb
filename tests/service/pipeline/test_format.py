"""The house's order of Turtle."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph
from rdflib.compare import isomorphic

from service.names import Names
from service.pipeline.format import format_sources, write
from service.problems import SourceError
from service.rdf.blank_nodes import canonical
from service.sources import Sources, locate

PREFIXES = dict(Names.load(locate().ontology / "prefixes.ttl").prefixes)
HEAD = "".join(f"@prefix {p}: <{ns}> .\n" for p, ns in PREFIXES.items())


def formatted(text: str) -> str:
    triples = [q.triple for q in ox.parse(HEAD + text, format=ox.RdfFormat.TURTLE)]
    return write(triples, PREFIXES)


def body(text: str) -> str:
    """Return what follows the prefix block."""
    return formatted(text).partition("\n\n")[2]


def test_a_block_says_what_it_is_first_and_when_last() -> None:
    text = """CDMO:0000001 dcterms:created "2026-11-22"^^xsd:date ; rdfs:subClassOf cdmo:Test ;
        IAO:0000115 "a test"@en ; rdfs:label "biopsy"@en ; a owl:Class ."""
    assert (
        body(text)
        == """\
CDMO:0000001 a owl:Class ;
    rdfs:label "biopsy"@en ;
    IAO:0000115 "a test"@en ;
    rdfs:subClassOf cdmo:Test ;
    dcterms:created "2026-11-22"^^xsd:date .
"""
    )


def test_only_prefixes_in_use_are_declared() -> None:
    head = formatted("CDMO:0000001 a owl:Class .").partition("\n\n")[0]
    assert [line.split()[1] for line in head.splitlines()] == ["CDMO:", "owl:"]


def test_blank_nodes_stand_inline() -> None:
    text = "passage:cdct-001 oa:hasSelector [ oa:end 9 ; oa:start 0 ; a oa:TextPositionSelector ] ."
    selector = "[ a oa:TextPositionSelector ; oa:start 0 ; oa:end 9 ]"
    assert body(text) == f"passage:cdct-001\n    oa:hasSelector {selector} .\n"


def test_long_lists_of_objects_are_aligned() -> None:
    citation = '[ cdmo:passage passage:cdct-00{} ; cdmo:modality cdmo:possible ; cdmo:hedge "may" ]'
    text = f"claim:0000001 cdmo:citation {citation.format(2)} , {citation.format(1)} ."
    assert body(text).splitlines()[1:] == [
        f"    cdmo:citation {citation.format(2)} ,",
        f"                  {citation.format(1)} .",
    ]


def test_long_nested_nodes_are_indented() -> None:
    restriction = (
        "[ a owl:Restriction ; owl:onProperty cdmo:detects ; owl:someValuesFrom CDMO:0000100 ]"
    )
    text = f"CDMO:0000001 owl:equivalentClass [ owl:intersectionOf ( cdmo:Test {restriction} ) ] ."
    assert body(text).splitlines()[1:] == [
        "    owl:equivalentClass [",
        "        owl:intersectionOf (",
        "            cdmo:Test",
        f"            {restriction}",
        "        )",
        "    ] .",
    ]


@pytest.mark.parametrize(
    "text",
    [
        r'CDMO:1 rdfs:label "a \"quoted\" \\ back\tslash\u00e9"@en , "line\nbreak" , "\r" , "" .',
        'CDMO:1 sh:select """ends with quote\n\\"""" .',
        'CDMO:1 cdmo:n 1 , 01 , 1.0 , 1.5e3 , true , "x"^^xsd:token , "-1"^^xsd:integer .',
        "CDMO:1 cdmo:n () , ( 1 ( 2 ) [] ) .",
        "_:a cdmo:n _:b . _:b cdmo:n _:a .",
        "_:a cdmo:n _:a .",
        "CDMO:1 cdmo:n _:c . CDMO:2 cdmo:n _:c . _:c cdmo:n 1 .",
        "[] a owl:AllDisjointClasses ; owl:members ( cdmo:Test cdmo:Role ) .",
        "<https://w3id.org/cdmo/claim/1#a> cdmo:n <http://example.org/?q=a,b> , CDMO:1.2 .",
        "CDMO:1 cdmo:n _:l . CDMO:2 cdmo:n _:l . _:l rdf:first 1 ; rdf:rest ( 2 ) .",
    ],
)
def test_formatting_keeps_every_triple_and_happens_once(text: str) -> None:
    once = formatted(text)
    assert isomorphic(Graph().parse(data=once), Graph().parse(data=HEAD + text))
    assert formatted(once) == once


@pytest.mark.parametrize("path", locate().turtle_files, ids=lambda p: p.name)
def test_formatting_the_ontology_keeps_every_triple(path: Path) -> None:
    before = list(ox.parse(path=path, format=ox.RdfFormat.TURTLE))
    text = write([q.triple for q in before], PREFIXES)
    after = list(ox.parse(text, format=ox.RdfFormat.TURTLE))
    assert canonical(after) == canonical(before)
    assert write([q.triple for q in after], PREFIXES) == text


def test_a_missing_prefix_is_added(tmp_path: Path) -> None:
    path = tmp_path / "terms.ttl"
    path.write_text("CDMO:0000001 a owl:Class .\n")
    assert format_sources([path], PREFIXES) == [path]
    assert path.read_text().startswith("@prefix CDMO:")
    assert format_sources([path], PREFIXES) == []


def test_check_changes_nothing(tiny: Sources) -> None:
    format_sources(tiny.turtle_files, PREFIXES)
    path = tiny.ontology / "modules" / "terms.ttl"
    untidy = path.read_text() + "\n\n"
    path.write_text(untidy)
    assert format_sources(tiny.turtle_files, PREFIXES, check=True) == [path]
    assert path.read_text() == untidy


def test_a_file_that_is_not_turtle_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "terms.ttl"
    path.write_text("CDMO:1 a\n")
    with pytest.raises(SourceError) as caught:
        format_sources([path], PREFIXES)
    assert [v.rule for v in caught.value.extras["violations"]] == ["turtle-syntax"]
    assert path.read_text() == "CDMO:1 a\n"
