"""What the rules derive from the claims of the tiny ontology."""

import re

import pyoxigraph as ox
import pytest
from rdflib import DCTERMS, OWL, RDF, RDFS, BNode, Graph, Namespace, URIRef

from service import iris
from service.pipeline import graphs, rules
from service.pipeline.loading import Loaded, load
from service.pipeline.shapes import rdflib_graph
from service.problems import SourceError
from service.rdf.terms import triple
from service.sources import Sources, locate

CDMO, OA = Namespace(iris.CDMO), Namespace(iris.OA)
PASSAGE = f"{iris.BASE}passage/cdct-"


def term(number: str) -> URIRef:
    return URIRef(f"{iris.TERM}CDMO_{number}")


def claim(number: int) -> URIRef:
    return URIRef(f"{iris.CLAIM}{number:07d}")


GREEN_KNEE, SPOT, WASHING = term("0000001"), term("0000100"), term("0000300")


@pytest.fixture
def loaded(tiny_sources: Sources) -> Loaded:
    return load(tiny_sources)[0]


def derive(loaded: Loaded) -> dict[str, Graph]:
    """Run the rules; return the graphs that they write."""
    rules.run(loaded)
    names = ("ontology", "relations", "claims", "about")
    return {name: rdflib_graph(loaded.store, name) for name in names}


@pytest.fixture(scope="module")
def derived(tiny_sources: Sources) -> dict[str, Graph]:
    return derive(load(tiny_sources)[0])


def derived_from(ontology: Graph, number: int) -> list[tuple[object, object, object]]:
    """Return source, property and target of the axioms that a claim became."""
    return [
        tuple(
            ontology.value(axiom, p)
            for p in (OWL.annotatedSource, OWL.annotatedProperty, OWL.annotatedTarget)
        )  # type: ignore[misc]
        for axiom in ontology.subjects(CDMO.derivedFrom, claim(number))
    ]


def test_a_claim_is_stated_in_each_passage_it_cites(derived: dict[str, Graph]) -> None:
    stated = {str(p) for p in derived["claims"].objects(claim(3), CDMO.statedIn)}
    assert stated == {PASSAGE + "006", PASSAGE + "012"}


def test_a_claim_is_as_sure_as_its_most_cautious_citation(derived: dict[str, Graph]) -> None:
    assert list(derived["claims"].objects(claim(3), CDMO.modality)) == [CDMO.typical]


def test_a_claim_is_positive_unless_it_says_otherwise(derived: dict[str, Graph]) -> None:
    assert derived["claims"].value(claim(3), CDMO.polarity) == CDMO.positive
    assert derived["claims"].value(claim(7), CDMO.polarity) == CDMO.negative


def test_a_claim_says_that_the_document_gives_no_evidence(derived: dict[str, Graph]) -> None:
    assert derived["claims"].value(claim(1), CDMO.evidence) == URIRef(f"{iris.OBO}ECO_0000303")


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
    derived: dict[str, Graph], number: int, label: str
) -> None:
    assert str(derived["claims"].value(claim(number), RDFS.label)) == label


def test_citations_and_positions_have_addresses(derived: dict[str, Graph]) -> None:
    citation = URIRef(f"{iris.CLAIM}0000003#cdct-006")
    assert (claim(3), CDMO.citation, citation) in derived["claims"]
    assert (citation, RDF.type, CDMO.Citation) in derived["claims"]
    position = URIRef(f"{PASSAGE}006#position")
    assert (position, RDF.type, OA.TextPositionSelector) in derived["claims"]
    assert (URIRef(f"{PASSAGE}006"), RDF.type, OA.SpecificResource) in derived["claims"]


def test_a_flat_is_a_becomes_a_subclass_axiom_that_names_its_claim(
    derived: dict[str, Graph],
) -> None:
    axiom = (GREEN_KNEE, RDFS.subClassOf, term("0000002"))
    assert axiom in derived["ontology"]
    assert derived_from(derived["ontology"], 1) == [axiom]


def test_a_flat_relation_becomes_a_restriction_that_names_its_claim(
    derived: dict[str, Graph],
) -> None:
    ((source, property_, restriction),) = derived_from(derived["ontology"], 2)
    assert (source, property_) == (GREEN_KNEE, RDFS.subClassOf)
    assert dict(derived["ontology"].predicate_objects(restriction)) == {  # type: ignore[arg-type]
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
def test_other_claims_become_no_axiom(derived: dict[str, Graph], number: int, why: str) -> None:
    assert derived_from(derived["ontology"], number) == [], why


def test_a_positive_claim_is_a_direct_triple_read_from_both_ends(derived: dict[str, Graph]) -> None:
    assert (GREEN_KNEE, CDMO.hasManifestation, SPOT) in derived["relations"]
    assert (SPOT, CDMO.manifestationOf, GREEN_KNEE) in derived["relations"]


def test_a_negative_claim_is_no_direct_triple(derived: dict[str, Graph]) -> None:
    assert (term("0000200"), CDMO.diagnoses, GREEN_KNEE) not in derived["relations"]


def test_a_pair_that_is_affirmed_elsewhere_keeps_its_triple(derived: dict[str, Graph]) -> None:
    assert (WASHING, CDMO.treats, GREEN_KNEE) in derived["relations"]


def test_is_a_claims_are_no_relations(derived: dict[str, Graph]) -> None:
    assert (None, RDFS.subClassOf, None) not in derived["relations"]


def test_claims_that_state_the_same_share_one_axiom(loaded: Loaded) -> None:
    node = ox.NamedNode(str(claim(2)))
    for quad in list(loaded.store.quads_for_pattern(node, None, None, graphs.graph("claims"))):
        graphs.add(
            loaded.store, "claims", [triple(str(claim(99)), str(quad.predicate.value), quad.object)]
        )
    ontology = derive(loaded)["ontology"]
    assert derived_from(ontology, 2) == derived_from(ontology, 99)
    assert len(derived_from(ontology, 2)) == 1


def test_wider_relations_hold_beside_the_one_that_is_stated(loaded: Loaded) -> None:
    """Hedged or not: what is true of causing is as true of leading to."""
    replace_relation(loaded, claim(3), CDMO.causes)
    relations = derive(loaded)["relations"]
    for one, relation, other in (
        (GREEN_KNEE, CDMO.causes, SPOT),
        (SPOT, CDMO.hasCause, GREEN_KNEE),
        (GREEN_KNEE, CDMO.leadsTo, SPOT),
        (SPOT, CDMO.resultsFrom, GREEN_KNEE),
    ):
        assert (one, relation, other) in relations, relation


def test_a_symmetric_relation_holds_in_both_directions(loaded: Loaded) -> None:
    replace_relation(loaded, claim(3), CDMO.associatedWith)
    relations = derive(loaded)["relations"]
    assert (GREEN_KNEE, CDMO.associatedWith, SPOT) in relations
    assert (SPOT, CDMO.associatedWith, GREEN_KNEE) in relations


def test_an_individual_in_the_place_of_the_object_takes_the_other_restriction(
    loaded: Loaded,
) -> None:
    society = term("0001000")
    store, node = loaded.store, ox.NamedNode(str(claim(2)))
    for quad in list(store.quads_for_pattern(node, ox.NamedNode(iris.OBJECT), None, None)):
        store.remove(quad)
    graphs.add(store, "claims", [triple(str(claim(2)), iris.OBJECT, str(society))])
    ontology = derive(loaded)["ontology"]
    ((_, _, restriction),) = derived_from(ontology, 2)
    assert restriction in set(ontology.subjects(OWL.hasValue, society))


def test_no_citation_or_position_is_a_blank_node(derived: dict[str, Graph]) -> None:
    terms = {term for triple in derived["claims"] for term in triple}
    assert not [term for term in terms if isinstance(term, BNode)]


def test_what_rules_note_for_each_other_is_in_no_graph_of_a_release(
    derived: dict[str, Graph],
) -> None:
    for graph in derived.values():
        assert (None, RDF.type, CDMO.FlatClaim) not in graph
        assert (None, OWL.sameAs, None) not in graph


def test_the_dataset_repeats_the_header(derived: dict[str, Graph]) -> None:
    header, dataset = URIRef(iris.ONTOLOGY), URIRef(iris.DATASET)
    for predicate in (DCTERMS.title, DCTERMS.license, DCTERMS.modified):
        value = derived["ontology"].value(header, predicate)
        assert value is not None
        assert (dataset, predicate, value) in derived["about"]


def replace_relation(loaded: Loaded, claim: URIRef, relation: URIRef) -> None:
    """Give a claim another relation."""
    store, node = loaded.store, ox.NamedNode(str(claim))
    for quad in list(store.quads_for_pattern(node, ox.NamedNode(iris.RELATION), None, None)):
        store.remove(quad)
    graphs.add(store, "claims", [triple(str(claim), iris.RELATION, str(relation))])


def test_the_editors_guide_lists_every_rule() -> None:
    guide = (locate().ontology / "README.md").read_text(encoding="utf-8")
    section = guide.partition("## What the build derives")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if re.match(r"\| \d", line)]
    listed = {name: row[2] for row in rows for name in re.findall(r"`([a-z-]+)`", row)}
    rules_by_name = {rule.path.stem: rule for rule in rules.read_rules(load(locate())[0])}
    assert listed == {name: rule.options["stage"] for name, rule in rules_by_name.items()}


HEAD = "# A rule.\n# Why: it is a test.\n# graph: claims\n# stage: 1\n"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("CONSTRUCT WHERE { ?s ?p ?o }", 1, "has no why"),
        (HEAD.replace("claims", "moon") + "CONSTRUCT WHERE { ?s ?p ?o }", 1, "has no graph"),
        (HEAD + "# staeg: 2\nCONSTRUCT WHERE { ?s ?p ?o }", 5, "unknown option, 'staeg'"),
        (HEAD + "SELECT ?s WHERE { ?s ?p ?o }", 1, "is not a CONSTRUCT query"),
        (HEAD + "CONSTRUCT WHERE { ?s ?p ?o ", 5, "is not SPARQL"),
        (HEAD + "CONSTRUCT WHERE { ?s nope:p ?o }", 5, "a prefix is not declared"),
    ],
)
def test_a_rule_that_cannot_be_run_is_reported_with_file_and_line(
    tiny: Sources, text: str, line: int, message: str
) -> None:
    path = tiny.ontology / "rules" / "claim-evidence.rq"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError) as stopped:
        rules.run(load(tiny)[0])
    violations = stopped.value.extras["violations"]
    assert {violation.file for violation in violations} == {path}
    assert [v.line for v in violations if message in v.message] == [line]
