"""The formatter of Turtle."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph
from rdflib.compare import isomorphic

from service import cli
from service.names import Names
from service.pipeline.format import format_sources
from service.pipeline.turtle_reader import read
from service.problems import SourceError
from service.rdf.blank_nodes import canonical
from service.rdf.turtle import write
from service.sources import Sources, locate

PREFIXES = dict(Names.load(locate().ontology / "prefixes.ttl").prefixes)
HEAD = "".join(f"@prefix {p}: <{ns}> .\n" for p, ns in PREFIXES.items())


def formatted(text: str) -> str:
    triples = [q.triple for q in ox.parse(HEAD + text, format=ox.RdfFormat.TURTLE)]
    return write(triples, PREFIXES)


def body(text: str) -> str:
    """Return the text after the prefix block."""
    return formatted(text).partition("\n\n")[2]


def test_a_block_begins_with_its_kind_and_ends_with_its_date() -> None:
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
    citation = (
        '[ cdmo:passage passage:cdct-00{} ; cdmo:assertion cdmo:possible ; cdmo:hedge "may" ]'
    )
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
def test_formatting_keeps_every_triple_and_is_idempotent(text: str) -> None:
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


QUESTION = """
question:which-tests a cdmo:Question ;
    sh:select '''
PREFIX cdmo: <https://w3id.org/cdmo/schema/>
PREFIX unknown: <http://example.org/>
# A comment of SPARQL
SELECT ?test WHERE { ?test cdmo:samples ?site }''' .
"""


def test_prefixes_in_a_query_text_are_not_declarations_of_the_file(tmp_path: Path) -> None:
    """The file declares no prefix: those in use are added, and no triple is lost."""
    path = tmp_path / "which-tests.ttl"
    path.write_text(QUESTION)
    assert [v.rule for v in read(path, PREFIXES)[1]] == ["unknown-prefix"] * 3
    assert format_sources([path], PREFIXES) == [path]
    document, violations = read(path, PREFIXES)
    assert not violations
    assert len(document.triples) == 2
    assert QUESTION.split("'''")[1] in path.read_text()


COMMENTS = """\
# Of the file, above its prefixes

@prefix CDMO: <https://w3id.org/cdmo/id/CDMO_> . # of the file too
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
# above a block
CDMO:1 rdfs:label "no # comment"@en ; # in a block
    rdfs:seeAlso <http://example.org/#fragment> . # behind a block

# above a block without a name
[] a owl:AllDifferent ; rdfs:comment '''
# in a string''' .
_:node rdfs:label "inline" . # of a node that will stand in another block
CDMO:2 rdfs:seeAlso _:node , ( 1 2 # in a list
  ) .
# at the end
"""


def test_comments_stay_above_their_block(tmp_path: Path) -> None:
    path = tmp_path / "terms.ttl"
    path.write_text(COMMENTS)
    assert format_sources([path], PREFIXES) == [path]
    assert (
        path.read_text()
        == """\
# Of the file, above its prefixes
# of the file too
@prefix CDMO: <https://w3id.org/cdmo/id/CDMO_> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

# above a block
# in a block
# behind a block
CDMO:1
    rdfs:label "no # comment"@en ;
    rdfs:seeAlso <http://example.org/#fragment> .

# above a block without a name
[] a owl:AllDifferent ;
    rdfs:comment \"\"\"
# in a string\"\"\" .

# of a node that will stand in another block
# in a list
CDMO:2
    rdfs:seeAlso [ rdfs:label "inline" ] , ( 1 2 ) .

# at the end
"""
    )
    assert format_sources([path], PREFIXES) == []


@pytest.mark.parametrize(
    "text",
    [
        "# alone\n",
        "# first\n\n# second\n<urn:a> <urn:b> <urn:c> . # last",
        "# first\n@prefix owl: <http://www.w3.org/2002/07/owl#> .\n<urn:a> <urn:b> 1.#last",
        "<urn:a> <urn:b> 'one' . # one\n<urn:a> <urn:b> 2 . # two",
        "<urn:a> <urn:b> 1.5,.5e1,1e3.<urn:c><urn:d>_:x.y. # joined",
        "PREFIX owl: <http://www.w3.org/2002/07/owl#> # no dot\nowl:a owl:b owl:c\\,d .",
        "@base <http://example.org/> .\n<a> <b> <#c> . # relative",
    ],
)
def test_no_comment_and_no_triple_is_lost(tmp_path: Path, text: str) -> None:
    path = tmp_path / "terms.ttl"
    path.write_text(text)
    triples = read(path, PREFIXES)[0].triples
    format_sources([path], PREFIXES)
    assert canonical(map(quad, read(path, PREFIXES)[0].triples)) == canonical(map(quad, triples))
    once = path.read_text()
    assert format_sources([path], PREFIXES) == []
    for comment in ("alone", "first", "second", "last", "one", "two", "joined", "no dot"):
        assert (comment in once) == (comment in text)


def quad(triple: ox.Triple) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object)


@pytest.mark.parametrize("name", ["missing.ttl", "."])
def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError) as caught:
        format_sources([tmp_path / name], PREFIXES)
    [violation] = caught.value.extras["violations"]
    assert (violation.rule, violation.file) == ("file-unreadable", tmp_path / name)


def test_the_command_line_names_a_file_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "missing.ttl"
    assert cli.main(["format", str(path)]) == 1
    assert f"{path}:1:1: error[file-unreadable]: cannot be read" in capsys.readouterr().err


def test_a_file_that_is_not_turtle_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "terms.ttl"
    path.write_text("CDMO:1 a\n")
    with pytest.raises(SourceError) as caught:
        format_sources([path], PREFIXES)
    assert [v.rule for v in caught.value.extras["violations"]] == ["turtle-syntax"]
    assert path.read_text() == "CDMO:1 a\n"
