"""What the build derives from the tiny ontology's claims."""

import pytest
from rdflib import OWL, RDF, RDFS, Graph, URIRef

from service.pipeline import derive
from service.pipeline.sources import Loaded, Sources, load
from service.pipeline.vocabulary import AUTHOR_STATEMENT, CDMO, OA

CLAIM = "https://w3id.org/cdmo/claim/"
PASSAGE = "https://w3id.org/cdmo/passage/cdct-"


def term(number: str) -> URIRef:
    return URIRef(f"https://w3id.org/cdmo/id/CDMO_{number}")


def claim(number: int) -> URIRef:
    return URIRef(f"{CLAIM}{number:07d}")


GREEN_KNEE, SPOT, WASHING = term("0000001"), term("0000100"), term("0000300")


@pytest.fixture(scope="module")
def loaded(tiny_sources: Sources) -> Loaded:
    return load(tiny_sources)[0]


@pytest.fixture(scope="module")
def graphs(loaded: Loaded) -> dict[str, Graph]:
    return derive.derive(loaded.graphs)


def derived_from(ontology: Graph, number: int) -> list[tuple[object, object, object]]:
    """Return source, property and target of the axioms that a claim became."""
    return [
        tuple(
            ontology.value(axiom, p)
            for p in (OWL.annotatedSource, OWL.annotatedProperty, OWL.annotatedTarget)
        )  # type: ignore[misc]
        for axiom in ontology.subjects(CDMO.derivedFrom, claim(number))
    ]


def test_a_claim_is_stated_in_each_passage_it_cites(graphs: dict[str, Graph]) -> None:
    stated = {str(p) for p in graphs["claims"].objects(claim(3), CDMO.statedIn)}
    assert stated == {PASSAGE + "006", PASSAGE + "012"}


def test_a_claim_is_as_sure_as_its_most_cautious_citation(graphs: dict[str, Graph]) -> None:
    assert list(graphs["claims"].objects(claim(3), CDMO.modality)) == [CDMO.typical]


def test_a_claim_is_positive_unless_it_says_otherwise(graphs: dict[str, Graph]) -> None:
    assert graphs["claims"].value(claim(3), CDMO.polarity) == CDMO.positive
    assert graphs["claims"].value(claim(7), CDMO.polarity) == CDMO.negative


def test_a_claim_says_that_the_document_gives_no_evidence(graphs: dict[str, Graph]) -> None:
    assert graphs["claims"].value(claim(1), CDMO.evidence) == AUTHOR_STATEMENT


@pytest.mark.parametrize(
    ("number", "label"),
    [
        (1, "green knee is a kind of rare disorder"),
        (3, "green knee has the manifestation green spot"),
        (7, "not: inspection diagnoses green knee"),
        (9, "washing with vinegar treats green knee (off-label)"),
        (13, "Society of Gardeners has the website www.example.org"),
        (14, "green spot is located in skin (at skin of the knee)"),
    ],
)
def test_a_claim_is_labelled_by_what_it_says(
    graphs: dict[str, Graph], number: int, label: str
) -> None:
    assert str(graphs["claims"].value(claim(number), RDFS.label)) == label


def test_citations_and_positions_have_addresses(graphs: dict[str, Graph]) -> None:
    citation = URIRef(f"{CLAIM}0000003#cdct-006")
    assert (claim(3), CDMO.citation, citation) in graphs["claims"]
    assert (citation, RDF.type, CDMO.Citation) in graphs["claims"]
    position = URIRef(f"{PASSAGE}006#position")
    assert (position, RDF.type, OA.TextPositionSelector) in graphs["claims"]
    assert (URIRef(f"{PASSAGE}006"), RDF.type, OA.SpecificResource) in graphs["claims"]


def test_a_flat_is_a_becomes_a_subclass_axiom_that_names_its_claim(
    graphs: dict[str, Graph],
) -> None:
    axiom = (GREEN_KNEE, RDFS.subClassOf, term("0000002"))
    assert axiom in graphs["ontology"]
    assert derived_from(graphs["ontology"], 1) == [axiom]


def test_a_flat_relation_becomes_a_restriction_that_names_its_claim(
    graphs: dict[str, Graph],
) -> None:
    ((source, property_, restriction),) = derived_from(graphs["ontology"], 2)
    assert (source, property_) == (GREEN_KNEE, RDFS.subClassOf)
    said = dict(graphs["ontology"].predicate_objects(restriction))  # type: ignore[arg-type]
    assert said == {
        RDF.type: OWL.Restriction,
        OWL.onProperty: CDMO.affects,
        OWL.someValuesFrom: term("0000400"),
    }


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (3, "one of two citations hedges"),
        (4, "it is hedged"),
        (7, "it is negative"),
        (9, "it is off-label"),
        (12, "its relation is not made for axioms"),
        (13, "it is about an individual"),
        (14, "it holds at a site only"),
    ],
)
def test_other_claims_become_no_axiom(graphs: dict[str, Graph], number: int, why: str) -> None:
    assert derived_from(graphs["ontology"], number) == [], why


def test_a_positive_claim_is_a_direct_triple_read_from_both_ends(graphs: dict[str, Graph]) -> None:
    assert (GREEN_KNEE, CDMO.hasManifestation, SPOT) in graphs["relations"]
    assert (SPOT, CDMO.manifestationOf, GREEN_KNEE) in graphs["relations"]


def test_a_negative_claim_is_no_direct_triple(graphs: dict[str, Graph]) -> None:
    assert (term("0000200"), CDMO.diagnoses, GREEN_KNEE) not in graphs["relations"]


def test_a_pair_that_is_affirmed_elsewhere_keeps_its_triple(graphs: dict[str, Graph]) -> None:
    assert (WASHING, CDMO.treats, GREEN_KNEE) in graphs["relations"]


def test_is_a_claims_are_no_relations(graphs: dict[str, Graph]) -> None:
    assert (None, RDFS.subClassOf, None) not in graphs["relations"]


def test_claims_that_say_the_same_share_one_axiom(loaded: Loaded) -> None:
    sources = {name: _copy(graph) for name, graph in loaded.graphs.items()}
    for p, o in sources["claims"].predicate_objects(claim(2)):
        sources["claims"].add((claim(99), p, o))
    ontology = derive.derive(sources)["ontology"]
    assert derived_from(ontology, 2) == derived_from(ontology, 99)
    assert len(derived_from(ontology, 2)) == 1


def test_wider_relations_hold_beside_the_one_that_is_stated(loaded: Loaded) -> None:
    """Hedged or not: what is true of causing is as true of leading to."""
    sources = {name: _copy(graph) for name, graph in loaded.graphs.items()}
    sources["claims"].set((claim(3), CDMO.relation, CDMO.causes))
    relations = derive.derive(sources)["relations"]
    for one, relation, other in (
        (GREEN_KNEE, CDMO.causes, SPOT),
        (SPOT, CDMO.hasCause, GREEN_KNEE),
        (GREEN_KNEE, CDMO.leadsTo, SPOT),
        (SPOT, CDMO.resultsFrom, GREEN_KNEE),
    ):
        assert (one, relation, other) in relations, relation


def test_the_sources_stay_as_they_are(loaded: Loaded) -> None:
    before = {name: len(graph) for name, graph in loaded.graphs.items()}
    derive.derive(loaded.graphs)
    assert {name: len(graph) for name, graph in loaded.graphs.items()} == before


def _copy(graph: Graph) -> Graph:
    made = Graph()
    for triple in graph:
        made.add(triple)
    return made
