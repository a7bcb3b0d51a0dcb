"""The graphs that rules derive from the claims of the tiny ontology."""

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


GREEN_KNEE, SPOT = term("0000001"), term("0000100")
WASHING, VINEGAR = term("0000300"), term("0000301")


@pytest.fixture
def loaded(tiny_sources: Sources) -> Loaded:
    return load(tiny_sources)[0]


def derive(loaded: Loaded) -> dict[str, Graph]:
    """Run the rules; return the graphs that they write."""
    rules.run(loaded)
    names = ("ontology", "stated", "qualified", "hedged", "prospective", "claims", "about")
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


def citation(number: int, passage: str) -> URIRef:
    return URIRef(f"{claim(number)}#cdct-{passage}")


def firmness(graph: Graph, resource: URIRef) -> int:
    return int(str(graph.value(resource, CDMO.firmness)))


def test_a_claim_gets_firmness_from_the_firmest_passage_of_each_chapter(loaded: Loaded) -> None:
    cites = triple(str(claim(3)), iris.CITATION, f"{claim(3)}#cdct-023")
    passage = triple(f"{claim(3)}#cdct-023", iris.PASSAGE, PASSAGE + "023")
    values = triple(f"{claim(3)}#cdct-023", iris.CDMO + "assertion", iris.CDMO + "plain")
    graphs.add(loaded.store, "claims", [cites, passage, values])
    claims = derive(loaded)["claims"]
    each = [firmness(claims, citation(3, passage)) for passage in ("006", "012", "023")]
    assert each == [5, 4, 4]
    assert firmness(claims, claim(3)) == 5 + 4, "two of the passages are in one chapter"


def test_a_value_implied_by_the_relation_does_not_lower_the_standing(loaded: Loaded) -> None:
    replace_relation(loaded, claim(12), CDMO.aimsAt)
    replace_values(loaded, claim(12), {"assertion": "underResearch", "aim": "intended"})
    assert firmness(derive(loaded)["claims"], claim(12)) == 4


def test_a_claim_counts_its_citations_and_names_the_extremes(derived: dict[str, Graph]) -> None:
    claims = derived["claims"]
    counts = {
        count: int(str(claims.value(claim(3), count)))
        for count in (CDMO.citationCount, CDMO.plainCount, CDMO.possibleCount)
    }
    assert counts == {CDMO.citationCount: 2, CDMO.plainCount: 2, CDMO.possibleCount: 0}
    assert list(claims.objects(claim(3), CDMO.firmestCitation)) == [citation(3, "006")]
    assert list(claims.objects(claim(3), CDMO.mostCautiousCitation)) == [citation(3, "012")]


def test_a_citation_is_labelled_by_its_values(derived: dict[str, Graph]) -> None:
    label = derived["claims"].value(citation(3, "006"), RDFS.label)
    assert str(label) == "stated plainly, often"


@pytest.mark.parametrize(
    ("relation", "values", "standing"),
    [
        ("treats", {"assertion": "plain"}, "stated"),
        ("treats", {"assertion": "plain", "frequency": "usual", "advice": "needed"}, "stated"),
        ("treats", {"assertion": "plain", "frequency": "someCases"}, "qualified"),
        ("treats", {"assertion": "plain", "frequency": "asExample"}, "qualified"),
        ("treats", {"assertion": "plain", "collective": "true"}, "qualified"),
        ("treats", {"assertion": "possible"}, "hedged"),
        ("treats", {"assertion": "believed"}, "hedged"),
        ("removes", {"assertion": "plain", "aim": "intended"}, "prospective"),
        ("treats", {"assertion": "plain", "aim": "intended"}, "prospective"),
        ("manages", {"assertion": "possible", "aim": "intended"}, "prospective"),
        ("treats", {"assertion": "underResearch"}, "prospective"),
        ("aimsAt", {"assertion": "plain", "aim": "intended"}, "stated"),
        ("aimsAt", {"assertion": "underResearch", "aim": "intended"}, "stated"),
    ],
)
def test_the_values_of_a_citation_decide_its_standing(
    loaded: Loaded, relation: str, values: dict[str, str], standing: str
) -> None:
    replace_relation(loaded, claim(12), CDMO[relation])
    replace_values(loaded, claim(12), values)
    claims = derive(loaded)["claims"]
    assert claims.value(citation(12, "023"), CDMO.standing) == CDMO[standing]
    assert claims.value(claim(12), CDMO.standing) == CDMO[standing]


def test_a_claim_has_the_best_standing_of_its_citations(loaded: Loaded) -> None:
    replace_values(loaded, claim(3), {"assertion": "possible"}, passage="006")
    assert derive(loaded)["claims"].value(claim(3), CDMO.standing) == CDMO.stated


def test_a_passage_and_its_claims_are_in_a_chapter(derived: dict[str, Graph]) -> None:
    chapters = set(derived["claims"].objects(claim(3), CDMO.chapter))
    passages = derived["claims"].objects(claim(3), CDMO.statedIn)
    assert chapters
    assert chapters == {c for p in passages for c in derived["claims"].objects(p, CDMO.chapter)}


def test_a_passage_mentions_the_terms_of_its_claims(derived: dict[str, Graph]) -> None:
    mentioned = set(derived["claims"].objects(URIRef(PASSAGE + "012"), CDMO.mentions))
    assert mentioned == {GREEN_KNEE, SPOT, term("0000400"), term("0000401")}


def test_a_claim_is_positive_unless_it_says_otherwise(derived: dict[str, Graph]) -> None:
    assert derived["claims"].value(claim(3), CDMO.polarity) == CDMO.positive
    assert derived["claims"].value(claim(7), CDMO.polarity) == CDMO.negative


def test_a_claim_records_that_the_document_gives_no_evidence(derived: dict[str, Graph]) -> None:
    assert derived["claims"].value(claim(1), CDMO.evidence) == URIRef(f"{iris.OBO}ECO_0000303")


@pytest.mark.parametrize(
    ("number", "label"),
    [
        (1, "green knee is a kind of rare disorder"),
        (3, "green knee manifests as green spot"),
        (7, "inspection is not used in diagnosing green knee"),
        (9, "washing with vinegar treats green knee (off-label)"),
        (13, "Society of Gardeners has the website www.example.org"),
        (14, "green spot is located in skin (at skin of the knee)"),
    ],
)
def test_a_claim_is_labelled_by_its_contents(
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
        (3, "one of two citations says how often"),
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


@pytest.mark.parametrize(
    ("values", "graph"),
    [
        ({"assertion": "plain"}, "stated"),
        ({"assertion": "plain", "frequency": "someCases"}, "qualified"),
        ({"assertion": "possible"}, "hedged"),
    ],
)
def test_a_claim_is_a_direct_triple_of_the_graph_of_its_standing(
    loaded: Loaded, values: dict[str, str], graph: str
) -> None:
    replace_values(loaded, claim(8), values)
    triples = derive(loaded)
    for name in ("stated", "qualified", "hedged", "prospective"):
        here = name == graph
        assert ((WASHING, CDMO.removes, SPOT) in triples[name]) is here, name
        assert ((SPOT, CDMO.removedBy, WASHING) in triples[name]) is here, name
        assert ((WASHING, CDMO.helpsAgainst, SPOT) in triples[name]) is here, name


@pytest.mark.parametrize(
    ("values", "relation"),
    [
        ({"assertion": "plain", "aim": "intended"}, CDMO.meantToHelpAgainst),
        ({"assertion": "underResearch"}, CDMO.hopedToHelpAgainst),
    ],
)
def test_aims_and_hopes_have_relations_of_their_own(
    loaded: Loaded, values: dict[str, str], relation: URIRef
) -> None:
    replace_values(loaded, claim(8), values)
    triples = derive(loaded)
    assert (WASHING, relation, SPOT) in triples["prospective"]
    for name in ("stated", "qualified", "hedged", "prospective"):
        assert (WASHING, CDMO.removes, SPOT) not in triples[name], name
        assert (WASHING, CDMO.helpsAgainst, SPOT) not in triples[name], name


def test_a_triple_is_in_the_graph_of_its_best_claim_only(derived: dict[str, Graph]) -> None:
    graphs_of = {
        name
        for name in ("stated", "qualified", "hedged")
        if (VINEGAR, CDMO.treats, GREEN_KNEE) in derived[name]
    }
    assert graphs_of == {"qualified"}
    assert (SPOT, CDMO.locatedIn, term("0000401")) in derived["stated"]


def test_a_negative_claim_is_no_direct_triple(derived: dict[str, Graph]) -> None:
    for name in ("stated", "qualified", "hedged", "prospective"):
        assert (term("0000200"), CDMO.diagnoses, GREEN_KNEE) not in derived[name]


def test_a_pair_affirmed_by_another_claim_keeps_its_triple(derived: dict[str, Graph]) -> None:
    assert (WASHING, CDMO.treats, GREEN_KNEE) in derived["stated"]


def test_is_a_claims_are_no_direct_triples(derived: dict[str, Graph]) -> None:
    for name in ("stated", "qualified", "hedged", "prospective"):
        assert (None, RDFS.subClassOf, None) not in derived[name]


def test_claims_that_state_the_same_share_one_axiom(loaded: Loaded) -> None:
    node = ox.NamedNode(str(claim(2)))
    for quad in list(loaded.store.quads_for_pattern(node, None, None, graphs.graph("claims"))):
        graphs.add(
            loaded.store, "claims", [triple(str(claim(99)), str(quad.predicate.value), quad.object)]
        )
    ontology = derive(loaded)["ontology"]
    assert derived_from(ontology, 2) == derived_from(ontology, 99)
    assert len(derived_from(ontology, 2)) == 1


def test_wider_relations_hold_too(loaded: Loaded) -> None:
    """Causing implies leading to, and bringing about."""
    replace_relation(loaded, claim(3), CDMO.causes)
    stated = derive(loaded)["stated"]
    for one, relation, other in (
        (GREEN_KNEE, CDMO.causes, SPOT),
        (SPOT, CDMO.hasCause, GREEN_KNEE),
        (GREEN_KNEE, CDMO.leadsTo, SPOT),
        (SPOT, CDMO.resultsFrom, GREEN_KNEE),
        (GREEN_KNEE, CDMO.bringsAbout, SPOT),
    ):
        assert (one, relation, other) in stated, relation


def test_a_symmetric_relation_holds_in_both_directions(loaded: Loaded) -> None:
    replace_relation(loaded, claim(3), CDMO.associatedWith)
    stated = derive(loaded)["stated"]
    for relation in (CDMO.associatedWith, CDMO.goesWith):
        assert (GREEN_KNEE, relation, SPOT) in stated
        assert (SPOT, relation, GREEN_KNEE) in stated


def test_an_individual_as_object_gets_a_has_value_restriction(
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


def test_intermediate_triples_of_rules_are_in_no_graph_of_a_release(
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


def replace_values(
    loaded: Loaded, claim: URIRef, values: dict[str, str], passage: str = ""
) -> None:
    """Replace the values of a claim's citations, or of its citation of one passage."""
    store, kinds = loaded.store, ("assertion", "frequency", "advice", "aim", "collective")
    for _, _, node, _ in list(
        store.quads_for_pattern(ox.NamedNode(str(claim)), ox.NamedNode(iris.CITATION), None, None)
    ):
        assert isinstance(node, ox.BlankNode | ox.NamedNode)
        quads = list(store.quads_for_pattern(node, None, None, None))
        if passage and not any(str(q.object).endswith(f"{passage}>") for q in quads):
            continue
        for quad in quads:
            if quad.predicate.value.removeprefix(iris.CDMO) in kinds:
                store.remove(quad)
        for kind, value in values.items():
            true = ox.Literal("true", datatype=ox.NamedNode(iris.XSD_BOOLEAN))
            other = true if kind == "collective" else ox.NamedNode(iris.CDMO + value)
            predicate = ox.NamedNode(iris.CDMO + kind)
            store.add(ox.Quad(node, predicate, other, graphs.graph("claims")))


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
        (HEAD.replace("claims", "moon") + "CONSTRUCT WHERE { ?s ?p ?o }", 3, "has no graph"),
        (HEAD + "# staeg: 2\nCONSTRUCT WHERE { ?s ?p ?o }", 5, "unknown option, 'staeg'"),
        (HEAD + "SELECT ?s WHERE { ?s ?p ?o }", 5, "is not a CONSTRUCT query"),
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


def test_a_parent_that_no_claim_states_is_marked_as_editorial(loaded: Loaded) -> None:
    graphs.add(loaded.store, "ontology", [triple(str(VINEGAR), iris.SUBCLASS, str(WASHING))])
    ontology = derive(loaded)["ontology"]
    reasons = {
        (ontology.value(axiom, OWL.annotatedSource), ontology.value(axiom, OWL.annotatedTarget))
        for axiom in ontology.subjects(CDMO.editorial, None)
    }
    assert (VINEGAR, WASHING) in reasons
    assert (GREEN_KNEE, term("0000002")) not in reasons, "a claim states it"
