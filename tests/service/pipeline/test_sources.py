"""Several documents: a hedge in one does not weaken a statement in another."""

from collections.abc import Callable

import pyoxigraph as ox
import pytest

from service import iris
from service.pipeline import build, check
from service.pipeline.passages import digest
from service.rdf.terms import text
from service.release import Release, graph_iri, open_store
from service.sources import Sources
from tests import second

Add = Callable[..., None]

HEAD = """\
@prefix CDMO: <https://w3id.org/cdmo/id/CDMO_> .
@prefix cdmo: <https://w3id.org/cdmo/schema/> .
@prefix claim: <https://w3id.org/cdmo/claim/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix passage: <https://w3id.org/cdmo/passage/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix source: <https://w3id.org/cdmo/source/> .
@prefix tension: <https://w3id.org/cdmo/tension/> .

source:abcd a cdmo:Source ;
    rdfs:label "Another"@en ;
    dcterms:title "Another"@en ;
    cdmo:sha256 "{digest}" ;
    cdmo:length 11 .

source:abcd-title a cdmo:Section ;
    rdfs:label "Start"@en ;
    cdmo:partOf source:abcd ;
    cdmo:order 1 .

passage:abcd-001 a cdmo:Passage ;
    oa:hasSource source:abcd ;
    oa:hasSelector [ a oa:TextPositionSelector ; oa:start 0 ; oa:end 11 ] ;
    cdmo:sha256 "{digest}" ;
    cdmo:kind cdmo:Sentence ;
    cdmo:section source:abcd-title ;
    cdmo:order 1 .
"""
MAY = "[ cdmo:passage passage:abcd-001 ; cdmo:assertion cdmo:possible ]"
IS = "[ cdmo:passage passage:abcd-001 ; cdmo:assertion cdmo:plain ]"


@pytest.fixture
def add(tiny: Sources) -> Add:
    """A function that encodes a second document of one passage, with a citation and claims."""

    def encode(claim: str = "", citation: str = "", more: str = "") -> None:
        path = tiny.ontology / "claims" / "claims.ttl"
        text = path.read_text(encoding="utf-8")
        if claim:
            start = text.index(f"claim:{claim} a ")
            end = text.index(" .\n", start)
            path.write_text(f"{text[:end]} ,\n{citation}{text[end:]}", encoding="utf-8")
        head = HEAD.replace("{digest}", digest("It may be."))
        (tiny.ontology / "claims" / "abcd.ttl").write_text(head + more, encoding="utf-8")

    return encode


def statement(number: str, subject: str, relation: str, value: str, more: str) -> str:
    return f"""
claim:{number} a cdmo:Claim ;
    cdmo:subject CDMO:{subject} ;
    cdmo:relation {relation} ;
    cdmo:object CDMO:{value} ;
    {more} .
"""


def rules_fired(sources: Sources) -> set[str]:
    return {
        v.rule
        for v in check(sources)
        if v.severity == "error" and not v.rule.startswith("comment-")
    }


def triples(release: Release, graph: str) -> set[str]:
    store = open_store(release)
    query = f"SELECT ?s ?p ?o {{ GRAPH <{graph_iri(graph)}> {{ ?s ?p ?o }} }}"
    return {" ".join(map(str, row)) for row in store.query(query)}  # type: ignore[union-attr]


def test_a_hedge_in_another_document_weakens_no_claim(
    tiny: Sources, add: Add, release: Release
) -> None:
    add("0000002", MAY)
    two = build(tiny, tiny.ontology.parent / "dist")
    for graph in ("ontology", "stated", "qualified", "hedged", "inferred"):
        assert triples(two, graph) == triples(release, graph)


def test_the_claim_is_as_firm_as_the_document_that_puts_it_most_firmly(
    tiny: Sources, add: Add, release: Release
) -> None:
    add("0000002", IS)
    two = build(tiny, tiny.ontology.parent / "dist")
    firmness = {
        line
        for line in triples(two, "claims")
        if "claim/0000002>" in line and "schema/firmness" in line and "#" not in line.split()[0]
    }
    assert firmness
    assert firmness <= triples(release, "claims")


def test_a_hedge_about_a_narrower_term_does_not_stop_the_build(tiny: Sources, add: Add) -> None:
    """The axioms of the first document state of all washing what the second hedges."""
    citation = f"cdmo:citation {MAY}"
    add(more=statement("0000099", "0000301", "cdmo:removes", "0000100", citation))
    assert rules_fired(tiny) == set()


def test_a_claim_that_another_document_denies_needs_a_tension(tiny: Sources, add: Add) -> None:
    claim = statement("0000099", "0000200", "cdmo:diagnoses", "0000001", f"cdmo:citation {IS}")
    add(more=claim)
    assert rules_fired(tiny) == {"disagreement-without-tension"}
    tension = """
tension:0099 a cdmo:Tension ;
    rdfs:label "Whether inspection finds it"@en ;
    cdmo:tensionKind cdmo:Disagreement ;
    cdmo:concerns claim:0000007 , claim:0000099 ;
    cdmo:description "One says so, the other denies it."@en ;
    cdmo:decision "Both stand."@en ;
    cdmo:otherSide passage:abcd-001 .
"""
    add(more=claim + tension)
    assert rules_fired(tiny) == set()


SCOPED = second.SECOND / "article.rq"


@pytest.mark.parametrize("name", ["cdct", "jdmf"])
def test_a_question_about_one_document_has_no_answer_from_another(
    real_release: Release, two_release: Release, name: str
) -> None:
    """The answers for the first are unchanged; the second is asked in the same way."""
    query = SCOPED.read_text(encoding="utf-8").replace("source:cdct", f"source:{name}")
    one, two = (answers(release, query) for release in (real_release, two_release))
    if name == "cdct":
        assert one == two
        assert len(two) > 20
    else:
        assert one == set()
        assert ("ultrasound", "detects", "calcium deposit") in two
        assert len(two) < 5


def test_a_question_about_all_documents_has_answers_from_each(
    real_release: Release, two_release: Release
) -> None:
    query = SCOPED.read_text(encoding="utf-8").replace("source:cdct", "?source")
    row = ("ultrasound", "detects", "calcium deposit")
    assert row not in answers(real_release, query), "the first only says that it can help"
    assert row in answers(two_release, query)


def answers(release: Release, query: str) -> set[tuple[str, ...]]:
    prefixes = dict(release.manifest.prefixes)
    store = open_store(release)
    rows = store.query(query, prefixes=prefixes, use_default_graph_as_union=True)
    assert isinstance(rows, ox.QuerySolutions)
    return {tuple(text(value) for value in row) for row in rows}


def test_a_second_document_removes_no_statement_of_the_first(
    real_release: Release, two_release: Release
) -> None:
    """Blank nodes differ between releases, so axioms are compared by their claims."""
    for graph in ("ontology", "stated"):
        lost = triples(real_release, graph) - triples(two_release, graph)
        assert {line for line in lost if "_:" not in line} == set(), graph
    store = open_store(two_release)
    claims = store.query(f"SELECT ?claim {{ GRAPH ?g {{ ?axiom <{iris.DERIVED_FROM}> ?claim }} }}")
    stated = {row["claim"].value.removeprefix(iris.CLAIM) for row in claims}  # type: ignore[union-attr]
    assert {"0000348", "0000386"} <= stated, "hedged by the second; flat in the second alone"
